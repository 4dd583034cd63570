"""What every service can be told from outside. Each service's own settings extend these.

All come from environment variables; a wrong one stops the start with one clear line.
"""

import re
import ssl
import sys
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, Self, TypeVar
from urllib.parse import parse_qs, urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError, create_model, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.kept_days import KeptDays

S = TypeVar("S", bound=BaseSettings)
Seconds = Annotated[float, Field(gt=0)]
Size = Annotated[int, Field(ge=1)]


def _brokers(text: str) -> str:
    brokers = [broker.strip() for broker in text.split(",")]
    if not all(re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+):[0-9]{1,5}", broker) for broker in brokers):
        raise ValueError("write host:port, several with commas between")
    return ",".join(brokers)


_FILES_OF_DATABASE = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:\[\]]*)(:[0-9]{1,5})?")


def _postgresql(url: SecretStr) -> SecretStr:
    read = urlsplit(url.get_secret_value())
    hosts = read.netloc.rpartition("@")[2].split(",")
    if read.scheme not in ("postgresql", "postgres") or not all(_HOST.fullmatch(host) for host in hosts):
        raise ValueError("write postgresql://user:password@host:port/database")
    for parameter in _FILES_OF_DATABASE:
        for name in parse_qs(read.query).get(parameter, []):
            _readable(name)
    return url


def _http(url: str) -> str:
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).netloc:
        raise ValueError("write http://host:port or https://host")
    return url.rstrip("/")


def _readable(name: str) -> str:
    try:
        Path(name).read_bytes()
    except OSError as error:
        raise ValueError(f"cannot read {name}: {error.strerror}") from None
    return name


def _authority(name: str) -> str:
    try:
        ssl.create_default_context(cafile=_readable(name))
    except ssl.SSLError:
        raise ValueError(f"{name} holds no certificate of an authority (PEM)") from None
    return name


def _fitting(certificate: str, key: str | None) -> None:
    try:
        ssl.create_default_context().load_cert_chain(certificate, key)
    except ssl.SSLError:
        raise ValueError("KAFKA_CERTIFICATE_FILE and KAFKA_KEY_FILE hold no certificate with its key (PEM)") from None


AuthorityFile = Annotated[str, AfterValidator(_authority)]
ReadableFile = Annotated[str, AfterValidator(_readable)]
Brokers = Annotated[str, AfterValidator(_brokers)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_postgresql)]
HttpUrl = Annotated[str, AfterValidator(_http)]


DEVELOPMENT_KEY = "development-only-link-key"
SHORTEST_KEY = 32
UNSEALED = "none"
"""In place of a data key: personal values are stored as they are, on purpose."""
_FEWEST_CHARACTERS = 8
_PLACEHOLDERS = r"change.?me|placeholder|development|your.?key|secret.?here|example"
_EXAMPLE = re.compile(r"evergreen.care", re.IGNORECASE)
AFTER_WORK_SECONDS = 18.0
"""What a stop may take after the work in hand: 5 for the outbox, 10 for the pool, 3 for open requests."""


class KafkaSettings(KeptDays):
    """Where Kafka is, and who we say that we are."""

    model_config = SettingsConfigDict(env_ignore_empty=True, frozen=True)

    kafka_bootstrap_servers: Brokers = Field(
        default="127.0.0.1:9092", description="The brokers, host:port, comma separated."
    )
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        default="PLAINTEXT", description="How Kafka is reached: with TLS (SSL), with credentials (SASL), or both."
    )
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] = Field(
        default="SCRAM-SHA-512", description="How the credentials are proved, where the protocol has SASL."
    )
    kafka_username: str | None = Field(default=None, description="Our user at Kafka.")
    kafka_password: SecretStr | None = Field(default=None, description="Its password.")
    kafka_token_command: str | None = Field(
        default=None, description="For OAUTHBEARER: a command that prints a fresh access token, such as cat FILE."
    )
    kafka_ca_file: AuthorityFile | None = Field(
        default=None, description="The authority that signs the brokers' certificates (PEM); the system's without one."
    )
    kafka_certificate_file: ReadableFile | None = Field(
        default=None, description="Our certificate (PEM), where the brokers ask for one; taken up anew when renewed."
    )
    kafka_key_file: ReadableFile | None = Field(default=None, description="The key of our certificate (PEM).")
    topic_replication: Size = Field(default=1, description="Copies of each topic when it is created; 3 in production.")

    @model_validator(mode="after")
    def _credentials_are_whole(self) -> Self:
        if (self.kafka_certificate_file is None) != (self.kafka_key_file is None):
            raise ValueError("KAFKA_CERTIFICATE_FILE and KAFKA_KEY_FILE go together")
        if self.kafka_certificate_file is not None:
            _fitting(self.kafka_certificate_file, self.kafka_key_file)
        if not self.kafka_security_protocol.startswith("SASL"):
            return self
        if self.kafka_sasl_mechanism == "OAUTHBEARER":
            if self.kafka_token_command is None:
                raise ValueError("KAFKA_TOKEN_COMMAND is missing: OAUTHBEARER needs a token")
        elif self.kafka_username is None or self.kafka_password is None:
            raise ValueError(f"KAFKA_USERNAME and KAFKA_PASSWORD are missing: {self.kafka_sasl_mechanism} needs both")
        return self


