"""The one table of adjustment reasons and remarks: complete, and its columns agree with each other."""

from typing import get_args

import pytest

from services.claims.codes.payer_codes import AnswerClass, Reads
from services.settlement.answers.benefits_adjudicated import Answer
from shared.codes import adjustment_codes, published
from shared.codes.adjustment_codes import List

ROWS = [(name, row) for name in get_args(List) for row in adjustment_codes.rows(name).values()]
SETTLING = {Answer.BENEFITS.value, Answer.NOT_COVERED.value}
ASKING = {
    AnswerClass.CLIENT_MUST_CALL,
    AnswerClass.OTHER_PLAN_FIRST,
    AnswerClass.FIX_AND_RESEND,
    AnswerClass.DUPLICATE,
    AnswerClass.TOO_LATE,
}


@pytest.mark.parametrize("name", get_args(List))
def test_every_published_code_has_a_row_or_is_deliberately_unsorted(name: List):
    rows, unsorted = set(adjustment_codes.rows(name)), adjustment_codes.unsorted(name)
    assert set(published.table(name).codes) - rows - unsorted == set()
    assert rows & unsorted == set()


def test_every_row_can_be_read_by_each_reader():
    unreadable = [
        row.code
        for _, row in ROWS
        if row.answer not in set(AnswerClass) or row.reads not in set(Reads) or row.cost not in {None, *Answer}
    ]
    without_text = [row.code for _, row in ROWS if not row.meaning or row.meaning.startswith("unknown code")]
    assert (unreadable, without_text) == ([], [])


def test_the_columns_of_a_row_agree_with_each_other():
    """What is ordinary to one reader is no denial to another, and what asks for something settles no cost."""
    reasons = [row for name, row in ROWS if name == "carc"]
    ordinary = {row.code for row in reasons if row.answer == AnswerClass.ORDINARY and row.cost not in SETTLING}
    asking = {row.code for _, row in ROWS if AnswerClass(row.answer) in ASKING and row.cost in SETTLING}
    benefit = [row for row in reasons if row.reads == Reads.BENEFIT]
    not_covered = {row.code for row in benefit if row.cost != Answer.NOT_COVERED or not row.elsewhere}
    assert (ordinary, asking, not_covered) == (set(), set(), set())


@pytest.mark.parametrize(
    ("code", "elsewhere"),
    [("96", True), ("0096", True), ("b1", True), ("119", True), ("45", False), ("222", False), ("ZZ", False)],
)
def test_a_service_that_this_plan_does_not_cover_may_be_paid_elsewhere(code: str, elsewhere: bool):
    assert adjustment_codes.is_payable_elsewhere(code) is elsewhere


@pytest.mark.parametrize(("code", "forwarding"), [("MA18", True), ("ma07", True), ("N89", True), ("MA08", False)])
def test_a_remark_tells_whether_the_claim_was_forwarded(code: str, forwarding: bool):
    assert adjustment_codes.is_forwarding(code) is forwarding
