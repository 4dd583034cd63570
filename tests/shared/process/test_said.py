"""A rebuild knows again what was said before, also in the words of the version before."""

import json
from datetime import UTC, datetime

import pytest

from shared.events import envelope
from shared.events.examples import example
from shared.events.settlement import PayoutPaid, PayoutScheduled
from shared.kafka.topic_reader import Record
from shared.process.said import Said
from shared.runtime.outbox import Outgoing

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def said_by(event: PayoutScheduled | PayoutPaid, cause: str) -> Outgoing:
    enveloped = envelope.follow(
        event, cause_id=cause, ordinal=1, source="/settlement", now=NOW, correlation_id=None, trace=None
    )
    return Outgoing.of_envelope(enveloped)


def recorded(value: bytes) -> Record:
    return Record("settlement", 0, 0, 0, 0, b"c", value, None, 1, len(value), ())


@pytest.mark.parametrize("kind", [PayoutScheduled, PayoutPaid])
def test_a_payout_that_the_version_before_said_without_a_key_is_not_said_again(
    kind: type[PayoutScheduled] | type[PayoutPaid],
):
    now = kind.model_validate({**example(kind), "idempotency_key": "payout-s-1"})
    another = now.model_copy(update={"amount_cents": now.amount_cents + 1})
    said = Said("settlement")

    document = json.loads(said_by(now.model_copy(update={"idempotency_key": None}), "cause-then").value)
    data = {name: value for name, value in document["data"].items() if name not in ("idempotency_key", "decision")}
    said.add(recorded(json.dumps({**document, "data": data}).encode()))

    assert said.mute(said_by(now, "cause-now"))
    assert not said.mute(said_by(another, "cause-now"))


def test_with_its_key_a_payout_is_known_whatever_caused_it_and_another_key_is_another():
    now = PayoutScheduled.model_validate({**example(PayoutScheduled), "idempotency_key": "payout-s-1"})
    said = Said("settlement")

    told = said_by(now, "completed")
    said.add(recorded(told.value))

    assert said.mute(said_by(now, "cleared"))
    assert not said.mute(said_by(now.model_copy(update={"idempotency_key": "payout-s-2"}), "cleared"))
