"""One session from its confirmation to its final cost, many times over, on the services as they run in production.

Upstream publishes; the payers' stand-in answers at once (`PAYERS_ADJUDICATION_DAYS=0`) and plays the card processor;
letters go to a real SMTP server. What passes on the way is read from the topics while it happens.
"""

import asyncio
import json
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from deploy.demo import cast
from deploy.embedded.services import Services
from deploy.embedded.stack import SERVICES, Stack
from shared import clock
from shared.events import envelope
from shared.events.topics import ALL, EVENTS
from shared.events.types import Event
from shared.kafka import creating_topics

SETTINGS = {
    "LOG_LEVEL": "error",
    "PAYERS_ADJUDICATION_DAYS": "0",
    "LETTERS_PER_SECOND": "5000",
    "LETTER_GATHER_SECONDS": "0",
}
LONGEST_SECONDS = 900.0
STEPS = (
    ("cleared", "confirmed", "coverage.session.cleared.v1", None),
    ("charged", "cleared", "settlement.client.charged.v1", None),
    ("claim to the primary", "cleared", "claims.claim.submitted.v1", "primary"),
    ("primary's answer", "claim to the primary", "claims.claim.adjudicated.v1", "primary"),
    ("claim to the secondary", "primary's answer", "claims.claim.submitted.v1", "secondary"),
    ("secondary's answer", "claim to the secondary", "claims.claim.adjudicated.v1", "secondary"),
    ("cost final", "secondary's answer", "settlement.cost.finalized.v1", None),
)
"""What happens to a session: a step, the one before it, the type of the event that says so, its level if it has one."""
LAST = STEPS[-1][0]
_NAMES = {(kind, level): name for name, _, kind, level in STEPS}


def client_of(run: str, number: int) -> str:
    """The client of a run's session; each session has a client of its own."""
    return f"client-{run}-{number}"


def upstream(run: str, number: int) -> tuple[list[Event], list[Event]]:
    """What upstream publishes of one client: first who they are and their plans, then the session."""
    client, session, day = client_of(run, number), f"session-{run}-{number}", clock.today().isoformat()
    plans = (
        cast.own("own-plan", "PLANONE", f"ONE{run}{number:07}"),
        cast.spouses("spouses-plan", "PLANTWO", f"TWO{run}{number:07}", "Alex", "Doe"),
    )
    known: list[Event] = [
        cast.registered(client, f"{client}@inbox.example", "Sam", "Doe"),
        cast.entered(client, *plans),
    ]
    return known, [cast.session(client, session, day), cast.completed(client, session, day)]


@dataclass
class Passage:
    """What was seen of a run: when each session came by each step (Unix seconds), messages and bytes."""

    began: float
    ended: float = 0.0
    at: dict[str, dict[str, float]] = field(default_factory=dict[str, dict[str, float]])
    messages: int = 0
    kafka_bytes: int = 0

    @property
    def seconds(self) -> float:
        """From the first message to the last session's final cost."""
        return self.ended - self.began

    def step_ms(self) -> dict[str, tuple[float, float]]:
        """The p50 and p99 of each step, in milliseconds since the step before."""
        took: dict[str, list[float]] = {}
        for times in self.at.values():
            for name, before, _, _ in STEPS:
                if before in times and name in times:
                    took.setdefault(name, []).append((times[name] - times[before]) * 1_000)
        return {name: percentiles(values) for name, values in took.items()}


