"""How this process reaches Kafka: the brokers, TLS, and who it says that it is.

Refused credentials and untrusted certificates are told apart from a broker that does not answer: waiting mends the
second alone.
"""

import asyncio
import contextlib
import shlex
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from aiokafka import conn, errors
from aiokafka.abc import AbstractTokenProvider
from faststream.security import BaseSecurity, SASLOAuthBearer, SASLPlaintext, SASLScram256, SASLScram512

from shared.settings import KafkaSettings

_CONNECTIONS: Any = conn  # aiokafka's own way in is without types
_ANSWER_MS = 5_000
_TOKEN_SECONDS = 10.0
_REFUSED = (
    ssl.SSLError,
    errors.AuthenticationFailedError,
    errors.SaslAuthenticationFailed,
    errors.UnsupportedSaslMechanismError,
    errors.IllegalSaslStateError,
)
NOT_ALLOWED = (
    errors.TopicAuthorizationFailedError,
    errors.GroupAuthorizationFailedError,
    errors.ClusterAuthorizationFailedError,
)
"""The broker knows us, and does not let us do it: an operator has to grant it."""


class KafkaRefusesError(Exception):
    """Kafka was reached and refuses us; the message says what was refused."""


class TokenCommandError(Exception):
    """The command that should print an access token for Kafka failed; the message says how."""


