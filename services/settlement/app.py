"""The settlement service as the runtime sees it."""

from pathlib import Path

from services.settlement.falling_due import TIMERS
from services.settlement.handlers import HANDLERS
from services.settlement.pages import router
from services.settlement.reconciling import nightly
from services.settlement.settings import Settings
from services.settlement.store import prefetch
from shared.service import Service

SERVICE = Service(
    name="settlement",
    settings=Settings,
    migrations=Path(__file__).parent / "migrations",
    handlers=HANDLERS,
    timers=TIMERS,
    prefetch=prefetch,
    pages=router,
    background=(nightly,),
)
