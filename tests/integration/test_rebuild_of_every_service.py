"""Drills over all services: databases are restored to an earlier state. Nothing leaves twice, and nothing is missing.

The drills follow each other on one stack, each on what the one before has left.
"""

import asyncio
from collections.abc import Iterator

import pytest

from deploy.embedded.stack import Stack
from tests.integration.drill import OURS, Drill

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("rebuild")]


@pytest.fixture(scope="module")
def drill() -> Iterator[Drill]:
    """A stack whose services have handled a session each of two clients; the back-up is of the first alone."""
    with Stack.start(environ={}, fsync=False) as stack:
        drill = Drill(stack)
        asyncio.run(drill.begin())
        assert any("refund" in key for _, key in asyncio.run(drill.money())), "the first client gets a part back"
        yield drill


@pytest.mark.parametrize(
    ("services", "lost", "offsets"),
    [
        (("coverage", "settlement"), False, None),
        (("claims", "notification"), False, 0.5),
        (OURS, False, None),
        (OURS, True, 0.0),
    ],
    ids=["two restored", "the other two restored, offsets set back", "all restored", "all lost, offsets at zero"],
)
def test_after_a_rebuild_nothing_has_left_twice_and_nothing_is_missing(
    drill: Drill, services: tuple[str, ...], lost: bool, offsets: float | None
):
    drill.stop()
    asyncio.run(drill.restore(services, lost=lost))
    if offsets is not None:
        for service in services:
            asyncio.run(drill.set_offsets(service, offsets))
    asyncio.run(drill.another_client())
    for service in services:
        assert "rebuild" in asyncio.run(drill.refusal(service))

    rebuilt = {service: drill.rebuild(service) for service in services}
    drill.start()
    asyncio.run(drill.until_all_ended())

    assert asyncio.run(drill.doubled()) == []
    assert asyncio.run(drill.waiting_for_a_person()) == []
    silent = {service for service, done in rebuilt.items() if done["said_before"] == 0}
    assert silent <= {"notification"}, "its sender says what became of letters, no handler does"


def test_after_kafka_was_lost_upstream_sends_again_and_nothing_leaves_twice(drill: Drill):
    drill.stop()
    asyncio.run(drill.lose_kafka())
    for service in OURS:
        assert "another Kafka" in asyncio.run(drill.refusal(service))

    for service in (*OURS, "payers"):
        drill.rebuild(service, "--accept")
    drill.start()
    asyncio.run(drill.say_all_again())
    asyncio.run(drill.another_client())
    asyncio.run(drill.until_all_ended())

    assert asyncio.run(drill.doubled()) == []
