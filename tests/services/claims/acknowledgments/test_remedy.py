import pytest

from services.claims.acknowledgments.remedy import (
    Action,
    after_denial,
    after_not_found,
    after_rejection,
    after_syntax_rejection,
)
from services.claims.codes.classification import classify
from services.claims.codes.payer_answer import Adjustment, PayerAnswer


def rejected(category: str, status: str, tries: int = 0, has_prior: bool = True) -> tuple[Action, str | None]:
    said = classify(PayerAnswer(category=category, status=status, our_order=("A", "B"), billed="B"))
    remedy = after_rejection(said, tries, has_prior)
    return remedy.action, remedy.frequency


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        pytest.param("286", (Action.REBUILD_AND_RESEND, "1"), id="the primary's payment is missing"),
        pytest.param("672", (Action.REBUILD_AND_RESEND, "1"), id="the primary's payment is off"),
        pytest.param("535", (Action.REBUILD_AND_RESEND, "1"), id="frequency"),
        pytest.param("787", (Action.REBUILD_AND_RESEND, "1"), id="send a new claim"),
        pytest.param("742", (Action.ASK_COVERAGE, None), id="wrong order"),
        pytest.param("52", (Action.ASK_COVERAGE, None), id="the client must call"),
        pytest.param("27", (Action.CHECK_ELIGIBILITY, None), id="policy cancelled"),
        pytest.param("54", (Action.AWAIT_OTHER_REMITTANCE, None), id="duplicate"),
        pytest.param("718", (Action.APPEAL_OR_WRITE_OFF, None), id="too late"),
        pytest.param("171", (Action.HAND_OVER, None), id="only a biller can mend it"),
        pytest.param("9999", (Action.HAND_OVER, None), id="unknown"),
    ],
)
def test_a_rejected_claim_goes_out_again_as_new_where_we_can_mend_it(
    status: str, expected: tuple[Action, str | None]
) -> None:
    assert rejected("A7", status) == expected


def test_the_same_answer_a_third_time_is_for_a_person() -> None:
    assert rejected("A7", "286", tries=1) == (Action.REBUILD_AND_RESEND, "1")
    assert rejected("A7", "286", tries=2) == (Action.HAND_OVER, None)


def test_without_a_decision_before_there_is_nothing_to_rebuild_with() -> None:
    assert rejected("A7", "286", has_prior=False) == (Action.HAND_OVER, None)


@pytest.mark.parametrize(
    ("adjustment", "payer_claim_id", "expected"),
    [
        pytest.param(("16", "MA04"), "ICN1", (Action.REBUILD_AND_RESEND, "7"), id="replaced under the payer's number"),
        pytest.param(("16", "MA04"), "", (Action.REBUILD_AND_RESEND, "1"), id="new where the payer gave no number"),
        pytest.param(("16", "N142"), "ICN1", (Action.REBUILD_AND_RESEND, "1"), id="the payer wants a new claim"),
        pytest.param(("16", "MA130", "MA04"), "ICN1", (Action.REBUILD_AND_RESEND, "1"), id="unprocessable: new"),
        pytest.param(("16", "MA130"), "ICN1", (Action.HAND_OVER, None), id="unprocessable, nobody says why"),
        pytest.param(("16", "N152"), "ICN1", (Action.REBUILD_AND_RESEND, "7"), id="the replacement was incomplete"),
        pytest.param(("16", "N779"), "ICN1", (Action.RESEND_WHEN_FINAL, "7"), id="not before the original is final"),
        pytest.param(("22", "N191"), "ICN1", (Action.HAND_OVER, None), id="the provider must call"),
        pytest.param(("252", "N4"), "ICN1", (Action.HAND_OVER, None), id="one of two codes only a biller can mend"),
        pytest.param(("96",), "ICN1", (Action.NOTHING, None), id="not a benefit"),
        pytest.param(("27",), "ICN1", (Action.CHECK_ELIGIBILITY, None), id="not eligible"),
        pytest.param(("45",), "ICN1", (Action.NOTHING, None), id="nothing to mend"),
    ],
)
def test_a_denied_claim_is_replaced(
    adjustment: tuple[str, ...], payer_claim_id: str, expected: tuple[Action, str | None]
) -> None:
    codes = Adjustment("CO", adjustment[0], adjustment[1:])
    said = classify(PayerAnswer((codes,), our_order=("A", "B"), billed="B"))

    remedy = after_denial(said, 0, has_prior=True, payer_claim_id=payer_claim_id)

    assert (remedy.action, remedy.frequency) == expected


def test_a_malformed_set_is_built_again_once() -> None:
    assert after_syntax_rejection(0).action is Action.REBUILD_AND_RESEND
    assert after_syntax_rejection(1).action is Action.HAND_OVER


def test_a_claim_that_the_payer_does_not_know_is_sent_again_twice() -> None:
    assert [after_not_found(tries).action for tries in range(3)] == [
        Action.REBUILD_AND_RESEND,
        Action.REBUILD_AND_RESEND,
        Action.HAND_OVER,
    ]
