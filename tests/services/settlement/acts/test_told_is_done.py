"""What is told about money is done with it; what a payer may still pay is not taken; nothing waits unseen.

Charge 220.00, rate 150.00. The client is charged 30.00; the primary leaves 30.00, the secondary pays 24.00.
"""

from datetime import date
from typing import Any

import pytest

from services.settlement.app import SERVICE
from shared.events.claims import ClaimAdjudicated, ClaimWrittenOff
from shared.events.settlement import (
    BalanceDue,
    ChargeRequested,
    CostFinalized,
    CostOverdue,
    PayoutPaid,
    RefundIssued,
    RefundRequested,
)
from tests.harness import ServiceUnderTest
from tests.services.settlement.settlement_events import (
    COMPLETED,
    PRIMARY,
    RATE,
    SECONDARY,
    WHOSE,
    answered,
    balance_letter,
    balances,
    claims_say,
    cleared,
    failed,
    paid,
    reasons,
    refund_failed,
    refunded,
    reversed_,
    withheld,
)

DEDUCTIBLE = answered("primary", 0, [("CO", "45", 7000), ("PR", "1", 15000)], number=2)
NOTHING_LEFT = answered("primary", 15000, [("CO", "45", 7000)], number=3)
SECOND_PAID_NOTHING = answered("secondary", 0, [("OA", "23", 19000), ("PR", "2", 3000)])
WAITS_FOR_SECOND = {"secondary": "sent"}


@pytest.fixture
async def settlement(service_under_test: Any) -> ServiceUnderTest:
    sut = await service_under_test(SERVICE)
    await sut.given(RATE, cleared(), paid(3000), COMPLETED)
    return sut


def nothing_moves(sut: ServiceUnderTest) -> bool:
    return all(map(sut.none, (CostFinalized, RefundRequested, ChargeRequested, BalanceDue, CostOverdue)))


async def test_the_cost_waits_for_whom_the_claims_service_awaits_and_for_nobody_else(settlement: ServiceUnderTest):
    await settlement.receives(PRIMARY, claims_say(1, PRIMARY, current=[PRIMARY], waits={"secondary": "held"}))
    assert nothing_moves(settlement)

    over = {"secondary": "withheld"}
    await settlement.receives(claims_say(2, PRIMARY, current=[PRIMARY], over=over))

    assert settlement.only(CostFinalized).final_cost_cents == 3000


async def test_an_older_word_of_the_claims_service_changes_nothing(settlement: ServiceUnderTest):
    await settlement.receives(
        PRIMARY,
        claims_say(2, PRIMARY, current=[PRIMARY], waits={"secondary": "sent"}),
        claims_say(1, PRIMARY, current=[PRIMARY], over={"secondary": "withheld"}),
    )

    assert nothing_moves(settlement)


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one by one"])
async def test_an_answer_that_the_claims_service_has_not_read_yet_is_waited_for(
    settlement: ServiceUnderTest, together: bool
):
    over = {"secondary": "withheld"}
    await settlement.given(PRIMARY, claims_say(1, PRIMARY, current=[PRIMARY], over=over))
    await settlement.passes(minutes=1)
    gone = reversed_(PRIMARY, 2)

    await settlement.receives(
        gone,
        NOTHING_LEFT,
        claims_say(2, PRIMARY, gone, NOTHING_LEFT, current=[NOTHING_LEFT], over=over),
        together=together,
    )

    final = settlement.only(CostFinalized)
    assert (final.final_cost_cents, final.refund_cents, final.edition) == (0, 3000, 2)
    assert settlement.only(RefundRequested).amount_cents == 3000


