"""The embedded stack for real: it starts, serves, survives a broker's crash, and leaves nothing behind."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import aiokafka
import asyncpg
import psutil
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.embedded import folders, guard
from deploy.embedded.children import StartError, sweep
from deploy.embedded.folders import FolderInUseError
from deploy.embedded.stack import SERVICES, Stack, database_variable

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("own-stack")]
ROOT = Path(__file__).parents[2]
# A process that starts a stack, says where its data is, and waits to be ended.
OWNER = """
from deploy.embedded.stack import Stack
import time
with Stack.start(environ={}) as stack:
    print(stack.run.folder, flush=True)
    time.sleep(600)
"""


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A whole stack of this module's own, since some tests break it."""
    with Stack.start(environ={}, fsync=False) as started:
        yield started


def gone(folder: Path, within_seconds: float) -> bool:
    """Whether the run with this folder has no process and no data left, soon."""
    deadline = time.monotonic() + within_seconds
    while list(guard.members(folder)) or folder.exists():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


async def test_each_service_has_a_database_that_the_others_cannot_enter(stack: Stack):
    for service in SERVICES:
        own = await asyncpg.connect(stack.database_url(service))
        assert await own.fetchrow("select current_user, current_database()") == (service, service)
        assert await own.fetchval("select count(*) from migrations") > 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await own.execute("create table probe (id int)")
        await own.close()

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(stack.database_url("claims").removesuffix("/claims") + "/coverage")


async def test_the_database_asks_for_a_password(stack: Stack):
    user, _, server = stack.database_url("claims").rpartition("@")

    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(f"{user.rpartition(':')[0]}:wrong@{server}")


async def test_the_broker_keeps_what_it_acknowledged_through_a_crash(stack: Stack):
    largest = os.urandom(10 * 1024 * 1024)  # as large as an interchange may be
    await _make_topic(stack, "crash")
    await _publish(stack, "crash", largest)

    stack.kill_kafka()
    await asyncio.to_thread(stack.restart_kafka)

    assert await _read(stack, "crash") == largest


async def test_the_broker_makes_no_topic_by_itself(stack: Stack):
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.kafka_bootstrap)
    await admin.start()
    with pytest.raises(aiokafka.errors.KafkaError):
        await _publish(stack, "never-made", b"x")

    assert "never-made" not in await admin.list_topics()
    await admin.close()


def test_addresses_that_are_given_are_used_and_not_started():
    given = {database_variable(name): f"postgresql://{name}@db/{name}" for name in SERVICES}
    given |= {"KAFKA_BOOTSTRAP_SERVERS": "kafka:9092", "SMTP_URL": "smtp://mail"}

    with Stack.start(environ={**given, "HOME": "/root"}) as stack:
        assert stack.env() == given
        assert stack.inbox_url is None
        assert [process.name() for process in guard.members(stack.run.folder)] == []


def test_one_given_database_is_used_beside_those_that_are_started():
    given = {"DATABASE_URL_CLAIMS": "postgresql://mine@elsewhere/claims"}

    with Stack.start(environ=given, kafka=False, inbox=False) as stack:
        assert stack.database_url("claims") == "postgresql://mine@elsewhere/claims"
        assert stack.database_url("coverage").startswith("postgresql://coverage:")


def test_two_stacks_at_once_share_nothing():
    command = [sys.executable, "-c", OWNER]
    owners = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    ports = [_ports(Path(_said(owner))) for owner in owners]
    for owner in owners:
        owner.send_signal(signal.SIGINT)
        owner.wait(20)

    assert [len(numbers) for numbers in ports] == [5, 5]  # broker and its controller, database, SMTP, page
    assert ports[0].isdisjoint(ports[1])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda n: n.name)
def test_nothing_is_left_when_the_owner_ends(number: signal.Signals):
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    folder = Path(_said(owner))
    assert {"java", "postgres"} <= {process.name() for process in guard.members(folder)}

    owner.send_signal(number)
    owner.wait(20)

    assert gone(folder, within_seconds=10)


