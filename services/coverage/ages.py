"""The figures that no event tells: how old the oldest open issue is, and what waits for a person."""

from shared import clock, log
from shared.process.process import Process
from shared.runtime import telemetry

_EVERY_SECONDS = 30


async def measure(process: Process) -> None:
    """Keep the gauges current until the process stops."""
    while not process.stopping.is_set():
        async with process.pool.acquire() as connection:
            oldest = await connection.fetchval("select min(opened_on) from issue where state <> 'closed'")
            unmatched = await connection.fetchval("select count(*) from unmatched_answer")
            refused = await connection.fetchval("select count(*) from refused_fact")
        telemetry.OPEN_ISSUE_DAYS.set(0 if oldest is None else (clock.today() - oldest).days)
        telemetry.WAITING_FOR_PERSON.labels("unmatched_271").set(unmatched or 0)
        telemetry.WAITING_FOR_PERSON.labels("refused_fact").set(refused or 0)
        log.get().debug("measured", count=unmatched)
        await process.pause(_EVERY_SECONDS)
