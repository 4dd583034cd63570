"""What a service is to the runtime: its handlers, its timers, its tables, its pages."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from fastapi import APIRouter, FastAPI

from shared.database.postgres import Connection
from shared.events.envelope import Envelope
from shared.runtime.forgetting.retention import Retained
from shared.runtime.interchange import Interchange
from shared.runtime.table import Table
from shared.runtime.timers import Timer
from shared.runtime.transaction import Transaction
from shared.settings import ServiceSettings

M = TypeVar("M")
Handler = Callable[[Any, Transaction], Awaitable[None]]
TimerHandler = Callable[[Timer, Transaction], Awaitable[None]]
Prefetch = Callable[[Sequence[Any], Transaction], Awaitable[None]]
Rebuilt = Callable[[Sequence[Envelope], Connection], Awaitable[None]]
Background = Callable[[Any], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Wire:
    """A message's model and the handler that gets it. Made by `wire` alone, which lets no other type through."""

    model: type[Any]
    handler: Handler


def wire(model: type[M], handler: Callable[[M, Transaction], Awaitable[None]]) -> Wire:
    """The wire from an event model (or `Interchange`) to a handler that takes it; pyright refuses any other."""
    return Wire(model, handler)


def wired(*wires: Wire) -> dict[type[Any], Handler]:
    """A service's handlers. Raises ValueError: two handlers of one model."""
    handlers = {end.model: end.handler for end in wires}
    if len(handlers) < len(wires):
        raise ValueError("a model is wired to two handlers")
    return handlers


@dataclass(frozen=True)
class Service:
    """One service. `handlers` maps an event model (or `Interchange`) to the function that handles it.

    `prefetch` gets a batch's events, or its due timers, and loads what their handlers will ask for, in a few
    statements. `pages` builds what the service shows to anybody, from the running process, and `operator_pages` what
    it shows to operators; `background` are loops that run beside the handlers (a sender of letters). `retains` says for
    how long what holds personal data is kept.
    `answers_for` are the topics of others of whose messages it refuses what cannot be read: one service for each topic.
    `of_erased` are the topics that it goes on hearing of a client who was forgotten.
    `sealed` are the tables with sealed columns; `plain_copies` clear what earlier versions kept of them elsewhere, at
    the most $1 rows at a time.
    """

    name: str
    settings: type[ServiceSettings]
    migrations: Path
    handlers: Mapping[type[Any], Handler]
    timers: Mapping[str, TimerHandler] = field(default_factory=dict[str, TimerHandler])
    prefetch: Prefetch | None = None
    pages: Callable[[Any], FastAPI] | None = None
    operator_pages: Callable[[Any], APIRouter] | None = None
    background: Sequence[Background] = ()
    interchange_topic: str | None = None
    answers_for: frozenset[str] = frozenset()
    retains: Sequence[Retained] = ()
    rebuilt: Rebuilt | None = None
    of_erased: frozenset[str] = frozenset()
    sealed: Sequence[Table[Any]] = ()
    plain_copies: Sequence[str] = ()

    @property
    def topics(self) -> list[str]:
        """The event topics that it reads."""
        return sorted({model.topic for model in self.handlers if model is not Interchange})
