"""From the claims service's events to the adjudications that settle a cost."""

from datetime import date
from typing import Any

from services.settlement.answers.adjudication import Level
from services.settlement.answers.claim_answers import adjudication_of
from services.settlement.answers.final_cost import final_cost
from shared.events.claims import AdjudicatedLine, Adjustment, ClaimAdjudicated, ClaimReversed

ABOUT: dict[str, Any] = {
    "client_id": "client-1",
    "session_id": "session-1",
    "control": "SES-1",
    "plan_id": "plan-1",
    "payer_id": "payer-1",
}
LINE = AdjudicatedLine(
    control="1",
    procedure="90837",
    charge_cents=22000,
    paid_cents=12000,
    adjustments=(
        Adjustment(group="CO", reason="45", amount_cents=7000),
        Adjustment(group="PR", reason="2", amount_cents=3000),
    ),
)
USUAL: dict[str, Any] = {
    **ABOUT,
    "level": "primary",
    "adjudication_id": "adj-1",
    "payer_claim_id": "ICN-1",
    "trace": "T1",
    "claim_status": "1",
    "adjudicated_on": date(2026, 1, 25),
    "charge_cents": 22000,
    "paid_cents": 12000,
    "patient_responsibility_cents": 3000,
    "lines": (LINE,),
}
ADJUDICATED = ClaimAdjudicated(**USUAL)
BACK = LINE.model_copy(
    update={
        "charge_cents": -22000,
        "paid_cents": -12000,
        "adjustments": tuple(
            adjustment.model_copy(update={"amount_cents": -adjustment.amount_cents}) for adjustment in LINE.adjustments
        ),
    }
)
REVERSED = ClaimReversed(
    **USUAL
    | {
        "adjudication_id": "adj-1-back",
        "number": 2,
        "claim_status": "22",
        "trace": "T2",
        "adjudicated_on": date(2026, 2, 25),
        "charge_cents": -22000,
        "paid_cents": -12000,
        "patient_responsibility_cents": 0,
        "lines": (BACK,),
        "reverses": "adj-1",
    }
)


def test_an_adjudication_keeps_its_id_and_figures() -> None:
    adjudication = adjudication_of(ADJUDICATED)

    assert (adjudication.id, adjudication.level, adjudication.patient_responsibility_cents) == (
        "adj-1",
        Level.PRIMARY,
        3000,
    )
    assert final_cost([adjudication]).final_cost_cents == 3000


def test_a_reversal_takes_back_the_adjudication_that_it_names_whatever_the_order() -> None:
    other = adjudication_of(ClaimAdjudicated(**USUAL | {"adjudication_id": "adj-2", "number": 3}))

    for answers in ([other, adjudication_of(REVERSED)], [adjudication_of(REVERSED), other]):
        cost = final_cost([adjudication_of(ADJUDICATED), *answers])
        assert (cost.final_cost_cents, cost.decided_by) == (3000, ("adj-2",))


def test_a_reversal_that_names_nothing_takes_back_what_came_before_it() -> None:
    nameless = adjudication_of(REVERSED.model_copy(update={"reverses": None}))

    cost = final_cost([nameless, adjudication_of(ADJUDICATED)])

    assert [review.reason for review in cost.review] == ["reversal_without_correction"]


def test_what_claims_does_not_take_for_a_decision_settles_nothing() -> None:
    doubted = adjudication_of(ClaimAdjudicated(**{**USUAL, "decides_benefits": False}))

    assert [review.reason for review in final_cost([doubted]).review] == ["unknown_denial"]


def test_a_forwarded_claim_waits_for_the_next_payer() -> None:
    forwarded = adjudication_of(ClaimAdjudicated(**{**USUAL, "forwarded": True}))

    assert [review.reason for review in final_cost([forwarded]).review] == ["forwarded_answer_awaited"]
