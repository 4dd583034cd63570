"""The inbox: an event that was handled once is dropped when it comes again."""

from collections.abc import Sequence
from datetime import timedelta

from shared.database.postgres import Connection, as_lines, of_lines

Identity = tuple[str, str, str]
"""Key, CloudEvents source and CloudEvents id."""


async def new_ones(connection: Connection, events: Sequence[Identity]) -> set[Identity]:
    """Record the events as handled, and return those that were not yet."""
    if not events:
        return set()
    columns = [as_lines(column) for column in zip(*events, strict=True)]
    rows = await connection.fetch(
        "insert into inbox (key, source, id) select * from"
        f" unnest({of_lines('$1')}, {of_lines('$2')}, {of_lines('$3')})"
        " on conflict do nothing returning key, source, id",
        *columns,
    )
    return {(row["key"], row["source"], row["id"]) for row in rows}


_PURGED_AT_A_TIME = 10_000
PURGE = "delete from inbox where ctid = any(array(select ctid from inbox where handled_at < $1 limit $2))"


async def purge(connection: Connection, keep: timedelta) -> bool:
    """Forget some of what is older than any message that Kafka could still bring again; whether there may be more.

    The time is the database's, which wrote `handled_at`; as a parameter it lets the index be used.
    """
    before = await connection.fetchval("select now()") - keep
    done = await connection.execute(PURGE, before, _PURGED_AT_A_TIME)
    return done == f"DELETE {_PURGED_AT_A_TIME}"