def percentiles(values: Iterable[float]) -> tuple[float, float]:
    """The 50th and the 99th."""
    ordered = sorted(values)
    return round(ordered[len(ordered) // 2], 1), round(ordered[int(len(ordered) * 0.99)], 1)


class System:
    """All services on a stack, and a reader of everything that they publish."""

    def __init__(self, stack: Stack, replicas: int = 1, settings: Mapping[str, str] | None = None) -> None:
        self.stack = stack
        asyncio.run(creating_topics.create(stack.kafka_bootstrap))
        self.services = Services(stack, {**SETTINGS, **(settings or {})})
        self.services.start(dict.fromkeys(SERVICES, replicas))
        self.services.wait()

    async def tell_directory(self) -> None:
        """Payers, providers and rates, once."""
        await self._publish(cast.directory())

    async def _publish(self, events: Sequence[Event]) -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=self.stack.kafka_bootstrap, enable_idempotence=True, max_batch_size=256 * 1024
        )
        await producer.start()
        try:
            for event in events:
                message = envelope.first(event, id=str(uuid.uuid4()), source="/bench", now=clock.now())
                await producer.send(event.topic, message.to_bytes(), event.key().encode())
        finally:
            await producer.stop()

    async def play(self, run: str, count: int) -> Passage:
        """Confirm and complete `count` sessions at once, and wait until each has its final cost.

        Clients and plans are told first and are not part of the time. Raises TimeoutError.
        """
        told = [upstream(run, number) for number in range(count)]
        await self._publish([event for known, _ in told for event in known])
        await self._until_coordinated(run, count)
        consumer = AIOKafkaConsumer(bootstrap_servers=self.stack.kafka_bootstrap, fetch_max_bytes=50 * 2**20)
        await consumer.start()
        try:
            consumer.assign([TopicPartition(topic.name, n) for topic in ALL for n in range(topic.partitions)])
            await consumer.seek_to_end()
            passage = Passage(began=time.time())
            await asyncio.gather(
                self._publish([event for _, session in told for event in session]),
                self._watch(consumer, passage, f"client-{run}-", count),
            )
        finally:
            await consumer.stop()
        return passage

    async def _until_coordinated(self, run: str, count: int) -> None:
        """Wait until the payers have answered about every client's plans."""
        query = f"select count(*) from benefits where client_id like 'client-{run}-%'"
        connection = await asyncpg.connect(self.stack.database_url("coverage"))
        try:
            for _ in range(round(LONGEST_SECONDS)):
                if await connection.fetchval(query) >= 2 * count:
                    return
                await asyncio.sleep(1)
            raise TimeoutError("the payers have not answered about every plan")
        finally:
            await connection.close()

    async def _watch(
        self,
        consumer: AIOKafkaConsumer,
        passage: Passage,
        prefix: str,
        count: int,
    ) -> None:
        finished = 0
        async with asyncio.timeout(LONGEST_SECONDS):
            while finished < count:
                for records in (await consumer.getmany(timeout_ms=100)).values():
                    for record in records:
                        passage.messages += 1
                        passage.kafka_bytes += len(record.value or b"") + len(record.key or b"")
                        finished += _note(passage, record, prefix)
        passage.ended = max(times[LAST] for times in passage.at.values() if LAST in times)

    async def database_bytes(self) -> int:
        """The size of all services' databases."""
        total = 0
        for service in SERVICES:
            connection = await asyncpg.connect(self.stack.database_url(service))
            total += await connection.fetchval("select pg_database_size(current_database())")
            await connection.close()
        return total

    async def rows_written(self) -> dict[str, int]:
        """How many rows each service has inserted, changed and deleted so far."""
        counts: dict[str, int] = {}
        for service in SERVICES:
            connection = await asyncpg.connect(self.stack.database_url(service))
            counts[service] = int(
                await connection.fetchval("select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_user_tables") or 0
            )
            await connection.close()
        return counts


_EVENT_TOPICS = {topic.name for topic in EVENTS}


def _note(passage: Passage, record: ConsumerRecord, prefix: str) -> int:
    """Note when a session came by a step; 1 where it was the last one."""
    if record.topic not in _EVENT_TOPICS or not (record.key or b"").decode().startswith(prefix):
        return 0
    body: dict[str, Any] = json.loads(record.value or b"{}")
    data = body.get("data", {})
    session = data.get("session_id")
    if session is None:
        return 0
    times = passage.at.setdefault(session, {})
    if record.topic == "sessions":
        times.setdefault("confirmed", record.timestamp / 1_000)
        return 0
    kind = body.get("type", "")
    name = _NAMES.get((kind, data.get("level"))) or _NAMES.get((kind, None))
    if name is None or name in times:
        return 0
    times[name] = record.timestamp / 1_000
    return int(name == LAST)
