"""How fast an 835 of 5,000 claims is posted by one claims process, from the topic to the tables.

The service runs as it does in production, on the real broker and database; its own facts go through its outbox and
back through the broker, and what it publishes counts, too. Meanwhile other clients' messages come on the topic of those
facts, and another interchange behind the 835 on its partition: they must not wait. The same is done with ten thousand
claims in the tables and with a million; those are copies, made in SQL, of claims that the handlers sent and posted.
"""

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import psutil
from aiokafka import AIOKafkaProducer

from services.claims.app import SERVICE
from shared import clock
from shared.database import postgres
from shared.events import envelope
from shared.runtime.consume import Consumer
from tests.bench.bench_runtime import Bench
from tests.bench.claims_on_file import PAID, WAITING, acknowledged, acknowledgment, copy, remittance, samples

CLAIMS = int(os.environ.get("BENCH_CLAIMS", "5000"))
FEW, MANY = 10_000, int(os.environ.get("BENCH_CLAIMS_ON_FILE", "1000000"))
CLAIMS_A_SECOND, WAIT_SECONDS, MORE_WITH_MANY = 3_000, 1.0, 1.1
_PROBE_EVERY_SECONDS = 0.05
_LONGEST_SECONDS = 600.0


def run() -> Iterator[dict[str, Any]]:
    """One line a figure."""
    from deploy.embedded.stack import Stack

    with Stack.start(inbox=False, environ={}) as stack:
        few, many = asyncio.run(_measured(Bench(stack)))
    rate, wait = CLAIMS / few.seconds, max(few.probe_seconds, few.behind_seconds)
    yield {
        "name": "remittance_posted",
        "value": round(rate),
        "unit": "claims/s",
        "floor": CLAIMS_A_SECOND,
        "ratio": round(rate / CLAIMS_A_SECOND, 2),
        "claims_a_second_of_cpu": round(CLAIMS / few.cpu_seconds),
        "cpu_us_a_claim": round(few.cpu_seconds / CLAIMS * 1e6),
        "database_us_a_claim": round(few.database_seconds / CLAIMS * 1e6),
    }
    yield {
        "name": "remittance_others_wait",
        "value": round(wait, 2),
        "unit": "s",
        "floor": WAIT_SECONDS,
        "ratio": round(WAIT_SECONDS / wait, 2),
        "other_clients_seconds": round(few.probe_seconds, 2),
        "interchange_behind_seconds": round(few.behind_seconds, 2),
    }
    more = (many.cpu_seconds + many.database_seconds) / (few.cpu_seconds + few.database_seconds)
    yield {
        "name": "remittance_with_a_million_claims",
        "value": round(more, 3),
        "unit": "times the CPU",
        "floor": MORE_WITH_MANY,
        "ratio": round(MORE_WITH_MANY / more, 2),
        "on_file": MANY,
        "cpu_us_a_claim": round(many.cpu_seconds / CLAIMS * 1e6),
        "database_us_a_claim": round(many.database_seconds / CLAIMS * 1e6),
        "claims_a_second": round(CLAIMS / many.seconds),
    }


