"""How fast a service is on the frame: notification makes letters of charges, settlement charges of cleared sessions.

Each runs as it does in production, a process of its own on the real broker and database, with inbox, locks and outbox;
beside it in the same run a bare loop without the frame, and what people write first. Notification's handler is the
busiest of all: it writes one row and publishes nothing, so that nearly all of its time is the frame's (`contenders` do
the same by hand). Settlement's is the busiest that publishes: it reads five tables, writes two and publishes two events
(`deciding` has its contenders, which call the same rules).
"""

import asyncio
import contextlib
import os
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import psutil
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from deploy.embedded.stack import Stack
from services.settlement.store import RATES, Rate
from shared import clock
from shared.database import postgres
from shared.events import envelope
from shared.events.coverage import SessionCleared
from shared.events.directory import RateAgreed
from shared.events.examples import example
from shared.events.settlement import ClientCharged
from shared.events.topics import CLIENT_PARTITIONS
from shared.events.types import Event
from shared.kafka import creating_topics
from shared.runtime.rows import Rows

ROOT = Path(__file__).parents[2]
OF_BARE, TIMES_PLAIN = 0.7, 30.0
MEMORY_MB = 120.0
EVENTS = int(os.environ.get("BENCH_EVENTS", "40000"))
ROUNDS = 2
CLEARED = SessionCleared.model_validate(example(SessionCleared))


def run() -> Iterator[dict[str, Any]]:
    """One line a figure."""
    with Stack.start(environ={}) as stack:
        bench = Bench(stack)
        yield from _compared(bench, LETTERS)
        yield from _compared(bench, CHARGES)


def line(name: str, value: float, unit: str, floor: float, ratio: float, **more: Any) -> dict[str, Any]:
    """A figure as `make bench` prints it; `ratio` is how many times the floor was reached."""
    return {"name": name, "value": round(value, 2), "unit": unit, "floor": floor, "ratio": round(ratio, 2), **more}


class Bench:
    """The stack with its topics, databases made for each contender, and processes that are measured."""

    def __init__(self, stack: Stack) -> None:
        self.stack, self.kafka = stack, stack.kafka_bootstrap
        assert stack.database_admin_url is not None
        self.admin = stack.database_admin_url
        asyncio.run(creating_topics.create(self.kafka))

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
        variables = {
            **os.environ,
            **self.stack.env(),
            "HTTP_PORT": "0",
            "PAGES_PORT": "0",
            "LOG_LEVEL": "error",
            **environment,
        }
        command = [sys.executable, "-m", module, *arguments]
        child = self.stack.children.start(f"bench-{uuid.uuid4().hex[:6]}", command, env=variables, cwd=ROOT)
        return psutil.Process(child.process.pid)

    async def publish(self, events: Sequence[Event]) -> None:
        """Publish the events as upstream would, as fast as the broker takes them."""
        producer = AIOKafkaProducer(bootstrap_servers=self.kafka, enable_idempotence=True, max_batch_size=256 * 1024)
        await producer.start()
        for event in events:
            enveloped = envelope.first(event, id=str(uuid.uuid4()), source="/bench", now=clock.now())
            await producer.send(event.topic, enveloped.to_bytes(), event.key().encode())
        await producer.stop()


def charges(count: int) -> list[Event]:
    """A charge each of many sessions, some a client."""
    sample = example(ClientCharged)
    return [
        ClientCharged.model_validate(
            {**sample, "client_id": f"client-{n % 20_000}", "session_id": f"session-{n}", "purpose": "estimate"}
        )
        for n in range(count)
    ]


def cleared(mark: str, n: int) -> SessionCleared:
    """The decision on one of many sessions, each of a client of its own."""
    return CLEARED.model_copy(update={"client_id": f"client-{mark}-{n}", "session_id": f"session-{mark}-{n}"})


def rates() -> list[RateAgreed]:
    """The contracted rates that the sessions are charged by."""
    sample = {**example(RateAgreed), "payer_id": CLEARED.rate_payer_id, "provider_id": CLEARED.provider_id}
    return [
        RateAgreed.model_validate({**sample, "procedure": line.procedure, "from_day": date(2020, 1, 1)})
        for line in CLEARED.lines
    ]


async def _letters(bench: "Bench", url: str) -> int:
    connection = await asyncpg.connect(url)
    count = await connection.fetchval("select count(*) from letters")
    await connection.close()
    return count


async def _sent(bench: "Bench", url: str) -> int:
    """How many sessions both events are out of, whoever sent them."""
    parts = [TopicPartition("settlement", n) for n in range(CLIENT_PARTITIONS)]
    consumer = AIOKafkaConsumer(bootstrap_servers=bench.kafka)
    await consumer.start()
    ends = await consumer.end_offsets(parts)
    await consumer.stop()
    return sum(ends.values()) // 2


async def _know_rates(url: str) -> None:
    connection = await asyncpg.connect(url)
    rows = Rows(connection)
    for rate in rates():
        rows.save(RATES, Rate(rate.payer_id, CLEARED.provider_id, rate.procedure, rate.from_day, rate))
    await rows.flush()
    await connection.close()


async def _know_nothing(url: str) -> None:
    return


@dataclass(frozen=True)
class Case:
    """One handler's race: its service, what it is fed with, and how far it has got."""

    name: str
    service: str
    contenders: str
    flood: Callable[[], list[Event]]
    plain_events: int
    prepare: Callable[[str], Awaitable[None]]
    done: Callable[["Bench", str], Awaitable[int]]