class ServiceSettings(KafkaSettings):
    """The settings that all services share. `database_url` is read from `DATABASE_URL_<SERVICE>`."""

    database_url: DatabaseUrl = Field(
        description="PostgreSQL of this service alone, such as postgresql://claims:password@host:5432/claims"
        "?sslmode=verify-full&sslrootcert=/etc/ca.pem; sslcert and sslkey name a client certificate."
    )
    http_host: str = Field(default="127.0.0.1", description="The address of both ports.")
    http_port: int = Field(
        default=8080, ge=0, le=65535, description="The port for operators: health, metrics, the description (/docs)."
    )
    pages_port: int = Field(
        default=8090, ge=0, le=65535, description="The port for everybody: the pages that letters link to, the search."
    )
    forwarded_allow_ips: str = Field(
        default="127.0.0.1,::1",
        description="Proxies in front of the pages whose X-Forwarded-For is believed; * for all.",
    )
    log_format: Literal["console", "json"] = Field(default="console", description="For a person, or for a collector.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="The least to log.")
    traces: Literal["off", "console", "otlp"] = Field(
        default="off",
        description="Where OpenTelemetry spans go; reads OTEL_TRACES_SAMPLER* and OTEL_EXPORTER_OTLP_*.",
    )
    batch_records: Size = Field(default=500, description="Messages handled in one transaction at the most.")
    batch_wait_ms: Size = Field(default=20, description="The pause after a poll that brought nothing.")
    fetch_wait_ms: Size = Field(
        default=25,
        description="How long events are gathered at the broker after a fetch that brought any; files four times.",
    )
    interchange_records: Size = Field(
        default=50, description="X12 interchanges handled in one transaction at the most; large ones stand alone."
    )
    database_connections: Size = Field(default=8, description="Connections of one process to its database.")
    handler_attempts: Size = Field(default=3, description="Tries of a failing message before it is set aside.")
    retry_first_seconds: Seconds = Field(default=0.2, description="The first pause after a passing failure; doubles.")
    retry_longest_seconds: Seconds = Field(default=15, description="The longest pause between two tries.")
    stop_seconds: Seconds = Field(default=30, description="How long a stop waits for work in hand.")
    session_timeout_ms: int = Field(
        default=6_000, ge=1_000, description="After this silence Kafka gives our work away."
    )
    timer_poll_seconds: Seconds = Field(default=0.5, description="How often due timers are looked for.")
    outbox_poll_seconds: Seconds = Field(
        default=0.05, description="How often the outbox is looked at without a wake-up."
    )
    outbox_window: Size = Field(default=1_000, description="Events published at a time.")
    link_key: SecretStr = Field(
        default=SecretStr(DEVELOPMENT_KEY),
        description="Signs the links in letters; the same for all services. 32 characters or more.",
    )
    link_key_before: SecretStr | None = Field(
        default=None, description="The key before LINK_KEY: links that it signed still open, while keys are rotated."
    )
    data_key: SecretStr | None = Field(
        default=None,
        description="Wraps the keys that seal personal values in the database, 32 random characters or more; without it"
        " they are stored as they are, and the log says so at each start; none to say that they are meant to be.",
    )
    data_key_before: SecretStr | None = Field(
        default=None, description="The key before DATA_KEY, until the command seal has wrapped the data keys anew."
    )
    data_key_command: str | None = Field(
        default=None, description="In place of DATA_KEY: a command, such as a KMS's, that wraps and unwraps data keys."
    )
    data_key_days: Size = Field(default=30, description="The age at which a data key gets a successor.")
    public_url: HttpUrl = Field(
        default="http://127.0.0.1:8090", description="Where clients reach this service's pages."
    )

    @field_validator("data_key", "data_key_before")
    @classmethod
    def _data_keys_cannot_be_guessed(cls, key: SecretStr | None) -> SecretStr | None:
        if key is None or key.get_secret_value() == UNSEALED:
            return key
        if (problem := key_problem(key.get_secret_value())) is not None:
            raise ValueError(f"{problem}: make one with `openssl rand -hex 32`")
        return key

    @model_validator(mode="after")
    def _links_cannot_be_forged(self) -> Self:
        """A key that anybody can guess is good for a look on one's own machine alone."""
        if self._only_on_this_machine():
            return self
        for name, key in (("LINK_KEY", self.link_key), ("LINK_KEY_BEFORE", self.link_key_before)):
            if key is not None and (problem := key_problem(key.get_secret_value())) is not None:
                raise ValueError(f"{name} {problem}: make one with `openssl rand -hex 32`")
        return self

    @model_validator(mode="after")
    def _nobody_is_taken_for_the_example(self) -> Self:
        """Clients would get letters, and payers claims, of a company that does not exist."""
        if self._only_on_this_machine():
            return self
        names = [name.upper() for name, value in self.told().items() if _EXAMPLE.search(str(value))]
        if names:
            raise ValueError(
                f"set {', '.join(names)} to your own: the pages are public, and the defaults are an example"
            )
        return self

    def forgets_to_seal(self) -> bool:
        """Whether what is stored of real clients is not sealed, and no operator has said that it is not to be."""
        return self.data_key is None and self.data_key_command is None and not self._only_on_this_machine()

    def told(self) -> dict[str, Any]:
        """What may name the example, by the variable in lower case."""
        return {
            name: getattr(self, name) for name in type(self).model_fields if name.startswith(("brand_", "billing_"))
        }

    def _only_on_this_machine(self) -> bool:
        return all(is_loopback(url) for url in self.page_urls())

    def page_urls(self) -> tuple[str, ...]:
        """Where clients reach the pages that the links of this service lead to."""
        return (self.public_url,)

    def link_keys(self) -> tuple[str, ...]:
        """The keys whose links open, the one that signs last."""
        keys = (self.link_key_before, self.link_key)
        return tuple(key.get_secret_value() for key in keys if key is not None)


class OwnerSettings(BaseSettings):
    """What the command `migrate` is told, and nobody else: the role that owns a service's tables."""

    model_config = SettingsConfigDict(env_ignore_empty=True, frozen=True)

    database_owner_url: DatabaseUrl = Field(
        description="For `migrate` alone: the service's database as the role that owns its tables."
    )


def is_loopback(url: str) -> bool:
    """Whether only this machine can reach the address."""
    host = urlsplit(url).hostname or ""
    return host == "localhost" or host == "::1" or re.fullmatch(r"127(\.\d{1,3}){3}", host) is not None


def key_problem(key: str) -> str | None:
    """Why a key does not protect links, or None."""
    if key == DEVELOPMENT_KEY:
        return "is the key for development"
    if re.search(_PLACEHOLDERS, key, re.IGNORECASE):
        return "is a placeholder"
    if len(key) < SHORTEST_KEY or len(set(key)) < _FEWEST_CHARACTERS:
        return f"is too easy to guess, {SHORTEST_KEY} random characters are needed"
    return None


LONGEST_END_SECONDS = ServiceSettings.model_fields["stop_seconds"].default + AFTER_WORK_SECONDS
"""Whoever ends a process must wait longer than this before it kills."""


def load(model: type[S], service: str) -> S:
    """The settings of `service` from the environment.

    Ends the process with one line that names each wrong variable, without its value: it may be a secret.
    """
    try:
        return read(model, service)
    except ValidationError as error:
        stop_with(f"{service} cannot start: {words(error)}")


def read(model: type[S], service: str) -> S:
    """The settings of `service` from the environment. Raises ValidationError."""
    url = Field(validation_alias=f"DATABASE_URL_{service.upper()}")
    named: type[S] = create_model(model.__name__, __base__=model, database_url=(DatabaseUrl, url))
    return named()


def read_owner(service: str) -> OwnerSettings:
    """The owner's way to the database of `service`. Raises ValidationError."""
    url = Field(validation_alias=f"DATABASE_OWNER_URL_{service.upper()}")
    named: Any = create_model("Owner", __base__=OwnerSettings, database_owner_url=(DatabaseUrl, url))
    return named()


_OURS = "Value error, "


def words(error: ValidationError) -> str:
    """The variables that are wrong, and what is wrong with each, on one line."""
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(
        ": ".join(filter(None, (".".join(map(str, problem["loc"])).upper(), problem["msg"].removeprefix(_OURS))))
        for problem in problems
    )


def stop_with(line: str) -> NoReturn:
    """End the process with one clear line."""
    print(line, file=sys.stderr)
    sys.exit(2)
