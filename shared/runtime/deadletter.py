"""What cannot be processed is set aside with its reason: nothing is lost, and nothing else waits for it.

A message that cannot be read goes to `<topic>.dead` and is kept. A message whose handler fails for good goes there
too, and its key is parked: later messages of the key wait in order until an operator releases it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from shared.database.postgres import Connection, as_lines, of_lines
from shared.runtime import telemetry
from shared.runtime.outbox import MESSAGES, MOST_BYTES, Headers, Outgoing, opened_value, pack, unpack
from shared.sealing.carrying_keys import keys_of

EVIDENCE_BYTES = 64 * 1024
"""What is kept here of a message that can never be read; all of it is in `<topic>.dead`."""

_HEADER_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Settlement:
    """What was done about a message that was set aside, by whom and why: for the record."""

    outcome: Literal["released", "skipped", "read_again", "dropped"]
    by: str = ""
    why: str = ""


@dataclass(slots=True)
class Incoming:
    """One message as Kafka gave it. `origin` is topic, partition and offset."""

    topic: str
    key: str
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    origin: str

    def plain_headers(self) -> Headers:
        """The headers that have a value, as long as they are not enormous."""
        kept: Headers = []
        left = _HEADER_BYTES
        for name, value in self.headers:
            left -= len(name) + len(value or b"")
            if value is not None and left >= 0:
                kept.append((name, value))
        return kept


async def set_aside(connection: Connection, messages: Sequence[tuple[Incoming, str]], *, parked: bool) -> set[str]:
    """Keep the messages, each with its reason, and return the origins of those that were not kept before.

    Of one that is not parked the first 64 KB are kept as evidence: all of it is in `<topic>.dead`.
    """
    if not messages:
        return set()
    keys, most = keys_of(connection), None if parked else EVIDENCE_BYTES
    rows = await connection.fetch(
        "insert into set_aside (key, parked, topic, value, headers, origin, reason)"
        " select key, $2, topic, value, headers, origin, reason from"
        " unnest($1::text[], $3::text[], $4::bytea[], $5::text[], $6::text[], $7::text[])"
        " as message (key, topic, value, headers, origin, reason)"
        " on conflict (origin) do nothing returning origin",
        [message.key for message, _ in messages],
        parked,
        [message.topic for message, _ in messages],
        [
            MESSAGES.closed("value", message.value and message.value[:most], (message.topic, message.key), keys)
            for message, _ in messages
        ],
        [pack(message.plain_headers()) for message, _ in messages],
        [message.origin for message, _ in messages],
        [reason for _, reason in messages],
    )
    new = {row["origin"] for row in rows}
    for message, _ in messages:
        if message.origin in new:
            telemetry.SET_ASIDE.labels(message.topic, str(parked).lower()).inc()
    return new


_PURGED_AT_A_TIME = 500
PURGE = (
    "delete from set_aside where id = any(array(select id from set_aside where not parked"
    " and (topic <> 'timers' or settled_at is not null) and coalesce(settled_at, at) < $1 limit $2))"
)


async def purge(connection: Connection, keep: timedelta) -> bool:
    """Forget some of what could not be read, or was settled, so long ago; whether there may be more.

    What is parked, and a timer whose handler failed, wait for an operator however long.
    """
    before = await connection.fetchval("select now()") - keep
    done = await connection.execute(PURGE, before, _PURGED_AT_A_TIME)
    return done == f"DELETE {_PURGED_AT_A_TIME}"


def dead_letter(message: Incoming, reason: str, *, service: str, now: datetime) -> Outgoing:
    """The original bytes and headers, for `<topic>.dead`, with the reason, the service, the place and the time.

    What is larger than the topics take is cut, and `dead-cut` says of how many bytes; its origin still has it all.
    """
    said = {"dead-reason": reason, "dead-service": service, "dead-origin": message.origin, "dead-time": now.isoformat()}
    value, most = message.value or b"", MOST_BYTES - 4 * _HEADER_BYTES
    if len(value) > most:
        said["dead-cut"] = f"{len(value)} bytes"
    headers = [*message.plain_headers(), *((name, text.encode()) for name, text in said.items())]
    return Outgoing(topic=f"{message.topic}.dead", key=message.key[:1000], value=value[:most], headers=headers)


async def parked_keys(connection: Connection, keys: Iterable[str]) -> set[str]:
    """Which of `keys` wait for a release; asked for only where any does."""
    if not await connection.fetchval("select exists (select from set_aside where parked)"):
        return set()
    rows = await connection.fetch(
        f"select distinct key from set_aside where parked and key = any({of_lines('$1')})", as_lines(keys)
    )
    return {row["key"] for row in rows}


async def next_parked(connection: Connection, key: str) -> tuple[int, Incoming] | None:
    """The first message of a parked key and its row's id, or None; the caller holds the key's lock."""
    row = await connection.fetchrow(
        "select id, topic, key, value, headers, origin from set_aside where parked and key = $1 order by id limit 1",
        key,
    )
    if row is None:
        return None
    headers, value = tuple(unpack(row["headers"])), opened_value(row, keys_of(connection))
    return row["id"], Incoming(row["topic"], row["key"], value, headers, row["origin"])


async def fetch(connection: Connection, statement: str, *arguments: Any) -> list[dict[str, Any]]:
    """The rows of set_aside that a statement gives, with what their messages say."""
    keys = keys_of(connection)
    records = await connection.fetch(statement, *arguments)
    return [{**record, "value": opened_value(record, keys)} for record in records]


async def settle(connection: Connection, row_id: int, settlement: Settlement) -> None:
    """The message was handled, or dropped by an operator: it waits no longer."""
    await connection.execute(
        "update set_aside set parked = false, settled_at = clock_timestamp(), outcome = $2, settled_by = $3,"
        " settled_why = $4 where id = $1",
        row_id,
        settlement.outcome,
        settlement.by,
        settlement.why,
    )


async def count_parked(connection: Connection) -> int:
    """How many keys wait for a release."""
    return int(await connection.fetchval("select count(distinct key) from set_aside where parked") or 0)


async def count_dead(connection: Connection) -> dict[str, int]:
    """How many messages and timers were set aside and nobody has settled yet, by topic; parked ones are not counted."""
    rows = await connection.fetch(
        "select topic, count(*) from set_aside where settled_at is null and not parked group by topic"
    )
    return {row["topic"]: row["count"] for row in rows}
