"""Hand a message to the mail server, and say what became of it in words that hold no personal data.

Nothing is retried here except a connection that had gone stale before the message was offered. What to do about an
outcome (try later, give up, tell a person) is decided where the letter's row is.
"""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from email.message import EmailMessage
from enum import StrEnum
from types import TracebackType
from typing import Self

import aiosmtplib

from services.notification.sending.message import as_wire
from services.notification.sending.smtp_server import SmtpServer

_FAULTS = (aiosmtplib.SMTPException, OSError, TimeoutError)
_LOGIN_NEEDED = 530  # RFC 4954 section 6 and RFC 3207 section 4
_MEANING = {
    "5.1.1": "no such mailbox",
    "5.1.2": "no such domain",
    "5.1.3": "the address is not valid",
    "5.1.6": "the mailbox has moved",
    "5.1.10": "the domain takes no mail",
    "5.2.1": "the mailbox is switched off",
    "5.2.2": "the mailbox is full",
    "5.2.3": "the message is too large",
    "5.3.4": "the message is too large",
    "5.4.1": "the domain takes no mail",
    "5.7.1": "refused by the receiver's policy",
}


class Status(StrEnum):
    """What became of a message."""

    SENT = "sent"
    """The server has answered that it has the message."""
    REJECTED = "rejected"
    """The server will never take it: it answered 5xx to the recipient or the message."""
    DEFERRED = "deferred"
    """Not now: 4xx, no connection, or a refusal that is about us (login, TLS, the sender) and not about the letter."""
    UNKNOWN = "unknown"
    """The connection was lost after the message was offered: a second try may make it come twice."""


@dataclass(frozen=True)
class Outcome:
    """What became of one message. `code` is the SMTP reply and the enhanced status, such as `550 5.1.1`.

    `server_away`: no letter would go through now, this one is not to blame.
    """

    status: Status
    reason: str = ""
    code: str = ""
    server_away: bool = False


@dataclass
class _Connection:
    client: aiosmtplib.SMTP
    letters: int = 0


class SmtpSender:
    """Connections to one mail server, kept open between letters. Use as `async with SmtpSender(server) as sender`."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._free = asyncio.Semaphore(server.connections)
        self._idle: list[_Connection] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Take leave of the server on every idle connection."""
        idle, self._idle = self._idle, []
        for connection in idle:
            await _leave(connection.client)

    async def deliver(self, message: EmailMessage) -> Outcome:
        """Offer `message` to the server once, and return what became of it. Raises nothing that the network causes.

        The envelope is taken from the message: From is where bounces go, To is the one recipient.
        """
        body = as_wire(message)
        sender, recipient = (_one_address(message, header) for header in ("From", "To"))
        try:
            async with self._connection(sender) as connection:
                return await _offer(connection, recipient, body)
        except aiosmtplib.SMTPSenderRefused as refusal:
            return _sender_refused(refusal)
        except _FAULTS as fault:
            return _away(fault)

    async def greet(self, sender: str) -> Outcome:
        """Whether the server lets us in, with our password and TLS, and takes letters from `sender`; offers none."""
        try:
            connection = await self._connect(sender)
        except aiosmtplib.SMTPSenderRefused as refusal:
            return _sender_refused(refusal)
        except _FAULTS as fault:
            return _away(fault)
        await _leave(connection.client)
        return Outcome(Status.SENT)

    @asynccontextmanager
    async def _connection(self, sender: str) -> AsyncGenerator[_Connection]:
        """A connection on which a message from `sender` is begun; it is kept for the next one if it still works."""
        async with self._free:
            connection = await self._begin(sender)
            try:
                yield connection
            except BaseException:
                connection.client.close()
                raise
            connection.letters += 1
            if connection.letters >= self._server.letters_per_connection:
                await _leave(connection.client)
            elif connection.client.is_connected:
                self._idle.append(connection)

    async def _begin(self, sender: str) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            try:
                await connection.client.mail(sender)
            except aiosmtplib.SMTPSenderRefused:
                connection.client.close()
                raise
            except _FAULTS:
                connection.client.close()  # it had gone stale; nothing was offered on it yet
            else:
                return connection
        return await self._connect(sender)

    def _client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password.get_secret_value() if server.password else None,
            use_tls=server.tls,
            start_tls={"always": True, "offered": None, "never": False}[server.starttls],
            cert_bundle=server.ca,
            timeout=server.timeout,
        )

    async def _connect(self, sender: str) -> _Connection:
        client = self._client()
        try:
            await client.connect()
            await client.mail(sender)
        except BaseException:
            client.close()
            raise
        return _Connection(client)


