"""What settlement does while something is awaited: the rest of an answer, a correction, the session's completion."""

from typing import Any

import pytest

from services.settlement.app import SERVICE
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
    CANCELLED,
    COMPLETED,
    PRIMARY,
    RATE,
    SECONDARY,
    WHOSE,
    answered,
    balances,
    claims_say,
    cleared,
    paid,
    reasons,
    reversed_,
    withheld,
)


@pytest.fixture
async def settlement(service_under_test: Any) -> ServiceUnderTest:
    sut = await service_under_test(SERVICE)
    await sut.given(RATE, cleared(), paid(3000))
    return sut


def piece(level: str, control: str, charge: int, paid_cents: int, kept: list[tuple[str, str, int]], number: int):
    """An answer to one line of two; only with the second one every line is answered."""
    whole = answered(level, paid_cents, kept, number, charge_cents=charge, complete=number == 2)
    line = whole.lines[0].model_copy(update={"control": control, "charge_cents": charge})
    return ClaimAdjudicated.model_validate({**whole.model_dump(), "lines": [line.model_dump()]})


async def test_an_answer_in_pieces_is_waited_for_and_asks_nobody(settlement: ServiceUnderTest):
    pieces = [
        piece("primary", "s-2", 10000, 6000, [("CO", "45", 2500), ("PR", "2", 1500)], 1),
        piece("primary", "s-1", 12000, 6000, [("CO", "45", 4500), ("PR", "2", 1500)], 2),
        piece("secondary", "s-2", 10000, 1200, [("OA", "23", 8500), ("PR", "2", 300)], 1),
        piece("secondary", "s-1", 12000, 1200, [("OA", "23", 10500), ("PR", "2", 300)], 2),
    ]
    await settlement.given(COMPLETED)
    for adjudicated in pieces[:3]:
        await settlement.receives(adjudicated)
        assert (settlement.all(CostFinalized), reasons(settlement)) == ([], [])

    await settlement.receives(pieces[3])

    assert (settlement.only(CostFinalized).final_cost_cents, reasons(settlement)) == (600, [])


async def test_an_answer_in_pieces_that_is_taken_back_as_a_whole_gives_each_deposit_back_once(
    settlement: ServiceUnderTest,
):
    pieces = [
        piece("primary", "s-2", 10000, 6000, [("CO", "45", 2500), ("PR", "2", 1500)], 1),
        piece("primary", "s-1", 12000, 6000, [("CO", "45", 4500), ("PR", "2", 1500)], 2),
    ]
    whole = answered("primary", 12000, [("CO", "45", 7000), ("PR", "2", 3000)], 2, trace="BACK")
    gone = reversed_(whole, 3).model_copy(update={"reverses": "primary-1", "also_reverses": ("primary-2",)})
    await settlement.given(COMPLETED, *pieces)

    await settlement.receives(gone)
    assert settlement.none(CostFinalized)
    assert (await balances(settlement))["cash"] == 3000  # the client's alone

    await settlement.receives(answered("primary", 11000, [("CO", "45", 7000), ("PR", "2", 4000)], 4), withheld())
    assert (settlement.only(CostFinalized).final_cost_cents, reasons(settlement)) == (4000, [])
    assert (await balances(settlement))["cash"] == 14000


async def test_a_payer_that_bills_other_charges_than_ours_is_still_for_a_person(settlement: ServiceUnderTest):
    await settlement.given(COMPLETED)
    await settlement.receives(answered("primary", 12000, [("CO", "45", 5000), ("PR", "2", 3000)], charge_cents=20000))

    assert reasons(settlement) == ["charges_differ"]


REFUSED = {"claim_status": "4", "decides_benefits": False, "answer": "too_late"}
TOO_LATE = answered("primary", 0, [("CO", "29", 22000)], **REFUSED)
SECOND_TOO_LATE = answered(
    "secondary",
    0,
    [("OA", "23", 19000), ("CO", "29", 3000)],
    claim_status="4",
    decides_benefits=False,
    answer="too_late",
)


