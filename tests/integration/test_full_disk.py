"""A disk that is full: nothing is lost, readiness says so, and the work goes on when there is room again.

The disks are small ones in memory, which only root can make.
"""

import asyncio
import errno
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from aiokafka.errors import KafkaError

from deploy.demo import cast
from deploy.embedded.stack import Stack
from shared.events.topics import PAYERS_OUTBOUND
from tests.integration.drill import Drill

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("full disk")]
_DISK = "size=500m"
_CLIENTS = 300
_PATIENCE_SECONDS = 240


class SmallDisk:
    """A disk of its own under a folder of the stack's data."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.filler = folder, folder / "filler"

    def mount(self) -> None:
        """Move what is in the folder to a small disk. Skips the test where this machine does not let us."""
        aside = self.folder.with_suffix(".aside")
        self.folder.rename(aside)
        self.folder.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", _DISK, "tmpfs", self.folder], capture_output=True)
        if done.returncode != 0:
            pytest.skip("this machine lets nobody mount a disk")
        subprocess.run(["cp", "-a", f"{aside}/.", self.folder], check=True)
        shutil.rmtree(aside)

    def unmount(self) -> None:
        """Give it back."""
        subprocess.run(["umount", "--lazy", self.folder], check=True)

    def fill(self) -> None:
        """Leave no room at all."""
        with self.filler.open("wb") as file:
            try:
                while True:
                    os.write(file.fileno(), bytes(1024 * 1024))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise

    def make_room(self) -> None:
        """Let go of it again."""
        self.filler.unlink()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Kafka's log and PostgreSQL's data are on a small disk each."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    data = tmp_path_factory.mktemp("full-disk")
    data.chmod(0o755)
    Stack.start(data, environ={}).stop()
    disks = [SmallDisk(data / "kafka"), SmallDisk(data / "postgres")]
    mounted: list[SmallDisk] = []
    try:
        for disk in disks:
            disk.mount()
            mounted.append(disk)
        with Stack.start(data, environ={}) as running:
            yield running
    finally:
        for disk in mounted:
            disk.unmount()


@pytest.fixture(scope="module")
def drill(stack: Stack) -> Iterator[Drill]:
    """Coverage at work: it takes up clients and their plans, and asks the insurers about each plan."""
    drill = Drill(stack)
    asyncio.run(drill.say_directory())
    drill.start("coverage")
    yield drill
    drill.stop()


async def join(drill: Drill, prefix: str) -> None:
    """So many clients register and enter a plan that their rows need room."""
    for number in range(_CLIENTS):
        client = f"{prefix}{number:03}"
        drill.clients.append(client)
    joining = [name for name in drill.clients if name.startswith(prefix)]
    await drill.say(
        *(cast.registered(name, f"{name}@example.test", "Sam" * 20, "Rivera") for name in joining),
        *(cast.entered(name, cast.own("own-plan", "PLANONE", f"ONE7{name}")) for name in joining),
    )


async def refused(drill: Drill, prefix: str) -> bool:
    """Whether the broker refuses what upstream says."""
    try:
        async with asyncio.timeout(60):
            await join(drill, prefix)
    except (KafkaError, TimeoutError):
        return True
    return False


async def asked_about(drill: Drill) -> list[str]:
    """The clients about whose plan the insurer was asked, each as often as it was."""
    asked: list[str] = []
    for record in await drill.records(PAYERS_OUTBOUND.name):
        segments = (record.value or b"").decode("ascii").split("~")
        members = [segment.strip().split("*")[9] for segment in segments if segment.strip().startswith("NM1*IL*")]
        asked += [member.removeprefix("ONE7") for member in members]
    return sorted(asked)


async def restarted_where_it_ended(stack: Stack) -> None:
    """PostgreSQL refuses statements while there is no room, and ends where its own log has none."""
    try:
        await (await asyncpg.connect(stack.database_admin_url)).close()
    except OSError:
        stack.restart_database()


def until_ready(drill: Drill, ready: bool) -> None:
    """Wait until every service says that it is ready, or until one says that it is not."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while all(replica.ready() for replica in drill.services.replicas) is not ready:
        assert time.monotonic() < deadline, f"still {'not ' if ready else ''}ready"
        time.sleep(0.2)


def until_all_are_asked_about(drill: Drill) -> list[str]:
    """Wait until something was asked about every client; what was asked by then."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not set(drill.clients) <= set(asked := asyncio.run(asked_about(drill))):
        assert time.monotonic() < deadline, f"{len(set(drill.clients) - set(asked))} clients are missing"
        time.sleep(0.5)
    return asked


def test_a_full_disk_of_the_database_loses_nothing(drill: Drill, stack: Stack):
    disk = SmallDisk(stack.run.folder / "postgres")
    disk.fill()
    asyncio.run(join(drill, "early-"))

    until_ready(drill, False)
    disk.make_room()
    asyncio.run(restarted_where_it_ended(stack))

    until_ready(drill, True)
    assert until_all_are_asked_about(drill) == sorted(drill.clients), "each once"


def test_a_full_disk_of_kafka_loses_nothing(drill: Drill, stack: Stack):
    """Kafka ends when it cannot write. Upstream keeps what was refused, and says it again under the same ids."""
    disk = SmallDisk(stack.run.folder / "kafka")
    disk.fill()
    assert asyncio.run(refused(drill, "late-"))

    until_ready(drill, False)
    disk.make_room()
    stack.restart_kafka()

    until_ready(drill, True)
    asyncio.run(drill.say_all_again())
    assert until_all_are_asked_about(drill) == sorted(drill.clients), "each once"
