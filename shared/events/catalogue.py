"""Every event there is: importing this fills `CATALOGUE`."""

from shared.events import (
    answers_awaited,
    claims,
    clients,
    coverage,
    directory,
    notification,
    payments,
    sessions,
    settlement,
)
from shared.events.types import CATALOGUE, ClientEvent, Event

MODULES = (sessions, clients, directory, payments, coverage, claims, answers_awaited, settlement, notification)

__all__ = ["CATALOGUE", "MODULES", "ClientEvent", "Event"]
