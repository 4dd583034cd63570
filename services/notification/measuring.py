"""The figures that no event tells: who waits for a person, and how many letters wait for the mail server."""

from prometheus_client import Gauge

from services.notification import store
from services.notification.composing.still_true import NEEDLESS
from shared import clock
from shared.process.process import Process
from shared.runtime import telemetry

WAITING = Gauge("letters_waiting", "Letters that are due and not sent yet")
OLDEST = Gauge("letters_oldest_seconds", "Age of the oldest letter that is due and not sent yet")
_EVERY_SECONDS = 10.0


async def measure(process: Process) -> None:
    """Keep the gauges current until the process stops."""
    while not process.stopping.is_set():
        async with process.pool.acquire() as connection:
            unreached = await store.unreached(connection, NEEDLESS)
            letters, oldest = await store.waiting(connection, clock.now())
        telemetry.WAITING_FOR_PERSON.labels("pause_letter_undelivered").set(unreached)
        WAITING.set(letters)
        OLDEST.set(oldest)
        await process.pause(_EVERY_SECONDS)
