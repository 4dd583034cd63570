"""The inputs of the campaign: clients with one plan or two, a session each, and everything that is sent twice."""

import asyncio
import itertools
import random
import uuid
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from deploy.demo import cast
from shared import clock
from shared.events import envelope
from shared.events.types import Event
from tests.faults import checker

Message = tuple[str, bytes, bytes]
"""A topic, a key and a value."""
_EACH_WITH_TWO_PLANS = 3


@dataclass
class Stream:
    """Publishes as upstream does, remembers what it has sent, and can send it again."""

    bootstrap: str
    chance: random.Random
    sessions: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """What must come of each session."""
    clients: dict[str, str] = field(default_factory=dict[str, str])
    """Whose each session is, and whose each letter may be."""
    sent: list[Message] = field(default_factory=list[Message])
    sent_again: int = 0
    """So many messages were sent again because no broker had acknowledged them."""
    garbage: int = 0

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self._on_the_way: list[tuple[Message, asyncio.Future[Any] | None]] = []

    async def start(self) -> None:
        """Connect, and say what the directory holds."""
        await self._connect()
        await self._publish(*cast.directory())

    async def _connect(self) -> None:
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self.bootstrap,
            enable_idempotence=True,
            max_request_size=12 * 1024 * 1024,
            request_timeout_ms=120_000,
        )
        await self._producer.start()

    async def session(self) -> None:
        """A client registers, enters plans, and has a session; the events come in an order by chance."""
        number = next(self._numbers)
        client, session, day = f"client-{number}", f"session-{number}", clock.today().isoformat()
        plans = [cast.own("own-plan", "PLANONE", f"ONE7{number:05}")]
        if number % _EACH_WITH_TWO_PLANS == 0:
            plans.append(cast.spouses("spouses-plan", "PLANTWO", f"TWO7{number:05}", "Alex", "Rivera"))
        events: list[Event] = [
            cast.registered(client, f"client-{number}@example.test", "Sam", "Rivera"),
            cast.entered(client, *plans),
            cast.session(client, session, day),
            cast.completed(client, session, day),
        ]
        self.chance.shuffle(events)
        self.sessions[session] = checker.EACH_ONCE if len(plans) == 1 else checker.WITH_TWO_PLANS
        self.clients[session] = client
        await self._publish(*events)

    async def again(self) -> int:
        """Everything a second time, in the same order, under the same ids."""
        everything = [*self.sent]
        for message in everything:
            await self._send(message)
        await self._producer.flush()
        return len(everything)

    async def nonsense(self) -> int:
        """Messages that nobody can read, among them some of 5 MB, on every topic that services read."""
        pieces = [b"", b"{", b"\xff" * 100, b'{"specversion":"1.0"}', self.chance.randbytes(5_000), b"[" * 10_000]
        before = self.garbage
        for topic in ("sessions", "clients", "payers.inbound"):
            for piece in [*pieces * 10, self.chance.randbytes(5 * 1024 * 1024)]:
                key = self.chance.choice([b"client-1", b"\xff\xfe", b""])
                headers = [("x", b"\xff"), ("y", b"z" * 1_000)]
                await self._producer.send(topic, piece, key, headers=headers)
                self.garbage += 1
        await self._producer.flush()
        return self.garbage - before

    async def _publish(self, *events: Event) -> None:
        for event in events:
            enveloped = envelope.first(event, id=str(uuid.uuid4()), source="/marketplace", now=clock.now())
            message = (event.topic, event.key().encode(), enveloped.to_bytes())
            self.sent.append(message)
            await self._send(message)

    async def _send(self, message: Message) -> None:
        topic, key, value = message
        try:
            acknowledged = await self._producer.send(topic, value, key)
        except KafkaError:
            acknowledged = None
        self._on_the_way.append((message, acknowledged))

    async def deliver(self) -> None:
        """Return once the brokers have acknowledged everything. What failed is sent again, as upstream would."""
        while failed := [message for message, acknowledged in self._on_the_way if await _failed(acknowledged)]:
            self._on_the_way.clear()
            self.sent_again += len(failed)
            await self._producer.stop()
            await self._connect()
            for message in failed:
                await self._send(message)

    async def stop(self) -> None:
        """Send what is left."""
        await self._producer.stop()


async def _failed(acknowledged: asyncio.Future[Any] | None) -> bool:
    if acknowledged is None:
        return True
    try:
        await acknowledged
    except KafkaError:
        return True
    return False
