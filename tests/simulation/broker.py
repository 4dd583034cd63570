"""Stands in for the broker, for one world: it keeps what Kafka promises, and nothing more.

Messages of one key come in order. Between keys, topics and services anything may happen: a message may be late, and
what was not acknowledged comes again. Moves of a plan say what does happen; without them all comes in order, at once.
"""

import random
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.runtime.deadletter import Incoming
from tests.simulation.moves import Plan

LAG_HOURS = (1, 5, 20)
"""How late a message may be."""

Queues = dict[tuple[str, str], deque["Waiting"]]


@dataclass(slots=True)
class Waiting:
    """A message on its way to one service."""

    message: Incoming
    ready_at: datetime
    number: int


@dataclass
class Taken:
    """What one service is given at once. `crashes`: the service dies on it before its commit."""

    messages: list[Incoming] = field(default_factory=list[Incoming])
    crashes: bool = False


class Broker:
    """The topics of one world, as each service has read them."""

    def __init__(self, plan: Plan) -> None:
        self._queues: dict[str, Queues] = {}
        self._numbers: Counter[tuple[str, str]] = Counter()
        self._takes: Counter[str] = Counter()
        self._order = 0
        self._lags = {(move["service"], move["topic"], move["nth"]): move["hours"] for move in plan.of("lag")}
        self._repeats = {(move["service"], move["nth"]) for move in plan.of("repeat")}
        self._crashes = {(move["service"], move["nth"]) for move in plan.of("crash")}
        jitter = plan.of("jitter")
        self._jitter = jitter[0]["seed"] if jitter else None

    def append(self, service: str, message: Incoming, now: datetime) -> None:
        """Bring a message on its way to `service`."""
        nth = self._numbers[(service, message.topic)]
        self._numbers[(service, message.topic)] += 1
        ready_at = now + timedelta(hours=self._lags.get((service, message.topic, nth), 0))
        self._order += 1
        queue = self._queues.setdefault(service, {}).setdefault((message.topic, message.key), deque())
        queue.append(Waiting(message, ready_at, self._order))

    def next_at(self) -> datetime | None:
        """When the next message can come."""
        return min((queue[0].ready_at for queues in self._queues.values() for queue in queues.values()), default=None)

    def take(self, service: str, now: datetime, interchanges: str | None) -> Taken:
        """What `service` polls now. An interchange comes alone: its readers are another group of consumers."""
        ready = list(self._ready(service, now))
        if not ready:
            return Taken()
        nth = self._takes[service]
        self._takes[service] += 1
        chosen = self._chosen(ready, f"{self._jitter}|{service}|{nth}")
        apart = [key for key in chosen if key[0] == interchanges]
        taken = Taken()
        for key, waiting in self._drain(service, now, apart[:1] or chosen, apart=bool(apart), nth=nth):
            taken.messages.append(waiting.message)
            if (service, nth) in self._repeats or (service, nth) in self._crashes:
                self._again(service, key, waiting, taken)
        taken.crashes = (service, nth) in self._crashes
        self._forget_empty(service)
        return taken

    def _ready(self, service: str, now: datetime) -> Iterator[tuple[str, str]]:
        for key, queue in self._queues.get(service, {}).items():
            if queue and queue[0].ready_at <= now:
                yield key

    def _chosen(self, ready: Sequence[tuple[str, str]], seed: str) -> list[tuple[str, str]]:
        if self._jitter is None:
            return list(ready)
        dice = random.Random(seed)
        some = [key for key in ready if dice.random() < 0.6]
        dice.shuffle(some)
        return some

    def _drain(
        self, service: str, now: datetime, keys: Sequence[tuple[str, str]], *, apart: bool, nth: int
    ) -> list[tuple[tuple[str, str], Waiting]]:
        """Take ready messages off the queues: all of them in the order of their coming, or some of each by chance."""
        dice = random.Random(f"{self._jitter}|{service}|{nth}|drain")
        taken: list[tuple[tuple[str, str], Waiting]] = []
        for key in keys:
            queue = self._queues[service][key]
            most = 1 if apart else len(queue) if self._jitter is None else dice.randint(1, len(queue))
            while most and queue and queue[0].ready_at <= now:
                taken.append((key, queue.popleft()))
                most -= 1
        return taken if self._jitter is not None else sorted(taken, key=lambda pair: pair[1].number)

    def _again(self, service: str, key: tuple[str, str], waiting: Waiting, taken: Taken) -> None:
        """What was not acknowledged comes again, before what is behind it, in its order."""
        queue = self._queues[service][key]
        again = sum(1 for message in taken.messages if (message.topic, message.key) == key) - 1
        queue.insert(again, waiting)

    def _forget_empty(self, service: str) -> None:
        queues = self._queues[service]
        for key in [key for key, queue in queues.items() if not queue]:
            del queues[key]
