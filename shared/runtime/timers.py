"""Timers: rows with a due time, handled like events once it has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from shared.database.postgres import Connection
from shared.runtime.deadletter import Incoming, Settlement
from shared.runtime.outbox import opened_value
from shared.runtime.table import Table
from shared.sealing.carrying_keys import keys_of

TOPIC = "timers"
"""Under this name a timer whose handler failed for good is set aside."""


@dataclass(frozen=True, slots=True)
class Timer:
    """Something that falls due for a client. `subject` tells several of one name apart (a session, a payer)."""

    client_id: str
    name: str
    subject: str
    due_at: datetime
    data: dict[str, Any]

    @property
    def cause_id(self) -> str:
        """The id from which the events that it brings about are made: firing it twice makes the same."""
        return f"timer:{self.client_id}:{self.name}:{self.subject}:{self.due_at.isoformat()}"


TIMERS = Table("timers", Timer, key=("client_id", "name", "subject"), sealed=("data",))
_TIMER = TypeAdapter(Timer)


async def due(connection: Connection, now: datetime, limit: int, names: Sequence[str] | None = None) -> list[str]:
    """The clients that have timers due (of these names), soonest first; read without a lock."""
    rows = await connection.fetch(
        "select client_id, min(due_at) as first from timers"
        " where due_at <= $1 and ($3::text[] is null or name = any($3))"
        " group by client_id order by first limit $2",
        now,
        limit,
        names,
    )
    return [row["client_id"] for row in rows]


async def take(
    connection: Connection, clients: list[str], now: datetime, limit: int, names: Sequence[str] | None = None
) -> list[Timer]:
    """Remove and return due timers of clients whose locks the caller holds; those that another holds are left."""
    rows = await connection.fetch(
        "delete from timers where (client_id, name, subject) in ("
        " select client_id, name, subject from timers where client_id = any($1::text[]) and due_at <= $2"
        " and ($4::text[] is null or name = any($4))"
        " order by due_at, name, subject limit $3 for update skip locked)"
        " returning client_id, name, subject, due_at, data",
        clients,
        now,
        limit,
        names,
    )
    keys = keys_of(connection)
    return sorted(
        (TIMERS.from_record(row, keys) for row in rows), key=lambda timer: (timer.due_at, timer.name, timer.subject)
    )


def as_message(timer: Timer) -> Incoming:
    """The timer as it is set aside."""
    return Incoming(TOPIC, timer.client_id, _TIMER.dump_json(timer), (), timer.cause_id)


async def set_again(connection: Connection, key: str, settlement: Settlement) -> int:
    """Set the client's timers that were set aside once more, unless set anew meanwhile; return how many.

    Their origins get the row's id, so that the same timer can be set aside again.
    """
    rows = await connection.fetch(f"{_SETTLED} returning topic, key, value", *_settled(key, settlement))
    keys = keys_of(connection)
    timers = [_TIMER.validate_json(opened_value(row, keys) or b"") for row in rows]
    if timers:
        await connection.execute(TIMERS.insert_new, TIMERS.as_json(timers, keys))
    return len(rows)


async def drop(connection: Connection, key: str, settlement: Settlement) -> int:
    """Give up the client's timers that were set aside; return how many."""
    return len(await connection.fetch(f"{_SETTLED} returning id", *_settled(key, settlement)))


_SETTLED = """
update set_aside set settled_at = clock_timestamp(), outcome = $3, settled_by = $4, settled_why = $5,
    origin = origin || '#' || id
where topic = $1 and key = $2 and settled_at is null
"""


def _settled(key: str, settlement: Settlement) -> tuple[str, ...]:
    return TOPIC, key, settlement.outcome, settlement.by, settlement.why
