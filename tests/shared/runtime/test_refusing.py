"""A message that is not taken is told to upstream, once, with what to do; a fact that comes late does not win."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.events import envelope
from shared.events.clients import ClientRegistered
from shared.events.upstream import MessageRefused
from shared.runtime.deadletter import Incoming
from tests import builders
from tests.harness import MORNING, ServiceUnderTest
from tests.runtime_probe.service import SERVICE


@pytest.fixture
async def probe(service_under_test) -> ServiceUnderTest:
    return await service_under_test(replace(SERVICE, answers_for=frozenset({"sessions", "clients"})))


def message(event, number: int, *, at=MORNING, **changes) -> Incoming:
    written = envelope.first(event, id=f"m-{number}", source="/practice", now=at)
    document = {**json.loads(written.to_bytes()), **changes}
    return Incoming(event.topic, event.key(), json.dumps(document).encode(), (), f"{event.topic}/0/{number}")


async def test_what_cannot_be_read_is_refused_with_its_field_and_what_to_do(probe):
    data = builders.confirmed().model_dump(mode="json")
    data["lines"][0]["charge_cents"] = "220.00"

    await probe.handles(message(builders.confirmed(), 1, data=data))

    assert probe.published == [
        MessageRefused(
            message_id="m-1",
            source="/practice",
            type="sessions.session.confirmed.v1",
            place="sessions/0/1",
            reason="unreadable",
            field="data.lines.0.charge_cents",
            what_to_do="Input should be a valid integer: integer cents: 220.00 dollars are 22000",
        )
    ]
    assert [topic for topic, _ in probe.dead] == ["sessions.dead"]


async def test_a_service_that_does_not_answer_for_the_topic_says_nothing(service_under_test):
    probe = await service_under_test(SERVICE)

    await probe.handles(Incoming("sessions", "c", b"{", (), "sessions/0/1"))

    assert probe.published == []
    assert len(probe.dead) == 1


async def test_an_unknown_type_is_told_once_a_type_and_source(probe):
    unknown = [message(builders.confirmed(), n, type="sessions.session.confirmed.v9") for n in range(3)]

    await probe.handles(*unknown, together=True)

    [refusal] = probe.published
    assert (refusal.reason, refusal.type, refusal.source) == (
        "unknown_type",
        "sessions.session.confirmed.v9",
        "/practice",
    )


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one after the other"])
async def test_an_older_fact_that_comes_later_does_not_win(probe, together):
    handled: list[str] = []

    async def keep(event: ClientRegistered, tx: object) -> None:
        handled.append(event.first_name)

    probe.consumer.service = replace(probe.service, handlers={ClientRegistered: keep}, prefetch=None)
    newer = message(builders.registered(first_name="New"), 1, at=MORNING)
    older = message(builders.registered(first_name="Old"), 2, at=MORNING - timedelta(hours=1))
    same = message(builders.registered(first_name="Same"), 3, at=MORNING)

    refused = []
    for batch in [[newer, older, same]] if together else [[newer], [older], [same]]:
        await probe.handles(*batch, together=together)
        refused += probe.published

    assert handled == ["New", "Same"]
    assert [(refusal.message_id, refusal.reason) for refusal in refused] == [("m-2", "older_than_known")]


async def test_a_clock_that_runs_ahead_does_not_keep_out_what_comes_later(probe):
    ahead = message(builders.registered(), 1, at=MORNING + timedelta(days=365))
    probe.clock.now = MORNING
    await probe.handles(ahead)
    probe.clock.now = MORNING + timedelta(hours=1)

    await probe.handles(message(builders.registered(), 2, at=MORNING + timedelta(hours=1)))

    assert [type(event) for event in probe.published if isinstance(event, MessageRefused)] == []
