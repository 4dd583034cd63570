"""The claims service as the runtime sees it."""

from pathlib import Path

from services.claims.falling_due import TIMERS
from services.claims.handlers import HANDLERS
from services.claims.measuring import measure_waiting
from services.claims.retention import RETAINED
from services.claims.settings import Settings
from services.claims.store import prefetch
from shared import topics
from shared.service import Service

SERVICE = Service(
    name="claims",
    settings=Settings,
    migrations=Path(__file__).parent / "migrations",
    handlers=HANDLERS,
    timers=TIMERS,
    prefetch=prefetch,
    background=(measure_waiting,),
    retains=RETAINED,
    interchange_topic=topics.PAYERS_INBOUND.name,
)
