"""A drill: two databases are lost, their processes refuse to start. Nothing leaves twice, and nothing is missing."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from deploy.embedded.stack import Stack
from shared.events import envelope
from shared.events.directory import PayerListed
from shared.events.examples import example
from shared.events.types import Event
from tests.builders import cleared, completed, provider, registered
from tests.integration.drill import Drill
from tests.services.settlement.settlement_events import rate

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("rebuild")]
LOST = ("settlement", "notification")


@pytest.fixture
def drill() -> Iterator[Drill]:
    with Stack.start(environ={}, fsync=False) as stack:
        yield Drill(stack)


def directory() -> list[Event]:
    payer = PayerListed.model_validate({**example(PayerListed), "payer_id": "ONE", "name": "Plan One Health"})
    return [payer, provider(), rate(15000)]


def sessions_of(*clients: str) -> list[Event]:
    said: list[Event] = []
    for name in clients:
        said.append(registered(client_id=name, email=f"{name}@example.test"))
        said.append(cleared("own", client_id=name, session_id=f"s-{name}"))
        said.append(completed(client_id=name, session_id=f"s-{name}"))
    return said


def letters(drill: Drill) -> Counter[str]:
    """How many letters each client has got."""
    return Counter(client for client, _ in drill.letters().elements())


def until_letters(drill: Drill, count: int, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while letters(drill).total() < count:
        assert time.monotonic() < deadline, f"{letters(drill)} after {seconds} s"
        time.sleep(0.2)


async def said(drill: Drill, kind: str) -> Counter[str]:
    """How often settlement has said this of each client."""
    messages = [envelope.read(record.value, record.headers) for record in await drill.records("settlement")]
    return Counter(message.subject for message in messages if message.type == f"settlement.{kind}.v1")


async def lose(drill: Drill) -> None:
    """The databases are empty, and their services own them: they make the tables themselves."""
    for service in LOST:
        name = drill.name(service)
        await drill.admin(f'drop database "{name}" with (force)', f'create database "{name}" owner "{service}"')


def refuses(drill: Drill, service: str) -> str:
    """What the process said last, before it ended without having started."""
    replica = drill.services.add(service)
    assert replica.child.wait_end(90)
    assert replica.child.process.returncode == 3
    last_words = replica.child.tail(1)
    drill.stop()
    return last_words


def test_after_a_rebuild_nothing_has_left_twice_and_nothing_is_missing(drill: Drill):
    drill.start("settlement", "notification", "payers")
    asyncio.run(drill.say(*directory(), *sessions_of("a", "b", "c")))
    until_letters(drill, 3)
    drill.stop()

    asyncio.run(lose(drill))
    asyncio.run(drill.say(*sessions_of("g")))
    for service in LOST:
        assert "rebuild" in refuses(drill, service)
    rebuilt = {service: drill.rebuild(service) for service in LOST}
    drill.start("settlement", "notification", "payers")
    until_letters(drill, 4)
    time.sleep(3)
    drill.stop()

    once = dict.fromkeys("abcg", 1)
    assert letters(drill) == once
    for kind in ("charge.requested", "client.charged", "payout.scheduled"):
        assert asyncio.run(said(drill, kind)) == once, kind
    assert rebuilt["settlement"]["said_before"] > 0
