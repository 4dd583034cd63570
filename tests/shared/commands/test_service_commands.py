"""`parked` and `dead` as an operator types them, in every service, on the real database."""

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from deploy.embedded.stack import SERVICES, database_variable
from shared.events.types import ClientEvent
from shared.runtime.service import Service

EXAMPLES = Path(__file__).parents[3] / "shared" / "events" / "examples"


def command(name: str, dsn: str | None, *words: str) -> "subprocess.CompletedProcess[str]":
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DATABASE_URL_")}
    environment |= {database_variable(name): dsn} if dsn else {}
    line = [sys.executable, "-m", f"services.{name}", *words]
    return subprocess.run(line, env=environment, capture_output=True, text=True, timeout=60)


def example(service: Service) -> ClientEvent:
    """An event about a client that the service handles."""
    models = [model for model in service.handlers if issubclass(model, ClientEvent)]
    for model in sorted(models, key=lambda event_type: event_type.wire_type()):
        for path in sorted(EXAMPLES.rglob(f"{model.wire_type()}*.json")):
            return model.model_validate(json.loads(path.read_text())["data"])
    raise AssertionError("no example")


async def fails(event: Any, tx: Any) -> None:
    raise RuntimeError("not mended yet")


async def parked(name: str, service_under_test: Any) -> tuple[Any, ClientEvent]:
    """The service with one message of one key that waits for a mended version."""
    real = import_module(f"services.{name}.app").SERVICE
    sut = await service_under_test(real)
    event = example(real)
    sut.consumer.service = replace(real, handlers={type(event): fails}, prefetch=None)
    await sut.receives(event)
    return sut, event


@pytest.mark.parametrize("name", SERVICES)
async def test_every_service_releases_what_it_has_parked(name: str, service_under_test):
    sut, event = await parked(name, service_under_test)

    released = await asyncio.to_thread(command, name, sut.dsn, "parked", "release", event.key(), "--why", "mended")

    assert (released.returncode, json.loads(released.stdout)["handled"]) == (0, 1), released.stderr


async def test_what_is_parked_is_listed_and_shown_and_not_released_without_a_reason(service_under_test):
    sut, event = await parked("payers", service_under_test)

    async def typed(*words: str) -> "subprocess.CompletedProcess[str]":
        return await asyncio.to_thread(command, "payers", sut.dsn, "parked", *words)

    (listed,) = json.loads((await typed("list")).stdout)
    (shown,) = json.loads((await typed("show", event.key())).stdout)
    unsaid = await typed("release", event.key())

    assert (listed["key"], listed["messages"]) == (event.key(), 1)
    assert (shown["type"], shown["handled_here"]) == (type(event).wire_type(), True)
    assert (unsaid.returncode, unsaid.stderr.count("\n")) == (2, 1)


async def test_a_dead_letter_is_listed_shown_without_its_content_and_dropped(service_under_test):
    sut = await service_under_test(import_module("services.payers.app").SERVICE)
    event = example(sut.service)
    await sut.handles(replace(sut.message(event), value=b'{"first_name": "Sam'))

    async def typed(*words: str) -> "subprocess.CompletedProcess[str]":
        return await asyncio.to_thread(command, "payers", sut.dsn, "dead", *words)

    (listed,) = json.loads((await typed("list")).stdout)
    shown = (await typed("show", str(listed["id"]))).stdout
    neither = await typed("again", "--why", "x")
    blank = await typed("drop", str(listed["id"]), "--why", " ")
    dropped = await typed("drop", "--reason", listed["reason"], "--why", "nonsense")

    assert "Sam" not in shown
    assert (neither.returncode, neither.stderr) == (
        2, "python -m services.payers dead: dead again takes either IDs or --reason\n",
    )  # fmt: skip
    assert (blank.returncode, "--why" in blank.stderr, blank.stderr.count("\n")) == (2, True, 1)
    assert (dropped.returncode, json.loads(dropped.stdout)) == (0, {"dropped": [listed["id"]]})


@pytest.mark.parametrize("dsn", [None, "postgresql://nobody@127.0.0.1:1/none", "no address"])
def test_without_a_database_one_line_says_so(dsn: str | None):
    ended = command("coverage", dsn, "parked", "list")

    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert "DATABASE_URL_COVERAGE" in ended.stderr
