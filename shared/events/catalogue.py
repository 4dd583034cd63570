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

_PLACES = {module.__name__: place for place, module in enumerate(MODULES)}

__all__ = ["CATALOGUE", "MODULES", "ClientEvent", "Event", "of_topic"]


def of_topic(name: str) -> list[type[Event]]:
    """The events of a topic as their modules declare them, whichever of these was imported first."""
    models = [model for model in CATALOGUE.values() if model.topic == name]
    return sorted(models, key=lambda model: _PLACES[model.__module__])
