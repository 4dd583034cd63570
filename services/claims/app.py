"""The claims service as the runtime sees it."""

from pathlib import Path

from services.claims.claim.store import prefetch
from services.claims.erasing import STILL_HEARD
from services.claims.falling_due import TIMERS
from services.claims.filing.telling_who_is_awaited import and_tell
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
    handlers={kind: and_tell(handler) for kind, handler in HANDLERS.items()},
    timers={name: and_tell(handler) for name, handler in TIMERS.items()},
    prefetch=prefetch,
    background=(measure_waiting,),
    retains=RETAINED,
    interchange_topic=PAYERS_INBOUND.name,
    of_erased=STILL_HEARD,
)
