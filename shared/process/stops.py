"""What is remembered of failures across restarts, so that a process that is started again and again does no harm.

A process that stops because of a fault that is ours waits before it takes up work the next time, twice as long after
each stop. And it begins with the failures that the last minutes have seen: else every start would set aside as many
messages anew before it notices that most fail.
"""

from shared.database.postgres import Connection

LONGEST_PAUSE_SECONDS = 300.0
_WITHIN = "1 hour"
_RECENT = "10 minutes"


async def note(connection: Connection, reason: str) -> None:
    """The process stops by itself, for this reason."""
    await connection.execute("insert into stops (reason) values ($1)", reason[:500])
    await connection.execute(f"delete from stops where at < now() - interval '{_WITHIN}'")


async def pause_seconds(connection: Connection) -> float:
    """How long to wait before work is taken up: 0 where nothing has stopped us within the hour."""
    stops = await connection.fetchval(f"select count(*) from stops where at > now() - interval '{_WITHIN}'")
    return min(LONGEST_PAUSE_SECONDS, 2.0**stops) if stops else 0.0


async def recent_failures(connection: Connection, window: int) -> int:
    """Of the last `window` messages, how many failed, by the share that failed in the last minutes."""
    row = await connection.fetchrow(
        "select (select count(*) from set_aside where parked and reason like 'the handler of %'"
        f" and at > now() - interval '{_RECENT}') as failed,"
        f" (select count(*) from inbox where handled_at > now() - interval '{_RECENT}') as handled"
    )
    if row is None or not row["failed"]:
        return 0
    return min(row["failed"], window * row["failed"] // max(row["failed"], row["handled"]))


async def forget(connection: Connection) -> None:
    """Work goes well again: the next stop is the first."""
    await connection.execute("delete from stops")
