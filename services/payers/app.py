"""The stand-in as a service: which topics it reads, and what handles them."""

from collections.abc import Callable
from pathlib import Path

from services.payers import settings
from services.payers.handlers import StandIn
from services.payers.settings import Directions, Settings
from shared.events.settlement import ChargeRequested, RefundRequested
from shared.events.topics import PAYERS_OUTBOUND
from shared.runtime.interchange import Interchange
from shared.runtime.service import Service, wire, wired


def service(directions: Callable[[], Directions]) -> Service:
    """The service that goes by `directions`, asked for with the first message."""
    stand_in = StandIn(directions)
    return Service(
        name="payers",
        settings=Settings,
        migrations=Path(__file__).parent / "migrations",
        interchange_topic=PAYERS_OUTBOUND.name,
        handlers=wired(
            wire(Interchange, stand_in.on_interchange),
            wire(ChargeRequested, stand_in.on_charge_requested),
            wire(RefundRequested, stand_in.on_refund_requested),
        ),
        timers={
            "acknowledge": stand_in.on_acknowledgment_due,
            "adjudicate": stand_in.on_adjudication_due,
            "remit": stand_in.on_remittance_due,
            "pay": stand_in.on_payment_day_over,
            "dispute": stand_in.on_dispute_due,
        },
        prefetch=stand_in.prefetch,
    )


SERVICE = service(settings.current)
