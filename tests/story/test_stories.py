"""The stories of `make demo`, whole: on a broker, databases and services of their own."""

import ast
import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.demo.stories import stories
from deploy.embedded.stack import Stack
from tests.story.wire import differences

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("story")]
OTHERS = ("KAFKA_", "DATABASE_URL_", "SMTP_URL", "INBOX_", "TEST_STACK", "CLOCK_OFFSET_FILE")


def test_every_story_ends_as_told_and_the_wire_is_as_the_document_says():
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OTHERS)}

    with Stack.start(environ={}, postgres=False, inbox=False, fsync=False) as broker:
        environment["KAFKA_BOOTSTRAP_SERVERS"] = broker.kafka_bootstrap
        played = subprocess.run(
            [sys.executable, "-m", "deploy.demo"],
            env=environment, capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
        seen, found = asyncio.run(differences(broker.kafka_bootstrap))

    assert found == []
    assert len(seen) > 25, "most events occur in the stories"
    place = re.search(r"^logs +(\S+)$", played.stdout, re.M)
    assert played.returncode == 0, played.stdout[-6000:] + played.stderr[-2000:]
    for story in stories():
        assert story.name in played.stdout
    assert place is not None
    texts = {path.name: path.read_text(errors="replace") for path in Path(place[1]).glob("*.log")}
    assert {"coverage-1.log", "claims-1.log", "settlement-1.log", "notification-1.log"} <= set(texts)
    assert all("started" in texts[name] for name in texts if re.match("coverage|claims|settlement|notification", name))
    assert {name: said for name, text in texts.items() if (said := personal(text))} == {}


def personal(text: str) -> list[str]:
    """The words in a log that say who somebody is, or what they suffer from."""
    words = "|".join(map(re.escape, sorted(of_the_cast())))
    return re.findall(rf"\b(?:{words})\b|[\w.+-]+@\w[\w.-]+", text)


def of_the_cast() -> set[str]:
    """Names, member ids, birth dates, addresses, diagnoses and reference numbers of the stories' people."""
    personal = {"F411", "F41.1", "12 Elm Street", "1988-04-12", "19880412", "1986-09-30", "19860930", "REF-2026-0815"}
    for node in ast.walk(ast.parse(Path(stories.__code__.co_filename).read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"cast.registered", "cast.own", "cast.spouses"}:
            personal |= {str(argument.value) for argument in node.args[2:] if isinstance(argument, ast.Constant)}
    return personal


def test_a_log_that_says_too_much_is_found_out():
    assert personal("F411 of Rivera (sam@example.test), member ONE1001") == [
        "F411", "Rivera", "sam@example.test", "ONE1001",
    ]  # fmt: skip
    assert personal("session_id=wrong-order-1 client_id=client-wrong-order Samuel") == []
