"""A corrected order, a rate or a group that comes later, and sessions that end otherwise than planned."""

from datetime import date
from typing import Any

import pytest

from shared.events.claims import ClaimWrittenOff
from shared.events.coverage import SessionRefused
from shared.events.directory import ProviderListed
from shared.events.examples import example
from shared.events.settlement import (
    BalanceDue,
    ChargeRequested,
    CostFinalized,
    PayoutCancelled,
    PayoutPaid,
    PayoutScheduled,
    RefundRequested,
    SessionEstimated,
)
from tests.harness import ServiceUnderTest
from tests.services.settlement.settlement_events import (
    CANCELLED,
    COMPLETED,
    PRIMARY,
    SECONDARY,
    WHOSE,
    answered,
    balances,
    claims_say,
    cleared,
    paid,
    rate,
    reasons,
    reversed_,
    submitted,
    withheld,
)

PLAN = {"billable": True, "reason": None}
SWAPPED = cleared(
    decision=2,
    plans=[
        {"plan_id": "spouses", "payer_id": "TWO", "level": "primary", **PLAN},
        {"plan_id": "own", "payer_id": "ONE", "level": "secondary", **PLAN},
    ],
    rate_payer_id="TWO",
)


@pytest.mark.parametrize("cents", [12000, 18000], ids=["lower", "higher"])
async def test_a_corrected_order_restates_pay_that_is_not_paid_out(settlement: ServiceUnderTest, cents: int):
    await settlement.given(rate(cents, "TWO"), cleared(), paid(3000), COMPLETED)

    await settlement.receives(SWAPPED)

    payout = settlement.only(PayoutScheduled)
    assert (payout.amount_cents, payout.restated) == (cents, True)
    assert settlement.none(ChargeRequested)
    await settlement.passes(days=30)
    assert settlement.only(PayoutPaid).amount_cents == cents


@pytest.mark.parametrize(("cents", "more"), [(12000, []), (18000, [3000])], ids=["lower", "higher"])
async def test_pay_already_paid_out_is_never_taken_back_and_an_increase_is_paid(
    settlement: ServiceUnderTest, cents: int, more: list[int]
):
    await settlement.given(rate(cents, "TWO"), cleared(), paid(3000), COMPLETED)
    await settlement.passes(days=30)
    assert settlement.only(PayoutPaid).amount_cents == 15000

    await settlement.receives(SWAPPED)
    await settlement.passes(days=40)

    assert [event.amount_cents for event in settlement.all(PayoutPaid)] == more
    assert settlement.none(PayoutCancelled)
    assert sum((await balances(settlement)).values()) == 0


async def test_an_increase_that_turns_out_wrong_before_it_is_paid_is_called_off(settlement: ServiceUnderTest):
    await settlement.given(rate(18000, "TWO"), cleared(), paid(3000), COMPLETED)
    await settlement.passes(days=30)
    await settlement.given(SWAPPED.model_copy(update={"date_of_service": date(2026, 3, 31)}))

    await settlement.receives(cleared(decision=3, date_of_service="2026-03-31"))

    assert settlement.only(PayoutCancelled).amount_cents == 3000
    await settlement.passes(days=40)
    assert settlement.none(PayoutPaid)


async def test_the_payday_waits_for_the_true_primarys_rate(settlement: ServiceUnderTest):
    await settlement.given(cleared(), paid(3000), COMPLETED, SWAPPED)

    await settlement.passes(days=31)
    assert settlement.none(PayoutPaid)
    assert "rate_missing" in reasons(settlement)

    await settlement.given(rate(12000, "TWO"))
    await settlement.passes(days=2)
    assert settlement.only(PayoutPaid).amount_cents == 12000


async def test_a_payday_that_something_stood_in_the_way_of_is_said_anew(settlement: ServiceUnderTest):
    """The new first payer's rate is the old one's, so that nothing but the day is new."""
    await settlement.receives(cleared(), paid(3000), COMPLETED)
    first = settlement.only(PayoutScheduled)
    await settlement.given(SWAPPED)
    await settlement.passes(days=31)
    assert settlement.none(PayoutPaid)

    await settlement.given(rate(first.amount_cents, "TWO"))
    await settlement.passes(days=2)

    again, payout = settlement.only(PayoutScheduled), settlement.only(PayoutPaid)
    assert (again.postponed_from, again.amount_cents) == (first.pay_on, first.amount_cents)
    assert again.pay_on == payout.paid_on > first.pay_on
    assert again.idempotency_key == payout.idempotency_key == first.idempotency_key


