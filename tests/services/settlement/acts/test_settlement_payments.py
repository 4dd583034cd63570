"""Answers of the payment system that come early, twice, too high, not at all, or are disputed."""

from typing import Any

import pytest

from shared.events.settlement import (
    BalanceDue,
    ChargeRequested,
    ClientCharged,
    CostFinalized,
    PayoutScheduled,
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
    disputed,
    failed,
    paid,
    rate,
    reasons,
    refund_failed,
    refunded,
    remitted,
    withheld,
)


async def test_a_payment_answered_before_it_was_asked_for_counts_when_it_is(settlement: ServiceUnderTest):
    await settlement.receives(paid(3000), COMPLETED, PRIMARY, SECONDARY)
    assert reasons(settlement) == ["answer_without_request"]

    await settlement.receives(cleared())

    assert settlement.only(ClientCharged).amount_cents == 3000
    assert settlement.only(CostFinalized).final_cost_cents == 600
    assert settlement.only(RefundRequested).amount_cents == 2400


async def test_an_answer_to_a_request_never_made_is_told_once_a_key(settlement: ServiceUnderTest):
    await settlement.receives(paid(1, "x"), paid(1, "x"), paid(2, "y"))

    assert reasons(settlement) == ["answer_without_request", "answer_without_request"]
    assert await settlement.pool.fetchval("select count(*) from reviews") == 1  # at one moment of the stopped clock
    assert await balances(settlement) == {}


@pytest.mark.parametrize("early", [False, True], ids=["after the request", "before the request"])
async def test_a_payment_above_what_was_asked_is_not_counted(settlement: ServiceUnderTest, early: bool):
    events = [paid(300000), cleared()] if early else [cleared(), paid(300000)]
    await settlement.receives(*events, COMPLETED, PRIMARY, SECONDARY)

    assert "answer_exceeds_request" in reasons(settlement)
    assert settlement.none(RefundRequested)
    await settlement.receives(paid(3000))
    assert settlement.only(RefundRequested).amount_cents == 2400


async def test_a_refund_above_what_was_asked_is_not_counted(settlement: ServiceUnderTest):
    await settlement.receives(cleared(), paid(3000), COMPLETED, PRIMARY, SECONDARY)
    key = settlement.only(RefundRequested).idempotency_key
    before = await balances(settlement)

    await settlement.receives(refunded(99900, key))

    assert reasons(settlement) == ["answer_exceeds_request"]
    assert await balances(settlement) == before


async def test_a_refund_that_fails_after_it_went_through_is_for_a_person(settlement: ServiceUnderTest):
    await settlement.receives(cleared(), paid(3000), COMPLETED, PRIMARY, SECONDARY)
    key = settlement.only(RefundRequested).idempotency_key
    await settlement.given(refunded(2400, key))
    await settlement.passes(days=1)

    await settlement.receives(refund_failed(2400, key))

    assert reasons(settlement) == ["refund_taken_back", "refund_failed"]
    assert (await balances(settlement))["client_credit"] == -2400


@pytest.mark.parametrize(
    "event",
    [
        cleared(lines=[{"procedure": "90837", "charge_cents": 100_000_000_000}]),
        answered("primary", 99_999_999_999, [("PR", "2", 1)]),
        paid(100_000_000_000),
    ],
    ids=["charge", "adjudication", "payment"],
)
async def test_an_amount_beyond_all_measure_is_held_for_a_person(settlement: ServiceUnderTest, event: Any):
    await settlement.receives(event)

    assert reasons(settlement) in (["amount_too_large"], ["answer_exceeds_request"])
    assert await balances(settlement) == {}
    assert await settlement.pool.fetchval("select count(*) from set_aside") == 0


async def test_an_absurd_rate_charges_nobody(settlement: ServiceUnderTest):
    await settlement.receives(rate(99_000_000_000), cleared(), COMPLETED)

    assert reasons(settlement) == ["amount_too_large"]
    assert (settlement.all(ChargeRequested), settlement.all(PayoutScheduled)) == ([], [])


@pytest.mark.parametrize(
    "answers", [(paid(3000), disputed(1000)), (disputed(1000), paid(3000))], ids=["as it was", "turned"]
)
async def test_a_dispute_of_a_part_takes_back_that_part_and_is_not_charged_again(
    settlement: ServiceUnderTest, answers: tuple[Any, ...]
):
    await settlement.receives(cleared(), *answers)
    books = await balances(settlement)
    assert (books["cash"], books["client_receivable"]) == (2000, 1000)
    assert reasons(settlement) == ["charge_disputed"]

    await settlement.receives(
        COMPLETED, answered("primary", 12000, [("CO", "45", 7000), ("PR", "2", 3000)]), withheld()
    )
    assert (settlement.all(CostFinalized), settlement.all(BalanceDue)) == ([], [])
    await settlement.passes(days=10)
    assert settlement.none(ChargeRequested)


async def test_a_dispute_that_is_won_lets_all_go_on(settlement: ServiceUnderTest):
    """The payment system's last word counts: the charge stands, and what is too much of it goes back."""
    await settlement.given(cleared(), paid(3000), COMPLETED, PRIMARY)
    await settlement.passes(days=1)
    await settlement.receives(disputed(3000), SECONDARY)
    assert (settlement.all(CostFinalized), settlement.all(RefundRequested)) == ([], [])
    await settlement.passes(days=30)

    await settlement.receives(paid(3000))

    final = settlement.only(CostFinalized)
    assert (final.final_cost_cents, final.refund_cents, final.charge_on) == (600, 2400, None)
    assert settlement.only(RefundRequested).amount_cents == 2400
    assert settlement.none(ClientCharged)


async def test_paying_a_balance_is_no_new_final_cost_and_a_failed_one_is_for_a_person(settlement: ServiceUnderTest):
    await settlement.given(cleared(plans=cleared().model_dump()["plans"][:1]), paid(3000), COMPLETED)
    await settlement.given(answered("primary", 10000, [("CO", "45", 7000), ("PR", "1", 5000)]), balance_letter())
    await settlement.passes(days=8)
    key = settlement.only(ChargeRequested).idempotency_key

    await settlement.receives(failed(2000, key))
    assert reasons(settlement) == ["balance_unpaid"]
    await settlement.receives(paid(2000, key))

    assert settlement.only(ClientCharged).purpose == "balance"
    assert settlement.none(CostFinalized)
    assert settlement.none(BalanceDue)
    assert "client_receivable" not in await balances(settlement)


async def test_a_charge_without_an_answer_is_told_to_a_person(settlement: ServiceUnderTest):
    await settlement.given(cleared())

    await settlement.passes(days=4)

    assert reasons(settlement) == ["charge_unanswered"]


async def test_a_payment_announced_twice_is_kept_once(settlement: ServiceUnderTest):
    await settlement.receives(remitted("ONE", "ONE-1", 12000), remitted("ONE", "ONE-1", 12000))

    assert await settlement.pool.fetchval("select count(*) from payments_remitted") == 1


async def test_what_was_paid_is_told_before_the_cost_that_counts_it(settlement: ServiceUnderTest):
    """Of two letters on one cost that would go together only the later is sent: the one that holds."""
    await settlement.receives(cleared(), COMPLETED, PRIMARY, SECONDARY)
    assert settlement.none(CostFinalized)

    await settlement.receives(paid(3000))

    told = [type(event) for event in settlement.published if isinstance(event, ClientCharged | CostFinalized)]
    assert told == [ClientCharged, CostFinalized]
