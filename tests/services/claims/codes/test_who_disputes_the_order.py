"""What a payer says about the order of the plans: who must act, and whether it contradicts ours."""

import pytest

from services.claims.codes.classification import classify
from services.claims.codes.payer_answer import Adjustment, PayerAnswer
from services.claims.codes.payer_codes import AnswerClass
from tests.services.claims.answer_classes import CALL, FIX, FORWARDED, ORDINARY, OTHER, REVIEW, answer_class, carc

_ONE, _TWO, _NO = ("A",), ("A", "B"), None


@pytest.mark.parametrize(
    ("our_order", "billed", "other_says", "expected"),
    [
        pytest.param(_ONE, "A", None, CALL, id="only one plan known"),
        pytest.param(_ONE, None, None, CALL, id="only one plan known, billed not said"),
        pytest.param(_ONE, "A", "not_primary", CALL, id="one plan, and whoever else there is is not primary"),
        pytest.param(_ONE, "A", "primary", OTHER, id="the other payer claims to be primary"),
        pytest.param(_TWO, "A", None, CALL, id="our order has this plan first"),
        pytest.param(_TWO, "A", "secondary", CALL, id="our order and the other payer have this plan first"),
        pytest.param(_TWO, "A", "tertiary", CALL, id="the other is tertiary"),
        pytest.param(_TWO, "A", "not_primary", CALL, id="the other is not primary"),
        pytest.param(_TWO, "A", "primary", OTHER, id="the payers agree against our order"),
        pytest.param(_TWO, "B", None, OTHER, id="billed in the wrong order"),
        pytest.param(_TWO, "B", "primary", OTHER, id="all agree that the other is first"),
        pytest.param(_TWO, "B", "secondary", CALL, id="each payer names the other"),
        pytest.param(_TWO, "C", None, OTHER, id="our order leaves this plan out"),
        pytest.param(("A", "B", "C"), "C", "secondary", OTHER, id="of three, the first is still another"),
        pytest.param(_NO, "A", None, REVIEW, id="order not known"),
        pytest.param((), "A", None, REVIEW, id="no plan known to pay"),
        pytest.param(_NO, "A", "primary", OTHER, id="order not known, the other says primary"),
        pytest.param(_NO, "A", "secondary", CALL, id="order not known, each names the other"),
        pytest.param(_TWO, None, None, REVIEW, id="two plans, and nobody says which was billed"),
    ],
)
def test_care_covered_by_another_payer_is_decided_by_our_order_and_the_other_payer(
    our_order: tuple[str, ...] | None, billed: str | None, other_says: str | None, expected: AnswerClass
) -> None:
    facts = {"our_order": our_order, "billed": billed, "other_payer_says": other_says}
    assert answer_class(carc("22"), **facts) is expected


@pytest.mark.parametrize(
    ("remarks", "facts", "expected"),
    [
        pytest.param(("N197",), {"billed": "B"}, CALL, id="N197 names the subscriber whatever the order"),
        pytest.param(("N191",), {}, FIX, id="N191 names the provider whatever the order"),
        pytest.param(("N191",), {"our_order": ("A",)}, FIX, id="N191 names the provider, one plan known"),
        pytest.param(("N179",), {"billed": "B"}, CALL, id="N179 the member was asked"),
        pytest.param(("MA04",), {"billed": "B"}, FIX, id="MA04 the primary's data is missing"),
        pytest.param(("N4",), {"billed": "B"}, FIX, id="N4 the explanation of benefits is missing"),
        pytest.param(("MA04",), {}, FIX, id="MA04 with nobody against it"),
        pytest.param(("MA04",), {"other_payer_says": "secondary"}, CALL, id="MA04 though the other is not primary"),
        pytest.param(("MA04",), {"our_order": ("A",)}, CALL, id="MA04 though we know of no other plan"),
        pytest.param(("MA130",), {}, CALL, id="MA130 leaves it to CARC 22 to say what is wrong"),
        pytest.param(("MA130",), {"billed": "B"}, OTHER, id="MA130 where our order has another plan first"),
        pytest.param(("N155",), {"billed": "B"}, FIX, id="N155 send it our data"),
        pytest.param(("N36",), {"billed": "B"}, OTHER, id="N36 the primary's requirements first"),
        pytest.param(("MA64",), {"billed": "B"}, OTHER, id="MA64 third payer"),
        pytest.param(("N36",), {"other_payer_says": "not_primary"}, CALL, id="N36 though the other is not primary"),
        pytest.param(("N598",), {"billed": "B"}, REVIEW, id="N598 is never a health plan's word"),
        pytest.param(("N581",), {}, REVIEW, id="N581 weak signal"),
        pytest.param(("N9999",), {}, REVIEW, id="a remark nobody knows may change who must act"),
        pytest.param(("MA13",), {"billed": "B"}, OTHER, id="a remark that explains nothing"),
    ],
)
def test_the_remark_of_reason_22_says_who_must_act(
    remarks: tuple[str, ...], facts: dict[str, object], expected: AnswerClass
) -> None:
    assert answer_class(carc("22", *remarks), **facts) is expected