async def test_a_plan_of_a_later_decision_is_awaited_until_the_claims_service_has_spoken_of_it(
    settlement: ServiceUnderTest,
):
    plans = cleared().model_dump()["plans"]
    first = cleared(decision=2, plans=[plans[0], {**plans[1], "billable": False, "reason": "not_in_network"}])
    await settlement.given(first, claims_say(1, decision=2, waits={"primary": "sent"}, over={"secondary": "withheld"}))

    await settlement.receives(
        cleared(decision=3),
        PRIMARY,
        claims_say(2, PRIMARY, current=[PRIMARY], decision=2, over={"secondary": "withheld"}),
    )

    assert nothing_moves(settlement)


async def test_after_a_refund_a_later_cost_counts_what_went_back(settlement: ServiceUnderTest):
    await settlement.receives(PRIMARY, SECONDARY)
    await settlement.given(refunded(2400, settlement.only(RefundRequested).idempotency_key))
    await settlement.passes(minutes=1)
    better = answered("secondary", 2700, [("OA", "23", 19000), ("PR", "2", 300)], number=3)

    await settlement.receives(reversed_(SECONDARY, 2), better)

    final = settlement.only(CostFinalized)
    assert (final.charged_cents, final.given_back_cents, final.paid_cents) == (3000, 2400, 600)
    assert (final.refund_cents, final.final_cost_cents, final.reason) == (300, 300, "payer_corrected")
    assert settlement.only(RefundRequested).amount_cents == 300


@pytest.mark.parametrize(
    "primary", [DEDUCTIBLE, answered("primary", 0, [("PR", "96", 22000)])], ids=["deductible", "denied"]
)
async def test_after_90_days_nothing_is_taken_that_an_awaited_payer_may_pay(
    settlement: ServiceUnderTest, primary: ClaimAdjudicated
):
    await settlement.given(primary, claims_say(1, primary, current=[primary], waits=WAITS_FOR_SECOND))
    await settlement.passes(days=90)

    overdue = settlement.only(CostOverdue)
    assert (overdue.paid_cents, overdue.final_cost_cents) == (3000, 3000)
    assert (overdue.awaited_payer_id, overdue.reason) == ("TWO", "payer_has_not_answered")
    assert settlement.none(BalanceDue)
    assert "cost_overdue" in reasons(settlement)
    await settlement.passes(days=60)
    assert settlement.none(ChargeRequested)


async def test_after_90_days_what_is_known_gives_money_back(settlement: ServiceUnderTest):
    left_ten = answered("primary", 14000, [("CO", "45", 7000), ("PR", "2", 1000)])
    await settlement.given(left_ten, claims_say(1, left_ten, current=[left_ten], waits=WAITS_FOR_SECOND))

    await settlement.passes(days=90)

    assert settlement.only(CostOverdue).final_cost_cents == 1000
    assert (settlement.only(CostFinalized).refund_cents, settlement.only(RefundRequested).amount_cents) == (2000, 2000)


async def test_after_90_days_what_went_back_is_not_promised_again(settlement: ServiceUnderTest):
    await settlement.given(PRIMARY, SECONDARY, claims_say(1, PRIMARY, SECONDARY, current=[PRIMARY, SECONDARY]))
    gone = reversed_(SECONDARY, 2)
    await settlement.given(
        gone, claims_say(2, PRIMARY, SECONDARY, gone, current=[PRIMARY], waits={"secondary": "reversed"})
    )

    await settlement.passes(days=90)

    assert nothing_moves(settlement)  # the client has heard of 6.00, and pays no more than that for now
    assert "cost_overdue" in reasons(settlement)


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        ("held", "claim_not_sent"),
        ("rejected", "claim_refused"),
        ("reversed", "answer_taken_back"),
        ("being_replaced", "claim_being_replaced"),
    ],
)
async def test_after_90_days_the_letter_says_what_is_really_awaited(
    settlement: ServiceUnderTest, why: str, reason: str
):
    await settlement.given(PRIMARY, claims_say(1, PRIMARY, current=[PRIMARY], waits={"secondary": why}))

    await settlement.passes(days=90)

    assert settlement.only(CostOverdue).reason == reason