async def test_answers_move_with_their_plan_when_the_order_is_corrected(settlement: ServiceUnderTest):
    """What the wrong primary paid is no primary's answer any more; adjudicated again it is the second's."""
    await settlement.given(rate(15000, "TWO"), cleared(), paid(3000), COMPLETED, PRIMARY, withheld())
    await settlement.passes(minutes=1)

    await settlement.receives(SWAPPED)
    taken_back = reversed_(PRIMARY, 2).model_copy(update={"level": "secondary"})
    await settlement.receives(taken_back)
    first: dict[str, Any] = {"plan_id": "spouses", "payer_id": "TWO", "adjudication_id": "true-primary"}
    await settlement.receives(
        submitted("primary", "spouses", "TWO"),
        answered("primary", 12000, [("CO", "45", 7000), ("PR", "2", 3000)], **first),
    )
    assert settlement.none(CostFinalized)
    second: dict[str, Any] = {"plan_id": "own", "payer_id": "ONE", "adjudication_id": "true-secondary"}
    await settlement.receives(answered("secondary", 2400, [("OA", "23", 19000), ("PR", "2", 600)], **second))

    final = settlement.only(CostFinalized)
    assert (final.final_cost_cents, final.primary_paid_cents, final.secondary_paid_cents) == (600, 12000, 2400)
    books = await balances(settlement)
    assert (books["cash"], books.get("payer_receivable_secondary")) == (3000 + 12000 + 2400, None)


async def test_a_claim_withheld_as_second_is_awaited_once_its_plan_is_first(settlement: ServiceUnderTest):
    await settlement.receives(rate(15000, "TWO"), cleared(), paid(3000), COMPLETED, withheld(), SWAPPED)

    assert settlement.none(CostFinalized)


async def test_a_refusal_after_a_clearance_moves_nothing_and_tells_a_person_once(settlement: ServiceUnderTest):
    refused = {**WHOSE, "provider_id": "p", "date_of_service": "2026-03-02", "reason": "account_paused"}
    refusal = SessionRefused.model_validate(refused)
    await settlement.receives(refusal)
    assert settlement.published == []

    await settlement.given(cleared(), paid(3000))
    before = await balances(settlement)
    await settlement.receives(refusal, refusal)

    assert reasons(settlement) == ["refused_after_cleared"]
    assert await balances(settlement) == before


async def test_a_groups_rate_counts_once_the_providers_group_is_known(settlement: ServiceUnderTest):
    await settlement.given(rate(14000, "TWO", provider_id=None, group_id="g"), cleared(rate_payer_id="TWO"))
    listed = ProviderListed.model_validate({**example(ProviderListed), "provider_id": "p", "group_id": "g"})
    await settlement.given(listed)

    await settlement.passes(minutes=5)

    assert settlement.only(SessionEstimated).rate_cents == 14000
    assert settlement.only(ChargeRequested).amount_cents == 2800


async def test_the_pay_is_fixed_at_the_rate_of_completion(settlement: ServiceUnderTest):
    await settlement.given(cleared(), paid(3000), rate(16000))

    await settlement.receives(COMPLETED)
    assert settlement.only(PayoutScheduled).amount_cents == 16000

    await settlement.receives(rate(11000), COMPLETED)
    assert settlement.none(PayoutScheduled)


async def test_an_adjudication_of_a_session_never_cleared_is_held_and_told_after_a_day(settlement: ServiceUnderTest):
    await settlement.given(PRIMARY)

    await settlement.passes(days=2)

    assert reasons(settlement) == ["adjudicated_unknown_session"]


async def test_an_adjudication_of_a_cancelled_session_moves_only_the_payers_money(settlement: ServiceUnderTest):
    await settlement.given(cleared(), paid(3000), COMPLETED, CANCELLED)

    await settlement.receives(PRIMARY)

    assert reasons(settlement) == ["adjudicated_though_cancelled", "deposit_though_cancelled"]
    books = await balances(settlement)
    assert (books["payer_receivable_primary"], books["refund_payable"]) == (-12000, -3000)


