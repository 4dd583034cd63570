"""Every event there is: importing this fills `CATALOGUE`."""

from shared.events import claims, clients, coverage, directory, notification, payments, sessions, settlement
from shared.events.types import CATALOGUE, ClientEvent, Event

OWNERS = (sessions, clients, directory, payments, coverage, claims, settlement, notification)

__all__ = ["CATALOGUE", "OWNERS", "ClientEvent", "Event"]
