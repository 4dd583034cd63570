"""The coverage service as the runtime sees it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from services.coverage import store
from services.coverage.ages import measure
from services.coverage.handlers import HANDLERS, TIMERS
from services.coverage.incoming import benefits
from services.coverage.pages.pages import pages
from services.coverage.retention import RETAINED
from services.coverage.settings import Settings
from shared.events.topics import PAYERS_INBOUND
from shared.runtime.service import Service
from shared.runtime.transaction import Transaction


async def prefetch(events: Sequence[Any], tx: Transaction) -> None:
    """Read what a batch's handlers ask for, in a few statements."""
    await store.prefetch(events, tx)
    await benefits.prefetch(events, tx)


SERVICE = Service(
    name="coverage",
    settings=Settings,
    migrations=Path(__file__).parent / "migrations",
    handlers=HANDLERS,
    timers=TIMERS,
    prefetch=prefetch,
    pages=pages,
    background=(measure,),
    interchange_topic=PAYERS_INBOUND.name,
    retains=RETAINED,
    answers_for=frozenset({"sessions", "clients", "directory"}),
    sealed=store.SEALED,
)