async def test_services_corrected_after_the_answer_are_settled_by_the_corrected_charge(settlement: ServiceUnderTest):
    said = claims_say(1, PRIMARY, current=[PRIMARY], waits={"secondary": "sent"})
    await settlement.given(cleared(), paid(3000), COMPLETED, PRIMARY, said)
    shorter = [{"procedure": "90837", "modifiers": ["95"], "charge_cents": 16000}]
    await settlement.receives(cleared(decision=2, lines=shorter))
    assert reasons(settlement) == []
    back = reversed_(PRIMARY, 2)
    anew = answered("primary", 8000, [("CO", "45", 6000), ("PR", "2", 2000)], 3, charge_cents=16000)
    second = answered("secondary", 1500, [("OA", "23", 14000), ("PR", "2", 500)], 4, charge_cents=16000)
    said = claims_say(2, PRIMARY, back, anew, second, current=[anew, second], decision=2)

    await settlement.receives(back, anew, second, said)

    assert (settlement.only(CostFinalized).final_cost_cents, reasons(settlement)) == (500, [])
    assert settlement.only(RefundRequested).amount_cents == 2500


async def test_payers_that_take_back_what_they_paid_for_a_cancelled_session_are_no_news_for_a_person(
    settlement: ServiceUnderTest,
):
    await settlement.given(cleared(), paid(3000), COMPLETED, PRIMARY, SECONDARY, CANCELLED)

    await settlement.receives(reversed_(PRIMARY, 2), reversed_(SECONDARY, 2))

    assert reasons(settlement) == []


async def test_a_session_cancelled_before_it_is_cleared_charges_nobody(settlement: ServiceUnderTest):
    await settlement.receives(CANCELLED, cleared(), COMPLETED)

    assert settlement.published == []
    assert await settlement.pool.fetchval("select count(*) from timers") == 0


async def test_a_primary_that_was_asked_too_late_costs_the_client_nothing(settlement: ServiceUnderTest):
    await settlement.given(cleared(), paid(3000), COMPLETED)
    lost = {"control": "s-P", "level": "primary", "plan_id": "own", "payer_id": "ONE", "reason": "filed_too_late"}

    await settlement.receives(ClaimWrittenOff.model_validate({**WHOSE, **lost}), withheld())

    final = settlement.only(CostFinalized)
    assert (final.final_cost_cents, final.refund_cents, final.reason) == (0, 3000, "claim_given_up")
    books = await balances(settlement)
    assert books == {"cash": 3000, "refund_payable": -3000, "cob_variance": 15000, "provider_payable": -15000}


async def test_a_correction_to_the_same_figures_is_not_told_again(settlement: ServiceUnderTest):
    await settlement.given(cleared(), paid(3000), COMPLETED, PRIMARY, SECONDARY)
    again = answered("secondary", 2400, [("OA", "23", 19000), ("PR", "2", 600)], number=3)

    await settlement.receives(reversed_(SECONDARY, 2), again)

    assert (settlement.all(CostFinalized), settlement.all(RefundRequested)) == ([], [])


async def test_each_edition_tells_what_moves_now_after_what_was_given_back(settlement: ServiceUnderTest):
    await settlement.given(cleared(), paid(3000), COMPLETED, PRIMARY, SECONDARY)
    await settlement.passes(minutes=1)
    worse = answered("secondary", 2000, [("OA", "23", 19000), ("PR", "2", 1000)], number=3)

    await settlement.receives(reversed_(SECONDARY, 2), worse)

    final = settlement.only(CostFinalized)
    assert (final.edition, final.charged_cents, final.given_back_cents, final.refund_cents) == (2, 3000, 2400, -400)
    assert (settlement.only(BalanceDue).amount_cents, final.reason) == (400, "payer_corrected")


async def test_a_later_decision_does_not_start_the_90_days_again(settlement: ServiceUnderTest):
    await settlement.given(cleared(), paid(3000), COMPLETED)
    await settlement.passes(days=10)
    before = await settlement.pool.fetchval("select due_at from timers where name = 'deadline'")

    await settlement.receives(cleared(decision=2))

    assert await settlement.pool.fetchval("select due_at from timers where name = 'deadline'") == before
