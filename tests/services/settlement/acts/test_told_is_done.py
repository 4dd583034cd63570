"""What is told about money is done with it; what a payer may still pay is not taken; nothing waits unseen.

Charge 220.00, rate 150.00. The client is charged 30.00; the primary leaves 30.00, the secondary pays 24.00.
"""

from datetime import date

import pytest

from shared.events.settlement import (
    BalanceDue,
    ChargeRequested,
    CostFinalized,
    PayoutPaid,
    RefundRequested,
)
from tests.harness import ServiceUnderTest
from tests.services.settlement.settlement_events import (
    COMPLETED,
    DEDUCTIBLE,
    PRIMARY,
    SECONDARY,
    answered,
    balance_letter,
    claims_say,
    cleared,
    nothing_moves,
    reasons,
    refunded,
    reversed_,
    withheld,
)

NOTHING_LEFT = answered("primary", 15000, [("CO", "45", 7000)], number=3)
SECOND_PAID_NOTHING = answered("secondary", 0, [("OA", "23", 19000), ("PR", "2", 3000)])


async def test_the_cost_waits_for_whom_the_claims_service_awaits_and_for_nobody_else(charged: ServiceUnderTest):
    await charged.receives(PRIMARY, claims_say(1, PRIMARY, current=[PRIMARY], waits={"secondary": "held"}))
    assert nothing_moves(charged)

    over = {"secondary": "withheld"}
    await charged.receives(claims_say(2, PRIMARY, current=[PRIMARY], over=over))

    assert charged.only(CostFinalized).final_cost_cents == 3000


async def test_an_older_word_of_the_claims_service_changes_nothing(charged: ServiceUnderTest):
    await charged.receives(
        PRIMARY,
        claims_say(2, PRIMARY, current=[PRIMARY], waits={"secondary": "sent"}),
        claims_say(1, PRIMARY, current=[PRIMARY], over={"secondary": "withheld"}),
    )

    assert nothing_moves(charged)


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one by one"])
async def test_an_answer_that_the_claims_service_has_not_read_yet_is_waited_for(
    charged: ServiceUnderTest, together: bool
):
    over = {"secondary": "withheld"}
    await charged.given(PRIMARY, claims_say(1, PRIMARY, current=[PRIMARY], over=over))
    await charged.passes(minutes=1)
    gone = reversed_(PRIMARY, 2)

    await charged.receives(
        gone,
        NOTHING_LEFT,
        claims_say(2, PRIMARY, gone, NOTHING_LEFT, current=[NOTHING_LEFT], over=over),
        together=together,
    )

    final = charged.only(CostFinalized)
    assert (final.final_cost_cents, final.refund_cents, final.edition) == (0, 3000, 2)
    assert charged.only(RefundRequested).amount_cents == 3000


async def test_a_plan_of_a_later_decision_is_awaited_until_the_claims_service_has_spoken_of_it(
    charged: ServiceUnderTest,
):
    plans = cleared().model_dump()["plans"]
    first = cleared(decision=2, plans=[plans[0], {**plans[1], "billable": False, "reason": "not_in_network"}])
    await charged.given(first, claims_say(1, decision=2, waits={"primary": "sent"}, over={"secondary": "withheld"}))

    await charged.receives(
        cleared(decision=3),
        PRIMARY,
        claims_say(2, PRIMARY, current=[PRIMARY], decision=2, over={"secondary": "withheld"}),
    )

    assert nothing_moves(charged)


async def test_after_a_refund_a_later_cost_counts_what_went_back(charged: ServiceUnderTest):
    await charged.receives(PRIMARY, SECONDARY)
    await charged.given(refunded(2400, charged.only(RefundRequested).idempotency_key))
    await charged.passes(minutes=1)
    better = answered("secondary", 2700, [("OA", "23", 19000), ("PR", "2", 300)], number=3)

    await charged.receives(reversed_(SECONDARY, 2), better)

    final = charged.only(CostFinalized)
    assert (final.charged_cents, final.given_back_cents, final.paid_cents) == (3000, 2400, 600)
    assert (final.refund_cents, final.final_cost_cents, final.reason) == (300, 300, "payer_corrected")
    assert charged.only(RefundRequested).amount_cents == 300


