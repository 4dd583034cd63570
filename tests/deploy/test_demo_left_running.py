"""A demo that is left running: others see it, and every way to end it ends all of it."""

import contextlib
import fcntl
import os
import pty
import shutil
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.embedded import guard, keeper
from deploy.embedded.keeper import Keeper
from deploy.embedded.stack import Stack
from tests.deploy.test_up_and_down import READY, ROOT

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("own-stack")]
SCALE = "coverage=1 claims=0 settlement=0 notification=0 payers=0"
STORY = """
import asyncio
from deploy.demo.director import Scene, Story

async def play(scene):
    scene.says("it began")
    await asyncio.sleep({seconds})

def stories():
    return [Story("short", "nothing much", play)]
"""


@dataclass
class Demo:
    """A demo on a terminal of its own, in a checkout of its own."""

    checkout: Path
    process: "subprocess.Popen[bytes]"
    terminal: int

    def state(self) -> Keeper:
        """What it has written down, once it is ready."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            for file in self.checkout.glob(".run/demo-*/keeper.json"):
                if (state := keeper.read(file)) is not None and state.ready:
                    return state
            assert self.process.poll() is None, self.said()
            time.sleep(0.05)
        raise AssertionError("it was not ready")

    def said(self) -> str:
        """What stands on its terminal so far."""
        text = b""
        with contextlib.suppress(OSError):
            while part := os.read(self.terminal, 65_536):
                text += part
        return text.decode(errors="replace")

    def await_words(self, words: str) -> None:
        """Return once the terminal shows `words`."""
        text, deadline = "", time.monotonic() + 60
        while words not in text and time.monotonic() < deadline:
            text += self.said()
            time.sleep(0.05)
        assert words in text


@pytest.fixture(scope="module")
def parts() -> Iterator[dict[str, str]]:
    """The addresses of a broker, databases and an inbox that demos can share."""
    with Stack.start(environ={}, fsync=False) as stack:
        yield stack.env()


Start = Callable[..., Demo]


@pytest.fixture
def start(tmp_path: Path, parts: dict[str, str]) -> Iterator[Start]:
    """Starts a demo whose only story lasts so many seconds, with a made-up service; its `own` parts are new."""
    for folder in ("deploy", "shared"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "services" / "coverage").mkdir(parents=True)
    (tmp_path / "services" / "coverage" / "__main__.py").write_text(READY)
    started: list[Demo] = []

    def starting(story_seconds: float, own: str = "none") -> Demo:
        (tmp_path / "deploy" / "demo" / "stories.py").write_text(STORY.format(seconds=story_seconds))
        terminal, theirs = pty.openpty()
        os.set_blocking(terminal, False)
        words = [sys.executable, "-m", "deploy.demo", "--keep", "--scale", SCALE]
        process = subprocess.Popen(
            words, cwd=tmp_path, env=environment(parts, own), stdin=theirs, stdout=theirs, stderr=theirs,
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )  # fmt: skip
        os.close(theirs)
        started.append(Demo(tmp_path, process, terminal))
        return started[-1]

    yield starting
    for demo in started:
        demo.process.kill()
        demo.process.wait()


def environment(parts: dict[str, str], own: str) -> dict[str, str]:
    """This process's, with the addresses of the shared parts but the `own`."""
    named = ("KAFKA_", "DATABASE_URL_", "SMTP_", "INBOX_", "CLOCK_", "TEST_STACK")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(named)}
    return kept | {name: address for name, address in parts.items() if not name.startswith(own)}


def command(demo: Demo, word: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "deploy.embedded", word], cwd=demo.checkout, capture_output=True, text=True, timeout=120
    )


def test_another_terminal_sees_the_demo_and_ends_it(start: Start):
    demo = start(0, own="DATABASE_URL_")
    state = demo.state()
    demo.await_words("make down")
    status, up, joined = command(demo, "status"), command(demo, "up"), shell_that_joins(demo, state)
    down, code = command(demo, "down"), demo.process.wait(30)

    assert status.returncode == 0
    assert status.stdout.startswith(f"a demo is running (process {demo.process.pid}): `make down` ends it\n")
    assert {state.inbox, state.services["coverage-1"], state.pages["search (coverage-1)"]} <= set(status.stdout.split())
    assert joined.startswith("postgresql://claims:")
    assert (up.returncode, up.stdout) == (1, "")
    assert up.stderr == "a demo is running: `make status` shows where, `make down` ends it\n"
    assert (down.returncode, down.stdout, code) == (0, "the demo has ended\n", 0)
    assert what_is_left(demo, state) == []


def shell_that_joins(demo: Demo, state: Keeper) -> str:
    """What a shell that has sourced the demo's addresses knows of the claims' database."""
    file = demo.checkout / ".run" / f"demo-{state.pid}" / "env"
    words = ["sh", "-c", f". {file} && echo $DATABASE_URL_CLAIMS"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def what_is_left(demo: Demo, state: Keeper) -> list[str]:
    """The processes, folders and notes that the demo has left behind; given a moment, where it was killed."""
    deadline = time.monotonic() + 20
    while (left := _left(demo, state)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def _left(demo: Demo, state: Keeper) -> list[str]:
    folder = Path(state.folder)
    nothing = command(demo, "status").stdout == "nothing is up\n"
    notes = [str(file) for file in demo.checkout.glob(".run/demo-*")]
    return [
        *(process.name() for process in guard.members(folder)),
        *([str(folder)] if folder.exists() else []),
        *([] if nothing else ["status"]),
        *notes,
    ]


def ctrl_c(demo: Demo) -> None:
    os.write(demo.terminal, b"\x03")


def terminal_is_closed(demo: Demo) -> None:
    os.close(demo.terminal)


def asked_to_end(demo: Demo) -> None:
    demo.process.send_signal(signal.SIGTERM)


def killed(demo: Demo) -> None:
    demo.process.kill()


KEPT, PLAYING = 0, 600


@pytest.mark.parametrize(
    ("end", "story_seconds", "codes"),
    [
        pytest.param(ctrl_c, KEPT, {0}, id="Ctrl-C"),
        pytest.param(terminal_is_closed, KEPT, {0, 1}, id="terminal closed"),
        pytest.param(killed, KEPT, {-signal.SIGKILL}, id="killed"),
        pytest.param(ctrl_c, PLAYING, {130}, id="Ctrl-C in a story"),
        pytest.param(asked_to_end, PLAYING, {130}, id="SIGTERM in a story"),
        pytest.param(terminal_is_closed, PLAYING, {1, 130}, id="terminal closed in a story"),
    ],
)
def test_however_a_demo_ends_nothing_stays(
    end: Callable[[Demo], None], story_seconds: float, codes: set[int], start: Start
):
    demo = start(story_seconds)
    state = demo.state()
    demo.await_words("make down" if story_seconds == KEPT else "it began")

    end(demo)
    code = demo.process.wait(60)

    assert code in codes
    assert what_is_left(demo, state) == []