@pytest.mark.parametrize(
    ("code", "facts", "expected"),
    [
        pytest.param("N36", {}, OTHER, id="against our order alone: re-order, no pause"),
        pytest.param("N36", {"our_order": ("A",)}, CALL, id="no other plan to bill"),
        pytest.param("MA64", {"other_payer_says": "secondary"}, CALL, id="each payer names the other"),
        pytest.param("M32", {"our_order": None}, OTHER, id="order not known"),
    ],
)
def test_softer_words_about_the_order_pause_only_on_contradiction(
    code: str, facts: dict[str, object], expected: AnswerClass
) -> None:
    assert answer_class(Adjustment(None, None, (code,)), **facts) is expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"claim_status": "1"}, ORDINARY, id="processed as billed"),
        pytest.param({"claim_status": "2", "billed": "B"}, ORDINARY, id="secondary as billed"),
        pytest.param({"claim_status": "2"}, CALL, id="secondary though billed as primary"),
        pytest.param({"claim_status": "2", "other_payer_says": "primary"}, OTHER, id="the payers agree"),
        pytest.param({"claim_status": "2", "our_order": ("A",)}, CALL, id="secondary to a plan we don't know"),
        pytest.param({"claim_status": "1", "billed": "B"}, CALL, id="primary though billed as secondary"),
        pytest.param({"claim_status": "1", "billed": "B", "other_payer_says": "primary"}, CALL, id="both are primary"),
        pytest.param({"claim_status": "1", "billed": "B", "other_payer_says": "not_primary"}, OTHER, id="both agree"),
        pytest.param({"claim_status": "3", "billed": "B"}, REVIEW, id="tertiary though billed as secondary"),
        pytest.param(
            {"claim_status": "3", "billed": "B", "passed_on": True}, ORDINARY, id="passed on in a place not told to us"
        ),
        pytest.param({"claim_status": "1", "billed": "B", "passed_on": True}, CALL, id="passed on, and says primary"),
        pytest.param({"claim_status": "1", "billed": "C"}, REVIEW, id="a plan that our order leaves out"),
        pytest.param({"claim_status": "1", "our_order": None}, ORDINARY, id="nothing to compare with"),
        pytest.param({"claim_status": "19"}, FORWARDED, id="primary and forwarded"),
        pytest.param({"claim_status": "20", "billed": "B"}, FORWARDED, id="secondary and forwarded"),
        pytest.param({"claim_status": "23"}, FORWARDED, id="not ours, forwarded"),
        pytest.param({"claim_status": "25"}, REVIEW, id="predetermination"),
        pytest.param({"claim_status": "4"}, REVIEW, id="denied, and no code says why"),
        pytest.param({"claim_status": "22"}, ORDINARY, id="reversal"),
        pytest.param({"claim_status": "99"}, REVIEW, id="unknown"),
        pytest.param({"claim_status": "1", "other_payer_says": "grandpayer"}, REVIEW, id="unknown role"),
    ],
)
def test_the_claim_status_is_compared_with_the_role_that_was_billed(
    facts: dict[str, object], expected: AnswerClass
) -> None:
    assert answer_class(carc("45"), carc("2", group="PR"), **facts) is expected


def test_a_dispute_names_the_contradiction_and_what_this_payer_says() -> None:
    said = classify(PayerAnswer((carc("22"),), our_order=("A", "B"), billed="A", other_payer_says="secondary"))

    assert (said.contradictions, said.this_payer_says, said.settles) == (
        ("each payer says that the other is first",),
        "not_primary",
        False,
    )