@pytest.mark.parametrize(
    "day", [date(2026, 3, 1), date(2026, 3, 20), date(2026, 4, 30)], ids=["older", "same", "ahead"]
)
async def test_a_secondary_that_is_voided_holds_no_refund_back_whatever_the_dates(charged: ServiceUnderTest, day: date):
    """The secondary had paid nothing; then the primary pays all."""
    corrected = NOTHING_LEFT.model_copy(update={"adjudicated_on": day})
    await charged.given(
        PRIMARY,
        SECOND_PAID_NOTHING,
        claims_say(1, PRIMARY, SECOND_PAID_NOTHING, current=[PRIMARY, SECOND_PAID_NOTHING]),
    )
    await charged.passes(minutes=1)
    gone = reversed_(PRIMARY, 2)
    posted = (PRIMARY, SECOND_PAID_NOTHING, gone, corrected)

    await charged.receives(gone, corrected, claims_say(2, *posted, current=[corrected], over={"secondary": "voided"}))

    final = charged.only(CostFinalized)
    assert (final.final_cost_cents, final.refund_cents) == (0, 3000)
    assert charged.only(RefundRequested).amount_cents == 3000


async def test_nothing_is_told_or_moved_until_a_replaced_claim_is_answered(charged: ServiceUnderTest):
    """The secondary answers on the primary's old figures while its replacement goes out."""
    gone, corrected = reversed_(PRIMARY, 2), answered("primary", 10000, [("CO", "45", 7000), ("PR", "2", 5000)], 3)
    posted = (PRIMARY, gone, corrected, SECONDARY)
    await charged.receives(*posted, claims_say(1, *posted, current=[corrected], waits={"secondary": "being_replaced"}))
    assert nothing_moves(charged)

    on_new_figures = answered("secondary", 4000, [("OA", "23", 17000), ("PR", "2", 1000)], 2)
    posted = (*posted, on_new_figures)
    await charged.receives(on_new_figures, claims_say(2, *posted, current=[corrected, on_new_figures]))

    assert charged.only(CostFinalized).final_cost_cents == 1000
    assert charged.only(RefundRequested).amount_cents == 2000


async def test_an_announced_balance_is_not_charged_while_a_held_claim_may_still_pay_it(charged: ServiceUnderTest):
    over = {"secondary": "withheld"}
    await charged.given(NOTHING_LEFT, claims_say(1, NOTHING_LEFT, current=[NOTHING_LEFT], over=over))
    gone = reversed_(NOTHING_LEFT, 4)
    posted = (NOTHING_LEFT, gone, DEDUCTIBLE)

    await charged.receives(gone, DEDUCTIBLE, claims_say(2, *posted, current=[DEDUCTIBLE], waits={"secondary": "held"}))
    await charged.passes(days=30)

    assert nothing_moves(charged)


async def test_a_balance_that_was_withdrawn_is_announced_anew_and_then_charged(charged: ServiceUnderTest):
    over = {"secondary": "withheld"}
    left = answered("primary", 10000, [("CO", "45", 7000), ("PR", "2", 5000)], 1)
    await charged.receives(left, claims_say(1, left, current=[left], over=over))
    assert charged.only(BalanceDue).charge_on == date(2026, 3, 9)
    await charged.passes(days=3)
    gone = reversed_(left, 2)
    await charged.given(gone, claims_say(2, left, gone, waits={"primary": "reversed"}, over=over))
    await charged.passes(days=10)
    assert charged.none(ChargeRequested)

    again = answered("primary", 10000, [("CO", "45", 7000), ("PR", "2", 5000)], 3)
    await charged.receives(again, claims_say(3, left, gone, again, current=[again], over=over))

    final = charged.only(CostFinalized)
    assert (final.edition, final.refund_cents, final.charge_on) == (2, -2000, date(2026, 3, 22))
    await charged.given(balance_letter(edition=2))
    await charged.passes(days=7)
    assert charged.only(ChargeRequested).amount_cents == 2000


