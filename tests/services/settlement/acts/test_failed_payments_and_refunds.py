"""Payments that bounce or are declined, and refunds that fail: each ends as charged, as given back, or with a person.

Charge 220.00, rate 150.00. The client is charged 30.00; the primary leaves 30.00, the secondary pays 24.00.
"""

from shared.events.settlement import (
    ChargeRequested,
    CostFinalized,
    RefundIssued,
    RefundRequested,
)
from tests.harness import ServiceUnderTest
from tests.services.settlement.settlement_events import (
    COMPLETED,
    PRIMARY,
    SECONDARY,
    answered,
    balance_letter,
    balances,
    cleared,
    failed,
    nothing_moves,
    reasons,
    refund_failed,
    refunded,
    reversed_,
    withheld,
)


async def test_a_payment_that_bounces_after_its_success_is_announced_and_charged_again(charged: ServiceUnderTest):
    await charged.given(PRIMARY, withheld())
    await charged.passes(days=1)

    await charged.receives(failed(3000))

    final = charged.only(CostFinalized)
    assert (final.edition, final.paid_cents, final.refund_cents, final.reason) == (2, 0, -3000, "charge_failed")
    await charged.given(balance_letter(edition=2))
    await charged.passes(days=7)
    assert charged.only(ChargeRequested).amount_cents == 3000


async def test_a_bounced_payment_of_which_some_went_back_is_for_a_person(charged: ServiceUnderTest):
    await charged.given(PRIMARY, SECONDARY)
    await charged.passes(days=1)

    await charged.receives(failed(3000))
    await charged.passes(days=30)

    assert charged.none(ChargeRequested)
    assert charged.none(CostFinalized)


async def test_a_failed_refund_that_is_tried_again_does_not_go_back_twice(charged: ServiceUnderTest):
    await charged.receives(PRIMARY, SECONDARY)
    key = charged.only(RefundRequested).idempotency_key
    await charged.receives(refund_failed(2400, key))
    assert reasons(charged) == ["refund_failed"]
    await charged.passes(minutes=1)
    nothing = answered("secondary", 3000, [("OA", "23", 19000)], number=3)

    await charged.receives(reversed_(SECONDARY, 2), nothing)

    final, rest = charged.only(CostFinalized), charged.only(RefundRequested)
    assert (final.paid_cents, final.refund_cents, final.refund_by_hand_cents) == (3000, 3000, 2400)
    assert rest.amount_cents == 600
    assert rest.idempotency_key != key
    await charged.passes(days=1)
    await charged.receives(refunded(600, rest.idempotency_key), refunded(2400, key))
    assert [event.amount_cents for event in charged.all(RefundIssued)] == [600, 2400]
    assert charged.none(ChargeRequested)
    assert "client_receivable" not in await balances(charged)


async def test_a_failed_refund_is_no_money_that_went_back_when_the_cost_changes(charged: ServiceUnderTest):
    await charged.receives(PRIMARY, SECONDARY)
    await charged.receives(refund_failed(2400, charged.only(RefundRequested).idempotency_key))
    await charged.passes(minutes=1)
    less = answered("secondary", 2000, [("OA", "23", 19000), ("PR", "2", 1000)], number=3)

    await charged.receives(reversed_(SECONDARY, 2), less)

    final = charged.only(CostFinalized)
    assert (final.paid_cents, final.final_cost_cents, final.given_back_cents) == (3000, 1000, 0)
    assert (final.refund_cents, final.refund_by_hand_cents) == (2000, 2000)
    assert charged.none(RefundRequested)


async def test_a_refund_that_fails_while_the_cost_is_open_again_reaches_a_person(charged: ServiceUnderTest):
    await charged.receives(PRIMARY, SECONDARY)
    key = charged.only(RefundRequested).idempotency_key
    await charged.receives(reversed_(SECONDARY, 2))

    await charged.receives(refund_failed(2400, key))

    assert reasons(charged) == ["refund_failed"]
    assert nothing_moves(charged)


async def test_a_refund_without_an_answer_reaches_a_person(charged: ServiceUnderTest):
    await charged.given(PRIMARY, SECONDARY)

    await charged.passes(days=4)

    assert reasons(charged) == ["refund_unanswered"]


async def test_a_declined_card_is_the_reason_of_its_balance(settlement: ServiceUnderTest):
    await settlement.given(cleared(), failed(3000), COMPLETED)

    await settlement.receives(PRIMARY, SECONDARY)

    final = settlement.only(CostFinalized)
    assert (final.refund_cents, final.reason) == (-600, "charge_failed")
