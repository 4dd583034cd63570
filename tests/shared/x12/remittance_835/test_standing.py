"""Which of a payer's answers to one claim stand."""

from dataclasses import replace

import pytest

from shared.x12.remittance_835.remittance import RemittedClaim, RemittedLine
from shared.x12.remittance_835.standing import Doubt, joined, standing, stated_claim
from shared.x12.syntax.adjustments import Adjustment
from tests.shared.x12.remittance_values import negated

COINSURANCE, DISCOUNT = Adjustment("PR", "2", 1000), Adjustment("CO", "45", 3000)
LINE = RemittedLine(10000, 6000, "90837", control="1", adjustments=(COINSURANCE, DISCOUNT))
OTHER_LINE = RemittedLine(2000, 2000, "90785", control="2")
FIRST = RemittedClaim("A", "1", 10000, 6000, 1000, payer_claim_id="N1", lines=(LINE,))
SECOND = RemittedClaim("A", "1", 2000, 2000, 0, payer_claim_id="N2", lines=(OTHER_LINE,))
WHOLE = replace(FIRST, charge_cents=12000, paid_cents=8000, lines=(LINE, OTHER_LINE))
CORRECTION = replace(
    FIRST,
    paid_cents=5000,
    payer_claim_id="N3",
    patient_responsibility_cents=2000,
    lines=(replace(LINE, paid_cents=5000, adjustments=(Adjustment("PR", "2", 2000), DISCOUNT)),),
)
SUPPLEMENT = RemittedClaim("A", "1", 0, 500, 0, payer_claim_id="N4", adjustments=(Adjustment("CO", "131", -500),))
LINE_AGAIN = replace(SECOND, payer_claim_id="N5", paid_cents=1500, lines=(replace(OTHER_LINE, control=""),))
DENIED = replace(FIRST, status="4", paid_cents=0, lines=(replace(LINE, paid_cents=0, adjustments=()),))


def taken_back(*claims: RemittedClaim) -> RemittedClaim:
    """The reversal of the claims together, under the number of the first."""
    whole = joined(claims)
    own = tuple(replace(adjustment, amount_cents=-adjustment.amount_cents) for adjustment in whole.adjustments)
    return replace(
        whole,
        status="22",
        charge_cents=-whole.charge_cents,
        paid_cents=-whole.paid_cents,
        lines=negated(whole.lines),
        adjustments=own,
    )


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        pytest.param([FIRST], [FIRST], id="one"),
        pytest.param([taken_back(FIRST), CORRECTION], [CORRECTION], id="reversal and correction"),
        pytest.param([CORRECTION, FIRST, taken_back(FIRST)], [CORRECTION], id="correction before its reversal"),
        pytest.param([FIRST, taken_back(FIRST), CORRECTION], [CORRECTION], id="all three"),
        pytest.param([taken_back(FIRST)], [], id="reversal alone"),
        pytest.param([FIRST, taken_back(FIRST)], [], id="taken back"),
        pytest.param([FIRST, CORRECTION], [CORRECTION], id="the whole claim again: the last one"),
        pytest.param([FIRST, SECOND], [FIRST, SECOND], id="pieces"),
        pytest.param([FIRST, SECOND, taken_back(FIRST, SECOND)], [], id="both pieces taken back"),
        pytest.param([FIRST, SECOND, taken_back(SECOND)], [FIRST], id="one piece taken back"),
        pytest.param([FIRST, SUPPLEMENT], [FIRST, SUPPLEMENT], id="supplement"),
        pytest.param([SUPPLEMENT, FIRST], [SUPPLEMENT, FIRST], id="a supplement that came first"),
        pytest.param([FIRST, SUPPLEMENT, taken_back(FIRST, SUPPLEMENT)], [], id="taken back with its supplement"),
        pytest.param([SUPPLEMENT], Doubt.ANSWERED_IN_PART, id="a supplement to nothing"),
        pytest.param([WHOLE, LINE_AGAIN], Doubt.ANSWERED_IN_PART, id="one line again"),
        pytest.param([FIRST, taken_back(CORRECTION)], Doubt.REVERSAL_DIFFERS, id="other amounts taken back"),
        pytest.param([DENIED, FIRST], [FIRST], id="denied first"),
        pytest.param([FIRST, DENIED], Doubt.DISPUTED, id="another plan named after the decision"),
    ],
)
def test_the_answers_that_stand(answers: list[RemittedClaim], expected: list[RemittedClaim] | Doubt):
    stated = [
        replace(stated_claim(claim, str(at)), decides=claim is not DENIED, disputes=claim is DENIED)
        for at, claim in enumerate(answers)
    ]
    stands = standing(stated)
    assert (stands.doubt or [answers[int(answer.id)] for answer in stands.decisions]) == expected


def test_pieces_and_supplements_are_joined_to_one_claim_that_adds_up():
    whole = joined([FIRST, SECOND, SUPPLEMENT])
    off_cents = (
        whole.charge_cents - whole.paid_cents - sum(adjustment.amount_cents for adjustment in whole.all_adjustments)
    )
    assert (whole.charge_cents, whole.paid_cents, whole.patient_responsibility_cents, off_cents) == (
        12000,
        8500,
        1000,
        0,
    )
    assert whole.lines == (LINE, OTHER_LINE)
