"""The four services on their databases: real handlers, timers, stores, senders and outboxes, without a broker.

Many worlds share a stage and its clock. What the runtime does between the poll and the commit is the runtime's own
(`Consumer`); the polls, the relay and the mail server are played here.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from operator import itemgetter
from typing import Any, cast

import asyncpg

from services.claims.app import SERVICE as CLAIMS
from services.coverage.app import SERVICE as COVERAGE
from services.notification.app import SERVICE as NOTIFICATION
from services.notification.sending.delivery import Outcome, Status
from services.notification.sending.message import as_wire
from services.notification.sending.sender import Post
from services.settlement.app import SERVICE as SETTLEMENT
from shared.database import postgres
from shared.process.process import Process
from shared.runtime import timers
from shared.runtime.consume import Consumer
from shared.runtime.deadletter import Incoming
from shared.runtime.outbox import opened_value, unpack
from shared.runtime.service import Handler, Service
from shared.runtime.transaction import Transaction
from shared.sealing.keeping_keys import KeyKeeper
from shared.sealing.key_encryption import KeyEncryptionKey
from tests.simulation.operating import Order

SERVICES = (COVERAGE, CLAIMS, SETTLEMENT, NOTIFICATION)
_AT_ONCE = 400
_PUBLISHED = """
with gone as (delete from outbox returning id, topic, key, value, headers)
select due_at, gone.* from (select min(due_at) as due_at from timers where name = any($1)) next left join gone on true
"""
_LEDGERS = """
select client_id, session_id, account, sum(cents) as cents from (
    select client_id, session_id, debit as account, cents from postings
    union all select client_id, session_id, credit, -cents from postings
) sides group by client_id, session_id, account having sum(cents) <> 0
"""
_LOOKS_AGAIN = timedelta(seconds=30)
"""How soon the sender looks again for letters that it left, such as those it gathers."""


@dataclass(frozen=True, slots=True)
class Published:
    """One message that a service's outbox lets out."""

    service: str
    topic: str
    key: str
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


class DatabaseGoneError(ConnectionError):
    """The service dies before its commit."""


class Performer:
    """One service on its database."""

    def __init__(self, service: Service, pool: asyncpg.Pool, keeper: KeyKeeper) -> None:
        self.service, self.pool, self.keeper = service, pool, keeper
        self.consumer = Consumer(service, pool, attempts=1, wake=lambda: None)
        handlers = {model: _dies_after(handler) for model, handler in service.handlers.items()}
        self.dying = Consumer(replace(service, handlers=handlers), pool, attempts=1, wake=lambda: None)
        self.due_at: datetime | None = None
        self.changed = False

    async def handle(self, messages: Sequence[Incoming]) -> None:
        """Handle what was polled, in a few transactions."""
        self.changed = True
        for start in range(0, len(messages), _AT_ONCE):
            await self.consumer.batch(messages[start : start + _AT_ONCE])

    async def die_on(self, messages: Sequence[Incoming]) -> None:
        """Handle what was polled, up to the moment before the commit."""
        try:
            await self.dying.batch(messages)
        except DatabaseGoneError:
            return

    async def fire(self, now: datetime) -> bool:
        """Handle what is due; whether there was anything."""
        if self.due_at is None or self.due_at > now:
            return False
        self.changed = True
        async with self.pool.acquire() as connection:
            clients = await timers.due(connection, now, 10_000, list(self.service.timers))
        for start in range(0, len(clients), _AT_ONCE):
            await self.consumer.timers(clients[start : start + _AT_ONCE], 10_000)
        return bool(clients)

    async def obey(self, order: Order) -> str:
        """Have the operator's command done."""
        self.changed = True
        async with self.pool.acquire() as connection:
            return await order.obeyed(cast(Any, connection))

    async def published(self) -> list[Published]:
        """Take what is in the outbox, as the relay does, and see what is due next."""
        if not self.changed:
            return []
        self.changed = False
        rows = await self.pool.fetch(_PUBLISHED, list(self.service.timers))
        self.due_at = rows[0]["due_at"]
        return [
            Published(self.service.name, row["topic"], row["key"], value, tuple(unpack(row["headers"])))
            for row in sorted((row for row in rows if row["id"] is not None), key=itemgetter("id"))
            if (value := opened_value(row, self.keeper.keys)) is not None
        ]


