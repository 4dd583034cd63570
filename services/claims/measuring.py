"""The metric of what waits for a person, by reason."""

from typing import Any

from shared.runtime import telemetry
from shared.runtime.postgres import Connection

_SECONDS = 10.0


async def measure_waiting(process: Any) -> None:
    """Measure until the process stops; a background loop of the service."""
    while not process.stopping.is_set():
        async with process.pool.acquire() as connection:
            set_waiting(await waiting(connection))
        await process.pause(_SECONDS)


async def waiting(connection: Connection) -> dict[str, int]:
    """How many items wait for a person, by reason."""
    rows = await connection.fetch("select reason, count(*) from work_queue where resolved_at is null group by reason")
    return {row["reason"]: row["count"] for row in rows}


def set_waiting(counts: dict[str, int]) -> None:
    """Show the counts; a reason that nothing waits for any more is not shown."""
    telemetry.WAITING_FOR_PERSON.clear()
    for reason, count in counts.items():
        telemetry.WAITING_FOR_PERSON.labels(reason).set(count)