def _away(fault: BaseException) -> Outcome:
    """Greeting, EHLO, STARTTLS or AUTH was refused, or nobody was there: no letter is to blame."""
    if isinstance(fault, aiosmtplib.SMTPAuthenticationError):
        reason, code = "the server refused user and password of SMTP_URL", _code(fault)
    elif isinstance(fault, aiosmtplib.SMTPResponseException):
        reason, code = "the server refused the connection", _code(fault)
    else:
        reason, code = f"no connection to the server ({type(fault).__name__})", ""
    return Outcome(Status.DEFERRED, reason, code, server_away=True)


async def _offer(connection: _Connection, recipient: str, body: bytes) -> Outcome:
    """Name the recipient and hand over the message; the sender is already named."""
    client = connection.client
    try:
        await client.rcpt(recipient)
    except aiosmtplib.SMTPRecipientRefused as refusal:
        return await _after_refusal(client, _refused(refusal, "the recipient was refused"))
    try:
        response = await client.data(body)
    except aiosmtplib.SMTPDataError as refusal:
        return await _after_refusal(client, _refused(refusal, "the message was refused"))
    except _FAULTS as fault:
        client.close()
        return Outcome(Status.UNKNOWN, f"the connection was lost before the answer ({type(fault).__name__})")
    return Outcome(Status.SENT, code=_joined(response.code, response.message))


async def _after_refusal(client: aiosmtplib.SMTP, outcome: Outcome) -> Outcome:
    """Clear the half-made message, so that the connection can take the next one."""
    try:
        await client.rset()
    except _FAULTS:
        client.close()
    return outcome


async def _leave(client: aiosmtplib.SMTP) -> None:
    try:
        await client.quit()
    except _FAULTS:
        client.close()


def _sender_refused(refusal: aiosmtplib.SMTPSenderRefused) -> Outcome:
    """All letters have the same sender: where the server will never take it, none of them is to blame."""
    outcome = _refused(refusal, "the server refused the sender, BRAND_FROM_ADDRESS")
    if outcome.status is Status.REJECTED:
        return replace(outcome, status=Status.DEFERRED, server_away=True)
    return outcome


def _refused(refusal: aiosmtplib.SMTPResponseException, what: str) -> Outcome:
    """5xx is for good, anything else may pass. The server's own words are left out: they often repeat the address."""
    code = _code(refusal)
    if refusal.code == _LOGIN_NEEDED:
        reason = "the server asks for a user and password, or for TLS, which SMTP_URL does not give"
        return Outcome(Status.DEFERRED, reason, code, server_away=True)
    meaning = _MEANING.get(code.partition(" ")[2], "")
    status = Status.REJECTED if 500 <= refusal.code < 600 else Status.DEFERRED
    away = refusal.code == 421  # RFC 5321 section 3.8: the service shuts down
    return Outcome(status, f"{what}: {meaning}" if meaning else what, code, server_away=away)


def _code(refusal: aiosmtplib.SMTPResponseException) -> str:
    return _joined(refusal.code, refusal.message)


def _joined(code: int, words: str) -> str:
    enhanced = re.match(r"\s*([245]\.\d{1,3}\.\d{1,3})\b", words)  # RFC 3463
    return f"{code} {enhanced.group(1)}" if enhanced else str(code)


def _one_address(message: EmailMessage, header: str) -> str:
    (address,) = message[header].addresses
    return address.addr_spec