@pytest.mark.parametrize(
    "day", [date(2026, 3, 1), date(2026, 3, 20), date(2026, 4, 30)], ids=["older", "same", "ahead"]
)
async def test_a_secondary_that_is_voided_holds_no_refund_back_whatever_the_dates(
    settlement: ServiceUnderTest, day: date
):
    """The secondary had paid nothing; then the primary pays all."""
    corrected = NOTHING_LEFT.model_copy(update={"adjudicated_on": day})
    await settlement.given(
        PRIMARY,
        SECOND_PAID_NOTHING,
        claims_say(1, PRIMARY, SECOND_PAID_NOTHING, current=[PRIMARY, SECOND_PAID_NOTHING]),
    )
    await settlement.passes(minutes=1)
    gone = reversed_(PRIMARY, 2)
    posted = (PRIMARY, SECOND_PAID_NOTHING, gone, corrected)

    await settlement.receives(
        gone, corrected, claims_say(2, *posted, current=[corrected], over={"secondary": "voided"})
    )

    final = settlement.only(CostFinalized)
    assert (final.final_cost_cents, final.refund_cents) == (0, 3000)
    assert settlement.only(RefundRequested).amount_cents == 3000


async def test_nothing_is_told_or_moved_until_a_replaced_claim_is_answered(settlement: ServiceUnderTest):
    """The secondary answers on the primary's old figures while its replacement goes out."""
    gone, corrected = reversed_(PRIMARY, 2), answered("primary", 10000, [("CO", "45", 7000), ("PR", "2", 5000)], 3)
    posted = (PRIMARY, gone, corrected, SECONDARY)
    await settlement.receives(
        *posted, claims_say(1, *posted, current=[corrected], waits={"secondary": "being_replaced"})
    )
    assert nothing_moves(settlement)

    on_new_figures = answered("secondary", 4000, [("OA", "23", 17000), ("PR", "2", 1000)], 2)
    posted = (*posted, on_new_figures)
    await settlement.receives(on_new_figures, claims_say(2, *posted, current=[corrected, on_new_figures]))

    assert settlement.only(CostFinalized).final_cost_cents == 1000
    assert settlement.only(RefundRequested).amount_cents == 2000


async def test_an_announced_balance_is_not_charged_while_a_held_claim_may_still_pay_it(settlement: ServiceUnderTest):
    over = {"secondary": "withheld"}
    await settlement.given(NOTHING_LEFT, claims_say(1, NOTHING_LEFT, current=[NOTHING_LEFT], over=over))
    gone = reversed_(NOTHING_LEFT, 4)
    posted = (NOTHING_LEFT, gone, DEDUCTIBLE)

    await settlement.receives(
        gone, DEDUCTIBLE, claims_say(2, *posted, current=[DEDUCTIBLE], waits={"secondary": "held"})
    )
    await settlement.passes(days=30)

    assert nothing_moves(settlement)


async def test_a_balance_that_was_withdrawn_is_announced_anew_and_then_charged(settlement: ServiceUnderTest):
    over = {"secondary": "withheld"}
    left = answered("primary", 10000, [("CO", "45", 7000), ("PR", "2", 5000)], 1)
    await settlement.receives(left, claims_say(1, left, current=[left], over=over))
    assert settlement.only(BalanceDue).charge_on == date(2026, 3, 9)
    await settlement.passes(days=3)
    gone = reversed_(left, 2)
    await settlement.given(gone, claims_say(2, left, gone, waits={"primary": "reversed"}, over=over))
    await settlement.passes(days=10)
    assert settlement.none(ChargeRequested)

    again = answered("primary", 10000, [("CO", "45", 7000), ("PR", "2", 5000)], 3)
    await settlement.receives(again, claims_say(3, left, gone, again, current=[again], over=over))

    final = settlement.only(CostFinalized)
    assert (final.edition, final.refund_cents, final.charge_on) == (2, -2000, date(2026, 3, 22))
    await settlement.given(balance_letter(edition=2))
    await settlement.passes(days=7)
    assert settlement.only(ChargeRequested).amount_cents == 2000


