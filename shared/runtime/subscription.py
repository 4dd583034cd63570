"""FastStream's subscribers, in the shape that loses nothing.

Batches are acknowledged after their transaction has committed, and sought back when it failed. What FastStream and
aiokafka leave open is closed here: a partition moves only when the batch in hand is done, a header that is not UTF-8
does not lose its message, a failure is backed off, and a CancelledError that leaks from a handler does not end the
loop.
"""

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from aiokafka import ConsumerRebalanceListener, ConsumerRecord
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from faststream import AckPolicy
from faststream.kafka import KafkaBroker

from shared import log
from shared.database.postgres import FaultOfOursError
from shared.kafka.answers import Answers, longest_answer_ms
from shared.kafka.fetching import WAIT_MS, FetchPace
from shared.kafka.kafka_access import NOT_ALLOWED, not_allowed
from shared.runtime import telemetry
from shared.runtime.consume import Consumer, MostlyFailingError, no_leak
from shared.runtime.deadletter import Incoming
from shared.runtime.positions import Place
from shared.settings import ServiceSettings

Record = ConsumerRecord[Any, Any]

_FETCH_BYTES = 8 * 1024 * 1024
_PARTITION_BYTES = 1024 * 1024
_PORTION_BYTES = 1024 * 1024
_POLL_MS = 1_000
_LONGEST_POLL_SECONDS = 120.0
_LONGEST_BATCH_SECONDS = 300.0
_FILES_WAIT_TIMES = 4
"""An interchange may wait so many times longer than an event: a payer's file has been hours on its way."""


def incoming(record: Record) -> Incoming:
    """The polled record as the runtime keeps it."""
    return Incoming(
        topic=record.topic,
        key=(record.key or b"").decode("utf-8", "replace").replace("\x00", ""),
        value=record.value,
        headers=tuple((name.replace("\x00", ""), value) for name, value in record.headers),
        origin=f"{record.topic}/{record.partition}/{record.offset}",
    )


async def _tolerant(records: Sequence[Record], parse: Any) -> Any:
    """FastStream's parser decodes headers strictly: it gets one record without any, for its log; ours keep theirs."""
    message = await parse((replace(records[0], headers=()),))
    message.raw_message = tuple(records)
    return message


async def _raw(message: Any) -> list[Incoming]:
    """The records as they came: the runtime reads them itself."""
    return [incoming(record) for record in message.raw_message]


def portions(records: Sequence[Incoming]) -> Iterator[list[Incoming]]:
    """The records in order, in parts of up to a megabyte, so that large ones share no transaction; none is empty."""
    portion: list[Incoming] = []
    left = _PORTION_BYTES
    for record in records:
        if portion and len(record.value or b"") > left:
            yield portion
            portion, left = [], _PORTION_BYTES
        portion.append(record)
        left -= len(record.value or b"")
    if portion:
        yield portion


