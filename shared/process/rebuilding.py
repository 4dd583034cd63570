"""A database made whole again from the topics, in silence: what was said before is not said again.

The records since the database's own positions are handled in the order of their times, with the timers that fall due
between them, at the time that they had. What the handlers publish is compared with what is on the topics: only what
never got out is put into the outbox. So no mail, claim, charge or payout leaves twice, and none is missing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg
from aiokafka import TopicPartition

from shared.events.topics import INTERCHANGES
from shared.kafka.kafka_access import KafkaAccess
from shared.kafka.topic_reader import Ranges, Record, TopicReader
from shared.process import behind
from shared.process.said import Said
from shared.runtime import positions, timers
from shared.runtime.consume import Consumer
from shared.runtime.positions import PUBLISHED, Place
from shared.runtime.service import Service
from shared.runtime.subscription import incoming

AT_A_TIME = 200
_TIMERS_AT_A_TIME = 200
_PROGRESS_EVERY = 1_000
_SAID_EARLIER_MS = 3_600_000
"""What the first records brought about was perhaps said a little before them, by the brokers' clocks."""

Progress = Callable[[int], None]


@dataclass(slots=True)
class Rebuilt:
    """What a rebuild did: records handled, messages that had been said before, and those that are said now."""

    handled: int = 0
    timers: int = 0
    said_before: int = 0
    said_now: int = 0


class Rebuilding:
    """One rebuild of one service's database, whose process must not run meanwhile."""

    def __init__(self, service: Service, pool: asyncpg.Pool, kafka: KafkaAccess, *, attempts: int) -> None:
        self._service, self._pool, self._kafka = service, pool, kafka
        self._consumer = Consumer(service, pool, attempts=attempts, wake=lambda: None)
        self._said = Said(service.name)
        self._done = Rebuilt()

    async def run(self, progress: Progress) -> Rebuilt:
        """Handle what is missing, and note that nothing is. Raises what a handler's failure raises that passes."""
        async with TopicReader(self._kafka) as reader:
            places = await self._places(reader)
            ends = await reader.ends(sorted({*places.values()}))
            ranges = await self._ranges(reader, places, ends)
            await self._hear(reader, await _first_time(reader, ranges))
            self._consumer.mute = self._said.mute
            await self._replay(reader, ranges, progress)
        async with self._pool.acquire() as connection:
            if self._service.rebuilt is not None:
                await self._service.rebuilt(self._said.events, connection)
            reached = {place: ends[part] for place, part in places.items()}
            self._done.said_now = await connection.fetchval("select count(*) from outbox")
            await positions.replace(connection, reached)
        self._done.said_before = self._said.again
        return self._done

    async def _places(self, reader: TopicReader) -> dict[Place, TopicPartition]:
        """Every partition that the service reads, and those of its own topic."""
        named = {**behind.groups(self._service), PUBLISHED: behind.own_topics(self._service)}
        return {
            Place(group, part.topic, part.partition): part
            for group, topics in named.items()
            for part in await reader.partitions(topics)
        }

    async def _ranges(
        self, reader: TopicReader, places: dict[Place, TopicPartition], ends: dict[TopicPartition, int]
    ) -> Ranges:
        """What each group has to make up for: from the database's own position to the present end."""
        async with self._pool.acquire() as connection:
            here = await positions.noted(connection)
        read = {place: part for place, part in places.items() if place.group != PUBLISHED}
        begins = await reader.beginnings(sorted({*read.values()}))
        return {part: (max(here.get(place, 0), begins[part]), ends[part]) for place, part in read.items()}

    async def _hear(self, reader: TopicReader, since_ms: int | None) -> None:
        """Take down what the service has said since, on its own topic and in interchanges."""
        if since_ms is None:
            return
        speaks_x12 = self._service.interchange_topic is not None
        interchanges = [topic.name for topic in INTERCHANGES] if speaks_x12 else []
        parts = await reader.partitions([*behind.own_topics(self._service), *interchanges])
        starts = await reader.at_time(parts, max(0, since_ms - _SAID_EARLIER_MS))
        ends = await reader.ends(parts)
        async for record in reader.read({part: (starts[part], ends[part]) for part in parts}):
            self._said.add(record)

    async def _replay(self, reader: TopicReader, ranges: Ranges, progress: Progress) -> None:
        batch: list[Record] = []
        async for record in reader.read(ranges):
            if batch and not fits(batch, record, self._service.interchange_topic):
                await self._handle(batch, progress)
                batch = []
            batch.append(record)
        if batch:
            await self._handle(batch, progress)

    async def _handle(self, records: list[Record], progress: Progress) -> None:
        """Handle what fell due before the records, and then them, at their time."""
        await self._fire(_time(records[0]))
        self._consumer.at = _time(records[-1])
        await self._consumer.batch([incoming(record) for record in records])
        before, self._done.handled = self._done.handled, self._done.handled + len(records)
        if before // _PROGRESS_EVERY < self._done.handled // _PROGRESS_EVERY:
            progress(self._done.handled)

    async def _fire(self, until: datetime) -> None:
        names = list(self._service.timers)
        while True:
            async with self._pool.acquire() as connection:
                due = await connection.fetchval("select min(due_at) from timers where name = any($1::text[])", names)
                if due is None or due > until:
                    return
                self._consumer.at = due
                clients = await timers.due(connection, due, _TIMERS_AT_A_TIME, names)
            fired = await self._fired(clients)
            if not fired:
                raise TimeoutError("timers are due and cannot be taken: does the service still run?")
            self._done.timers += fired

    async def _fired(self, clients: list[str]) -> int:
        """Fire due timers; where that fails, a client at a time: one that fails is set aside."""
        try:
            return await self._consumer.timers(clients, _TIMERS_AT_A_TIME)
        except Exception:
            return sum([await self._consumer.timer_alone(client) for client in clients])


def fits(batch: Sequence[Record], record: Record, interchange_topic: str | None) -> bool:
    """Whether a record may be handled in one batch with those just before it.

    Interchanges never share a batch with events, as in the running service: they are matched to what the database
    holds when their batch begins, and an answer is about what the events before it have brought about.
    """
    first = batch[0]
    same_kind = (record.topic == interchange_topic) is (first.topic == interchange_topic)
    return same_kind and len(batch) < AT_A_TIME and _day(record) == _day(first)


def _time(record: Record) -> datetime:
    return datetime.fromtimestamp(record.timestamp / 1000, UTC)


def _day(record: Record) -> int:
    return record.timestamp // 86_400_000


async def _first_time(reader: TopicReader, ranges: Ranges) -> int | None:
    """The time of the earliest record of the ranges; None where they hold none."""
    earliest: int | None = None
    for part, (first, end) in ranges.items():
        async for record in reader.read({part: (first, min(first + 1, end))}):
            earliest = record.timestamp if earliest is None else min(earliest, record.timestamp)
    return earliest
