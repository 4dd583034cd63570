"""Which of several answers about one claim counts."""

from dataclasses import replace

import pytest

from shared.x12.next_payer.next_claim import Refusal
from shared.x12.next_payer.standing_answer import standing_answer
from shared.x12.remittance_835.remittance import RemittedClaim

FIRST = RemittedClaim("A", "1", 10000, 6000, 1000)
REVERSAL = replace(FIRST, status="22", charge_cents=-10000, paid_cents=-6000)
CORRECTION = replace(FIRST, paid_cents=5000, patient_responsibility_cents=2000)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        pytest.param([FIRST], FIRST, id="one"),
        pytest.param([FIRST, FIRST], FIRST, id="the same twice"),
        pytest.param([REVERSAL, CORRECTION], CORRECTION, id="reversal and correction"),
        pytest.param([CORRECTION, REVERSAL], CORRECTION, id="correction before its reversal"),
        pytest.param([FIRST, REVERSAL, CORRECTION], CORRECTION, id="all three"),
        pytest.param([REVERSAL], "reversed_without_correction", id="reversal alone"),
        pytest.param([FIRST, REVERSAL], "reversed_without_correction", id="taken back"),
        pytest.param([FIRST, CORRECTION], "answered_more_than_once", id="two that differ"),
    ],
)
def test_the_answer_that_stands(answers: list[RemittedClaim], expected: RemittedClaim | str):
    found = standing_answer(answers)
    assert (found.reason if isinstance(found, Refusal) else found) == expected