@dataclass
class Posted:
    """What posting one 835 took: wall and CPU seconds, and the longest wait of others meanwhile."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    database_seconds: float = 0.0
    probe_seconds: float = 0.0
    behind_seconds: float = 0.0


async def _measured(bench: Bench) -> tuple[Posted, Posted]:
    url = await bench.database("claims")
    pool = await postgres.connect(url, size=4, application="bench")
    await samples(Consumer(SERVICE, pool, attempts=1, wake=lambda: None), pool)
    await copy(pool, PAID, "few", FEW)
    async with _service(bench, url) as process:
        await _post(bench, pool, process, "warm", CLAIMS // 5)
        few = await _best(bench, pool, process, "few")
        await copy(pool, PAID, "many", MANY - FEW)
        many = await _best(bench, pool, process, "many")
    await pool.close()
    return few, many


@contextlib.asynccontextmanager
async def _service(bench: Bench, url: str) -> AsyncGenerator[psutil.Process]:
    process = bench.start("services.claims", "run", DATABASE_URL_CLAIMS=url)
    try:
        yield process
    finally:
        process.kill()
        with contextlib.suppress(psutil.TimeoutExpired):
            process.wait(10)


async def _best(bench: Bench, pool: asyncpg.Pool, process: psutil.Process, name: str) -> Posted:
    """Of three, the one that took least CPU: what else the machine does only adds."""
    rounds = [await _post(bench, pool, process, f"{name}-{letter}", CLAIMS) for letter in "abc"]
    return min(rounds, key=lambda measured: measured.cpu_seconds + measured.database_seconds)


async def _post(bench: Bench, pool: asyncpg.Pool, process: psutil.Process, name: str, count: int) -> Posted:
    """Post an 835 of `count` claims that wait for it."""
    controls = await copy(pool, WAITING, name, count)
    probes = await copy(pool, WAITING, f"{name}-probe", 100)
    (behind,) = await copy(pool, WAITING, f"{name}-behind", 1)
    producer = AIOKafkaProducer(bootstrap_servers=bench.kafka, max_request_size=13 * 1024 * 1024)
    await producer.start()
    posted, cpu, database = Posted(), _cpu(process), await _database(pool)
    began = time.perf_counter()
    for interchange in (remittance(controls, name), acknowledgment(behind)):
        await producer.send_and_wait("payers.inbound", interchange, f"payer-1-{name}".encode())
    probing = asyncio.create_task(_probe(pool, producer, name, probes))
    waiting = asyncio.create_task(_until(pool, "acknowledged", [behind]))
    await _until(pool, "adjudicated", controls)
    posted.seconds = time.perf_counter() - began
    probing.cancel()
    posted.behind_seconds = (await waiting) - began
    await _idle(pool)
    posted.cpu_seconds, posted.database_seconds = _cpu(process) - cpu, await _database(pool) - database
    posted.probe_seconds = max(_WAITED.pop(name))
    await producer.stop()
    return posted


_WAITED: dict[str, list[float]] = {}


async def _probe(pool: asyncpg.Pool, producer: AIOKafkaProducer, name: str, controls: list[str]) -> None:
    """Acknowledge another client's claim, wait until that is done, and so on."""
    waited = _WAITED.setdefault(name, [])
    for control in controls:
        began = time.perf_counter()
        event = acknowledged(control)
        enveloped = envelope.first(event, id=f"probe-{control}", source="/bench", now=clock.now())
        await producer.send(event.topic, enveloped.to_bytes(), event.key().encode())
        waited.append(0.0)
        waited[-1] = await _until(pool, "acknowledged", [control]) - began
        await asyncio.sleep(_PROBE_EVERY_SECONDS)


async def _until(pool: asyncpg.Pool, state: str, controls: list[str]) -> float:
    """The time at which all these claims are in the state; they are named by their clients."""
    left, began = [control.removesuffix("-P") for control in controls], time.perf_counter()
    while time.perf_counter() - began < _LONGEST_SECONDS:
        # One is asked for at a time: looking must cost the database nothing to speak of.
        there = "select exists (select from claims where client_id = $1 and state = $2)"
        while left and await pool.fetchval(there, left[-1], state):
            left = await _not_yet(pool, state, left)
        if not left:
            return time.perf_counter()
        await asyncio.sleep(0.01)
    states = await pool.fetch("select state, reason, count(*) from claims group by 1, 2")
    raise TimeoutError(
        f"not {state}: {states} {await pool.fetch('select reason, count(*) from work_queue group by 1')}"
    )


async def _not_yet(pool: asyncpg.Pool, state: str, clients: list[str]) -> list[str]:
    rows = await pool.fetch(
        "select client_id from claims where client_id = any($1::text[]) and state <> $2", clients, state
    )
    return [row["client_id"] for row in rows]


async def _idle(pool: asyncpg.Pool) -> None:
    """Until everything is published."""
    for _ in range(200):
        if not await pool.fetchval("select exists (select from outbox)"):
            return
        await asyncio.sleep(0.05)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


async def _database(pool: asyncpg.Pool) -> float:
    """CPU seconds of the backends that work for the service."""
    pids = await pool.fetch("select pid from pg_stat_activity where application_name = 'claims'")
    seconds = 0.0
    for row in pids:
        with contextlib.suppress(psutil.NoSuchProcess):
            seconds += _cpu(psutil.Process(row["pid"]))
    return seconds
