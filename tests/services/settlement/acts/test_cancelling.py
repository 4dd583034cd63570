"""A cancelled session costs nothing: what was paid goes back, and the client is told so with the refund."""

from shared.events.payments import RefundSucceeded
from shared.events.settlement import ChargeRequested, CostFinalized, RefundRequested
from tests.harness import ServiceUnderTest
from tests.services.settlement.settlement_events import (
    CANCELLED,
    COMPLETED,
    DEDUCTIBLE,
    PRIMARY,
    SECONDARY,
    cleared,
    disputed,
    paid,
    withheld,
)


async def test_what_was_paid_goes_back_and_is_told_with_the_refund(settlement: ServiceUnderTest):
    await settlement.given(cleared(), paid(3000), COMPLETED)

    await settlement.receives(CANCELLED)

    told = settlement.only(CostFinalized)
    assert (told.edition, told.reason, told.final_cost_cents) == (1, "session_cancelled", 0)
    assert (told.paid_cents, told.refund_cents, told.charge_on) == (3000, 3000, None)
    assert settlement.only(RefundRequested).amount_cents == 3000


async def test_after_the_cost_was_told_the_rest_goes_back_a_minute_later_at_the_earliest(settlement: ServiceUnderTest):
    await settlement.given(cleared(), paid(3000), COMPLETED, PRIMARY, SECONDARY)

    await settlement.receives(CANCELLED)
    assert settlement.none(RefundRequested)
    assert settlement.none(CostFinalized)

    await settlement.passes(minutes=1)
    told = settlement.only(CostFinalized)
    assert (told.edition, told.reason, told.final_cost_cents) == (2, "session_cancelled", 0)
    assert (told.charged_cents, told.given_back_cents, told.paid_cents, told.refund_cents) == (3000, 2400, 600, 600)
    assert settlement.only(RefundRequested).amount_cents == 600


async def test_a_balance_that_was_announced_is_taken_back_in_words_and_never_charged(settlement: ServiceUnderTest):
    await settlement.given(cleared(), paid(3000), COMPLETED, DEDUCTIBLE, withheld())
    await settlement.passes(minutes=2)

    await settlement.receives(CANCELLED)

    told = settlement.only(CostFinalized)
    assert (told.reason, told.final_cost_cents, told.refund_cents) == ("session_cancelled", 0, 3000)
    await settlement.passes(days=30)
    assert settlement.none(ChargeRequested)


async def test_a_charge_that_is_answered_after_the_cancellation_goes_back_and_is_told(settlement: ServiceUnderTest):
    await settlement.given(cleared())
    await settlement.receives(CANCELLED)
    assert settlement.none(CostFinalized)

    await settlement.receives(paid(3000))

    told = settlement.only(CostFinalized)
    assert (told.reason, told.refund_cents) == ("session_cancelled", 3000)
    assert settlement.only(RefundRequested).amount_cents == 3000


async def test_a_dispute_won_after_the_cancellation_brings_a_refund_that_is_told(settlement: ServiceUnderTest):
    await settlement.given(cleared(), paid(3000), disputed(3000), CANCELLED)
    await settlement.passes(minutes=1)

    await settlement.receives(paid(3000))

    assert settlement.only(CostFinalized).refund_cents == settlement.only(RefundRequested).amount_cents == 3000


async def test_what_payers_say_afterwards_is_told_to_nobody(settlement: ServiceUnderTest):
    await settlement.given(cleared(), paid(3000), COMPLETED)
    await settlement.receives(CANCELLED)
    refund = settlement.only(RefundRequested)
    answer = {"idempotency_key": refund.idempotency_key, "amount_cents": 3000}
    await settlement.given(RefundSucceeded.model_validate({"client_id": "c", "session_id": "s", **answer}))
    await settlement.passes(minutes=2)

    await settlement.receives(PRIMARY)

    assert settlement.none(CostFinalized)
    assert settlement.none(RefundRequested)
