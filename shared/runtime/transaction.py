"""One transaction, as handlers see it: rows to read and save, events to publish, timers to set."""

import asyncio
import dataclasses
import time
from collections import deque
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, TypeVar

from shared.database.postgres import Connection, lock_free_clients
from shared.events import envelope
from shared.events.envelope import Envelope
from shared.events.types import Event
from shared.runtime import deadletter
from shared.runtime.outbox import Outgoing
from shared.runtime.rows import Rows
from shared.runtime.table import Key, Table
from shared.runtime.timers import TIMERS, Timer

R = TypeVar("R")
Begin = Callable[[Outgoing], None]
Mute = Callable[[Outgoing], bool]

_BREATH_SECONDS = 0.002
"""Handlers of a batch whose rows are loaded never wait; pages and heartbeats get their turn at least this often."""

_MOST_NUMBERS = 100


@dataclasses.dataclass(slots=True)
class Cause:
    """What is being handled now; the ids of the events that follow are made from it.

    `time` is when the fact happened by its source's own word; None where no message brought it about. `source` is who
    published it, empty likewise.
    """

    id: str
    correlation_id: str | None = None
    traceparent: str | None = None
    time: datetime | None = None
    source: str = ""


class Transaction:
    """What a handler gets beside its event. Nothing of it is seen outside before the commit.

    `now` and `today` are the clock's at the start of the batch. `notes` is the store's own memory for its length.
    `begin` has an event handled beside this transaction (`shared.runtime.ahead`); `mute` says which messages were said
    before and are not to be said again. `alone`: its message failed before and is tried by itself. `erased`: the
    clients that were forgotten in it, of whom the rest of the batch is not handled.
    """

    def __init__(
        self,
        connection: Connection,
        service: str,
        now: datetime,
        begin: Begin | None = None,
        mute: Mute | None = None,
        *,
        alone: bool = False,
    ) -> None:
        self.connection = connection
        self.service = service
        self.now = now
        self.cause = Cause(id="")
        self.rows = Rows(connection)
        self.outgoing: list[Outgoing] = []
        self.notes: dict[Any, Any] = {}
        self.erased = set[str]()
        self.alone = alone
        self._begin = begin
        self._mute = mute
        self._ordinal = 0
        self._numbers: dict[str, tuple[deque[int], int]] = {}
        self._breathed = time.perf_counter()

    @property
    def today(self) -> date:
        """The day of `now`, in UTC."""
        return self.now.date()

    def caused_by(self, cause: Cause) -> None:
        """Begin with the next message of the batch."""
        self.cause, self._ordinal = cause, 0

    def caused_by_fact(self, fact: str) -> None:
        """Make the next events' ids from a business fact, where no message brought them about."""
        self.caused_by(Cause(fact))

    async def take(self, clients: Iterable[str]) -> set[str]:
        """Take the locks of more clients, until the commit; return those that may be handled here and now.

        The others' locks are held elsewhere, or a message of theirs waits for a release that nothing may overtake.
        """
        free = await lock_free_clients(self.connection, clients)
        return free - await deadletter.parked_keys(self.connection, free) if free else free

    async def breathe(self) -> None:
        """Let pages and heartbeats have their turn, where they have waited long enough."""
        if time.perf_counter() - self._breathed > _BREATH_SECONDS:
            await asyncio.sleep(0)
            self._breathed = time.perf_counter()

    def publish(self, *events: Event) -> None:
        """Publish each event after the commit, in this order, to its owner's topic."""
        for event in events:
            self._ordinal += 1
            self.outgoing.append(Outgoing.of_envelope(self.follow(event, self._ordinal)))

    def go_on(self, event: Event) -> None:
        """Publish the event, and have it handled beside this transaction, before it comes round by its topic.

        It may be done with before this commits, or though this fails and is tried again: neither may count on the
        other. Only the first event of a handler is begun: its id is the same at every try, whatever else that finds.
        """
        self.publish(event)
        if self._begin is not None and self._ordinal == 1:
            self._begin(self.outgoing[-1])

    def heard(self) -> list[Outgoing]:
        """What is to be published."""
        return self.outgoing if self._mute is None else [sent for sent in self.outgoing if not self._mute(sent)]

    def follow(self, event: Event, ordinal: int) -> Envelope:
        """The envelope of an event that the present cause brings about."""
        return envelope.follow(
            event,
            cause_id=self.cause.id,
            ordinal=ordinal,
            source=f"/{self.service}",
            now=self.now,
            correlation_id=self.cause.correlation_id,
            trace=self.cause.traceparent,
        )

    async def next_number(self, sequence: str) -> int:
        """A number of the sequence that nobody else gets, ever rising; several are fetched where several are asked for.

        What is left of them at the end is not used, as after a transaction that fails.
        """
        left, size = self._numbers.get(sequence, (deque[int](), 1))
        if not left:
            rows = await self.connection.fetch(
                "select nextval($1::regclass) from generate_series(1, $2)", sequence, size
            )
            left.extend(row["nextval"] for row in rows)
            self._numbers[sequence] = left, min(2 * size, _MOST_NUMBERS)
        return left.popleft()

    def send(self, outgoing: Outgoing) -> None:
        """Publish a message that is no event of the catalogue: an X12 interchange."""
        self.outgoing.append(outgoing)

    async def all(self, table: Table[R], client_id: str) -> list[R]:
        """All rows of a client."""
        return await self.rows.under(table, (client_id,))

    async def under(self, table: Table[R], *beginning: Any) -> list[R]:
        """All rows whose primary keys begin so, such as a session's."""
        return await self.rows.under(table, beginning)

    async def some(self, table: Table[R], where: str, client_id: str, *arguments: Any) -> list[R]:
        """The client's rows for which the SQL condition held when they were read, and all that were saved since."""
        return await self.rows.some(table, where, client_id, *arguments)

    async def load_some(self, table: Table[R], where: str, clients: Iterable[str], *arguments: Any) -> None:
        """Read those rows of clients for which the SQL condition holds, before they are asked for; from $2 on."""
        await self.rows.load_some(table, where, clients, *arguments)

    async def one(self, table: Table[R], *key: Any) -> R | None:
        """The row of a primary key, or None."""
        return await self.rows.one(table, *key)

    async def find(self, table: Table[R], where: str, *arguments: Any) -> list[R]:
        """The rows for which the SQL condition holds."""
        return await self.rows.find(table, where, *arguments)

    async def load(self, table: Table[R], keys: Iterable[Key]) -> None:
        """Read rows by primary key, many in one statement, before they are asked for."""
        await self.rows.load_keys(table, keys)

    async def load_clients(self, table: Table[R], clients: Iterable[str]) -> None:
        """Read all rows of clients in one statement, before they are asked for."""
        await self.rows.load_under(table, [(client,) for client in clients])

    async def load_under(self, table: Table[R], beginnings: Iterable[Key]) -> None:
        """Read all rows whose primary keys begin so in one statement, before they are asked for."""
        await self.rows.load_under(table, beginnings)

    def save(self, table: Table[R], row: R) -> None:
        """Insert or replace a row."""
        self.rows.save(table, row)

    def add(self, table: Table[R], row: R) -> None:
        """Insert a row unless one of its key is there already; needs no reading first."""
        self.rows.add(table, row)

    def delete(self, table: Table[R], *key: Any) -> None:
        """Delete the row of a primary key."""
        self.rows.delete(table, *key)

    def schedule(self, name: str, client_id: str, subject: str, due_at: datetime, **data: Any) -> None:
        """Set the timer `name` of this client and subject, in place of an earlier one."""
        self.rows.save(TIMERS, Timer(client_id=client_id, name=name, subject=subject, due_at=due_at, data=data))

    def unschedule(self, name: str, client_id: str, subject: str) -> None:
        """Take the timer back; nothing happens where there is none."""
        self.rows.delete(TIMERS, client_id, name, subject)
