"""The probe service on a group and a database of its own, in this process or in others, and a client to speak to it."""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from shared.events import envelope
from shared.events.coverage import SessionRefused
from shared.events.sessions import SessionConfirmed
from shared.events.topics import CLIENT_PARTITIONS
from shared.events.types import ClientEvent
from shared.process.process import Process
from shared.settings import ServiceSettings
from tests.harness import MORNING
from tests.runtime_probe.service import SERVICE
from tests.shared.probe_events import confirmed


class Probe:
    """The probe service on a group and a database of its own, in this process or in others."""

    def __init__(self, kafka: str, dsn: str) -> None:
        self.name = f"probe_{uuid.uuid4().hex[:8]}"
        self.kafka, self.dsn = kafka, dsn
        self.mark = self.name
        self.started: list[tuple[Process, asyncio.Task[None]]] = []
        self.children: list[subprocess.Popen[bytes]] = []

    def settings(self, **changes: object) -> ServiceSettings:
        values = {"kafka_bootstrap_servers": self.kafka, "database_url": self.dsn, "http_port": 0, "stop_seconds": 5}
        return ServiceSettings.model_validate({**values, **changes})

    async def start(self, service=SERVICE, **settings: object) -> Process:
        process = Process(replace(service, name=self.name), self.settings(**settings))
        self.started.append((process, asyncio.create_task(process.run())))
        await self.until(lambda: process.started)
        await self.until(
            lambda: all(subscription.assigned for subscription in process.subscriptions) or len(self.started) > 1
        )
        return process

    def spawn(self, **environment: str) -> subprocess.Popen[bytes]:
        variables = {
            **os.environ,
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka,
            f"DATABASE_URL_{self.name.upper()}": self.dsn,
            "PROBE_NAME": self.name,
            "HTTP_PORT": "0",
            **environment,
        }
        command = [sys.executable, "-m", "tests.runtime_probe.service", "run"]
        self.children.append(subprocess.Popen(command, env=variables, stderr=subprocess.DEVNULL))
        return self.children[-1]

    async def until(self, holds, seconds: float = 30) -> float:
        """Wait until `holds()`; return how long it took."""
        began = time.monotonic()
        while True:
            holding = holds()
            if await holding if asyncio.iscoroutine(holding) else holding:
                return time.monotonic() - began
            assert time.monotonic() - began < seconds, "it did not happen in time"
            await asyncio.sleep(0.05)

    async def send(self, *events: ClientEvent, headers: Sequence[tuple[str, bytes]] = ()) -> None:
        """Publish the events as upstream would."""
        producer = AIOKafkaProducer(bootstrap_servers=self.kafka, enable_idempotence=True)
        await producer.start()
        for number, event in enumerate(events):
            enveloped = envelope.first(event, id=f"{self.mark}-{uuid.uuid4()}-{number}", source="/test", now=MORNING)
            await producer.send(event.topic, enveloped.to_bytes(), event.key().encode(), headers=list(headers))
        await producer.stop()

    async def effects(self) -> Counter[str]:
        """How often each session of this probe was handled; other tests may use the topics at the same time."""
        connection = await asyncpg.connect(self.dsn)
        try:
            rows = await connection.fetch(
                "select client_id, session_id, times from seen where starts_with(client_id, $1)", self.mark
            )
        except asyncpg.UndefinedTableError:
            rows = []
        finally:
            await connection.close()
        return Counter({f"{row['client_id']}/{row['session_id']}": row["times"] for row in rows})

    async def handled(self, count: int) -> bool:
        return len(await self.effects()) >= count

    async def published(self, count: int) -> list[tuple[str, str]]:
        """Client and reason of this probe's first `count` outgoing events, in order; each id once, as an inbox does."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.kafka, auto_offset_reset="earliest")
        await consumer.start()
        consumer.assign([TopicPartition("coverage", n) for n in range(CLIENT_PARTITIONS)])
        await consumer.seek_to_beginning()
        published: dict[str, tuple[str, str]] = {}
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(30):
                while len(published) < count:
                    record = await consumer.getone()
                    message = envelope.read(record.value, record.headers)
                    if message.source == f"/{self.name}" and message.subject.startswith(self.mark):
                        assert isinstance(message.event, SessionRefused)
                        published.setdefault(message.id, (message.subject, message.event.reason))
        await consumer.stop()
        return list(published.values())

    async def leave(self, number: int) -> None:
        """End one of the replicas in this process in order."""
        process, task = self.started.pop(number)
        process.stopping.set()
        await asyncio.wait_for(task, 20)

    async def stop(self) -> None:
        """End all of them."""
        for process, task in self.started:
            process.stopping.set()
            await asyncio.wait_for(task, 20)
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.wait()


async def skip_to_end(kafka: str, group: str) -> None:
    """Let a new group start behind what other tests left."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, group_id=group, enable_auto_commit=False)
    await consumer.start()
    parts = [TopicPartition(name, n) for name in SERVICE.topics for n in range(CLIENT_PARTITIONS)]
    consumer.assign(parts)
    await consumer.commit(await consumer.end_offsets(parts))
    await consumer.stop()


async def adopt(dsn: str) -> None:
    """Let a new database believe a group that has begun elsewhere."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("insert into adopting values (now() + interval '1 hour')")
    await connection.close()


def batch_of(clients: int, sessions: int, mark: str) -> list[SessionConfirmed]:
    """Sessions of several clients, interleaved."""
    return [confirmed(f"{mark}-{c}", f"s{n}") for n in range(sessions) for c in range(clients)]
