"""Day 90, when a payer has not answered: what is known is told and given back, and nothing is taken.

Charge 220.00, rate 150.00. The client is charged 30.00; the primary leaves 30.00, the secondary pays 24.00.
"""

import pytest

from shared.events.claims import ClaimAdjudicated, ClaimWrittenOff
from shared.events.settlement import (
    BalanceDue,
    ChargeRequested,
    CostFinalized,
    CostOverdue,
    RefundRequested,
)
from tests.harness import ServiceUnderTest
from tests.services.settlement.settlement_events import (
    COMPLETED,
    DEDUCTIBLE,
    PRIMARY,
    SECONDARY,
    WAITS_FOR_SECOND,
    WHOSE,
    answered,
    claims_say,
    cleared,
    nothing_moves,
    paid,
    reasons,
    reversed_,
)


@pytest.mark.parametrize(
    "primary", [DEDUCTIBLE, answered("primary", 0, [("PR", "96", 22000)])], ids=["deductible", "denied"]
)
async def test_after_90_days_nothing_is_taken_that_an_awaited_payer_may_pay(
    charged: ServiceUnderTest, primary: ClaimAdjudicated
):
    await charged.given(primary, claims_say(1, primary, current=[primary], waits=WAITS_FOR_SECOND))
    await charged.passes(days=90)

    overdue = charged.only(CostOverdue)
    assert (overdue.paid_cents, overdue.final_cost_cents) == (3000, 3000)
    assert (overdue.awaited_payer_id, overdue.reason) == ("TWO", "payer_has_not_answered")
    assert charged.none(BalanceDue)
    assert "cost_overdue" in reasons(charged)
    await charged.passes(days=60)
    assert charged.none(ChargeRequested)


async def test_after_90_days_what_is_known_gives_money_back(charged: ServiceUnderTest):
    left_ten = answered("primary", 14000, [("CO", "45", 7000), ("PR", "2", 1000)])
    await charged.given(left_ten, claims_say(1, left_ten, current=[left_ten], waits=WAITS_FOR_SECOND))

    await charged.passes(days=90)

    assert charged.only(CostOverdue).final_cost_cents == 1000
    assert (charged.only(CostFinalized).refund_cents, charged.only(RefundRequested).amount_cents) == (2000, 2000)


async def test_after_90_days_what_went_back_is_not_promised_again(charged: ServiceUnderTest):
    await charged.given(PRIMARY, SECONDARY, claims_say(1, PRIMARY, SECONDARY, current=[PRIMARY, SECONDARY]))
    gone = reversed_(SECONDARY, 2)
    await charged.given(
        gone, claims_say(2, PRIMARY, SECONDARY, gone, current=[PRIMARY], waits={"secondary": "reversed"})
    )

    await charged.passes(days=90)

    assert nothing_moves(charged)  # the client has heard of 6.00, and pays no more than that for now
    assert "cost_overdue" in reasons(charged)


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        ("held", "claim_not_sent"),
        ("rejected", "claim_refused"),
        ("reversed", "answer_taken_back"),
        ("being_replaced", "claim_being_replaced"),
    ],
)
async def test_after_90_days_the_letter_says_what_is_really_awaited(charged: ServiceUnderTest, why: str, reason: str):
    await charged.given(PRIMARY, claims_say(1, PRIMARY, current=[PRIMARY], waits={"secondary": why}))

    await charged.passes(days=90)

    assert charged.only(CostOverdue).reason == reason


async def test_an_answer_taken_back_after_the_90_days_reaches_a_person(charged: ServiceUnderTest):
    await charged.given(PRIMARY, SECONDARY, claims_say(1, PRIMARY, SECONDARY, current=[PRIMARY, SECONDARY]))
    await charged.passes(days=100)
    gone = reversed_(SECONDARY, 2)

    await charged.receives(
        gone, claims_say(2, PRIMARY, SECONDARY, gone, current=[PRIMARY], waits={"secondary": "reversed"})
    )
    await charged.passes(minutes=5)

    assert "cost_overdue" in reasons(charged)
    assert nothing_moves(charged)


async def test_what_claims_says_in_several_events_on_day_90_is_told_once(charged: ServiceUnderTest):
    await charged.given(PRIMARY, claims_say(1, PRIMARY, current=[PRIMARY], waits={"secondary": "held"}))
    await charged.passes(days=89, hours=23)  # of the 90th day, and before the timer
    lost = {
        "control": "",
        "level": "secondary",
        "plan_id": "spouses",
        "payer_id": "TWO",
        "reason": "filing_window_gone",
    }

    await charged.receives(ClaimWrittenOff.model_validate({**WHOSE, **lost}))
    assert nothing_moves(charged)
    await charged.receives(claims_say(2, PRIMARY, current=[PRIMARY], over={"secondary": "written_off"}))

    assert charged.only(RefundRequested).amount_cents == 3000
    final = charged.only(CostFinalized)
    assert (final.final_cost_cents, final.refund_cents, final.given_back_cents) == (0, 3000, 0)
    await charged.passes(days=1)
    assert nothing_moves(charged)


async def test_a_correction_long_after_day_90_is_told_once(charged: ServiceUnderTest):
    await charged.given(PRIMARY, claims_say(1, PRIMARY, current=[PRIMARY], waits=WAITS_FOR_SECOND))
    await charged.passes(days=91)
    await charged.receives(SECONDARY)
    assert nothing_moves(charged)
    await charged.receives(claims_say(2, PRIMARY, SECONDARY, current=[PRIMARY], waits={"secondary": "held"}))
    corrected = answered("secondary", 3000, [("OA", "23", 19000)], number=2)
    gone = reversed_(SECONDARY, 3)
    await charged.given(gone, claims_say(3, PRIMARY, SECONDARY, gone, current=[PRIMARY], waits=WAITS_FOR_SECOND))

    await charged.receives(corrected)
    assert nothing_moves(charged)
    posted = [PRIMARY, SECONDARY, gone, corrected]
    await charged.receives(claims_say(4, *posted, current=[PRIMARY, corrected]))

    assert charged.only(RefundRequested).amount_cents == 3000
    final = charged.only(CostFinalized)
    assert (final.final_cost_cents, final.given_back_cents) == (0, 0)


async def test_a_refusal_for_late_filing_does_not_count_while_its_payer_has_the_claim_again(
    charged: ServiceUnderTest,
):
    refused = {"claim_status": "4", "decides_benefits": False, "answer": "too_late"}
    too_late = answered("secondary", 0, [("OA", "23", 19000), ("CO", "29", 3000)], **refused)
    await charged.given(PRIMARY, too_late)
    await charged.given(claims_say(1, PRIMARY, too_late, current=[PRIMARY], waits=WAITS_FOR_SECOND))

    await charged.passes(days=91)

    overdue = charged.only(CostOverdue)
    assert (overdue.final_cost_cents, overdue.reason) == (3000, "payer_has_not_answered")
    assert charged.none(RefundRequested)


async def test_a_session_that_takes_place_after_the_90_days_has_its_days_from_then(settlement: ServiceUnderTest):
    await settlement.given(cleared(), paid(3000))
    await settlement.passes(days=95)
    await settlement.given(COMPLETED)
    await settlement.passes(days=89)
    assert settlement.none(CostOverdue)

    await settlement.passes(days=1)

    assert settlement.only(CostOverdue).reason == "claim_not_sent"
