"""Which server takes the letters, as one address: `smtp://user:password@host:587?starttls=always`."""

from typing import Literal, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from shared.settings import AuthorityFile, words

StartTls = Literal["always", "offered", "never"]
_SYNONYMS: dict[str, StartTls] = {
    **dict.fromkeys(("always", "required", "true", "yes", "on", "1"), "always"),
    **dict.fromkeys(("offered", "auto"), "offered"),
    **dict.fromkeys(("never", "false", "no", "off", "0"), "never"),
}


class SmtpUrlError(ValueError):
    """The address of the mail server cannot be used; the message says what to correct and never shows the password."""


class SmtpServer(BaseModel):
    """A mail server and how to talk to it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field(min_length=1, max_length=253)
    port: int = Field(ge=1, le=65535)
    tls: bool = False
    """TLS from the first byte (`smtps://`, port 465)."""
    starttls: StartTls = "offered"
    username: str | None = None
    password: SecretStr | None = None
    ca: AuthorityFile | None = None
    """A file with the certificates to trust instead of the machine's."""
    timeout: float = Field(default=20, gt=0, le=600)
    """Seconds that the server may take for one answer."""
    connections: int = Field(default=16, ge=1, le=64)
    """How many are open at a time, at the most. A letter takes four answers of the server: over a network with 50 ms
    a way, one connection sends five letters a second."""
    letters_per_connection: int = Field(default=100, ge=1, le=10_000)
    """After so many letters a connection is closed: many servers allow no more."""

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read `SMTP_URL`: smtp:// or smtps://, user and password percent-encoded, settings after the question mark.

        With a password and without TLS, STARTTLS is required unless `starttls=never` says otherwise, so that the
        password never crosses the network in clear by mistake. Raises SmtpUrlError.
        """
        try:
            parts = urlsplit(url)
            port, host = parts.port, parts.hostname
        except ValueError:
            raise SmtpUrlError("SMTP_URL is not an address such as smtp://host:587") from None
        if parts.scheme not in {"smtp", "smtps"} or not host:
            raise SmtpUrlError("SMTP_URL must start with smtp:// or smtps:// and name a host")
        options = dict(parse_qsl(parts.query))
        tls = parts.scheme == "smtps"
        starttls = _starttls(options.pop("starttls", None), default="always" if parts.password else "offered")
        values = {
            "host": host,
            "port": port or (465 if tls else 587 if parts.password else 25),
            "tls": tls,
            "starttls": "never" if tls else starttls,
            "username": unquote(parts.username) if parts.username else None,
            "password": unquote(parts.password) if parts.password else None,
        }
        try:
            return cls.model_validate(options | values)
        except ValidationError as error:
            raise SmtpUrlError(f"SMTP_URL: {words(error)}") from None


def _starttls(word: str | None, default: StartTls) -> StartTls:
    if word is None:
        return default
    try:
        return _SYNONYMS[word.lower()]
    except KeyError:
        raise SmtpUrlError("SMTP_URL: starttls must be always, offered or never") from None
