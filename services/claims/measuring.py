"""What no event tells: who waits for a person, by reason, and which payer does not even acknowledge its claims."""

from datetime import date
from typing import Any

from prometheus_client import Gauge

from services.claims.claim.claim_state import State
from shared import clock
from shared.database.postgres import Connection
from shared.runtime import telemetry

UNHEARD_DAYS = Gauge(
    "claim_unheard_days", "Days since the oldest claim went of which a payer has said nothing", ["payer"]
)
_SECONDS = 10.0


async def measure_waiting(process: Any) -> None:
    """Measure until the process stops; a background loop of the service."""
    while not process.stopping.is_set():
        async with process.pool.acquire() as connection:
            set_waiting(await waiting(connection))
            set_unheard(await unheard_days(connection, clock.today()))
        await process.pause(_SECONDS)


async def waiting(connection: Connection) -> dict[str, int]:
    """How many items wait for a person, by reason."""
    rows = await connection.fetch("select reason, count(*) from work_queue where resolved_at is null group by reason")
    return {row["reason"]: row["count"] for row in rows}


async def unheard_days(connection: Connection, today: date) -> dict[str, int]:
    """For each payer the days since its oldest claim went that is neither acknowledged nor answered."""
    rows = await connection.fetch(
        "select payer_id, min(sent_on) as since from claims where state = $1 group by payer_id", State.SUBMITTED
    )
    return {row["payer_id"]: (today - row["since"]).days for row in rows if row["since"] is not None}


def set_unheard(days: dict[str, int]) -> None:
    """Show the days; a payer that has acknowledged everything is not shown."""
    UNHEARD_DAYS.clear()
    for payer, count in days.items():
        UNHEARD_DAYS.labels(payer).set(count)


def set_waiting(counts: dict[str, int]) -> None:
    """Show the counts; a reason that nothing waits for any more is not shown."""
    telemetry.WAITING_FOR_PERSON.clear()
    for reason, count in counts.items():
        telemetry.WAITING_FOR_PERSON.labels(reason).set(count)
