"""A service under test: its real handlers on a real database, spoken to in events only.

The clock stands still until a test moves it. What the service publishes is read back from its outbox.
"""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from shared import clock
from shared.events import envelope
from shared.events.contract import words
from shared.events.types import Event
from shared.runtime import outbox, timers
from shared.runtime.deadletter import Incoming
from shared.runtime.interchange import Interchange
from shared.runtime.releasing import Releaser
from shared.runtime.service import Service

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class StoppedClock:
    """A clock that moves when it is told to. Install it with `monkeypatch`."""

    def __init__(self) -> None:
        self.now = MORNING

    def install(self, monkeypatch: Any) -> None:
        """Be the process's clock."""
        monkeypatch.setattr(clock, "now", lambda: self.now)


class ServiceUnderTest:
    """Feeds events to a service as its consumer would, and collects what it publishes."""

    def __init__(self, service: Service, pool: asyncpg.Pool, stopped: StoppedClock, dsn: str) -> None:
        self.service, self.pool, self.clock, self.dsn = service, pool, stopped, dsn
        self.consumer = Releaser(service, pool, attempts=2, wake=lambda: None)
        self.published: list[Event] = []
        self.interchanges: list[bytes] = []
        self.interchange_keys: list[str] = []  # of all so far: what has one key is read in its order
        self.dead: list[tuple[str, str]] = []
        self.ids = itertools.count(1)

    def message(self, event: Event, id: str | None = None) -> Incoming:
        """`event` as upstream would send it."""
        number = next(self.ids)
        enveloped = envelope.first(event, id=id or f"test-{number}", source="/test", now=clock.now())
        headers = (("content-type", envelope.CONTENT_TYPE.encode()),)
        return Incoming(event.topic, event.key(), enveloped.to_bytes(), headers, f"{event.topic}/0/{number}")

    async def given(self, *events: Event) -> None:
        """What happened before: handled, and what it published is forgotten."""
        await self.receives(*events)
        self.published, self.interchanges, self.dead = [], [], []

    async def receives(self, *events: Event, together: bool = False) -> None:
        """Handle the events one after the other, or as one batch; `published` is what came of them."""
        messages = [self.message(event) for event in events]
        await self.handles(*messages, together=together)

    async def handles(self, *messages: Incoming, together: bool = False) -> None:
        """Handle raw messages, such as the same one twice."""
        self.published, self.interchanges, self.dead = [], [], []
        for batch in [messages] if together else [[message] for message in messages]:
            await self.consumer.batch(batch)
        await self.collect()

    async def receives_interchange(self, value: bytes, key: str = "payer-1") -> None:
        """Handle one X12 interchange."""
        topic = self.service.interchange_topic
        assert topic is not None
        await self.handles(Incoming(topic, key, value, (), f"{topic}/0/{next(self.ids)}"))

    async def passes(self, **time: float) -> None:
        """Let time pass (`days=3`), and handle the timers that fall due on the way, each at its time."""
        self.published, self.interchanges, self.dead = [], [], []
        until = self.clock.now + timedelta(**time)
        while (due := await self.pool.fetchval("select min(due_at) from timers")) is not None and due <= until:
            self.clock.now = max(self.clock.now, due)
            async with self.pool.acquire() as connection:
                clients = await timers.due(connection, self.clock.now, 100)
            assert await self.consumer.timers(clients, 100), "a timer is due that the service has no handler for"
        self.clock.now = until
        await self.collect()

    async def collect(self) -> None:
        """Take what is in the outbox, as the relay would."""
        rows = await self.pool.fetch("delete from outbox returning id, topic, key, value, headers")
        for row in sorted(rows, key=lambda row: row["id"]):
            headers = outbox.unpack(row["headers"])
            if row["topic"].endswith(".dead"):
                self.dead.append((row["topic"], dict(headers)["dead-reason"].decode()))
            elif row["topic"].startswith("payers."):
                self.interchanges.append(row["value"])
                self.interchange_keys.append(row["key"])
            else:
                event = envelope.read(row["value"], headers).event
                assert event is not None
                own = event.topic == self.service.name  # the probe speaks in words of its own
                unlisted = words.unlisted(event) if own else []
                assert unlisted == [], f"shared/events/contract/words/reasons.toml lacks {unlisted}"
                self.published.append(event)

    def only(self, kind: type[Any]) -> Any:
        """The one published event of this kind."""
        events = [event for event in self.published if isinstance(event, kind)]
        assert len(events) == 1, f"{len(events)} of {kind.__name__} in {[type(e).__name__ for e in self.published]}"
        return events[0]

    def all(self, kind: type[Any]) -> list[Any]:
        """The published events of this kind, in order."""
        return [event for event in self.published if isinstance(event, kind)]

    def none(self, kind: type[Any]) -> bool:
        """Whether no event of this kind was published."""
        return not self.all(kind)


__all__ = ["MORNING", "Incoming", "Interchange", "ServiceUnderTest", "StoppedClock"]
