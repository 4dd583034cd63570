"""What a code of a payer means: reasons, remarks, statuses and the table they stand in."""

from typing import Literal

import pytest
from hypothesis import strategies as st

from services.claims.codes import payer_codes
from services.claims.codes.classification import GRAVITY, classify
from services.claims.codes.payer_answer import Adjustment, CodeSaid, PayerAnswer
from services.claims.codes.payer_codes import AnswerClass
from shared.codes import adjustment_codes
from tests.services.claims.answer_classes import CALL, FIX, FORWARDED, ORDINARY, OTHER, REVIEW, answer_class, carc

DUPLICATE, NOT_COVERED, TOO_LATE = AnswerClass.DUPLICATE, AnswerClass.NOT_COVERED, AnswerClass.TOO_LATE


CARCS = {
    CALL: ["227"],
    FIX: ["252", "163", "164", "250", "251", "148", "226", "228", "136", "109"],
    DUPLICATE: ["18", "B13"],
    NOT_COVERED: ["26", "27", "200", "31", "32", "33", "166", "177", "277", "96", "204", "167"],
    TOO_LATE: ["29"],
    FORWARDED: ["B11", "300"],
    ORDINARY: ["1", "2", "3", "45", "42", "23", "100", "119", "253", "275", "276", "209", "303"],
    REVIEW: ["16", "A1", "129", "195", "257", "301", "999", "ZZ", "0"],
}


@pytest.mark.parametrize(
    ("reason", "expected"), [pytest.param(code, cls, id=code) for cls, codes in CARCS.items() for code in codes]
)
def test_a_reason_that_comes_alone_has_its_class(reason: str, expected: AnswerClass) -> None:
    assert answer_class(carc(reason)) is expected


RARCS = {
    CALL: ["N197", "N179", "N375", "N686", "N376", "N49"],
    OTHER: ["MA83", "N36", "MA64", "M32"],
    FIX: [
        *("MA04", "N4", "N479", "N480", "N48", "N379", "N541", "MA92", "N245", "MA88", "MA89", "MA90", "N307", "MA99"),
        *("M56", "N155", "N811", "N191", "MA130", "N418", "N747", "N802", "N142", "N152", "N779", "N798", "N8"),
    ],
    DUPLICATE: ["N522"],
    NOT_COVERED: ["N619", "N698", "N687"],
    FORWARDED: ["MA07", "MA18", "N89"],
    ORDINARY: [
        *("MA08", "MA19", "MA68", "N387", "N360", "N177", "N196", "N215", "N9", "N219", "N408", "N765", "N766", "N536"),
        *("N192", "N781", "N782", "N783", "N364", "N833", "N82", "MA59", "MA72", "MA77", "N720", "N857", "MA13"),
        *("MA67", "N695"),
    ],
    REVIEW: ["N581", "N582", "N598", "MA16", "N617", "N618", "N420", "N696", "N373", "MA17", "N527", "N9999", "X1"],
}


@pytest.mark.parametrize(
    ("remark", "expected"), [pytest.param(code, cls, id=code) for cls, codes in RARCS.items() for code in codes]
)
def test_a_remark_of_the_claim_that_comes_alone_has_its_class(remark: str, expected: AnswerClass) -> None:
    assert classify(PayerAnswer(remarks=(remark,), our_order=("A", "B"), billed="A")).answer is expected


@pytest.mark.parametrize("reason", ["16", "A1", "129"])
@pytest.mark.parametrize(
    ("remark", "expected"),
    [
        pytest.param(code, cls, id=code)
        for cls, codes in RARCS.items()
        for code in codes
        if cls not in (ORDINARY, FORWARDED)
    ],
)
def test_a_reason_that_says_nothing_alone_means_what_its_remark_means(
    reason: str, remark: str, expected: AnswerClass
) -> None:
    assert answer_class(carc(reason, remark)) is expected


@pytest.mark.parametrize("remark", [*RARCS[ORDINARY], *RARCS[FORWARDED]])
def test_a_remark_that_explains_nothing_leaves_such_a_reason_to_a_person(remark: str) -> None:
    assert answer_class(carc("16", remark)) is REVIEW


STATUSES = {
    CALL: ["52", "283"],
    OTHER: ["85", "742"],
    FIX: [
        *("116", "171", "286", "672", "182", "400", "479", "480", "578", "550", "551", "516", "519", "520", "521"),
        *("530", "710", "535", "787"),
    ],
    DUPLICATE: ["770", "771", "54", "78"],
    NOT_COVERED: ["27", "88", "90", "91", "96", "97"],
    TOO_LATE: ["718"],
    REVIEW: ["766", "792", "9999", "abc", "20", "16", "17", "104", "107"],
}


