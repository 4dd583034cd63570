"""The coverage service as the runtime sees it."""

from pathlib import Path

from services.coverage.ages import measure
from services.coverage.handlers import HANDLERS, TIMERS
from services.coverage.pages.pages import pages
from services.coverage.retention import RETAINED
from services.coverage.settings import Settings
from services.coverage.store import prefetch
from shared.events.topics import PAYERS_INBOUND
from shared.runtime.service import Service

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
)
