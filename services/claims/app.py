"""The claims service as the runtime sees it."""

from pathlib import Path

from services.claims.claim.store import prefetch
from services.claims.falling_due import TIMERS
from services.claims.handlers import HANDLERS
from services.claims.measuring import measure_waiting
from services.claims.retention import RETAINED
from services.claims.settings import Settings
from shared.events.topics import PAYERS_INBOUND
from shared.runtime.service import Service

SERVICE = Service(
    name="claims",
    settings=Settings,
    migrations=Path(__file__).parent / "migrations",
    handlers=HANDLERS,
    timers=TIMERS,
    prefetch=prefetch,
    background=(measure_waiting,),
    retains=RETAINED,
    interchange_topic=PAYERS_INBOUND.name,
)
