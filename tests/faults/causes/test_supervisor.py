"""What ends by itself is started again once; what somebody ended is left to him."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from deploy.embedded.children import Child, Children
from deploy.embedded.folders import Run
from tests.faults.causes.supervisor import Supervisor


class Started:
    """Services whose replicas are small programs."""

    def __init__(self, folder: Path) -> None:
        self.run = Run(folder)
        self.children = Children(self.run)
        self.replicas: list[Any] = []

    def add(self, service: str, program: str = "import time; time.sleep(60)") -> Child:
        """One more replica, which runs the program."""
        name = f"{service}-{len(self.replicas) + 1}"
        child = self.children.start(name, [sys.executable, "-c", program])
        self.replicas.append(SimpleNamespace(service=service, name=name, child=child))
        return child


@pytest.fixture
def started(tmp_path: Path):
    started = Started(tmp_path)
    yield started
    started.children.stop()
    started.run.remove()


def test_what_ended_by_itself_is_started_again_once(started: Any, capsys: pytest.CaptureFixture[str]):
    supervisor = Supervisor(started)
    started.add("claims", "raise SystemExit('the database is full')").wait_end(30)

    supervisor.look()
    supervisor.look()

    assert [(replica.name, replica.child.alive) for replica in started.replicas] == [
        ("claims-1", False),
        ("claims-2", True),
    ]
    assert supervisor.ended == {"claims": 1}
    assert "the database is full" in capsys.readouterr().out


def test_what_was_killed_or_asked_to_end_is_not_started_again(started: Any):
    supervisor = Supervisor(started)
    started.add("claims").kill()
    started.add("claims").stop()
    at_a_kill_point = started.add("claims")
    at_a_kill_point.process.kill()
    at_a_kill_point.wait_end(30)

    supervisor.look()

    assert len(started.replicas) == 3
    assert supervisor.ended == {}
