"""How fast a service is on the frame: notification turns charges into letters, settlement answers a payment.

The service runs as it does in production, a process of its own on the real broker and database; beside it in the same
run a bare loop that does the same reads and writes without our code, and what people write first (see `contenders`).
"""

import asyncio
import contextlib
import os
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import psutil
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy.embedded.stack import Stack
from shared import clock, postgres, topics
from shared.events import envelope
from shared.events.coverage import SessionCleared
from shared.events.directory import RateAgreed
from shared.events.examples import example
from shared.events.settlement import ClientCharged
from shared.events.types import Event

ROOT = Path(__file__).parents[2]
OF_BARE, TIMES_PLAIN = 0.7, 30.0
P99_WITHIN_MS, MEMORY_MB = 100.0, 120.0
EVENTS = int(os.environ.get("BENCH_EVENTS", "40000"))
PLAIN_EVENTS = 1_000
LATENCY_SECONDS = 8


def run() -> Iterator[dict[str, Any]]:
    """One line a figure."""
    with Stack.start(environ={}) as stack:
        yield from _throughput(Bench(stack))
        yield _latency(Bench(stack))


def _line(name: str, value: float, unit: str, floor: float, ratio: float, **more: Any) -> dict[str, Any]:
    return {"name": name, "value": round(value, 1), "unit": unit, "floor": floor, "ratio": round(ratio, 2), **more}


class Bench:
    """The stack with its topics, databases made for each contender, and processes that are measured."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.kafka = stack, stack.kafka_bootstrap
        assert stack.database_admin_url is not None
        self.admin = stack.database_admin_url
        asyncio.run(topics.create(self.kafka))

    async def database(self, service: str) -> str:
        """A fresh database with the service's tables."""
        name = f"bench_{uuid.uuid4().hex[:8]}"
        connection = await asyncpg.connect(self.admin)
        await connection.execute(f'create database "{name}"')
        await connection.close()
        url = f"{self.admin.rsplit('/', 1)[0]}/{name}"
        connection = await asyncpg.connect(url)
        folder = ROOT / "services" / service / "migrations"
        await postgres.migrate(connection, postgres.RUNTIME_MIGRATIONS, folder)
        await connection.close()
        return url

    def start(self, module: str, *arguments: str, **environment: str) -> psutil.Process:
        """A process of this stack's environment."""
        variables = {**os.environ, **self.stack.env(), "HTTP_PORT": "0", "LOG_LEVEL": "error", **environment}
        command = [sys.executable, "-m", module, *arguments]
        child = self.stack.children.start(f"bench-{uuid.uuid4().hex[:6]}", command, env=variables, cwd=ROOT)
        return psutil.Process(child.process.pid)

    async def publish(self, events: Sequence[Event]) -> None:
        """Publish the events as upstream would, as fast as the broker takes them."""
        producer = AIOKafkaProducer(bootstrap_servers=self.kafka, enable_idempotence=True, max_batch_size=256 * 1024)
        await producer.start()
        for event in events:
            one = envelope.first(event, id=str(uuid.uuid4()), source="/bench", now=clock.now())
            await producer.send(event.topic, one.to_bytes(), event.key().encode())
        await producer.stop()


def charges(count: int, first: int = 0) -> list[Event]:
    """A charge each of many sessions, some a client."""
    sample = example(ClientCharged)
    return [
        ClientCharged.model_validate(
            {**sample, "client_id": f"client-{n % 20_000}", "session_id": f"session-{n}", "purpose": "estimate"}
        )
        for n in range(first, first + count)
    ]


