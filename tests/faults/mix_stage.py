"""The stage of the mix: publishes as upstream does, waits until the services are quiet, moves the clock."""

import asyncio
import importlib
import itertools
import random
import time
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from deploy.embedded.stack import SERVICES, Stack
from shared import clock
from shared.events import envelope
from shared.events.topics import ALL, PAYERS_INBOUND
from shared.events.types import Event
from shared.runtime.service import Service

_LOOK_SECONDS = 0.05
_LONGEST_STILL_SECONDS = 180.0
_BUSY = "select (select count(*) from outbox) + (select count(*) from timers where due_at <= $1)"


def _groups() -> dict[str, set[str]]:
    """The consumer groups, and the topics that each reads."""
    read: dict[str, set[str]] = {}
    for name in SERVICES:
        service: Service = importlib.import_module(f"services.{name}.app").SERVICE
        read[name] = set(service.topics)
        if service.interchange_topic is not None:
            read[f"{name}.interchanges"] = {service.interchange_topic}
    return {group: names for group, names in read.items() if names}


class NeverQuietError(Exception):
    """Work is left, and nothing of it has moved for so long; the text says which services have it."""


class Patience:
    """Is over when what is looked at has not changed for so long: on a slow machine it changes slowly."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._state, self._since = seconds, object(), 0.0

    def over(self, state: object) -> bool:
        """Whether this state was the same for too long; ask at every look."""
        now = time.monotonic()
        if state != self._state:
            self._state, self._since = state, now
        return now - self._since > self._seconds


class StageHand:
    """Connects the mix with the stack."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._numbers = itertools.count(1)
        self.groups = _groups()

    async def __aenter__(self) -> "StageHand":
        bootstrap = self.stack.kafka_bootstrap
        self.producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, acks="all")
        self.consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap)
        self.admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        await asyncio.gather(self.producer.start(), self.consumer.start(), self.admin.start())
        self.parts = [TopicPartition(topic.name, number) for topic in ALL for number in range(topic.partitions)]
        self.databases = {name: await asyncpg.connect(self.stack.database_url(name)) for name in SERVICES}
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(self.producer.stop(), self.consumer.stop(), self.admin.close())
        for database in self.databases.values():
            await database.close()

    async def publish(self, events: Iterable[Event]) -> None:
        """Publish as upstream would, each with an id of its own."""
        for event in events:
            enveloped = envelope.first(event, id=str(uuid.uuid4()), source="/marketplace", now=clock.now())
            headers = [("content-type", envelope.CONTENT_TYPE.encode())]
            await self.producer.send(event.topic, enveloped.to_bytes(), event.key().encode(), headers=headers)
        await self.producer.flush()

    async def publish_x12(self, payer_id: str, value: bytes) -> None:
        """An interchange of a payer arrives, under an id of its own."""
        key = f"{payer_id}-{next(self._numbers):09}"
        headers = [("ce_id", f"mix-{key}".encode()), ("content-type", b"application/edi-x12")]
        await self.producer.send_and_wait(PAYERS_INBOUND.name, value, key.encode(), headers=headers)

    async def repeat_remittances(self, chance: random.Random, share: float) -> None:
        """A clearinghouse sends some of its files once more: the same bytes under another id."""
        name = PAYERS_INBOUND.name
        parts = [part for part in self.parts if part.topic == name]
        self.consumer.assign(parts)
        await self.consumer.seek_to_beginning(*parts)
        ends, records = await self.consumer.end_offsets(parts), list[Any]()
        while any([await self.consumer.position(part) < ends[part] for part in parts]):
            for batch in (await self.consumer.getmany(timeout_ms=500)).values():
                records += [record for record in batch if b"ST*835*" in (record.value or b"")]
        for record in records:
            if chance.random() < share:
                await self.publish_x12(record.key.decode().rsplit("-", 1)[0], record.value)
        self.consumer.unsubscribe()

    async def quiet(self) -> None:
        """Return once nothing is left to do: all is consumed, no outbox holds anything, no timer is due.

        However slow the machine is, it waits as long as something moves. Raises NeverQuietError.
        """
        patience = Patience(_LONGEST_STILL_SECONDS)
        while True:
            published, left = await self._left()
            if not left:
                return
            if patience.over((published, left)):
                raise NeverQuietError(f"work is left: {left}")
            await asyncio.sleep(_LOOK_SECONDS)

    async def _left(self) -> tuple[int, dict[str, int]]:
        """How much has ever been published, and the work that each group or service has left.

        The offsets are looked at twice, so that what a timer did meanwhile is not missed.
        """
        ends = await self.consumer.end_offsets(self.parts)
        left = await self._lags(ends)
        if not left:
            left = {name: count for name in SERVICES if (count := await self._busy(name))}
        published, after = sum(ends.values()), sum((await self.consumer.end_offsets(self.parts)).values())
        return after, left or ({"published meanwhile": after - published} if after > published else {})

    async def _busy(self, service: str) -> int:
        return int(await self.databases[service].fetchval(_BUSY, clock.now()))

    async def _lags(self, ends: dict[TopicPartition, int]) -> dict[str, int]:
        """What each group has not consumed, of the topics that it reads."""
        offsets = await asyncio.gather(*(self.admin.list_consumer_group_offsets(group) for group in self.groups))
        lags: dict[str, int] = {}
        for (group, read), known in zip(self.groups.items(), offsets, strict=True):
            behind = sum(
                end - max(0, known[part].offset if part in known else 0)
                for part, end in ends.items()
                if part.topic in read
            )
            if behind:
                lags[group] = behind
        return lags

    async def next_due_days(self) -> float:
        """Days until the first timer of any service, a year where there is none."""
        due_times = [await database.fetchval("select min(due_at) from timers") for database in self.databases.values()]
        ahead = [(due - clock.now()) / timedelta(days=1) for due in due_times if due is not None]
        return max(0.0, min(ahead, default=365.0))
