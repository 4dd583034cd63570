"""Topics read beside the consumer groups: from one place to another, all partitions merged by the records' times."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from shared.kafka.kafka_access import KafkaAccess

Record = ConsumerRecord[Any, Any]
Ranges = Mapping[TopicPartition, tuple[int, int]]
"""For each partition the first offset, and the one after the last."""

_AT_A_TIME = 500
_SILENT_SECONDS = 30.0


class TopicReader:
    """A consumer without a group. Use it as an async context."""

    def __init__(self, kafka: KafkaAccess) -> None:
        self._kafka = kafka
        self._consumer: Any = None

    async def __aenter__(self) -> "TopicReader":
        self._consumer = AIOKafkaConsumer(
            **self._kafka.client_options(), enable_auto_commit=False, isolation_level="read_committed"
        )
        await self._consumer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def partitions(self, topics: Iterable[str]) -> list[TopicPartition]:
        """Every partition of the topics that are there."""
        cluster = await self._consumer._client.fetch_all_metadata()
        return [
            TopicPartition(topic, number)
            for topic in sorted(set(topics))
            for number in sorted(cluster.partitions_for_topic(topic) or ())
        ]

    async def ends(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        """The offset after each partition's last record."""
        return await self._consumer.end_offsets(partitions) if partitions else {}

    async def beginnings(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        """The offset of each partition's first record that is still kept."""
        return await self._consumer.beginning_offsets(partitions) if partitions else {}

    async def at_time(self, partitions: list[TopicPartition], milliseconds: int) -> dict[TopicPartition, int]:
        """The offset of each partition's first record of that time or later; its end where there is none."""
        ends = await self.ends(partitions)
        places: dict[TopicPartition, Any] = {}
        if partitions:
            places = await self._consumer.offsets_for_times(dict.fromkeys(partitions, milliseconds))
        return {part: ends[part] if (place := places.get(part)) is None else place.offset for part in partitions}

    async def read(self, ranges: Ranges) -> AsyncGenerator[Record]:
        """The records of the ranges, the earliest first, each partition in its order; little of them at a time."""
        left = {part: end for part, (first, end) in ranges.items() if first < end}
        if not left:
            return
        self._consumer.assign(list(left))
        for part in left:
            self._consumer.seek(part, ranges[part][0])
        held: dict[TopicPartition, deque[Record]] = {part: deque() for part in left}
        while left:
            for part in list(left):
                if not held[part] and not await self._fill(part, left, held[part]):
                    del left[part]
            if left:
                earliest = min(left, key=lambda part: (held[part][0].timestamp, part))
                yield held[earliest].popleft()

    async def _fill(self, part: TopicPartition, left: Mapping[TopicPartition, int], into: deque[Record]) -> bool:
        """Fetch more of a partition; False where its range is over."""
        waited = asyncio.get_running_loop().time()
        while await self._consumer.position(part) < left[part]:
            fetched = await self._consumer.getmany(part, timeout_ms=500, max_records=_AT_A_TIME)
            into.extend(record for record in fetched.get(part, ()) if record.offset < left[part])
            if into:
                return True
            if asyncio.get_running_loop().time() - waited > _SILENT_SECONDS:
                raise TimeoutError(f"{part.topic} brings nothing more though it should")
        return False


async def committed(kafka: KafkaAccess, group: str) -> dict[TopicPartition, int]:
    """What the group has acknowledged."""
    admin = AIOKafkaAdminClient(client_id="positions", **kafka.client_options())
    try:
        await admin.start()
        offsets = await admin.list_consumer_group_offsets(group)
        return {part: place.offset for part, place in offsets.items() if place.offset >= 0}
    finally:
        await admin.close()


async def members(kafka: KafkaAccess, group: str) -> int:
    """How many consumers the group has at present."""
    admin = AIOKafkaAdminClient(client_id="positions", **kafka.client_options())
    try:
        await admin.start()
        answers: list[Any] = await admin.describe_consumer_groups([group])
        return sum(len(described[5]) for answer in answers for described in answer.groups)
    finally:
        await admin.close()