@pytest.mark.parametrize(
    "answers", [(TOO_LATE, withheld("prior_filed_too_late")), (PRIMARY, SECOND_TOO_LATE)], ids=["primary", "secondary"]
)
async def test_a_claim_filed_too_late_waits_for_a_person_and_costs_the_client_nothing_on_day_90(
    settlement: ServiceUnderTest, answers: tuple[Any, ...]
):
    await settlement.given(COMPLETED)
    await settlement.receives(*answers)
    assert settlement.none(CostFinalized)
    assert "timely_filing_denial" in reasons(settlement)

    await settlement.passes(days=91)

    final = settlement.only(CostFinalized)
    assert (final.final_cost_cents, final.refund_cents, final.reason) == (0, 3000, "filed_too_late")
    assert settlement.none(CostOverdue)  # it says that a payer has not answered
    assert settlement.only(RefundRequested).amount_cents == 3000


async def test_an_appeal_that_is_won_after_day_90_settles_by_the_payers_answer(settlement: ServiceUnderTest):
    await settlement.given(COMPLETED, TOO_LATE, withheld("prior_filed_too_late"))
    await settlement.passes(days=91)

    await settlement.receives(answered("primary", 12000, [("CO", "45", 7000), ("PR", "2", 3000)], 2))

    assert settlement.only(CostFinalized).final_cost_cents == 3000


async def test_what_a_second_payer_was_asked_too_late_is_not_the_clients_once_it_is_written_off(
    settlement: ServiceUnderTest,
):
    await settlement.given(COMPLETED, PRIMARY, SECOND_TOO_LATE)
    lost = {"control": "s-S", "level": "secondary", "plan_id": "spouses", "payer_id": "TWO"}

    await settlement.receives(ClaimWrittenOff.model_validate({**WHOSE, **lost, "reason": "given_up_by_operator"}))

    final = settlement.only(CostFinalized)
    assert (final.final_cost_cents, final.refund_cents, final.reason) == (0, 3000, "claim_given_up")
    assert (await balances(settlement))["cob_variance"] == 3000


@pytest.mark.parametrize("taken_back", [PRIMARY, SECONDARY], ids=lambda event: event.level)
async def test_a_take_back_without_its_correction_asks_the_client_for_nothing_on_day_90(
    settlement: ServiceUnderTest, taken_back: ClaimAdjudicated
):
    await settlement.given(COMPLETED, PRIMARY, SECONDARY)
    await settlement.passes(days=80)
    await settlement.receives(reversed_(taken_back, 2))

    await settlement.passes(days=11)

    assert settlement.none(CostFinalized)  # it stays as the client knows it
    assert "cost_overdue" in reasons(settlement)
    assert settlement.none(BalanceDue)
    assert settlement.none(RefundRequested)
    await settlement.passes(days=30)
    assert settlement.none(ChargeRequested)


async def test_a_session_of_which_nobody_says_that_it_took_place_reaches_a_person_once(settlement: ServiceUnderTest):
    await settlement.passes(days=13)
    assert reasons(settlement) == []

    await settlement.passes(days=2)
    assert reasons(settlement) == ["completion_unknown"]
    await settlement.passes(days=100)
    assert "completion_unknown" not in reasons(settlement)


@pytest.mark.parametrize("said", [COMPLETED, CANCELLED], ids=["it took place", "it was cancelled"])
async def test_a_session_whose_end_was_told_is_asked_about_no_more(settlement: ServiceUnderTest, said: Any):
    await settlement.given(said)

    await settlement.passes(days=20)

    assert "completion_unknown" not in reasons(settlement)


async def test_a_rate_that_comes_after_the_payers_answers_charges_no_estimate(service_under_test: Any):
    """What the session costs is known by then: it is announced, and charged on its day."""
    sut = await service_under_test(SERVICE)
    await sut.given(cleared(), COMPLETED)
    await sut.passes(hours=31)
    await sut.given(PRIMARY, SECONDARY, RATE)

    await sut.passes(hours=7)

    assert sut.none(ChargeRequested)
    assert sut.only(BalanceDue).amount_cents == 600
    assert sut.only(CostFinalized).reason == "nothing_charged"


async def test_a_rate_that_comes_after_a_claim_came_too_late_charges_no_estimate(service_under_test: Any):
    """The client owes nothing for that: what was charged would go back on day 90."""
    sut = await service_under_test(SERVICE)
    await sut.given(cleared(), COMPLETED)
    await sut.passes(hours=31)
    gone = reversed_(PRIMARY, 2)
    waits, over = {"primary": "reversed"}, {"secondary": "written_off"}
    await sut.given(PRIMARY, gone, claims_say(1, PRIMARY, gone, waits=waits, over=over), RATE)

    await sut.passes(hours=7)

    assert sut.none(ChargeRequested)