class _TokenOfCommand(AbstractTokenProvider):
    """Access tokens for OAUTHBEARER, from a command that prints a fresh one."""

    def __init__(self, command: str) -> None:
        self._command = shlex.split(command)

    async def token(self) -> str:  # pyright: ignore[reportIncompatibleMethodOverride] aiokafka says None
        process = await asyncio.create_subprocess_exec(
            *self._command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        printed, _ = await asyncio.wait_for(process.communicate(), _TOKEN_SECONDS)
        if process.returncode != 0 or not printed.strip():
            raise TokenCommandError(f"KAFKA_TOKEN_COMMAND ended with code {process.returncode} and no token")
        return printed.decode().strip()


@dataclass(frozen=True)
class KafkaAccess:
    """The brokers and our credentials, in the forms that aiokafka and FastStream take. Made anew for each process."""

    settings: KafkaSettings

    @classmethod
    def to(cls, bootstrap_servers: str, **more: Any) -> "KafkaAccess":
        """The access to these brokers, without a password unless `more` has the settings for one."""
        return cls(KafkaSettings.model_validate({"kafka_bootstrap_servers": bootstrap_servers, **more}))

    @property
    def servers(self) -> list[str]:
        """The brokers to begin with, `host:port` each: any of them names the others."""
        return self.settings.kafka_bootstrap_servers.split(",")

    @cached_property
    def ssl_context(self) -> ssl.SSLContext | None:
        """One context for all connections, so that `reload_certificates` reaches those that are made later."""
        if not self.settings.kafka_security_protocol.endswith("SSL"):
            return None
        return self._new_context()

    def _new_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.settings.kafka_ca_file)
        self._load_certificate(context)
        return context

    def _load_certificate(self, context: ssl.SSLContext) -> None:
        certificate, key = self.settings.kafka_certificate_file, self.settings.kafka_key_file
        if certificate is not None:
            context.load_cert_chain(certificate, key)

    def certificate_files(self) -> Iterator[Path]:
        """The files that may be renewed while we run."""
        names = (self.settings.kafka_ca_file, self.settings.kafka_certificate_file, self.settings.kafka_key_file)
        yield from (Path(name) for name in names if name is not None)

    def reload_certificates(self) -> None:
        """Take up renewed files, for the connections that are made from now on.

        Raises OSError: they cannot be used, such as a certificate whose key is still to come; the old ones stay.
        """
        if self.ssl_context is None:
            return
        self._new_context()
        if self.settings.kafka_ca_file is not None:
            self.ssl_context.load_verify_locations(self.settings.kafka_ca_file)
        self._load_certificate(self.ssl_context)

    @cached_property
    def _token(self) -> _TokenOfCommand | None:
        command = self.settings.kafka_token_command
        return None if command is None else _TokenOfCommand(command)

    @property
    def _security(self) -> dict[str, Any]:
        settings = self.settings
        options: dict[str, Any] = {
            "security_protocol": settings.kafka_security_protocol,
            "ssl_context": self.ssl_context,
        }
        if settings.kafka_security_protocol.startswith("SASL"):
            options |= {"sasl_mechanism": settings.kafka_sasl_mechanism, "sasl_oauth_token_provider": self._token}
            if settings.kafka_password is not None:
                options["sasl_plain_username"] = settings.kafka_username
                options["sasl_plain_password"] = settings.kafka_password.get_secret_value()
        return options

    def client_options(self) -> dict[str, Any]:
        """What aiokafka's clients take."""
        return {"bootstrap_servers": self.servers, **self._security}

    def broker_options(self) -> dict[str, Any]:
        """What FastStream's broker takes."""
        options: dict[str, Any] = {"bootstrap_servers": self.servers, "security": self._faststream_security()}
        if self._token is not None:
            options["sasl_oauth_token_provider"] = self._token
        return options

    def _faststream_security(self) -> BaseSecurity | None:
        protocol, context = self.settings.kafka_security_protocol, self.ssl_context
        use_ssl = context is not None
        if not protocol.startswith("SASL"):
            return BaseSecurity(context, use_ssl=True) if use_ssl else None
        if self._token is not None:
            return SASLOAuthBearer(context, use_ssl=use_ssl)
        kind = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}
        password = self.settings.kafka_password
        return kind[self.settings.kafka_sasl_mechanism](
            username=self.settings.kafka_username or "",
            password=password.get_secret_value() if password is not None else "",
            ssl_context=context,
            use_ssl=use_ssl,
        )

    async def check(self) -> None:
        """Return once a broker has let us in.

        Raises KafkaRefusesError: none does, and at least one refuses. Raises KafkaConnectionError: none answers.
        """
        refusals: list[str] = []
        for host, port, _ in _CONNECTIONS.collect_hosts(self.servers, randomize=False):
            try:
                connection = await _CONNECTIONS.create_conn(
                    host, port, client_id="check", request_timeout_ms=_ANSWER_MS, **self._security
                )
            except _REFUSED as error:
                refusals.append(f"{host}:{port} {self._refusal(error)}")
            except (TimeoutError, OSError, errors.KafkaError) as error:
                if (alert := _tls_alert(error)) is not None:
                    refusals.append(f"{host}:{port} {self._refusal(alert)}")
                continue
            else:
                with contextlib.suppress(Exception):
                    connection.close()
                return
        if refusals:
            raise KafkaRefusesError("; ".join(refusals))
        raise errors.KafkaConnectionError("no broker answers")

    def _refusal(self, error: Exception) -> str:
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"shows a certificate that is not trusted ({error.verify_message}): see KAFKA_CA_FILE"
        if isinstance(error, ssl.SSLError):
            return f"does not agree on TLS ({error.reason}): see KAFKA_SECURITY_PROTOCOL and KAFKA_CERTIFICATE_FILE"
        if isinstance(error, errors.UnsupportedSaslMechanismError):
            return f"does not offer {self.settings.kafka_sasl_mechanism}: see KAFKA_SASL_MECHANISM"
        user = self.settings.kafka_username or "this client"
        return f"refuses the credentials of {user}: see KAFKA_USERNAME and KAFKA_PASSWORD"


def _tls_alert(error: BaseException) -> ssl.SSLError | None:
    """The broker's refusal that comes after the handshake, as TLS 1.3 has it for a missing client certificate."""
    cause = error.__cause__
    return cause if isinstance(cause, ssl.SSLError) and "ALERT" in (cause.reason or "") else None


def not_allowed(error: BaseException, settings: KafkaSettings) -> KafkaRefusesError | None:
    """What to say where the broker knows us and does not let us do it; None where that is not what failed."""
    if not isinstance(error, NOT_ALLOWED):
        return None
    what = type(error).__name__.removesuffix("AuthorizationFailedError").lower()
    named = " ".join(str(part) for part in error.args if isinstance(part, str))[:200] or "unnamed"
    user = settings.kafka_username or "this client"
    return KafkaRefusesError(f"{user} has no right on a {what} ({named}): see deploy/kafka/acls.csv")
