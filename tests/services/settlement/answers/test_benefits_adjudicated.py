"""Which answers decide about benefits."""

import pytest

from services.settlement.answers.benefits_adjudicated import Answer, Part, answer, share_is_waived, unknown_reasons
from shared.x12.syntax.adjustments import Adjustment


def part(paid: int, *codes: str, remarks: str = "", denied: bool = False) -> Part:
    """`codes` are written CO-45:7000."""
    return Part(paid, adjusted(*codes), tuple(remarks.split()), denied)


def adjusted(*codes: str) -> tuple[Adjustment, ...]:
    split = [(code.split("-", 1)[0], *code.split("-", 1)[1].split(":")) for code in codes]
    return tuple(Adjustment(group, reason, int(cents)) for group, reason, cents in split)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param(part(12000, "CO-45:7000", "PR-2:3000"), Answer.BENEFITS, id="paid in part"),
        pytest.param(part(0, "CO-45:8000", "PR-1:12000"), Answer.BENEFITS, id="all to the deductible"),
        pytest.param(part(0, "OA-23:20000"), Answer.BENEFITS, id="nothing left after the payer before"),
        pytest.param(part(0, "CO-45:8000", "PR-1:12000", remarks="N155 MA13"), Answer.BENEFITS, id="a notice"),
        pytest.param(part(0, "CO-96:22000"), Answer.NOT_COVERED, id="not covered"),
        pytest.param(part(0, "PR-204:22000", denied=True), Answer.NOT_COVERED, id="not covered, client's share"),
        pytest.param(part(0, "CO-45:7000", "CO-119:15000"), Answer.NOT_COVERED, id="benefit maximum reached"),
        pytest.param(part(5000, "CO-45:7000", "PR-119:10000"), Answer.BENEFITS, id="benefit maximum reached midway"),
        pytest.param(part(0, "CO-22:22000"), Answer.COORDINATION, id="another plan is first"),
        pytest.param(part(0, "CO-96:22000", remarks="N197"), Answer.COORDINATION, id="the remark says why"),
        pytest.param(part(0, "CO-45:22000", remarks="N197"), Answer.COORDINATION, id="only the remark says it"),
        pytest.param(part(0, "CO-16:22000", remarks="MA04"), Answer.INFORMATION, id="primary's payment missing"),
        pytest.param(part(0, "CO-252:22000", remarks="N4"), Answer.INFORMATION, id="explanation of benefits missing"),
        pytest.param(part(0, "CO-A1:22000"), Answer.INFORMATION, id="denied, no remark"),
        pytest.param(part(0, "CO-27:22000", denied=True), Answer.ELIGIBILITY, id="coverage had ended"),
        pytest.param(part(0, "OA-109:22000"), Answer.WRONG_PAYER, id="wrong payer"),
        pytest.param(part(0, "OA-18:22000"), Answer.DUPLICATE, id="duplicate"),
        pytest.param(part(0, "CO-29:22000"), Answer.LATE, id="filed too late"),
        pytest.param(part(0, "CO-999:22000"), Answer.UNKNOWN, id="a code nobody knows"),
        pytest.param(part(0, "CO-45:22000", denied=True), Answer.UNKNOWN, id="denied without a denying code"),
        pytest.param(part(12000, "CO-999:7000", "PR-2:3000"), Answer.BENEFITS, id="unknown code beside a payment"),
        pytest.param(
            part(0, "CO-22:0", "CO-45:8000", "PR-1:12000"), Answer.BENEFITS, id="a zero adjustment says nothing"
        ),
        pytest.param(part(0, "CO-18:100", "CO-22:21900"), Answer.COORDINATION, id="the gravest counts"),
    ],
)
def test_an_answer_decides_about_benefits_or_not(said: Part, expected: Answer) -> None:
    assert answer(said) is expected


def test_only_benefits_and_not_covered_settle_a_cost() -> None:
    assert [answer for answer in Answer if answer.decides_benefits] == [Answer.NOT_COVERED, Answer.BENEFITS]


@pytest.mark.parametrize(
    ("codes", "remarks", "waived"),
    [
        (("CO-303:3000",), [], True),
        (("PR-2:3000",), ["N782"], True),
        (("PR-2:3000",), ["N364"], True),
        (("PR-2:3000",), ["N536"], False),
    ],
)
def test_a_waived_share_is_seen(codes: tuple[str, ...], remarks: list[str], waived: bool) -> None:
    assert share_is_waived(adjusted(*codes), remarks) is waived


def test_unknown_codes_that_move_money_are_listed_once() -> None:
    assert unknown_reasons(adjusted("CO-998:1", "CO-998:2", "CO-999:0", "CO-45:3")) == ("998",)
