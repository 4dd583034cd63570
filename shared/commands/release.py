"""What was set aside, and its way back: parked keys released in order, dead letters read again or dropped.

Everything is done in the service's own database, under the client's lock, while the service runs: its relay publishes
what comes of it. Who did what and why stays with the message.
"""

import json
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from shared import log
from shared.commands import operator_session
from shared.commands.command import RefusedError, refused
from shared.commands.operator_session import operator
from shared.database.postgres import Connection
from shared.events.types import Event
from shared.runtime import deadletter, outbox, timers
from shared.runtime.deadletter import EVIDENCE_BYTES, Incoming, Settlement
from shared.runtime.message import decode
from shared.runtime.outbox import Outgoing, unpack
from shared.runtime.releasing import KeyParkedError, NoHandlerError, Releaser
from shared.runtime.service import Service

_MOST = 1_000
_PROGRESS_EVERY = 100
_REFUSED_BY_BROKER = "outbox/"

_WAITING = """
select key, count(*) filter (where parked) as messages, count(*) filter (where not parked) as timers,
    min(at) as since, (array_agg(reason order by id))[1] as reason
from set_aside where parked or (topic = $1 and settled_at is null)
group by key order by since, key limit $2
"""
_OF_KEY = """
select * from set_aside where key = $1 and (parked or (topic = $2 and settled_at is null)) order by id limit $3
"""
_KEYS = """
select key from set_aside where parked or (topic = $1 and settled_at is null)
group by key having bool_or(position($2 in reason) > 0) and ($3::timestamptz is null or min(at) >= $3)
order by min(at), key
"""
_DEAD = """
select * from set_aside where not parked and settled_at is null and topic <> $1 and ($2::text is null or topic = $2)
order by id limit $3
"""
_DEAD_NAMED = """
select * from set_aside where not parked and settled_at is null and topic <> $1
    and (id = any($2::bigint[]) or reason = $3)
order by id limit $4
"""
_SETTLED = "select * from set_aside where outcome = any($1::text[]) order by settled_at desc, id desc limit $2"


def answer(service: Service, act: Callable[[Connection], Awaitable[Any]]) -> Any:
    """What `act` makes of the service's database. Raises UnreadableInputError: it does not answer."""
    return operator_session.answer(service.name, service.settings, act)


async def waiting(connection: Connection) -> list[dict[str, Any]]:
    """The keys that wait, the longest waiting first, each with what failed first."""
    rows = await connection.fetch(_WAITING, timers.TOPIC, _MOST)
    return [
        {
            "key": row["key"],
            "messages": row["messages"],
            "timers": row["timers"],
            "since": row["since"].isoformat(),
            "reason": row["reason"],
        }
        for row in rows
    ]


async def shown(connection: Connection, service: Service, key: str, *, content: bool) -> list[dict[str, Any]]:
    """The messages and timers that wait under `key`, in order. Raises RefusedError: none does."""
    rows = await deadletter.fetch(connection, _OF_KEY, key, timers.TOPIC, _MOST)
    if not rows:
        raise refused("nothing_parked", f"nothing waits under {key}")
    return [_entry(row, service, content=content) for row in rows]


async def release(
    connection: Connection, service: Service, key: str, why: str, *, skip_first: bool = False
) -> dict[str, Any]:
    """Handle what waits under `key`, in order, and set its timers that failed once more.

    Raises RefusedError: nothing waits, or a handler fails again; what was handled before that stays handled.
    """
    by = operator()
    rows = await deadletter.fetch(connection, _OF_KEY, key, timers.TOPIC, None)
    messages = sum(row["parked"] for row in rows)
    if not rows:
        raise refused("nothing_parked", f"nothing waits under {key}")
    try:
        done = await _consumer(connection, service).release(key, skip_first=skip_first, by=by, why=why)
    except Exception as error:
        left = await connection.fetchval("select count(*) from set_aside where parked and key = $1", key)
        detail = f"{_said(error)}; the rest still waits"
        raise refused("fails_again", detail, key=key, still_waiting=left) from None
    dropped = int(skip_first and messages > 0)
    if skip_first and not messages:
        given_up = await timers.drop(connection, key, Settlement("skipped", by, why))
        return {"key": key, "handled": 0, "dropped": given_up, "timers_set_again": 0}
    async with connection.transaction():
        again = await timers.set_again(connection, key, Settlement("released", by, why))
    return {"key": key, "handled": done - dropped, "dropped": dropped, "timers_set_again": again}


async def release_several(
    connection: Connection, service: Service, why: str, *, reason: str = "", since: datetime | None = None
) -> dict[str, Any]:
    """Release every key whose reason has `reason` in it and that waits since `since`; progress on standard error.

    Raises RefusedError: some fail again; the others are released all the same.
    """
    keys = await connection.fetch(_KEYS, timers.TOPIC, reason, since)
    done = {"keys": 0, "handled": 0, "timers_set_again": 0}
    failed: list[dict[str, Any]] = []
    for number, row in enumerate(keys, 1):
        try:
            released = await release(connection, service, row["key"], why)
            done = {"keys": done["keys"] + 1, **{name: done[name] + released[name] for name in list(done)[1:]}}
        except RefusedError as error:
            failed.append(error.document)
        if number % _PROGRESS_EVERY == 0 or number == len(keys):
            print(f"{number} of {len(keys)} keys, {len(failed)} fail again", file=sys.stderr)
    if failed:
        raise refused("fails_again", f"{len(failed)} keys still wait", **done, failed=failed[:_MOST])
    return done