@pytest.mark.parametrize("category", ["A3", "A6", "A7", "A8", "F2", "R3", "P3"])
@pytest.mark.parametrize(
    ("status", "expected"), [pytest.param(code, cls, id=code) for cls, codes in STATUSES.items() for code in codes]
)
def test_a_status_says_why_a_category_refuses(category: str, status: str, expected: AnswerClass) -> None:
    assert answer_class(category=category, status=status) is expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param({"category": "A2", "status": "20"}, ORDINARY, id="accepted into adjudication"),
        pytest.param({"category": "A1", "status": "19"}, ORDINARY, id="received"),
        pytest.param({"category": "A0", "status": "16"}, ORDINARY, id="on its way through the clearinghouse"),
        pytest.param({"category": "A1", "status": "17"}, ORDINARY, id="a third party sent it on"),
        pytest.param({"category": "F0", "status": "16"}, FORWARDED, id="finalized, then forwarded"),
        pytest.param({"category": "F3F"}, FORWARDED, id="finalized and forwarded"),
        pytest.param({"category": "F1", "status": "107"}, ORDINARY, id="paid by the plan's terms"),
        pytest.param({"category": "P1"}, ORDINARY, id="in process"),
        pytest.param({"category": "P1", "status": "52"}, CALL, id="pended: other coverage investigated"),
        pytest.param({"category": "P4"}, REVIEW, id="the patient was asked, nobody says what"),
        pytest.param({"category": "P4", "status": "171"}, CALL, id="other coverage asked of the patient"),
        pytest.param({"category": "A3", "status": "171", "entity": "IL"}, CALL, id="171 of the insured"),
        pytest.param({"category": "A3", "status": "171", "entity": "QC"}, CALL, id="171 of the patient"),
        pytest.param({"category": "A3", "status": "171", "entity": "85"}, FIX, id="171 of the billing provider"),
        pytest.param({"category": "A3", "status": "171", "entity": "??"}, REVIEW, id="171 of nobody we know"),
        pytest.param({"status": "171", "entity": "il"}, CALL, id="171 without a category"),
        pytest.param({"category": "A7"}, REVIEW, id="refused without saying why"),
        pytest.param({"category": "A2", "status": "85"}, REVIEW, id="accepted, with a status that refuses"),
        pytest.param({"category": "A1", "status": "52"}, REVIEW, id="received, with a status that refuses"),
        pytest.param({"category": "Q9", "status": "20"}, REVIEW, id="a category that nobody knows"),
        pytest.param({"category": "A7:85:PR"}, OTHER, id="a whole composite in the category's place"),
        pytest.param({"status": "116", "billed": "B"}, OTHER, id="wrong payer, and our order has another first"),
        pytest.param({"status": "116", "other_payer_says": "primary"}, OTHER, id="wrong payer, the other is primary"),
    ],
)
def test_an_acknowledgment_is_read_by_category_status_and_entity(
    said: dict[str, object], expected: AnswerClass
) -> None:
    assert answer_class(**said) is expected


@pytest.mark.parametrize(
    ("adjustments", "facts", "expected"),
    [
        pytest.param([carc("45"), carc("22", "N197")], {}, CALL, id="contractual and a call"),
        pytest.param([carc("45"), carc("2"), carc("16", "MA04")], {}, FIX, id="paid lines and one to fix"),
        pytest.param([carc("16", "MA04"), carc("22", "N197")], {}, CALL, id="fix and a call"),
        pytest.param([carc("45"), carc("7777")], {}, REVIEW, id="contractual and unknown"),
        pytest.param([carc("18"), carc("7777")], {}, REVIEW, id="nothing is done by machine beside an unknown code"),
        pytest.param([carc("227"), carc("7777")], {}, CALL, id="a call beside an unknown code"),
        pytest.param([carc("18"), carc("27"), carc("29")], {}, DUPLICATE, id="duplicate before the rest"),
        pytest.param([carc("29"), carc("27")], {}, NOT_COVERED, id="not covered before too late"),
        pytest.param([carc("16"), carc("252", "N4")], {}, FIX, id="a remark of the same claim explains"),
        pytest.param([carc("45", "MA18")], {}, FORWARDED, id="crossover remark on a paid claim"),
        pytest.param([carc("45", "MA18")], {"remarks": ("MA08",)}, REVIEW, id="forwarded and not forwarded"),
        pytest.param([carc("2", "N387")], {"claim_status": "19"}, REVIEW, id="status and remark disagree"),
        pytest.param([carc("109")], {"claim_status": "23"}, FORWARDED, id="not ours, and it went to the right one"),
        pytest.param([carc("109", "MA18")], {}, FORWARDED, id="misrouted and sent on"),
        pytest.param([carc("109")], {"other_payer_says": "primary"}, OTHER, id="misrouted to the wrong plan"),
        pytest.param([carc("2", "N155", group="PR")], {}, ORDINARY, id="an alert is not a denial"),
        pytest.param([carc("16", "N155")], {}, FIX, id="the alert explains a denial"),
        pytest.param([carc("27")], {"claim_status": "4"}, NOT_COVERED, id="denied, with its reason"),
        pytest.param([carc("119")], {"claim_status": "4"}, ORDINARY, id="denied: benefits used up"),
        pytest.param([carc("275", group="PR")], {"claim_status": "2", "billed": "B"}, ORDINARY, id="secondary refuses"),
        pytest.param(
            [carc("16", "MA04")], {"claim_status": "1", "billed": "B"}, FIX, id="a denial's role says nothing"
        ),
        pytest.param([carc("22", "N197")], {"claim_status": "22"}, ORDINARY, id="a reversal repeats old codes"),
        pytest.param([carc("45", "N696")], {"claim_status": "22"}, REVIEW, id="reversed over coordination"),
        pytest.param(
            [carc("45")], {"claim_status": "22", "remarks": ("N687",)}, NOT_COVERED, id="reversed: disenrolled"
        ),
        pytest.param([Adjustment("ZZ", "45")], {}, REVIEW, id="unknown group"),
        pytest.param([Adjustment("CO", None)], {}, REVIEW, id="group without a reason"),
        pytest.param([carc("257", "N617", "N618")], {}, REVIEW, id="exchange grace period"),
        pytest.param([carc("96")], {}, NOT_COVERED, id="not a benefit"),
        pytest.param([carc("96", "N197")], {}, CALL, id="a clean signal on any denial"),
        pytest.param([], {}, REVIEW, id="no code at all"),
    ],
)
def test_the_gravest_of_several_codes_wins(
    adjustments: list[Adjustment], facts: dict[str, object], expected: AnswerClass
) -> None:
    assert answer_class(*adjustments, **facts) is expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param(Adjustment(" co ", " 22 ", ("n197",)), CALL, id="blanks and lower case"),
        pytest.param(Adjustment(None, "CO-22", ("N197",)), CALL, id="group before the reason"),
        pytest.param(Adjustment(None, "pr2"), ORDINARY, id="group glued to the reason"),
        pytest.param(Adjustment("CO", "045"), ORDINARY, id="leading zero"),
        pytest.param(Adjustment("CO", "a1", ("ma04, n4",)), FIX, id="two remarks in one string"),
        pytest.param(Adjustment("CO", "N197"), CALL, id="a remark in the reason's place"),
        pytest.param(Adjustment("", "18", ("",)), DUPLICATE, id="empty strings are nothing"),
    ],
)
def test_codes_are_read_as_files_write_them(written: Adjustment, expected: AnswerClass) -> None:
    assert answer_class(written) is expected


