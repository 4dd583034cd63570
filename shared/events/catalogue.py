"""Every event there is: importing this fills `CATALOGUE`."""

from shared.events import (
    answers_awaited,
    claims,
    clients,
    coverage,
    directory,
    erasure,
    notification,
    payments,
    sessions,
    settlement,
    upstream,
)
from shared.events.types import CATALOGUE, ClientEvent, Event

MODULES = (
    sessions,
    clients,
    directory,
    payments,
    coverage,
    claims,
    answers_awaited,
    settlement,
    notification,
    upstream,
    erasure,
)

__all__ = ["CATALOGUE", "MODULES", "ClientEvent", "Event"]