def test_a_run_that_was_killed_together_with_its_guard_is_cleared_up_by_the_next_start():
    owner = subprocess.Popen([sys.executable, "-c", OWNER], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    folder = Path(_said(owner))
    children = psutil.Process(owner.pid).children()
    (its_guard,) = [child for child in children if guard.__file__ in child.cmdline()]
    its_guard.kill()
    owner.kill()
    owner.wait()
    assert list(guard.members(folder)), "they must outlive their owner for this test to say anything"

    sweep()

    assert gone(folder, within_seconds=1)


async def test_kept_data_is_found_again_and_has_one_owner_at_a_time(tmp_path: Path):
    at = tmp_path / "kept"
    with Stack.start(at, environ={}, inbox=False) as first:
        connection = await asyncpg.connect(first.owner_url("claims"))
        await connection.execute("create table kept as select 7 as number")
        await connection.close()
        await _make_topic(first, "kept")
        await _publish(first, "kept", b"seven")
        with pytest.raises(FolderInUseError, match=str(at)):
            Stack.start(at, environ={})

    with Stack.start(at, environ={}, inbox=False) as second:
        connection = await asyncpg.connect(second.owner_url("claims"))
        assert await connection.fetchval("select number from kept") == 7
        await connection.close()
        assert await _read(second, "kept") == b"seven"


def test_a_part_that_does_not_start_says_so_in_one_sentence_and_the_others_are_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from deploy.embedded import kafka

    monkeypatch.setitem(kafka.SETTINGS, "node.id", "not a number")

    with pytest.raises(StartError, match=r"kafka ended with code 1: .*Invalid value not a number"):
        Stack.start(tmp_path / "data", environ={}, inbox=False)

    assert list(guard.members(tmp_path / "data")) == []


def test_a_broken_part_ends_what_another_was_about_to_start(monkeypatch: pytest.MonkeyPatch):
    from deploy.embedded import kafka, postgres

    tried: list[str] = []
    begun = threading.Event()

    def no_broker(self: kafka.Broker) -> None:
        begun.wait(10)
        raise StartError("no broker today")

    def late_database(self: postgres.Database) -> None:
        begun.set()
        time.sleep(1)
        with pytest.raises(StartError, match="late is not started any more"):
            self._children.start("late", ["sleep", "600"])
        tried.append("late")

    monkeypatch.setattr(kafka.Broker, "start", no_broker)
    monkeypatch.setattr(postgres.Database, "start", late_database)

    with pytest.raises(StartError, match="no broker today"):
        Stack.start(environ={}, inbox=False)

    time.sleep(1.5)
    assert tried == ["late"]


def test_logs_outlive_the_run_and_the_oldest_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    alive = folders.Run()
    os.utime(alive.logs, (0, 0))  # the oldest of all, but its run still goes on
    runs = []
    for number in range(folders.LOGS_OF_RUNS + 5):
        run = folders.Run()
        (run.logs / "kafka.log").write_text("started\n")
        os.utime(run.logs, (number + 1, number + 1))
        run.remove()
        runs.append(run)

    kept = [run for run in runs if (run.logs / "kafka.log").exists()]
    assert kept == runs[-len(kept) :]
    assert folders.LOGS_OF_RUNS <= len(kept) <= folders.LOGS_OF_RUNS + 1
    assert alive.logs.exists()
    assert not any(run.folder.exists() for run in runs)


def _said(owner: "subprocess.Popen[str]") -> str:
    assert owner.stdout is not None
    return owner.stdout.readline().strip()


def _ports(folder: Path) -> set[int]:
    connections = [connection for process in guard.members(folder) for connection in process.net_connections("tcp")]
    return {connection.laddr.port for connection in connections if connection.status == psutil.CONN_LISTEN}


async def _make_topic(stack: Stack, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.kafka_bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)])
    await admin.close()


async def _publish(stack: Stack, topic: str, value: bytes) -> None:
    async with aiokafka.AIOKafkaProducer(
        bootstrap_servers=stack.kafka_bootstrap, acks="all", max_request_size=12 * 1024 * 1024, request_timeout_ms=3000
    ) as producer:
        await producer.send_and_wait(topic, value)


async def _read(stack: Stack, topic: str) -> bytes | None:
    consumer = aiokafka.AIOKafkaConsumer(
        topic,
        bootstrap_servers=stack.kafka_bootstrap,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=12 * 1024 * 1024,
    )
    async with consumer:
        return (await asyncio.wait_for(consumer.getone(), 20)).value