def test_the_answer_names_every_code_once_with_its_meaning_and_the_reason_in_a_sentence() -> None:
    said = classify(
        PayerAnswer((carc("45"), carc("45"), carc("22", "N9999")), claim_status="4", our_order=("A",), billed="A")
    )

    assert said.codes == (
        CodeSaid("claim_status", "4", "denied"),
        CodeSaid("group", "CO", "contractual obligation"),
        CodeSaid("carc", "45", "charge above the fee schedule or contracted amount"),
        CodeSaid("carc", "22", "care may be covered by another payer per coordination of benefits"),
        CodeSaid("rarc", "N9999", None),
    )
    assert said.why == (
        "CARC 22 comes with a remark that is not sorted; RARC N9999 is not in our table (graver than ordinary)."
    )


@pytest.mark.parametrize(
    ("adjustments", "facts", "settles"),
    [
        pytest.param([carc("45"), carc("2")], {"claim_status": "1"}, True, id="paid"),
        pytest.param([carc("96")], {"claim_status": "4"}, True, id="not a benefit"),
        pytest.param([carc("23"), carc("275")], {"claim_status": "2", "billed": "B"}, True, id="secondary refuses"),
        pytest.param([carc("45")], {"claim_status": "19"}, True, id="paid and forwarded"),
        pytest.param([], {"claim_status": "23"}, False, id="not ours"),
        pytest.param([carc("27")], {"claim_status": "4"}, False, id="not eligible"),
        pytest.param([carc("16", "MA04")], {}, False, id="information missing"),
        pytest.param([carc("29")], {}, False, id="too late"),
        pytest.param([], {"category": "F1"}, False, id="a status report moves no money"),
        pytest.param([carc("45")], {"claim_status": "22"}, False, id="reversal"),
    ],
)
def test_only_a_decision_on_benefits_settles(
    adjustments: list[Adjustment], facts: dict[str, object], settles: bool
) -> None:
    known = {"our_order": ("A", "B"), "billed": "A", **facts}
    assert classify(PayerAnswer(tuple(adjustments), **known)).settles is settles  # type: ignore[arg-type]


_CODES: dict[Literal["carc", "rarc", "status"], list[str]] = {
    "carc": [*adjustment_codes.rows("carc")],
    "rarc": [*adjustment_codes.rows("rarc")],
    "status": [*payer_codes.table()["status"]],
}


def test_every_row_of_the_table_can_be_read() -> None:
    for system in _CODES:
        for code in _CODES[system]:
            row = payer_codes.adjustment_code(system, code)
            assert row is not None
            assert payer_codes.spelled(code) == code
            assert row.meaning


def test_gravity_ranks_every_class_once() -> None:
    assert sorted(GRAVITY) == sorted(AnswerClass)


_codes = st.one_of(st.sampled_from([code for codes in _CODES.values() for code in codes]), st.text(max_size=5))