def _dies_after(handler: Handler) -> Handler:
    async def dies(event: Any, tx: Transaction) -> None:
        await handler(event, tx)
        raise DatabaseGoneError("the database is gone")

    return dies


async def _performer(service: Service, url: str, data_key: str | None) -> Performer:
    keeper = KeyKeeper(service.name, [KeyEncryptionKey(data_key)] if data_key else [], timedelta(days=30))
    pool = await postgres.connect(url, size=4, application="s", keys=keeper.keys)
    async with pool.acquire() as connection:
        await keeper.open(connection)
    return Performer(service, pool, keeper)


class MailServer:
    """Takes letters and keeps them, unless `fate` of the addressee says otherwise.

    `defers`: not now. `no_answer`: it has the letter, and the connection is lost before it says so. `refuses`: it shows
    what it does not take, too, so that it is known what never arrived.
    """

    def __init__(self) -> None:
        self.letters: list[bytes] = []
        self.fate: Callable[[str], str] = lambda _to: "takes"

    async def deliver(self, message: EmailMessage) -> Outcome:
        """Take a letter."""
        fate = self.fate(message["To"])
        if fate == "defers":
            return Outcome(Status.DEFERRED, "try again later", code="451 4.3.0")
        self.letters.append(as_wire(message))
        if fate == "refuses":
            return Outcome(Status.REJECTED, "the recipient was refused", code="550 5.1.1")
        return Outcome(Status.UNKNOWN, "no answer") if fate == "no_answer" else Outcome(Status.SENT, code="250")

    async def close(self) -> None:
        """Nothing is open."""


class Stage:
    """All four services, and the mail server. Open one with `Stage.open`."""

    def __init__(self, performers: Mapping[str, Performer], process: Process, post: Post) -> None:
        self.performers, self._process, self._post = performers, process, post
        self.mail = MailServer()
        self._letter_due_at: datetime | None = None
        self._post.sender = self.mail  # pyright: ignore[reportAttributeAccessIssue]

    @classmethod
    async def open(cls, urls: Mapping[str, str], data_key: str | None) -> "Stage":
        """The services on these databases, which are migrated already; what they hold is sealed with the key."""
        performers = {service.name: await _performer(service, urls[service.name], data_key) for service in SERVICES}
        settings = NOTIFICATION.settings.model_validate(
            {"database_url": urls["notification"], "letters_per_second": 10_000_000}
        )
        process = Process(NOTIFICATION, settings)
        process.pool = performers["notification"].pool
        return cls(performers, process, await Post(process).__aenter__())

    async def close(self) -> None:
        """End the sender, close the pools."""
        await self._post.__aexit__(None, None, None)
        await asyncio.gather(*(performer.pool.close() for performer in self.performers.values()))

    async def each(self, act: Callable[[Performer], Awaitable[Any]]) -> list[Any]:
        """Have all services do something at the same time."""
        return await asyncio.gather(*(act(performer) for performer in self.performers.values()))

    async def send_letters(self, now: datetime) -> list[bytes]:
        """Send the letters that are due, and return them; nothing is looked up where nothing can be due."""
        notification = self.performers["notification"]
        if not notification.changed and (self._letter_due_at is None or self._letter_due_at > now):
            return []
        notification.changed = True
        while await self._post.take():
            await self._post.settled()
        due = "select min(not_before) from letters where state in ('ready', 'sending')"
        due_at = await notification.pool.fetchval(due)
        self._letter_due_at = due_at and max(due_at, now + _LOOKS_AGAIN)
        letters, self.mail.letters = self.mail.letters, []
        return letters

    async def ledgers(self) -> dict[tuple[str, str], dict[str, int]]:
        """What stands on each account of the books, in cents, by client and session; a debit is above zero."""
        rows = await self.performers["settlement"].pool.fetch(_LEDGERS)
        ledgers: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        for row in rows:
            ledgers[(row["client_id"], row["session_id"])][row["account"]] = int(row["cents"])
        return ledgers

    def next_at(self) -> datetime | None:
        """When the next timer or letter is due."""
        times = [self._letter_due_at, *(performer.due_at for performer in self.performers.values())]
        return min((at for at in times if at is not None), default=None)
