"""Listeners with TLS, passwords and client certificates, and rights per user, for the embedded Kafka.

SASL_SSL takes SCRAM, PLAIN and tokens, SASL_PLAINTEXT takes PLAIN without TLS, SSL takes client certificates.

The listener without them stays, for the brokers among themselves and for the administrator: who comes that way may do
everything. Keys and passwords are made for development and tests alone.
"""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.folders import StartError

USERS = ("coverage", "claims", "settlement", "notification", "payers", "upstream")
OTHER_LISTENERS = ("SASL_PLAINTEXT", "SSL")
_DAYS = "30"


def password_of(user: str) -> str:
    """The user's password at the embedded Kafka."""
    return f"{user}-development"


@dataclass(frozen=True)
class SecureListener:
    """The certificates that the brokers show, in `folder`, and the users that they know."""

    folder: Path

    @property
    def ca_file(self) -> Path:
        """The authority that clients must trust."""
        return self.folder / "ca.pem"

    def make_certificates(self) -> None:
        """Make an authority, and the brokers' certificate for 127.0.0.1. Raises StartError: openssl fails."""
        self.folder.mkdir(parents=True, exist_ok=True)
        make_authority(self.folder)
        make_certificate(self.folder, "broker", "IP:127.0.0.1,DNS:localhost")

    def settings(self) -> dict[str, str]:
        """The brokers' settings for the listener and the rights."""
        return {
            "listener.security.protocol.map": ",".join(
                ["PLAINTEXT:PLAINTEXT", "CONTROLLER:PLAINTEXT", "SASL_SSL:SASL_SSL"]
                + [f"{name}:{name}" for name in OTHER_LISTENERS]
            ),
            "sasl.enabled.mechanisms": "SCRAM-SHA-512,PLAIN,OAUTHBEARER",
            "listener.name.sasl_plaintext.sasl.enabled.mechanisms": "PLAIN",
            "listener.name.sasl_ssl.plain.sasl.jaas.config": _plain_passwords(),
            "listener.name.sasl_plaintext.plain.sasl.jaas.config": _plain_passwords(),
            "listener.name.ssl.ssl.client.auth": "required",
            "ssl.principal.mapping.rules": "RULE:^CN=([a-z]+)$/$1/",  # so that a certificate's user has the same rights
            "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": (
                "org.apache.kafka.common.security.scram.ScramLoginModule required;"
            ),
            # Tokens without a signature: Kafka's own validator for development.
            "listener.name.sasl_ssl.oauthbearer.sasl.server.callback.handler.class": (
                "org.apache.kafka.common.security.oauthbearer.internals.unsecured"
                ".OAuthBearerUnsecuredValidatorCallbackHandler"
            ),
            "listener.name.sasl_ssl.oauthbearer.sasl.jaas.config": (
                "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required"
                ' unsecuredLoginStringClaim_sub="broker";'
            ),
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self.folder / "broker.pem"),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.ca_file),
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
            "allow.everyone.if.no.acl.found": "false",
        }

    def format_options(self) -> list[str]:
        """The users, as Kafka's storage tool takes them."""
        return [
            word
            for user in USERS
            for word in ("--add-scram", f"SCRAM-SHA-512=[name={user},password={password_of(user)}]")
        ]

    def client_environment(self, user: str) -> dict[str, str]:
        """What a service is told to come in as this user."""
        return {
            "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
            "KAFKA_USERNAME": user,
            "KAFKA_PASSWORD": password_of(user),
            "KAFKA_CA_FILE": str(self.ca_file),
        }


def _plain_passwords() -> str:
    users = " ".join(f'user_{user}="{password_of(user)}"' for user in USERS)
    return f"org.apache.kafka.common.security.plain.PlainLoginModule required {users};"


def make_authority(folder: Path, name: str = "ca") -> None:
    """Make `<name>.pem` and its key. Raises StartError: openssl fails, or is not there."""
    _openssl(
        folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", _DAYS, "-subj", f"/CN={name} of development",
        "-keyout", f"{name}.key", "-out", f"{name}.pem", "-addext", "basicConstraints=critical,CA:TRUE",
    )  # fmt: skip


def make_certificate(folder: Path, name: str, names: str, authority: str = "ca") -> None:
    """Make `<name>.crt` and `<name>.key`, signed by the authority, and `<name>.pem` with both. Raises StartError."""
    (folder / f"{name}.ext").write_text(f"subjectAltName={names}\n")
    _openssl(
        folder, "req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}",
        "-keyout", f"{name}.key", "-out", f"{name}.csr",
    )  # fmt: skip
    _openssl(
        folder, "x509", "-req", "-in", f"{name}.csr", "-CA", f"{authority}.pem", "-CAkey", f"{authority}.key",
        "-CAcreateserial", "-days", _DAYS, "-out", f"{name}.crt", "-extfile", f"{name}.ext",
    )  # fmt: skip
    (folder / f"{name}.pem").write_text((folder / f"{name}.key").read_text() + (folder / f"{name}.crt").read_text())


def _openssl(folder: Path, *words: str) -> None:
    try:
        done = subprocess.run(["openssl", *words], cwd=folder, capture_output=True, text=True)
    except FileNotFoundError:
        raise StartError("openssl is not installed: it makes the certificates of the secure listener") from None
    if done.returncode != 0:
        raise StartError(f"openssl {words[0]} failed: {' | '.join(done.stderr.strip().splitlines()[-2:])}")
