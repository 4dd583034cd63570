"""Whatever a payer says is classified, and nothing in it is passed over."""

import itertools
from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from services.claims.codes import payer_codes
from services.claims.codes.classification import GRAVITY, classify
from services.claims.codes.payer_answer import Adjustment, PayerAnswer
from shared.codes import adjustment_codes
from tests.services.claims.answer_classes import CALL, FORWARDED, ORDINARY, REVIEW, answer_class, carc

_CODES: dict[Literal["carc", "rarc", "status"], list[str]] = {
    "carc": [*adjustment_codes.rows("carc")],
    "rarc": [*adjustment_codes.rows("rarc")],
    "status": [*payer_codes.table()["status"]],
}
_rows = payer_codes.table()
_codes = st.one_of(st.sampled_from([code for codes in _CODES.values() for code in codes]), st.text(max_size=5))
_adjustment = st.builds(
    Adjustment,
    st.none() | st.sampled_from(["CO", "PR", "OA", "PI", "xx"]),
    st.none() | _codes,
    st.lists(_codes, max_size=3).map(tuple),
)
_answers = st.builds(
    PayerAnswer,
    adjustments=st.lists(_adjustment, max_size=3).map(tuple),
    remarks=st.lists(_codes, max_size=2).map(tuple),
    claim_status=st.none() | st.sampled_from(["1", "2", "3", "4", "19", "20", "21", "22", "23", "25"]) | st.text(),
    category=st.none() | st.sampled_from(list(_rows["category"])) | st.text(max_size=3),
    status=st.none() | _codes,
    entity=st.none() | st.sampled_from(["IL", "PR", "85"]) | st.text(max_size=2),
    our_order=st.none() | st.lists(st.sampled_from(["A", "B", "C"]), max_size=3).map(tuple),
    billed=st.none() | st.sampled_from(["A", "B", "C", "D", ""]),
    other_payer_says=st.none() | st.sampled_from(["primary", "Secondary", "not primary", "??"]),
)


@settings(max_examples=120, deadline=None)
@given(_answers)
def test_whatever_a_payer_says_is_classified_and_only_a_call_pauses(answer: PayerAnswer) -> None:
    said = classify(answer)

    assert said.why.endswith(".")
    assert said.pause is (said.answer is CALL)
    if said.answer in (ORDINARY, FORWARDED):
        assert not said.contradictions


@settings(max_examples=100, deadline=None)
@given(_answers, st.sampled_from(["N9999", "7777"]))
def test_an_unknown_code_is_never_passed_over(answer: PayerAnswer, code: str) -> None:
    unknown = Adjustment("CO", code)

    said = classify(PayerAnswer((*answer.adjustments, unknown)))

    assert GRAVITY.index(said.answer) <= GRAVITY.index(REVIEW)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["45", "2", "18", "27", "29", "31", "96", "227", "999"]), min_size=1, max_size=4))
def test_the_order_of_the_adjustments_does_not_matter(reasons: list[str]) -> None:
    classes = {answer_class(*map(carc, order)) for order in itertools.permutations(reasons)}

    assert classes == {min((answer_class(carc(reason)) for reason in reasons), key=GRAVITY.index)}
