from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.claims.acknowledgments.acknowledgment import Acknowledged, Chase, acknowledge, chase, syntax_cause
from services.claims.claim.claim_state import Cause, State
from services.claims.codes.payer_codes import AnswerClass
from services.claims.codes.remittance_answer import OurSide
from services.claims.patience import ChasePatience
from shared.x12.acknowledgment_999.acknowledgment import AcknowledgedSet
from shared.x12.claim_status_277.status import ClaimStatus, Status

OUR_SIDE = OurSide(our_order=("A", "B"), billed="A")


def said(*statuses: Status, lines: tuple[tuple[str, tuple[Status, ...]], ...] = ()) -> Acknowledged:
    return acknowledge(ClaimStatus("SES-1-P", statuses, lines=lines), OUR_SIDE)


@pytest.mark.parametrize(
    ("statuses", "cause", "answer", "not_found"),
    [
        pytest.param([Status("A2", "20")], Cause.ACCEPTED, AnswerClass.ORDINARY, False, id="accepted by the payer"),
        pytest.param([Status("A1", "19")], Cause.SYNTAX_ACCEPTED, AnswerClass.ORDINARY, False, id="received"),
        pytest.param([Status("A0", "16")], Cause.SYNTAX_ACCEPTED, AnswerClass.ORDINARY, False, id="sent on"),
        pytest.param([Status("A5", "20")], Cause.ACCEPTED, AnswerClass.ORDINARY, False, id="split"),
        pytest.param([Status("A7", "742")], Cause.REFUSED, AnswerClass.OTHER_PLAN_FIRST, False, id="wrong order"),
        pytest.param(
            [Status("A3", "171", "IL")], Cause.REFUSED, AnswerClass.CLIENT_MUST_CALL, False, id="the insured was asked"
        ),
        pytest.param(
            [Status("A7", "286", action="WQ")], Cause.REFUSED, AnswerClass.FIX_AND_RESEND, False, id="category beats WQ"
        ),
        pytest.param([Status("A4", "35")], Cause.REFUSED, AnswerClass.REVIEW, True, id="not found"),
        pytest.param([Status("D0")], Cause.REFUSED, AnswerClass.REVIEW, True, id="not found, asked by 276"),
        pytest.param([Status("P1")], Cause.PENDED, AnswerClass.ORDINARY, False, id="in process"),
        pytest.param([Status("F2", "29")], Cause.PENDED, AnswerClass.REVIEW, False, id="the 835 will tell"),
        pytest.param([Status("R4", "171")], Cause.PENDED, AnswerClass.FIX_AND_RESEND, False, id="information asked"),
        pytest.param([Status("E1")], None, AnswerClass.REVIEW, False, id="the payer's system is down"),
        pytest.param([Status("Q1")], None, AnswerClass.REVIEW, False, id="unknown category"),
        pytest.param([], None, AnswerClass.REVIEW, False, id="nothing said"),
        pytest.param([Status(""), Status("a2", "20")], Cause.ACCEPTED, AnswerClass.REVIEW, False, id="an empty status"),
        pytest.param(
            [Status("A2", "20"), Status("A7", "54")],
            Cause.REFUSED,
            AnswerClass.DUPLICATE,
            False,
            id="the gravest of two",
        ),
    ],
)
def test_an_acknowledgment_moves_the_claim_and_has_a_class(
    statuses: list[Status], cause: Cause | None, answer: AnswerClass, not_found: bool
) -> None:
    judged = said(*statuses)

    assert (judged.cause, judged.classification.answer, judged.not_found) == (cause, answer, not_found)


def test_one_refused_line_refuses_the_claim() -> None:
    judged = said(Status("A2", "20"), lines=(("SES-1-1", (Status("A6", "530"),)),))

    assert (judged.cause, judged.classification.answer) == (Cause.REFUSED, AnswerClass.FIX_AND_RESEND)


@given(st.lists(st.builds(Status, st.text(max_size=3), st.text(max_size=4), st.text(max_size=2)), max_size=3))
def test_whatever_an_acknowledgment_says_is_read(statuses: list[Status]) -> None:
    assert said(*statuses).classification.why


@pytest.mark.parametrize(("code", "cause"), [("A", Cause.SYNTAX_ACCEPTED), ("E", Cause.SYNTAX_ACCEPTED)])
def test_a_999_that_takes_the_set_leaves_its_claims_sent(code: str, cause: Cause) -> None:
    assert syntax_cause(AcknowledgedSet("0001", code=code)) is cause


@pytest.mark.parametrize("code", ["R", "M", "W", "X"])
def test_a_999_that_rejects_the_set_rejects_its_claims(code: str) -> None:
    assert syntax_cause(AcknowledgedSet("0001", code=code)) is Cause.SYNTAX_REJECTED


SENT = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("state", "asked", "last_asked_on", "today", "expected"),
    [
        pytest.param(State.SUBMITTED, 0, None, date(2026, 3, 3), None, id="two days after sending"),
        pytest.param(State.SUBMITTED, 0, None, date(2026, 3, 4), Chase.ASK, id="three days after sending"),
        pytest.param(State.ACKNOWLEDGED, 0, None, date(2026, 3, 21), None, id="twenty days after receipt"),
        pytest.param(State.ACKNOWLEDGED, 0, None, date(2026, 3, 22), Chase.ASK, id="twenty-one days after receipt"),
        pytest.param(State.PENDING, 1, date(2026, 3, 22), date(2026, 3, 28), None, id="asked six days ago"),
        pytest.param(State.PENDING, 1, date(2026, 3, 22), date(2026, 3, 29), Chase.ASK, id="asked a week ago"),
        pytest.param(State.PENDING, 3, date(2026, 4, 5), date(2026, 4, 12), Chase.ESCALATE, id="asked three times"),
        pytest.param(State.ADJUDICATED, 0, None, date(2027, 3, 1), None, id="decided"),
        pytest.param(State.HELD, 0, None, date(2027, 3, 1), None, id="not with the payer"),
    ],
)
def test_a_silent_payer_is_asked_then_left_to_a_person(
    state: State, asked: int, last_asked_on: date | None, today: date, expected: Chase | None
) -> None:
    assert chase(ChasePatience(), state, SENT, asked, last_asked_on, today) is expected
