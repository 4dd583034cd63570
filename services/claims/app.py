"""The claims service as the runtime sees it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from services.claims.claim import store
from services.claims.claim.copies import COPIES_OF_0_1_0
from services.claims.claim.kept_interchanges import INTERCHANGES
from services.claims.claim.tables import (
    CLIENTS,
    DECISIONS,
    DOCUMENTS,
    PLANS,
    SESSIONS,
    WORK_QUEUE,
)
from services.claims.erasing import STILL_HEARD
from services.claims.falling_due import TIMERS
from services.claims.filing.telling_who_is_awaited import and_tell
from services.claims.handlers import HANDLERS
from services.claims.interchanges import looking_up
from services.claims.measuring import measure_waiting
from services.claims.retention import RETAINED
from services.claims.settings import Settings
from shared.events.topics import PAYERS_INBOUND
from shared.runtime.service import Service
from shared.runtime.transaction import Transaction


async def prefetch(events: Sequence[Any], tx: Transaction) -> None:
    """Read what a batch's handlers ask for, in a few statements."""
    await store.prefetch(events, tx)
    await looking_up.prefetch(events, tx)


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
    sealed=(SESSIONS, CLIENTS, PLANS, DOCUMENTS, DECISIONS, WORK_QUEUE, INTERCHANGES),
    plain_copies=(COPIES_OF_0_1_0,),
)