async def test_a_payment_that_bounces_after_its_success_is_announced_and_charged_again(settlement: ServiceUnderTest):
    await settlement.given(PRIMARY, withheld())
    await settlement.passes(days=1)

    await settlement.receives(failed(3000))

    final = settlement.only(CostFinalized)
    assert (final.edition, final.paid_cents, final.refund_cents, final.reason) == (2, 0, -3000, "charge_failed")
    await settlement.given(balance_letter(edition=2))
    await settlement.passes(days=7)
    assert settlement.only(ChargeRequested).amount_cents == 3000


async def test_a_bounced_payment_of_which_some_went_back_is_for_a_person(settlement: ServiceUnderTest):
    await settlement.given(PRIMARY, SECONDARY)
    await settlement.passes(days=1)

    await settlement.receives(failed(3000))
    await settlement.passes(days=30)

    assert settlement.none(ChargeRequested)
    assert settlement.none(CostFinalized)


async def test_a_failed_refund_that_is_tried_again_does_not_go_back_twice(settlement: ServiceUnderTest):
    await settlement.receives(PRIMARY, SECONDARY)
    key = settlement.only(RefundRequested).idempotency_key
    await settlement.receives(refund_failed(2400, key))
    assert reasons(settlement) == ["refund_failed"]
    await settlement.passes(minutes=1)
    nothing = answered("secondary", 3000, [("OA", "23", 19000)], number=3)

    await settlement.receives(reversed_(SECONDARY, 2), nothing)

    final, rest = settlement.only(CostFinalized), settlement.only(RefundRequested)
    assert (final.paid_cents, final.refund_cents, final.refund_by_hand_cents) == (3000, 3000, 2400)
    assert rest.amount_cents == 600
    assert rest.idempotency_key != key
    await settlement.passes(days=1)
    await settlement.receives(refunded(600, rest.idempotency_key), refunded(2400, key))
    assert [event.amount_cents for event in settlement.all(RefundIssued)] == [600, 2400]
    assert settlement.none(ChargeRequested)
    assert "client_receivable" not in await balances(settlement)


async def test_a_failed_refund_is_no_money_that_went_back_when_the_cost_changes(settlement: ServiceUnderTest):
    await settlement.receives(PRIMARY, SECONDARY)
    await settlement.receives(refund_failed(2400, settlement.only(RefundRequested).idempotency_key))
    await settlement.passes(minutes=1)
    less = answered("secondary", 2000, [("OA", "23", 19000), ("PR", "2", 1000)], number=3)

    await settlement.receives(reversed_(SECONDARY, 2), less)

    final = settlement.only(CostFinalized)
    assert (final.paid_cents, final.final_cost_cents, final.given_back_cents) == (3000, 1000, 0)
    assert (final.refund_cents, final.refund_by_hand_cents) == (2000, 2000)
    assert settlement.none(RefundRequested)


async def test_a_refund_without_an_answer_reaches_a_person(settlement: ServiceUnderTest):
    await settlement.given(PRIMARY, SECONDARY)

    await settlement.passes(days=4)

    assert reasons(settlement) == ["refund_unanswered"]


async def test_an_answer_taken_back_after_the_90_days_reaches_a_person(settlement: ServiceUnderTest):
    await settlement.given(PRIMARY, SECONDARY, claims_say(1, PRIMARY, SECONDARY, current=[PRIMARY, SECONDARY]))
    await settlement.passes(days=100)
    gone = reversed_(SECONDARY, 2)

    await settlement.receives(
        gone, claims_say(2, PRIMARY, SECONDARY, gone, current=[PRIMARY], waits={"secondary": "reversed"})
    )
    await settlement.passes(minutes=5)

    assert "cost_overdue" in reasons(settlement)
    assert nothing_moves(settlement)


