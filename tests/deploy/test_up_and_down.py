"""`make up`, `make status` and `make down`, in a checkout of their own, without the services."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from deploy.embedded import guard
from deploy.embedded.stack import SERVICES

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("own-stack")]
ROOT = Path(__file__).parents[2]
NONE = " ".join(f"{service}=0" for service in SERVICES)
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Runs `python -m deploy.embedded` in a checkout that holds only it; what is still up at the end is ended."""
    for folder in ("deploy", "shared"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    named = ("KAFKA_", "DATABASE_URL_", "SMTP_", "INBOX_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(named)}

    def call(*words: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "deploy.embedded", *words]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)

    yield call
    call("down")


def test_up_returns_when_all_is_ready_and_down_ends_it(run: Run, tmp_path: Path):
    up = run("up", "--scale", NONE)
    state = json.loads((tmp_path / ".run" / "keeper.json").read_text())
    addresses = subprocess.run(
        ["sh", "-c", ". ./.run/env && echo $DATABASE_URL_CLAIMS $CLOCK_OFFSET_FILE"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    members = {process.name() for process in guard.members(Path(state["folder"]))}
    mode = (tmp_path / ".run" / "env").stat().st_mode
    status, second, down = run("status"), run("up"), run("down")

    assert (up.returncode, status.returncode, status.stdout) == (0, 0, up.stdout)
    assert state["inbox"] in up.stdout
    assert {"java", "postgres"} <= members
    assert addresses.stdout.startswith("postgresql://claims:")
    assert mode & 0o077 == 0, "it holds passwords"
    assert (second.returncode, second.stdout, len(second.stderr.splitlines())) == (1, "", 1)
    assert (down.returncode, down.stdout) == (0, "down\n")
    assert list(guard.members(Path(state["folder"]))) == []
    assert run("status").stdout == "nothing is up\n"
    assert any((tmp_path / ".run" / "logs").iterdir()), "the logs outlive it"


def test_clean_removes_what_keep_has_kept(run: Run, tmp_path: Path):
    up = run("up", "--keep", "--scale", NONE)
    kept = Path(json.loads((tmp_path / ".run" / "keeper.json").read_text())["folder"])
    down, was_kept = run("down"), kept.exists()

    clean = run("clean")

    assert (up.returncode, down.returncode, was_kept, clean.returncode) == (0, 0, True, 0)
    assert not kept.exists()


def test_down_ends_no_stranger_that_has_got_the_keepers_id(run: Run, tmp_path: Path):
    stranger = subprocess.Popen(["sleep", "60"])
    (tmp_path / ".run").mkdir()
    started = psutil.Process(stranger.pid).create_time() - 100
    (tmp_path / ".run" / "keeper.json").write_text(json.dumps({"what": "up", "pid": stranger.pid, "started": started}))

    down = run("down")

    assert (down.returncode, down.stdout) == (0, "nothing is up\n")
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_keeper_that_is_killed_takes_everything_with_it_and_up_works_again(run: Run, tmp_path: Path):
    run("up", "--scale", NONE)
    state = json.loads((tmp_path / ".run" / "keeper.json").read_text())

    os.kill(state["pid"], signal.SIGKILL)
    deadline = time.monotonic() + 10
    while list(guard.members(Path(state["folder"]))) and time.monotonic() < deadline:
        time.sleep(0.1)

    assert list(guard.members(Path(state["folder"]))) == []
    assert run("up", "--scale", NONE).returncode == 0


@pytest.mark.parametrize(
    ("words", "code"), [(["up", "--scale", "claim=2"], 1), (["sideways"], 2), ([], 2)], ids=["scale", "word", "none"]
)
def test_wrong_usage_is_told_in_a_line_without_a_traceback(run: Run, words: list[str], code: int):
    wrong = run(*words)

    assert (wrong.returncode, wrong.stdout) == (code, "")
    assert "Traceback" not in wrong.stderr


def test_a_service_that_cannot_start_is_told_with_its_reason_and_nothing_stays(run: Run, tmp_path: Path):
    (tmp_path / "services" / "claims").mkdir(parents=True)
    (tmp_path / "services" / "claims" / "__main__.py").write_text("raise SystemExit('claims cannot start: no moon')")

    up = run("up", "--scale", NONE.replace("claims=0", "claims=1"))

    assert (up.returncode, up.stdout) == (1, "")
    assert "claims-1 ended with code 1: claims cannot start: no moon" in up.stderr
    assert run("status").stdout == "nothing is up\n"


def test_status_tells_which_service_has_died(run: Run, tmp_path: Path):
    service = "claims"
    (tmp_path / "services" / service).mkdir(parents=True)
    (tmp_path / "services" / service / "__main__.py").write_text(READY)

    up = run("up", "--scale", NONE.replace("claims=0", "claims=2"))
    folder = Path(json.loads((tmp_path / ".run" / "keeper.json").read_text())["folder"])
    ours = [process for process in guard.members(folder) if f"services.{service}" in process.cmdline()]
    ours[0].kill()
    status = run("status")

    assert (up.returncode, len(ours), status.returncode) == (0, 2, 1)
    said = [line for line in status.stdout.splitlines() if line.startswith(service)]
    assert sorted("DOES NOT ANSWER" in line for line in said) == [False, True]


READY = """
import os
from http.server import BaseHTTPRequestHandler, HTTPServer
class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *words): pass
HTTPServer(("127.0.0.1", int(os.environ["HTTP_PORT"])), Page).serve_forever()
"""
