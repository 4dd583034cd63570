"""What leaves for the outside has a key and an id of its business fact, whichever message made it due."""

from typing import Any

from services.settlement.app import SERVICE
from shared.events import envelope
from shared.events.sessions import SessionCancelled
from shared.events.settlement import ChargeRequested, PayoutCancelled, PayoutPaid, PayoutScheduled, RefundRequested
from tests.harness import ServiceUnderTest
from tests.services.settlement.settlement_events import (
    COMPLETED,
    NAME,
    PRIMARY,
    RATE,
    SECONDARY,
    WHOSE,
    cleared,
    paid,
    rate,
)

EFFECTS = (ChargeRequested, RefundRequested, PayoutScheduled, PayoutPaid)


async def effects(sut: ServiceUnderTest, *events: Any) -> dict[str, str]:
    """The id of each effect, by its type and key, once the events were handled one by one and the payday has come."""
    ids: dict[str, str] = {}
    for event in events:
        await sut.consumer.batch([sut.message(event)])
        ids |= await _taken(sut)
    await sut.passes(days=40)
    return ids | {_name(event): "" for event in sut.published if isinstance(event, PayoutPaid)}


async def _taken(sut: ServiceUnderTest) -> dict[str, str]:
    rows = await sut.pool.fetch("delete from outbox returning value")
    messages = [envelope.read(row["value"], ()) for row in rows]
    return {_name(message.event): message.id for message in messages if isinstance(message.event, EFFECTS)}


def _name(event: Any) -> str:
    return f"{event.noun_verb} {event.idempotency_key}"


async def test_two_orders_of_the_same_facts_give_equal_keys_and_ids(service_under_test: Any):
    facts = [cleared(), COMPLETED, paid(3000), PRIMARY, SECONDARY]
    seen = []
    for order in (facts, [SECONDARY, PRIMARY, COMPLETED, cleared(), paid(3000)], [COMPLETED, *reversed(facts)]):
        sut = await service_under_test(SERVICE)
        await sut.given(RATE)
        seen.append(await effects(sut, *order))

    assert seen[0] == seen[1] == seen[2]
    kinds = sorted(name.split()[0] for name in seen[0])
    assert kinds == ["charge.requested", "payout.paid", "payout.scheduled", "refund.requested"]


async def test_a_payout_is_paid_under_the_key_under_which_it_was_scheduled(settlement: ServiceUnderTest):
    await settlement.receives(cleared(), COMPLETED)
    scheduled = settlement.only(PayoutScheduled)
    assert (scheduled.idempotency_key, scheduled.decision) == (f"payout-{NAME}-1", cleared().decision)

    await settlement.passes(days=40)

    assert settlement.only(PayoutPaid).idempotency_key == scheduled.idempotency_key


async def test_a_restated_amount_is_of_the_same_payment_and_another_message(settlement: ServiceUnderTest):
    """Also where the true rate came late, after the old one had been scheduled under the same decision."""
    other = cleared(decision=2, rate_payer_id="TWO")
    scheduled = {
        (event.idempotency_key, event.amount_cents): event.effect()
        for batch in ([cleared(), other, COMPLETED], [rate(16000, "TWO")])
        for event in await _scheduled(settlement, *batch)
    }

    assert list(scheduled) == [(f"payout-{NAME}-1", 15000), (f"payout-{NAME}-1", 16000)]
    assert len(set(scheduled.values())) == 2


async def _scheduled(sut: ServiceUnderTest, *events: Any) -> list[PayoutScheduled]:
    await sut.receives(*events)
    said = sut.all(PayoutScheduled)
    await sut.passes(minutes=1)
    return said + sut.all(PayoutScheduled)


async def test_a_payout_is_called_off_under_the_key_under_which_it_was_scheduled(settlement: ServiceUnderTest):
    await settlement.receives(cleared(), COMPLETED)
    scheduled = settlement.only(PayoutScheduled)

    await settlement.receives(SessionCancelled.model_validate(WHOSE))

    cancelled = settlement.only(PayoutCancelled)
    assert (cancelled.idempotency_key, cancelled.decision) == (scheduled.idempotency_key, scheduled.decision)
    assert cancelled.effect() == f"payout-{NAME}-1|{cleared().decision}|15000"


async def test_an_increase_that_was_called_off_names_the_second_payment(settlement: ServiceUnderTest):
    await settlement.given(rate(18000, "TWO"), cleared(), COMPLETED)
    await settlement.passes(days=40)
    await settlement.given(cleared(decision=2, rate_payer_id="TWO"))

    await settlement.receives(cleared(decision=3))

    cancelled = settlement.only(PayoutCancelled)
    assert (cancelled.idempotency_key, cancelled.decision, cancelled.amount_cents) == (f"payout-{NAME}-2", 3, 3000)