async def test_what_claims_says_in_several_events_on_day_90_is_told_once(settlement: ServiceUnderTest):
    await settlement.given(PRIMARY, claims_say(1, PRIMARY, current=[PRIMARY], waits={"secondary": "held"}))
    await settlement.passes(days=89, hours=23)  # of the 90th day, and before the timer
    lost = {
        "control": "",
        "level": "secondary",
        "plan_id": "spouses",
        "payer_id": "TWO",
        "reason": "filing_window_gone",
    }

    await settlement.receives(ClaimWrittenOff.model_validate({**WHOSE, **lost}))
    assert nothing_moves(settlement)
    await settlement.receives(claims_say(2, PRIMARY, current=[PRIMARY], over={"secondary": "written_off"}))

    assert settlement.only(RefundRequested).amount_cents == 3000
    final = settlement.only(CostFinalized)
    assert (final.final_cost_cents, final.refund_cents, final.given_back_cents) == (0, 3000, 0)
    await settlement.passes(days=1)
    assert nothing_moves(settlement)


async def test_a_correction_long_after_day_90_is_told_once(settlement: ServiceUnderTest):
    await settlement.given(PRIMARY, claims_say(1, PRIMARY, current=[PRIMARY], waits=WAITS_FOR_SECOND))
    await settlement.passes(days=91)
    await settlement.receives(SECONDARY)
    assert nothing_moves(settlement)
    await settlement.receives(claims_say(2, PRIMARY, SECONDARY, current=[PRIMARY], waits={"secondary": "held"}))
    corrected = answered("secondary", 3000, [("OA", "23", 19000)], number=2)
    gone = reversed_(SECONDARY, 3)
    await settlement.given(gone, claims_say(3, PRIMARY, SECONDARY, gone, current=[PRIMARY], waits=WAITS_FOR_SECOND))

    await settlement.receives(corrected)
    assert nothing_moves(settlement)
    posted = [PRIMARY, SECONDARY, gone, corrected]
    await settlement.receives(claims_say(4, *posted, current=[PRIMARY, corrected]))

    assert settlement.only(RefundRequested).amount_cents == 3000
    final = settlement.only(CostFinalized)
    assert (final.final_cost_cents, final.given_back_cents) == (0, 0)


async def test_a_refusal_for_late_filing_does_not_count_while_its_payer_has_the_claim_again(
    settlement: ServiceUnderTest,
):
    refused = {"claim_status": "4", "decides_benefits": False, "answer": "too_late"}
    too_late = answered("secondary", 0, [("OA", "23", 19000), ("CO", "29", 3000)], **refused)
    await settlement.given(PRIMARY, too_late)
    await settlement.given(claims_say(1, PRIMARY, too_late, current=[PRIMARY], waits=WAITS_FOR_SECOND))

    await settlement.passes(days=91)

    overdue = settlement.only(CostOverdue)
    assert (overdue.final_cost_cents, overdue.reason) == (3000, "payer_has_not_answered")
    assert settlement.none(RefundRequested)


async def test_a_session_that_takes_place_after_the_90_days_has_its_days_from_then(service_under_test: Any):
    settlement = await service_under_test(SERVICE)
    await settlement.given(RATE, cleared(), paid(3000))
    await settlement.passes(days=95)
    await settlement.given(COMPLETED)
    await settlement.passes(days=89)
    assert settlement.none(CostOverdue)

    await settlement.passes(days=1)

    assert settlement.only(CostOverdue).reason == "claim_not_sent"


async def test_the_client_never_pays_more_than_the_contracted_rate(settlement: ServiceUnderTest):
    """Both deny: the payers leave the client the whole charge of 220.00."""
    denied = answered("primary", 0, [("PR", "96", 22000)])
    second = answered("secondary", 0, [("PR", "96", 22000)])

    await settlement.receives(denied, second, claims_say(1, denied, second, current=[denied, second]))

    final = settlement.only(CostFinalized)
    assert (final.final_cost_cents, final.refund_cents) == (15000, -12000)
    assert "above_contracted_rate" in reasons(settlement)