class Subscription(ConsumerRebalanceListener):
    """One consumer of one group over some topics, feeding `consumer.batch`."""

    def __init__(  # noqa: PLR0913 - wired in one place
        self,
        broker: KafkaBroker,
        consumer: Consumer,
        settings: ServiceSettings,
        *,
        group: str,
        topics: Sequence[str],
        most: int,
        gather_ms: int,
    ) -> None:
        self.group, self.consumer, self.settings = group, consumer, settings
        self._gather_seconds = gather_ms / 1_000
        self.failures = 0
        self.reached: dict[Place, int] = {}
        self.joined = False
        self.answers = Answers()
        self.polled_at = 0.0
        self.busy_since: float | None = None
        self.stopping = asyncio.Event()
        self.broken: Exception | None = None
        self.subscriber: Any = broker.subscriber(
            *topics,
            batch=True,
            max_records=most,
            batch_timeout_ms=settings.batch_wait_ms,
            group_id=group,
            ack_policy=AckPolicy.NACK_ON_ERROR,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            partition_assignment_strategy=[StickyPartitionAssignor],
            session_timeout_ms=settings.session_timeout_ms,
            heartbeat_interval_ms=1000,
            max_partition_fetch_bytes=_PARTITION_BYTES,
            fetch_max_bytes=_FETCH_BYTES,
            fetch_max_wait_ms=WAIT_MS,
            listener=self,
            parser=_tolerant,
            decoder=_raw,
        )
        self.subscriber(self.handle)

    async def handle(self, records: list[Incoming]) -> None:
        """One poll's batch; raising makes FastStream seek back, after a pause."""
        if self.broken is not None:
            await asyncio.sleep(0.1)
            raise self.broken
        self.busy_since = asyncio.get_running_loop().time()
        try:
            with no_leak():
                for portion in portions(records):
                    await self.consumer.batch(portion)
            self._note(records)
            self.failures = 0
        except (MostlyFailingError, FaultOfOursError) as error:
            self.end(error)
            raise
        except Exception as error:
            await self._back_off(error, records)
            raise
        finally:
            self.busy_since = None
            self.answers.fetch_anew()

    def end(self, error: Exception) -> None:
        """Stop, and the process with it, because of `error`."""
        if self.broken is None:
            self.broken = error
            self.stopping.set()

    def _note(self, records: Sequence[Incoming]) -> None:
        """The records are handled: so far has this database come."""
        for record in records:
            topic, partition, offset = record.origin.rsplit("/", 2)
            self.reached[Place(self.group, topic, int(partition))] = int(offset) + 1

    async def _back_off(self, error: Exception, records: list[Incoming]) -> None:
        self.failures += 1
        longest, first = self.settings.retry_longest_seconds, self.settings.retry_first_seconds
        pause = min(longest, first * 2 ** min(self.failures - 1, 20))
        telemetry.RETRIES.labels(records[0].topic).inc()
        log.get().warning("batch will be tried again", group=self.group, reason=log.failure(error), seconds=pause)
        try:
            await asyncio.wait_for(self.stopping.wait(), pause)
        except TimeoutError:
            return

    async def on_partitions_revoked(self, revoked: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Let the batch in hand end, acknowledgement included, before the partitions move."""
        telemetry.REBALANCES.labels(self.group).inc()
        await self.subscriber.lock.wait_release(self.settings.stop_seconds)
        self.joined = False
        for part in revoked:
            with contextlib.suppress(KeyError):
                telemetry.LAG.remove(self.group, part.topic, str(part.partition))

    async def on_partitions_assigned(self, assigned: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Nothing to prepare: the inbox knows what was handled."""
        self.answers.count_anew()
        self.joined = True
        log.get().info("partitions assigned", group=self.group, count=len(assigned))

    @property
    def assigned(self) -> int:
        """How many partitions this process owns."""
        consumer: Any = self.subscriber.consumer
        return 0 if consumer is None else len(consumer.assignment())

    def watch_polls(self) -> None:
        """Note the time of each poll, and wait long for the first message: after an empty poll FastStream sleeps.

        Call it once the subscriber has started.
        """
        consumer: Any = self.subscriber.consumer
        poll, loop = consumer.getmany, asyncio.get_running_loop()
        pace = FetchPace(consumer, self._gather_seconds)
        self.polled_at = loop.time()
        self.answers.watch(consumer)

        async def noted_poll(**limits: Any) -> Any:
            self.polled_at = loop.time()
            pace.polls()
            try:
                polled = await poll(**{**limits, "timeout_ms": _POLL_MS})
            except NOT_ALLOWED as error:
                self.end(not_allowed(error, self.settings) or error)
                raise
            pace.polled(sum(len(records) for records in polled.values()))
            return polled

        consumer.getmany = noted_poll

    @property
    def member(self) -> bool:
        """Kafka takes it for a member of its group, and gives it what it has to handle.

        During a batch it need not fetch, and a heartbeat is answered all the while. After a silence as long as a
        session Kafka has given its partitions away.
        """
        if not self.joined or not self.answers.heartbeat_within(self.settings.session_timeout_ms / 1_000):
            return False
        longest = longest_answer_ms(self.settings.session_timeout_ms) / 1_000
        return self.busy_since is not None or not self.assigned or self.answers.fetch_within(longest)

    @property
    def runs(self) -> bool:
        """The consume loop has not ended."""
        return any(not task.done() for task in self.subscriber.tasks)

    @property
    def alive(self) -> bool:
        """The consume loop runs, polls, and has had no batch in hand for too long."""
        now = asyncio.get_running_loop().time()
        if self.busy_since is not None:
            return self.runs and now - self.busy_since < _LONGEST_BATCH_SECONDS
        return self.runs and now - self.polled_at < _LONGEST_POLL_SECONDS

    async def measure_lag(self) -> None:
        """Set the lag of every partition that this process owns."""
        consumer: Any = self.subscriber.consumer
        if consumer is None:
            return
        for part in consumer.assignment():
            end = consumer.highwater(part)
            if end is not None:
                behind = end - await consumer.position(part)
                telemetry.LAG.labels(self.group, part.topic, str(part.partition)).set(max(0, behind))


def subscribed(broker: KafkaBroker, consumer: Consumer, settings: ServiceSettings) -> list[Subscription]:
    """One subscription for a service's events, and one for interchanges, which may be large."""
    service, gather_ms = consumer.service, settings.fetch_wait_ms
    subscriptions: list[Subscription] = []
    if service.topics:
        subscriptions.append(
            Subscription(
                broker,
                consumer,
                settings,
                group=service.name,
                topics=service.topics,
                most=settings.batch_records,
                gather_ms=gather_ms,
            )
        )
    if service.interchange_topic is not None:
        subscriptions.append(
            Subscription(
                broker,
                consumer,
                settings,
                group=f"{service.name}.interchanges",
                topics=[service.interchange_topic],
                most=settings.interchange_records,
                gather_ms=gather_ms * _FILES_WAIT_TIMES,
            )
        )
    return subscriptions
