"""The settlement service as the runtime sees it."""

from pathlib import Path

from services.settlement.acts.falling_due import TIMERS
from services.settlement.acts.reconciling import nightly
from services.settlement.handlers import HANDLERS
from services.settlement.retention import RETAINED
from services.settlement.settings import Settings
from services.settlement.statement.pages import pages
from services.settlement.store import prefetch
from shared.runtime.service import Service

SERVICE = Service(
    name="settlement",
    settings=Settings,
    migrations=Path(__file__).parent / "migrations",
    handlers=HANDLERS,
    timers=TIMERS,
    prefetch=prefetch,
    pages=pages,
    background=(nightly,),
    retains=RETAINED,
    answers_for=frozenset({"payments"}),
)