async def test_a_claim_whose_window_closed_before_it_was_filed_costs_the_client_nothing(settlement: ServiceUnderTest):
    await settlement.receives(PRIMARY, withheld("filing_window_gone"))

    final = settlement.only(CostFinalized)
    assert (final.final_cost_cents, final.refund_cents, final.reason) == (0, 3000, "claim_given_up")


async def test_a_declined_card_is_the_reason_of_its_balance(service_under_test: Any):
    settlement = await service_under_test(SERVICE)
    await settlement.given(RATE, cleared(), failed(3000), COMPLETED)

    await settlement.receives(PRIMARY, SECONDARY)

    final = settlement.only(CostFinalized)
    assert (final.refund_cents, final.reason) == (-600, "charge_failed")


async def test_keys_of_two_clients_with_one_session_id_differ(service_under_test: Any):
    settlement = await service_under_test(SERVICE)
    await settlement.given(RATE)
    events = [cleared(), PRIMARY, SECONDARY, COMPLETED]

    await settlement.receives(*events, *(event.model_copy(update={"client_id": "other"}) for event in events))
    charges = {event.idempotency_key for event in settlement.all(ChargeRequested)}
    await settlement.passes(days=30)
    payouts = {event.idempotency_key for event in settlement.all(PayoutPaid)}

    assert (len(charges), len(payouts)) == (2, 2)


async def test_what_changes_a_cost_a_moment_after_it_was_told_is_told_and_done_when_the_minute_is_over(
    settlement: ServiceUnderTest,
):
    """The first edition goes at once; of what follows within the minute the client hears the outcome."""
    waits = claims_say(1, PRIMARY, current=[PRIMARY], over={"secondary": "written_off"})
    await settlement.receives(PRIMARY, waits)
    assert settlement.only(CostFinalized).final_cost_cents == 0

    await settlement.receives(SECONDARY, claims_say(2, PRIMARY, SECONDARY, current=[PRIMARY, SECONDARY]))
    assert nothing_moves(settlement)

    await settlement.passes(minutes=1)

    final = settlement.only(CostFinalized)
    assert (final.edition, final.paid_cents, final.final_cost_cents) == (2, 0, 600)
    assert settlement.only(BalanceDue).amount_cents == 600


async def test_a_refund_waits_with_the_letter_that_tells_it(settlement: ServiceUnderTest):
    await settlement.receives(PRIMARY, SECONDARY, claims_say(1, PRIMARY, SECONDARY, current=[PRIMARY, SECONDARY]))
    better = answered("secondary", 2700, [("OA", "23", 19000), ("PR", "2", 300)], number=3)
    gone = reversed_(SECONDARY, 2)

    await settlement.receives(gone, better, claims_say(2, PRIMARY, SECONDARY, gone, better, current=[PRIMARY, better]))
    assert nothing_moves(settlement)

    await settlement.passes(minutes=1)

    assert settlement.only(RefundRequested).amount_cents == settlement.only(CostFinalized).refund_cents == 300


async def test_a_balance_stays_announced_while_the_claims_service_reads_a_decision_that_changes_nothing(
    settlement: ServiceUnderTest,
):
    """Else the same balance was told a second time, with a day of its own."""
    dear = answered("secondary", 0, [("OA", "23", 16000), ("PR", "2", 6000)], adjudication_id="dear")
    worse = answered("primary", 9000, [("CO", "45", 7000), ("PR", "2", 6000)], adjudication_id="worse")
    await settlement.receives(worse, dear, claims_say(1, worse, dear, current=[worse, dear]))
    assert settlement.only(BalanceDue).amount_cents == 3000
    await settlement.passes(minutes=6)

    await settlement.receives(
        cleared(decision=2), claims_say(2, worse, dear, current=[worse, dear]).model_copy(update={"decision": 2})
    )

    assert nothing_moves(settlement)
