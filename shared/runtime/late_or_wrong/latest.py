"""Which of two facts that replace each other is newer: the one with the later `time`, however late the other comes."""

from collections.abc import Sequence
from datetime import datetime

from shared.database.postgres import Connection
from shared.runtime.message import Message

_Fact = tuple[str, str]
"""The key, and what of it is replaced."""


async def split(
    connection: Connection, messages: Sequence[Message], now: datetime
) -> tuple[list[Message], list[Message]]:
    """The messages to handle, and those that a later fact has overtaken; remembers the times of what is handled.

    A message that does not say its time counts as what holds now. A time ahead of ours counts as now, so that a clock
    that runs ahead cannot keep out what comes after it.
    """
    dated = {id(message): _fact(message) for message in messages}
    facts = {fact for fact in dated.values() if fact is not None}
    if not facts:
        return list(messages), []
    known, newer = await _times(connection, sorted(facts)), dict[_Fact, datetime]()
    taken, overtaken = list[Message](), list[Message]()
    for message in messages:
        fact, time = dated[id(message)], min(message.cause.time or now, now)
        if fact is not None and time < known.get(fact, time):
            overtaken.append(message)
            continue
        taken.append(message)
        if fact is not None and time != known.get(fact):
            known[fact] = newer[fact] = time
    if newer:
        await _remember(connection, newer)
    return taken, overtaken


def _fact(message: Message) -> _Fact | None:
    replaces = getattr(message.event, "replaces", None)
    return None if replaces is None else (message.key, replaces)


async def _times(connection: Connection, facts: Sequence[_Fact]) -> dict[_Fact, datetime]:
    rows = await connection.fetch(
        "select key, replaces, time from latest_fact"
        " where (key, replaces) in (select * from unnest($1::text[], $2::text[]))",
        [key for key, _ in facts],
        [replaces for _, replaces in facts],
    )
    return {(row["key"], row["replaces"]): row["time"] for row in rows}


async def _remember(connection: Connection, times: dict[_Fact, datetime]) -> None:
    await connection.execute(
        "insert into latest_fact (key, replaces, time) select * from unnest($1::text[], $2::text[], $3::timestamptz[])"
        " on conflict (key, replaces) do update set time = greatest(latest_fact.time, excluded.time)",
        [key for key, _ in times],
        [replaces for _, replaces in times],
        list(times.values()),
    )
