"""Services as processes: replicas with a port each, their own database alone, an end in order. With services made up
here, and nothing else started.
"""

import json
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.embedded.children import StartError
from deploy.embedded.services import Replica, Services
from deploy.embedded.stack import SERVICES, Stack, database_variable

pytestmark = pytest.mark.stack  # for its length
GIVEN = {database_variable(name): f"postgresql://{name}@db/{name}" for name in SERVICES} | {
    "KAFKA_BOOTSTRAP_SERVERS": "kafka:9092",
    "SMTP_URL": "smtp://mail",
}
# Ready at its second being asked; shows its environment; counts the requests to end; ends when it has been asked once.
SERVICE = """
import json, os, signal, sys, threading, time
from http.server import BaseHTTPRequestHandler, HTTPServer
asked = 0
class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        global asked
        asked += 1
        body = json.dumps(dict(os.environ)).encode()
        self.send_response(503 if self.path == "/health/ready" and asked == 1 else 200)
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words): pass
def end(number, frame):
    print("asked to end", flush=True)
    threading.Timer(0.3, lambda: os._exit(0)).start()
signal.signal(signal.SIGTERM, end)
assert sys.argv[1:] == ["run"]
HTTPServer(("127.0.0.1", int(os.environ["HTTP_PORT"])), Page).serve_forever()
"""


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """Services made up for the test, on a stack that starts nothing."""
    for name in SERVICES:
        (tmp_path / "services" / name).mkdir(parents=True)
        (tmp_path / "services" / name / "__main__.py").write_text(SERVICE)
    for name in GIVEN:
        monkeypatch.delenv(name, raising=False)
    with Stack.start(environ=GIVEN) as stack:
        yield Services(stack, {"EXTRA": "word"}, code=tmp_path)


def environment(replica: Replica) -> dict[str, Any]:
    """What the replica's process was given."""
    with urllib.request.urlopen(replica.url, timeout=5) as answer:
        return json.load(answer)


def test_each_replica_has_a_port_of_its_own_and_its_own_database_alone(running: Services):
    running.start({"claims": 2, "coverage": 1})
    running.wait(20)

    given = {replica.name: environment(replica) for replica in running.replicas}

    assert list(given) == ["claims-1", "claims-2", "coverage-1"]
    assert len({environment["HTTP_PORT"] for environment in given.values()}) == 3
    for name, variables in given.items():
        service = name.split("-")[0]
        assert {word for word in variables if word.startswith("DATABASE_URL_")} == {database_variable(service)}
        assert (variables["KAFKA_BOOTSTRAP_SERVERS"], variables["SMTP_URL"], variables["EXTRA"]) == (
            "kafka:9092", "smtp://mail", "word",
        )  # fmt: skip
    links = {environment["COVERAGE_URL"] for environment in given.values()}
    assert links == {running.of("coverage")[0].pages_url}, "letters link to the pages of the first coverage replica"
    clocks = {environment["CLOCK_OFFSET_FILE"] for environment in given.values()}
    assert clocks == {str(running.clock_file)}, "one clock for all"


def test_replicas_are_added_ended_and_killed_while_others_go_on(running: Services):
    running.start({"claims": 1})
    added = running.add("claims")
    running.wait(20)
    first = running.of("claims")[0]

    added.stop()
    killed = running.add("claims")
    killed.wait(20)
    killed.kill()

    assert [replica.name for replica in running.of("claims")] == ["claims-1"]
    assert first.ready()
    assert (added.child.process.returncode, killed.child.process.returncode) == (0, -9)
    assert added.child.log.read_text() == "asked to end\n"
    assert killed.name == "claims-3", "a log is one process's"


def test_all_are_asked_to_end_once_and_side_by_side(running: Services):
    running.start({"claims": 3, "coverage": 1})
    running.wait(20)
    logs = [replica.child.log for replica in running.replicas]

    started = time.monotonic()
    running.stop()

    assert time.monotonic() - started < 4 * 0.3
    assert [log.read_text() for log in logs] == ["asked to end\n"] * 4


def test_a_service_that_ends_before_it_is_ready_is_told_with_what_it_said_last(running: Services, tmp_path: Path):
    broken = tmp_path / "services" / "claims" / "__main__.py"
    broken.write_text("print('first word'); raise ValueError('no tables')")
    running.start({"claims": 1})

    with pytest.raises(StartError, match=r"claims-1 ended with code 1: .*ValueError: no tables"):
        running.wait(20)


def test_a_service_that_is_never_ready_is_not_waited_for_for_ever(running: Services, tmp_path: Path):
    (tmp_path / "services" / "claims" / "__main__.py").write_text("import time; time.sleep(600)")
    running.start({"claims": 1})

    with pytest.raises(StartError, match="claims-1 was not ready after 1 s: its log is empty"):
        running.wait(1)


def test_the_given_clock_is_the_one_that_moves(running: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("CLOCK_OFFSET_FILE", str(tmp_path / "clock"))
    stack = Stack(environ=GIVEN)
    moved = Services(stack)
    stack.stop()

    assert moved.clock_file == tmp_path / "clock"
