"""What goes otherwise than planned: other orders of plans, late and odd facts, disputes, amounts beyond all measure."""

from datetime import date
from typing import Any

import pytest

from services.settlement.app import SERVICE
from shared.events.claims import ClaimWrittenOff
from shared.events.coverage import SessionRefused
from shared.events.directory import ProviderListed
from shared.events.examples import example
from shared.events.settlement import (
    BalanceDue,
    ChargeRequested,
    ClientCharged,
    CostFinalized,
    PayoutCancelled,
    PayoutPaid,
    PayoutScheduled,
    RefundRequested,
    SessionEstimated,
    SettlementReviewRequested,
)
from tests.harness import ServiceUnderTest
from tests.services.settlement.settlement_events import (
    CANCELLED,
    COMPLETED,
    PRIMARY,
    RATE,
    SECONDARY,
    WHOSE,
    answered,
    balances,
    cleared,
    disputed,
    failed,
    paid,
    rate,
    refund_failed,
    refunded,
    remitted,
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


@pytest.fixture
async def settlement(service_under_test: Any) -> ServiceUnderTest:
    sut = await service_under_test(SERVICE)
    await sut.given(RATE)
    return sut


def reviews(sut: ServiceUnderTest) -> list[str]:
    return [event.reason for event in sut.all(SettlementReviewRequested)]


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
    assert "rate_missing" in reviews(settlement)

    await settlement.given(rate(12000, "TWO"))
    await settlement.passes(days=2)
    assert settlement.only(PayoutPaid).amount_cents == 12000


async def test_answers_move_with_their_plan_when_the_order_is_corrected(settlement: ServiceUnderTest):
    """What the wrong primary paid is no primary's answer any more; adjudicated again it is the second's."""
    await settlement.given(rate(15000, "TWO"), cleared(), paid(3000), COMPLETED, PRIMARY, withheld())

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

    assert reviews(settlement) == ["refused_after_cleared"]
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


async def test_a_payment_answered_before_it_was_asked_for_counts_when_it_is(settlement: ServiceUnderTest):
    await settlement.receives(paid(3000), COMPLETED, PRIMARY, SECONDARY)
    assert reviews(settlement) == ["answer_without_request"]

    await settlement.receives(cleared())

    assert settlement.only(ClientCharged).amount_cents == 3000
    assert settlement.only(CostFinalized).final_cost_cents == 600
    assert settlement.only(RefundRequested).amount_cents == 2400


async def test_an_answer_to_a_request_never_made_is_told_once_a_key(settlement: ServiceUnderTest):
    await settlement.receives(paid(1, "x"), paid(1, "x"), paid(2, "y"))

    assert reviews(settlement) == ["answer_without_request", "answer_without_request"]
    assert await settlement.pool.fetchval("select count(*) from reviews") == 1  # at one moment of the stopped clock
    assert await balances(settlement) == {}


@pytest.mark.parametrize("early", [False, True], ids=["after the request", "before the request"])
async def test_a_payment_above_what_was_asked_is_not_counted(settlement: ServiceUnderTest, early: bool):
    events = [paid(300000), cleared()] if early else [cleared(), paid(300000)]
    await settlement.receives(*events, COMPLETED, PRIMARY, SECONDARY)

    assert "answer_exceeds_request" in reviews(settlement)
    assert settlement.none(RefundRequested)
    await settlement.receives(paid(3000))
    assert settlement.only(RefundRequested).amount_cents == 2400


async def test_a_refund_above_what_was_asked_is_not_counted(settlement: ServiceUnderTest):
    await settlement.receives(cleared(), paid(3000), COMPLETED, PRIMARY, SECONDARY)
    key = settlement.only(RefundRequested).idempotency_key
    before = await balances(settlement)

    await settlement.receives(refunded(99900, key))

    assert reviews(settlement) == ["answer_exceeds_request"]
    assert await balances(settlement) == before


async def test_a_refund_that_fails_after_it_went_through_is_for_a_person(settlement: ServiceUnderTest):
    await settlement.receives(cleared(), paid(3000), COMPLETED, PRIMARY, SECONDARY)
    key = settlement.only(RefundRequested).idempotency_key
    await settlement.given(refunded(2400, key))
    await settlement.passes(days=1)

    await settlement.receives(refund_failed(2400, key))

    assert reviews(settlement) == ["refund_failed", "refund_taken_back"]
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

    assert reviews(settlement) in (["amount_too_large"], ["answer_exceeds_request"])
    assert await balances(settlement) == {}
    assert await settlement.pool.fetchval("select count(*) from set_aside") == 0


async def test_an_absurd_rate_charges_nobody(settlement: ServiceUnderTest):
    await settlement.receives(rate(99_000_000_000), cleared(), COMPLETED)

    assert reviews(settlement) == ["amount_too_large"]
    assert (settlement.all(ChargeRequested), settlement.all(PayoutScheduled)) == ([], [])


async def test_an_adjudication_of_a_session_never_cleared_is_held_and_told_after_a_day(settlement: ServiceUnderTest):
    await settlement.given(PRIMARY)

    await settlement.passes(days=2)

    assert reviews(settlement) == ["adjudicated_unknown_session"]


async def test_an_adjudication_of_a_cancelled_session_moves_only_the_payers_money(settlement: ServiceUnderTest):
    await settlement.given(cleared(), paid(3000), COMPLETED, CANCELLED)

    await settlement.receives(PRIMARY)

    assert reviews(settlement) == ["adjudicated_though_cancelled", "deposit_though_cancelled"]
    books = await balances(settlement)
    assert (books["payer_receivable_primary"], books["refund_payable"]) == (-12000, -3000)


async def test_a_session_cancelled_before_it_is_cleared_charges_nobody(settlement: ServiceUnderTest):
    await settlement.receives(CANCELLED, cleared(), COMPLETED)

    assert settlement.published == []
    assert await settlement.pool.fetchval("select count(*) from timers") == 0


def session(number: int, **changes: Any) -> Any:
    left = {"deductible_remaining_cents": 20000, "coinsurance_percent": 20.0, "confidence": "high"}
    return cleared(**{"session_id": f"s{number}", "cost_share": left, **changes})


async def test_sessions_not_adjudicated_yet_use_up_deductible_and_maximum_first(settlement: ServiceUnderTest):
    await settlement.receives(session(1), session(2), session(3))
    assert [event.amount_cents for event in settlement.all(ChargeRequested)] == [15000, 5000 + 2000, 3000]

    capped = {"coinsurance_percent": 20.0, "out_of_pocket_remaining_cents": 27000, "confidence": "high"}
    await settlement.receives(session(4, cost_share=capped))
    assert settlement.only(ChargeRequested).amount_cents == 2000


async def test_what_the_plan_has_adjudicated_or_will_count_in_another_year_is_not_counted_again(
    settlement: ServiceUnderTest,
):
    await settlement.given(session(1), session(2, date_of_service="2025-12-30"))
    await settlement.given(PRIMARY.model_copy(update={"session_id": "s1"}))

    await settlement.receives(session(3))

    assert settlement.only(ChargeRequested).amount_cents == 15000


async def test_an_estimate_of_nothing_asks_for_nothing_and_settles(settlement: ServiceUnderTest):
    nothing = {"coinsurance_percent": 0.0, "confidence": "high"}
    await settlement.receives(cleared(cost_share=nothing), COMPLETED)
    assert settlement.only(SessionEstimated).estimate_cents == 0
    assert settlement.none(ChargeRequested)

    await settlement.receives(PRIMARY, SECONDARY)

    final = settlement.only(CostFinalized)
    assert (final.final_cost_cents, final.refund_cents) == (600, -600)
    assert settlement.only(BalanceDue).amount_cents == 600


@pytest.mark.parametrize(
    "answers", [(paid(3000), disputed(1000)), (disputed(1000), paid(3000))], ids=["as it was", "turned"]
)
async def test_a_dispute_of_a_part_takes_back_that_part_and_is_not_charged_again(
    settlement: ServiceUnderTest, answers: tuple[Any, ...]
):
    await settlement.receives(cleared(), *answers)
    books = await balances(settlement)
    assert (books["cash"], books["client_receivable"]) == (2000, 1000)
    assert reviews(settlement) == ["charge_disputed"]

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


async def test_a_primary_that_was_asked_too_late_costs_the_client_nothing(settlement: ServiceUnderTest):
    await settlement.given(cleared(), paid(3000), COMPLETED)
    lost = {"control": "s-P", "level": "primary", "plan_id": "own", "payer_id": "ONE", "reason": "filed_too_late"}

    await settlement.receives(ClaimWrittenOff.model_validate({**WHOSE, **lost}), withheld())

    final = settlement.only(CostFinalized)
    assert (final.final_cost_cents, final.refund_cents, final.reason) == (0, 3000, "claim_given_up")
    books = await balances(settlement)
    assert books == {"cash": 3000, "refund_payable": -3000, "cob_variance": 15000, "provider_payable": -15000}


async def test_paying_a_balance_is_no_new_final_cost_and_a_failed_one_is_for_a_person(settlement: ServiceUnderTest):
    await settlement.given(cleared(plans=cleared().model_dump()["plans"][:1]), paid(3000), COMPLETED)
    await settlement.given(answered("primary", 10000, [("CO", "45", 7000), ("PR", "1", 5000)]))
    await settlement.passes(days=8)
    key = settlement.only(ChargeRequested).idempotency_key

    await settlement.receives(failed(2000, key))
    assert reviews(settlement) == ["balance_unpaid"]
    await settlement.receives(paid(2000, key))

    assert settlement.only(ClientCharged).purpose == "balance"
    assert settlement.none(CostFinalized)
    assert settlement.none(BalanceDue)
    assert "client_receivable" not in await balances(settlement)


async def test_a_correction_to_the_same_figures_is_not_told_again(settlement: ServiceUnderTest):
    await settlement.given(cleared(), paid(3000), COMPLETED, PRIMARY, SECONDARY)
    again = answered("secondary", 2400, [("OA", "23", 19000), ("PR", "2", 600)], number=3)

    await settlement.receives(reversed_(SECONDARY, 2), again)

    assert (settlement.all(CostFinalized), settlement.all(RefundRequested)) == ([], [])


async def test_each_edition_tells_what_moves_now_after_what_was_given_back(settlement: ServiceUnderTest):
    await settlement.given(cleared(), paid(3000), COMPLETED, PRIMARY, SECONDARY)
    worse = answered("secondary", 2000, [("OA", "23", 19000), ("PR", "2", 1000)], number=3)

    await settlement.receives(reversed_(SECONDARY, 2), worse)

    final = settlement.only(CostFinalized)
    assert (final.edition, final.charged_cents, final.given_back_cents, final.refund_cents) == (2, 3000, 2400, -400)
    assert (settlement.only(BalanceDue).amount_cents, final.reason) == (400, "payer_corrected")


async def test_a_charge_without_an_answer_is_told_to_a_person(settlement: ServiceUnderTest):
    await settlement.given(cleared())

    await settlement.passes(days=4)

    assert reviews(settlement) == ["charge_unanswered"]


async def test_a_later_decision_does_not_start_the_90_days_again(settlement: ServiceUnderTest):
    await settlement.given(cleared(), paid(3000), COMPLETED)
    await settlement.passes(days=10)
    before = await settlement.pool.fetchval("select due_at from timers where name = 'deadline'")

    await settlement.receives(cleared(decision=2))

    assert await settlement.pool.fetchval("select due_at from timers where name = 'deadline'") == before


async def test_a_payment_announced_twice_is_kept_once(settlement: ServiceUnderTest):
    await settlement.receives(remitted("ONE", "ONE-1", 12000), remitted("ONE", "ONE-1", 12000))

    assert await settlement.pool.fetchval("select count(*) from payments_remitted") == 1