class Flow:
    """What one contender did: events a second between the first tenth and the end, CPU and memory."""

    def __init__(self, processes: Sequence[psutil.Process], url: str, count: int) -> None:
        self.processes, self.url, self.count = processes, url, count
        self.rate = self.cpu_us = self.memory_mb = self.grown_mb = 0.0

    async def measure(self) -> "Flow":
        """Wait until all are done."""
        connection = await asyncpg.connect(self.url)
        began = await self._until(connection, self.count // 10)
        at, cpu, memory = time.perf_counter(), self._cpu(), self._memory()
        done = await self._until(connection, self.count)
        took = time.perf_counter() - at
        self.rate, self.cpu_us = (done - began) / took, (self._cpu() - cpu) / (done - began) * 1e6
        self.memory_mb, self.grown_mb = self._memory(), self._memory() - memory
        await connection.close()
        return self

    async def _until(self, connection: asyncpg.Connection, wanted: int) -> int:
        for _ in range(12_000):
            done = await connection.fetchval("select count(*) from letters")
            if done >= wanted:
                return done
            await asyncio.sleep(0.2)
        raise TimeoutError("the contender did not get there in time")

    def _cpu(self) -> float:
        return sum(sum(process.cpu_times()[:2]) for process in self.processes)

    def _memory(self) -> float:
        return max(process.memory_info().rss for process in self.processes) / 2**20


async def _race(bench: Bench, module: str, *arguments: str, count: int, replicas: int = 1) -> Flow:
    url, group = await bench.database("notification"), f"bench-{uuid.uuid4().hex[:6]}"
    environment = {
        "BENCH_DATABASE": url,
        "DATABASE_URL_NOTIFICATION": url,
        "BENCH_GROUP": group,
        "SMTP_URL": "smtp://127.0.0.1:1",
        "BENCH_NAME": group,
    }
    processes = [bench.start(module, *arguments, **environment) for _ in range(replicas)]
    try:
        return await Flow(processes, url, count).measure()
    finally:
        for process in processes:
            process.kill()
            with contextlib.suppress(psutil.TimeoutExpired):
                process.wait(10)


def _throughput(bench: Bench) -> Iterator[dict[str, Any]]:
    asyncio.run(bench.publish(charges(EVENTS)))
    plain = asyncio.run(_race(bench, "tests.bench.contenders", "plain", count=PLAIN_EVENTS))
    rounds = [
        (
            asyncio.run(_race(bench, "tests.bench.contenders", "bare", count=EVENTS)),
            asyncio.run(_race(bench, "tests.bench.bench_runtime", "notification", count=EVENTS)),
        )
        for _ in range(2)
    ]
    bare, ours = max((r[0] for r in rounds), key=lambda f: f.rate), max((r[1] for r in rounds), key=lambda f: f.rate)
    two = asyncio.run(_race(bench, "tests.bench.bench_runtime", "notification", count=EVENTS, replicas=2))
    of_bare, times = ours.rate / bare.rate, ours.rate / plain.rate
    yield _line("runtime_of_bare_loop", of_bare, "of the bare loop", OF_BARE, of_bare / OF_BARE,
                events_a_second=round(ours.rate), bare_events_a_second=round(bare.rate))  # fmt: skip
    yield _line("runtime_times_plain", times, "times the plain way", TIMES_PLAIN, times / TIMES_PLAIN,
                plain_events_a_second=round(plain.rate))  # fmt: skip
    yield _line("runtime_cpu", ours.cpu_us, "us/event", bare.cpu_us / OF_BARE, bare.cpu_us / OF_BARE / ours.cpu_us,
                bare_us=round(bare.cpu_us, 1), plain_us=round(plain.cpu_us, 1))  # fmt: skip
    more = two.cpu_us / ours.cpu_us
    yield _line("runtime_cpu_two_replicas", more, "of one replica", 1.1, 1.1 / more, us=round(two.cpu_us, 1),
                events_a_second=round(two.rate))  # fmt: skip
    yield _line("runtime_memory", ours.memory_mb, "MB", MEMORY_MB, MEMORY_MB / ours.memory_mb,
                grown_in_the_flood_mb=round(ours.grown_mb, 1))  # fmt: skip


def _latency(bench: Bench) -> dict[str, Any]:
    """From publishing a cleared session to the charge that settlement asks for, at a tenth of its top rate."""
    return asyncio.run(_measured_latency(bench))


async def _measured_latency(bench: Bench) -> dict[str, Any]:
    url = await bench.database("settlement")
    process = bench.start("services.settlement", "run", DATABASE_URL_SETTLEMENT=url)
    sample = SessionCleared.model_validate(example(SessionCleared))
    rate = {**example(RateAgreed), "payer_id": sample.rate_payer_id, "provider_id": sample.provider_id}
    rates = [
        RateAgreed.model_validate({**rate, "procedure": line.procedure, "from_day": date(2020, 1, 1)})
        for line in sample.lines
    ]
    await bench.publish([*rates, _cleared(sample, "warm", 0)])
    consumer = AIOKafkaConsumer(bootstrap_servers=bench.kafka, auto_offset_reset="earliest", fetch_max_wait_ms=5)
    await consumer.start()
    consumer.assign([TopicPartition("settlement", n) for n in range(topics.CLIENT_PARTITIONS)])
    await consumer.seek_to_end()
    await _answered(consumer, {"session-warm-0": 0.0}, 60)
    top = await _top_rate(bench, consumer, sample)
    taken = await _paced(bench, consumer, sample, top / 10)
    await consumer.stop()
    process.kill()
    p50, p99 = (sorted(taken)[int(len(taken) * part)] * 1000 for part in (0.5, 0.99))
    return _line("runtime_latency_p99", p99, "ms", P99_WITHIN_MS, P99_WITHIN_MS / p99, p50_ms=round(p50, 1),
                 at_events_a_second=round(top / 10), top_events_a_second=round(top))  # fmt: skip


def _cleared(sample: SessionCleared, mark: str, n: int) -> SessionCleared:
    return sample.model_copy(update={"client_id": f"client-{mark}-{n}", "session_id": f"session-{mark}-{n}"})


async def _answered(consumer: AIOKafkaConsumer, sent: dict[str, float], seconds: float) -> list[float]:
    """How long each took; `sent` is emptied."""
    taken: list[float] = []
    async with asyncio.timeout(seconds):
        while sent:
            for records in (await consumer.getmany(timeout_ms=50)).values():
                now = time.perf_counter()
                for record in records:
                    event = envelope.read(record.value, record.headers).event
                    began = sent.pop(getattr(event, "session_id", ""), None)
                    taken += [] if began is None else [now - began]
    return taken


async def _top_rate(bench: Bench, consumer: AIOKafkaConsumer, sample: SessionCleared) -> float:
    events = [_cleared(sample, "top", n) for n in range(3_000)]
    sent = {event.session_id: time.perf_counter() for event in events}
    began = time.perf_counter()
    await asyncio.gather(bench.publish(events), _answered(consumer, sent, 120))
    return len(events) / (time.perf_counter() - began)


async def _paced(bench: Bench, consumer: AIOKafkaConsumer, sample: SessionCleared, rate: float) -> list[float]:
    producer = AIOKafkaProducer(bootstrap_servers=bench.kafka, linger_ms=0)
    await producer.start()
    count = int(rate * LATENCY_SECONDS)
    sent = {f"session-paced-{n}": 0.0 for n in range(count)}
    reading = asyncio.create_task(_answered(consumer, sent, LATENCY_SECONDS + 60))
    began = time.perf_counter()
    for n in range(count):
        await asyncio.sleep(max(0.0, began + n / rate - time.perf_counter()))
        event = _cleared(sample, "paced", n)
        body = envelope.first(event, id=f"paced-{n}", source="/bench", now=clock.now()).to_bytes()
        sent[event.session_id] = time.perf_counter()
        await producer.send(event.topic, body, event.key().encode())
    await producer.stop()
    return await reading


def _notification() -> None:
    """Notification as it is, but without its sender and under a group of its own."""
    from dataclasses import replace

    from services.notification.app import SERVICE
    from shared import process

    name = os.environ["BENCH_NAME"].replace("-", "_")
    os.environ[f"DATABASE_URL_{name.upper()}"] = os.environ["BENCH_DATABASE"]
    process.run(replace(SERVICE, name=name, background=()))


if __name__ == "__main__":
    _notification()