async def test_the_client_never_pays_more_than_the_contracted_rate(charged: ServiceUnderTest):
    """Both deny: the payers leave the client the whole charge of 220.00."""
    denied = answered("primary", 0, [("PR", "96", 22000)])
    second = answered("secondary", 0, [("PR", "96", 22000)])

    await charged.receives(denied, second, claims_say(1, denied, second, current=[denied, second]))

    final = charged.only(CostFinalized)
    assert (final.final_cost_cents, final.refund_cents) == (15000, -12000)
    assert "above_contracted_rate" in reasons(charged)


async def test_a_claim_whose_window_closed_before_it_was_filed_costs_the_client_nothing(charged: ServiceUnderTest):
    await charged.receives(PRIMARY, withheld("filing_window_gone"))

    final = charged.only(CostFinalized)
    assert (final.final_cost_cents, final.refund_cents, final.reason) == (0, 3000, "claim_given_up")


async def test_keys_of_two_clients_with_one_session_id_differ(settlement: ServiceUnderTest):
    events = [cleared(), PRIMARY, SECONDARY, COMPLETED]

    await settlement.receives(*events, *(event.model_copy(update={"client_id": "other"}) for event in events))
    charges = {event.idempotency_key for event in settlement.all(ChargeRequested)}
    await settlement.passes(days=30)
    payouts = {event.idempotency_key for event in settlement.all(PayoutPaid)}

    assert (len(charges), len(payouts)) == (2, 2)


async def test_what_changes_a_cost_a_moment_after_it_was_told_is_told_and_done_when_the_minute_is_over(
    charged: ServiceUnderTest,
):
    """The first edition goes at once; of what follows within the minute the client hears the outcome."""
    waits = claims_say(1, PRIMARY, current=[PRIMARY], over={"secondary": "written_off"})
    await charged.receives(PRIMARY, waits)
    assert charged.only(CostFinalized).final_cost_cents == 0

    await charged.receives(SECONDARY, claims_say(2, PRIMARY, SECONDARY, current=[PRIMARY, SECONDARY]))
    assert nothing_moves(charged)

    await charged.passes(minutes=1)

    final = charged.only(CostFinalized)
    assert (final.edition, final.paid_cents, final.final_cost_cents) == (2, 0, 600)
    assert charged.only(BalanceDue).amount_cents == 600


async def test_a_refund_waits_with_the_letter_that_tells_it(charged: ServiceUnderTest):
    await charged.receives(PRIMARY, SECONDARY, claims_say(1, PRIMARY, SECONDARY, current=[PRIMARY, SECONDARY]))
    better = answered("secondary", 2700, [("OA", "23", 19000), ("PR", "2", 300)], number=3)
    gone = reversed_(SECONDARY, 2)

    await charged.receives(gone, better, claims_say(2, PRIMARY, SECONDARY, gone, better, current=[PRIMARY, better]))
    assert nothing_moves(charged)

    await charged.passes(minutes=1)

    assert charged.only(RefundRequested).amount_cents == charged.only(CostFinalized).refund_cents == 300


async def test_a_balance_stays_announced_while_the_claims_service_reads_a_decision_that_changes_nothing(
    charged: ServiceUnderTest,
):
    """Else the same balance was told a second time, with a day of its own."""
    dear = answered("secondary", 0, [("OA", "23", 16000), ("PR", "2", 6000)], adjudication_id="dear")
    worse = answered("primary", 9000, [("CO", "45", 7000), ("PR", "2", 6000)], adjudication_id="worse")
    await charged.receives(worse, dear, claims_say(1, worse, dear, current=[worse, dear]))
    assert charged.only(BalanceDue).amount_cents == 3000
    await charged.passes(minutes=6)

    await charged.receives(
        cleared(decision=2), claims_say(2, worse, dear, current=[worse, dear]).model_copy(update={"decision": 2})
    )

    assert nothing_moves(charged)
