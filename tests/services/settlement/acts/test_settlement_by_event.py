"""Settlement through messages, on the real database: the estimate, the charge, the final cost, the refund."""

from datetime import date

import asyncpg
import pytest

from shared.events.claims import ClaimSubmitted, SecondaryWithheld
from shared.events.payments import RefundSucceeded
from shared.events.sessions import SessionCancelled
from shared.events.settlement import (
    BalanceDue,
    ChargeRequested,
    ClientCharged,
    CostFinalized,
    CostOverdue,
    PayoutCancelled,
    PayoutPaid,
    PayoutScheduled,
    RefundIssued,
    RefundRequested,
    SettlementReviewRequested,
)
from tests.services.settlement.settlement_events import (
    CHARGE,
    COMPLETED,
    PRIMARY,
    RATE,
    SECONDARY,
    WHOSE,
    answered,
    balance_letter,
    balances,
    cleared,
    paid,
    reversed_,
)


async def test_the_whole_of_a_session_in_figures(settlement):
    await settlement.receives(cleared())
    charge = settlement.only(ChargeRequested)
    assert (charge.amount_cents, charge.idempotency_key, charge.purpose) == (3000, CHARGE, "estimate")

    await settlement.receives(paid(3000), COMPLETED)
    assert settlement.only(ClientCharged).amount_cents == 3000
    payout = settlement.only(PayoutScheduled)
    assert (payout.amount_cents, payout.pay_on) == (15000, date(2026, 3, 31))

    await settlement.receives(PRIMARY)
    assert settlement.none(CostFinalized)

    await settlement.receives(SECONDARY)
    final = settlement.only(CostFinalized)
    assert (final.final_cost_cents, final.refund_cents, final.reason) == (600, 2400, "secondary_paid")
    refund = settlement.only(RefundRequested)
    assert refund.amount_cents == 2400

    await settlement.receives(
        RefundSucceeded.model_validate({**WHOSE, "idempotency_key": refund.idempotency_key, "amount_cents": 2400})
    )
    assert settlement.only(RefundIssued).amount_cents == 2400
    assert sum((await balances(settlement)).values()) == 0
    await settlement.passes(days=30)
    assert settlement.only(PayoutPaid).amount_cents == 15000


async def test_the_facts_in_any_order_end_in_the_same_ledger(settlement):
    await settlement.receives(SECONDARY, PRIMARY, COMPLETED, cleared(), paid(3000), together=True)
    final = settlement.only(CostFinalized)

    assert (final.final_cost_cents, final.refund_cents) == (600, 2400)
    assert (await balances(settlement))["cash"] == 3000 + 12000 + 2400


async def test_every_fact_twice_moves_nothing_more(settlement):
    facts = [cleared(), paid(3000), COMPLETED, PRIMARY, SECONDARY]
    await settlement.receives(*facts)
    before = await settlement.pool.fetchval("select count(*) from postings")

    await settlement.receives(*facts)

    assert settlement.published == []
    assert await settlement.pool.fetchval("select count(*) from postings") == before


async def test_a_withheld_secondary_leaves_the_primarys_share(settlement):
    await settlement.receives(cleared(), paid(3000), COMPLETED, PRIMARY)
    withheld = {**WHOSE, "level": "secondary", "plan_id": "spouses", "payer_id": "TWO", "reason": "nothing_left"}

    await settlement.receives(SecondaryWithheld.model_validate(withheld))

    final = settlement.only(CostFinalized)
    assert (final.final_cost_cents, final.refund_cents, final.reason) == (3000, 0, "secondary_not_billed")


async def test_a_reversal_after_the_refund_moves_only_the_difference(settlement):
    await settlement.receives(cleared(), paid(3000), COMPLETED, PRIMARY, SECONDARY)
    refund = settlement.only(RefundRequested)
    await settlement.given(
        RefundSucceeded.model_validate({**WHOSE, "idempotency_key": refund.idempotency_key, "amount_cents": 2400})
    )
    await settlement.passes(minutes=1)
    corrected = answered("secondary", 2700, [("OA", "23", 19000), ("PR", "2", 300)], number=3)

    await settlement.receives(reversed_(SECONDARY, 2), corrected)

    final = settlement.only(CostFinalized)
    assert (final.edition, final.final_cost_cents) == (2, 300)
    assert settlement.only(RefundRequested).amount_cents == 300


async def test_a_balance_is_announced_and_charged_a_week_later(settlement):
    single_plan = cleared().model_copy(update={"plans": cleared().plans[:1]})
    await settlement.receives(single_plan, paid(3000), COMPLETED)
    await settlement.receives(answered("primary", 10000, [("CO", "45", 7000), ("PR", "1", 5000)]))

    assert settlement.only(BalanceDue).amount_cents == 2000
    assert settlement.only(CostFinalized).reason == "deductible"
    await settlement.receives(balance_letter())
    await settlement.passes(days=8)
    charge = settlement.only(ChargeRequested)
    assert (charge.amount_cents, charge.purpose) == (2000, "balance")


async def test_a_cancelled_session_is_undone(settlement):
    await settlement.receives(cleared(), paid(3000), COMPLETED)

    await settlement.receives(SessionCancelled.model_validate(WHOSE))

    assert settlement.only(RefundRequested).amount_cents == 3000
    assert settlement.only(PayoutCancelled).amount_cents == 15000


async def test_after_90_days_the_cost_is_final_on_what_is_known_and_an_answer_opens_it_again(settlement):
    await settlement.receives(cleared(), paid(3000), COMPLETED, PRIMARY)

    await settlement.passes(days=91)
    overdue = settlement.only(CostOverdue)
    assert (overdue.day, overdue.awaited_payer_id, overdue.final_cost_cents) == (90, "TWO", 3000)

    await settlement.receives(SECONDARY)
    assert settlement.only(CostFinalized).final_cost_cents == 600
    assert settlement.only(RefundRequested).amount_cents == 2400


async def test_a_rate_that_comes_late_is_waited_for_and_a_person_hears_of_one_that_does_not_come(settlement):
    other = cleared(rate_payer_id="THREE")
    await settlement.receives(other)
    assert settlement.none(ChargeRequested)

    await settlement.passes(hours=31)
    assert settlement.only(SettlementReviewRequested).reason == "rate_missing"
    await settlement.given(RATE.model_copy(update={"payer_id": "THREE"}))
    await settlement.passes(hours=7)
    assert settlement.only(ChargeRequested).amount_cents == 3000


async def test_an_answer_to_a_charge_never_asked_for_is_held_for_a_person(settlement):
    await settlement.receives(paid(999, key="nobody-asked"))

    assert settlement.only(SettlementReviewRequested).reason == "answer_without_request"
    assert await balances(settlement) == {}


async def test_the_database_itself_keeps_the_ledger_append_only(settlement):
    await settlement.receives(cleared(), paid(3000))

    for statement in ("update postings set cents = 1", "delete from postings", "truncate postings"):
        with pytest.raises(asyncpg.PostgresError):
            await settlement.pool.execute(statement)


async def test_a_step_of_a_claim_is_remembered(settlement):
    submitted = {
        **WHOSE,
        "control": "s-P",
        "level": "primary",
        "plan_id": "own",
        "payer_id": "ONE",
        "charge_cents": 22000,
        "date_of_service": "2026-03-02",
        "submitted_on": "2026-03-03",
    }
    await settlement.receives(cleared(), ClaimSubmitted.model_validate(submitted))

    happened = await settlement.pool.fetchval("select happened ->> 'primary_sent' from sessions")
    assert happened == "2026-03-03"