LETTERS = Case(
    "runtime", "notification", "tests.bench.contenders", lambda: charges(EVENTS), 1_000, _know_nothing, _letters
)
CHARGES = Case(
    "runtime_publishing", "settlement", "tests.bench.deciding",
    lambda: [cleared("flood", n) for n in range(EVENTS // 4)], 500, _know_rates, _sent,
)  # fmt: skip


class Flow:
    """What one contender did from its first tenth on (several replicas: half): events a second, CPU and memory."""

    def __init__(self, bench: Bench, case: Case, url: str, processes: Sequence[psutil.Process]) -> None:
        self.bench, self.case, self.url, self.processes = bench, case, url, processes
        self.rate = self.cpu_us = self.memory_mb = self.grown_mb = 0.0

    async def measure(self, before: int, count: int) -> "Flow":
        """Wait until `count` more than `before` are done; what came before all replicas had started is not measured."""
        began = await self._until(before + count // (10 if len(self.processes) == 1 else 2))
        at, cpu, memory = time.perf_counter(), self._cpu(), self._memory()
        done = await self._until(before + count)
        took = time.perf_counter() - at
        self.rate, self.cpu_us = (done - began) / took, (self._cpu() - cpu) / (done - began) * 1e6
        self.memory_mb, self.grown_mb = self._memory(), self._memory() - memory
        return self

    async def _until(self, wanted: int) -> int:
        for _ in range(6_000):
            done = await self.case.done(self.bench, self.url)
            if done >= wanted:
                return done
            assert all(process.status() != psutil.STATUS_ZOMBIE for process in self.processes), "a contender has ended"
            await asyncio.sleep(0.2)
        raise TimeoutError("the contender did not get there in time")

    def _cpu(self) -> float:
        return sum(sum(process.cpu_times()[:2]) for process in self.processes)

    def _memory(self) -> float:
        return max(process.memory_info().rss for process in self.processes) / 2**20


async def _race(bench: Bench, case: Case, count: int, *command: str, replicas: int = 1) -> Flow:
    """Run the service, or the contender that `command` names, over the flood."""
    url, group = await bench.database(case.service), f"bench-{uuid.uuid4().hex[:6]}"
    await case.prepare(url)
    before = await case.done(bench, url)
    environment = {
        "BENCH_DATABASE": url,
        f"DATABASE_URL_{case.service.upper()}": url,
        "BENCH_GROUP": group,
        "SMTP_URL": "smtp://127.0.0.1:1",
    }
    module, *arguments = command or ("tests.bench.bench_runtime", case.service)
    processes = [bench.start(module, *arguments, **environment) for _ in range(replicas)]
    try:
        return await Flow(bench, case, url, processes).measure(before, count)
    finally:
        for process in processes:
            process.kill()
            with contextlib.suppress(psutil.TimeoutExpired):
                process.wait(10)


def _compared(bench: Bench, case: Case) -> Iterator[dict[str, Any]]:
    """The best of some rounds each, one after the other: by events a second first, by CPU time beside."""
    flood = case.flood()
    asyncio.run(bench.publish(flood))
    plain = asyncio.run(_race(bench, case, case.plain_events, case.contenders, "plain"))
    bares, oneselves = list[Flow](), list[Flow]()
    for _ in range(ROUNDS):
        bares.append(asyncio.run(_race(bench, case, len(flood), case.contenders, "bare")))
        oneselves.append(asyncio.run(_race(bench, case, len(flood))))
    bare, ours = (max(flows, key=lambda flow: flow.rate) for flows in (bares, oneselves))
    of_bare, of_cpu, times = ours.rate / bare.rate, bare.cpu_us / ours.cpu_us, ours.rate / plain.rate
    yield line(f"{case.name}_of_bare_loop", of_bare, "of the bare loop", OF_BARE, of_bare / OF_BARE,
               by_cpu_time=round(of_cpu, 2), events_a_second=round(ours.rate),
               bare_events_a_second=round(bare.rate))  # fmt: skip
    yield line(f"{case.name}_times_plain", times, "times the plain way", TIMES_PLAIN, times / TIMES_PLAIN,
               by_cpu_time=round(plain.cpu_us / ours.cpu_us, 1), plain_events_a_second=round(plain.rate),
               bare_times_plain=round(bare.rate / plain.rate, 1))  # fmt: skip
    yield line(f"{case.name}_cpu", ours.cpu_us, "us/event", bare.cpu_us / OF_BARE, bare.cpu_us / OF_BARE / ours.cpu_us,
               bare_us=round(bare.cpu_us, 1), plain_us=round(plain.cpu_us, 1))  # fmt: skip
    two = asyncio.run(_race(bench, case, len(flood), replicas=2))
    more = two.cpu_us / ours.cpu_us
    two_bare = asyncio.run(_race(bench, case, len(flood), case.contenders, "bare", replicas=2))
    bare_more = two_bare.cpu_us / bare.cpu_us  # what two processes on this machine cost each other, whoever they are
    most = 1.1 * max(1.0, bare_more)
    yield line(f"{case.name}_cpu_two_replicas", more, "of one replica", most, most / more, us=round(two.cpu_us, 1),
               events_a_second=round(two.rate), bare_loops=round(bare_more, 2))  # fmt: skip
    yield line(f"{case.name}_memory", ours.memory_mb, "MB", MEMORY_MB, MEMORY_MB / ours.memory_mb,
               grown_in_the_flood_mb=round(ours.grown_mb, 1))  # fmt: skip


def _service(name: str) -> None:
    """The service as it is, but without what it does beside its events, and under a group of its own."""
    from dataclasses import replace
    from importlib import import_module

    from shared.process import running

    group = os.environ["BENCH_GROUP"].replace("-", "_")
    os.environ[f"DATABASE_URL_{group.upper()}"] = os.environ["BENCH_DATABASE"]
    running.run(replace(import_module(f"services.{name}.app").SERVICE, name=group, background=()))


if __name__ == "__main__":
    _service(sys.argv[1])