async def dead(connection: Connection, topic: str | None) -> list[dict[str, Any]]:
    """The messages that could not be read, or that the broker refused, and that nobody has settled."""
    return [_line(row) for row in await deadletter.fetch(connection, _DEAD, timers.TOPIC, topic, _MOST)]


async def dead_shown(connection: Connection, service: Service, row_id: int, *, content: bool) -> dict[str, Any]:
    """One of them, and whether this version can read it. Raises RefusedError: there is none of this id."""
    rows = await _named(connection, [row_id], None)
    return _entry(rows[0], service, content=content)


async def again(
    connection: Connection, service: Service, ids: Sequence[int], reason: str | None, why: str
) -> dict[str, Any]:
    """Handle messages that can be read by now, each in its own transaction; send again what the broker refused.

    Raises RefusedError: there is none of an id, or some still cannot be handled; the others are done all the same.
    """
    operator()  # nothing is tried where nobody is known to act
    done: dict[str, list[int]] = {"handled": [], "handled_before": [], "sent": []}
    failed: list[dict[str, Any]] = []
    for row in await _named(connection, ids, reason):
        try:
            done[await _once_more(connection, service, row, why)].append(row["id"])
        except Exception as error:
            failed.append({"id": row["id"], "reason": _said(error)})
    if failed:
        raise refused("fails_again", f"{len(failed)} still wait", **done, failed=failed)
    return done


async def _once_more(connection: Connection, service: Service, row: Mapping[str, Any], why: str) -> str:
    """What became of it: `sent`, `handled` or `handled_before`."""
    if row["origin"].startswith(_REFUSED_BY_BROKER):
        async with connection.transaction():
            await deadletter.settle(connection, row["id"], Settlement("read_again", operator(), why))
            headers = None if row["headers"] == "[]" else unpack(row["headers"])
            await outbox.write(connection, [Outgoing(row["topic"], row["key"], row["value"], headers)])
        return "sent"
    if len(row["value"] or b"") >= EVIDENCE_BYTES:
        where = f"all of it is at {row['origin']}, and in {row['topic']}.dead"
        raise NoHandlerError(f"only its first {EVIDENCE_BYTES // 1024} KB are kept here: {where}")
    consumer = _consumer(connection, service)
    fresh = await consumer.again(row["id"], _incoming(row), by=operator(), why=why)
    return "handled" if fresh else "handled_before"


async def drop(
    connection: Connection, _: Service, ids: Sequence[int], reason: str | None, why: str
) -> dict[str, list[int]]:
    """Give messages up. Raises RefusedError: there is none of an id."""
    rows = await _named(connection, ids, reason)
    for row in rows:
        await deadletter.settle(connection, row["id"], Settlement("dropped", operator(), why))
    return {"dropped": [row["id"] for row in rows]}


async def settled(connection: Connection, *, parked: bool) -> list[dict[str, Any]]:
    """What operators have done about parked messages and timers, or about dead letters, the last first."""
    outcomes = ["released", "skipped"] if parked else ["read_again", "dropped"]
    rows = await deadletter.fetch(connection, _SETTLED, outcomes, _MOST)
    return [
        _line(row)
        | {
            "outcome": row["outcome"],
            "settled_at": row["settled_at"].isoformat(),
            "by": row["settled_by"],
            "why": row["settled_why"],
        }
        for row in rows
    ]


async def _named(connection: Connection, ids: Sequence[int], reason: str | None) -> list[dict[str, Any]]:
    rows = await deadletter.fetch(connection, _DEAD_NAMED, timers.TOPIC, list(ids), reason, _MOST)
    missing = sorted(set(ids) - {row["id"] for row in rows})
    if missing or not rows:
        what = f"message {', '.join(map(str, missing))}" if missing else f"message with the reason: {reason}"
        raise refused("unknown_message", f"no {what} waits")
    return rows


def _line(row: Mapping[str, Any]) -> dict[str, Any]:
    """A message without its content."""
    return {
        "id": row["id"],
        "topic": row["topic"],
        "key": row["key"],
        "at": row["at"].isoformat(),
        "origin": row["origin"],
        "reason": row["reason"],
        "bytes": len(row["value"] or b""),
    }


def _entry(row: Mapping[str, Any], service: Service, *, content: bool) -> dict[str, Any]:
    """A message with what this version makes of it; what it says only when asked for."""
    entry = _line(row)
    if row["topic"] != timers.TOPIC and not row["origin"].startswith(_REFUSED_BY_BROKER):
        read = decode(_incoming(row), service.interchange_topic)
        entry |= {
            "type": read.event.wire_type() if isinstance(read.event, Event) else None,
            "event_id": read.cause.id or None,
            "unreadable": read.unreadable,
            "handled_here": type(read.event) in service.handlers,
        }
    return entry | ({"content": _content(row["value"])} if content else {})


def _content(value: bytes | None) -> Any:
    text = (value or b"").decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        return text


def _incoming(row: Mapping[str, Any]) -> Incoming:
    return Incoming(row["topic"], row["key"], row["value"], tuple(unpack(row["headers"])), row["origin"])


def _said(error: Exception) -> str:
    """Our own words, or where it failed: the text of other exceptions may hold personal data."""
    return str(error) if isinstance(error, NoHandlerError | KeyParkedError) else log.failure(error)


def _consumer(connection: Connection, service: Service) -> Releaser:
    return Releaser(service, _OneConnection(connection), attempts=1, wake=lambda: None)  # type: ignore[arg-type]


class _OneConnection:
    """A command's one connection where the consumer expects a pool."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def acquire(self) -> "_OneConnection":
        return self

    async def __aenter__(self) -> Connection:
        return self.connection

    async def __aexit__(self, *_: object) -> None:
        return None
