"""Which line of a claim a remitted line answers."""

from dataclasses import replace

import pytest

from shared.x12.claim_837.claim import ServiceLine
from shared.x12.next_payer.line_pairing import pair_lines
from shared.x12.remittance_835.remittance import RemittedLine

OURS = (
    ServiceLine(10000, "90837", ("95",), control="S-1"),
    ServiceLine(4000, "90785", control="S-2"),
    ServiceLine(4000, "90785", control="S-3"),
)
ANSWER = RemittedLine(10000, 8000, "90837", ("95",))
SMALL = RemittedLine(4000, 4000, "90785")


@pytest.mark.parametrize(
    ("remitted", "expected"),
    [
        pytest.param([replace(SMALL, control="S-3"), ANSWER, SMALL], [2, 0, 1], id="control first, then what was done"),
        pytest.param([replace(ANSWER, control=" s-1 ")], [0], id="case and padding"),
        pytest.param([replace(ANSWER, modifiers=())], [0], id="modifier dropped"),
        pytest.param([SMALL, SMALL], [1, 2], id="alike, in order"),
        pytest.param([replace(ANSWER, procedure="90834", billed_procedure="90837")], [0], id="recoded"),
        pytest.param([replace(ANSWER, control="S-2")], [0], id="renumbered"),
        pytest.param(
            [replace(ANSWER, control="S-1", charge_cents=6000), replace(ANSWER, control="S-1", charge_cents=4000)],
            [0, 0],
            id="split in two",
        ),
        pytest.param(
            [replace(ANSWER, charge_cents=6000), SMALL, replace(ANSWER, charge_cents=4000)],
            [0, 1, 0],
            id="split in two without our number",
        ),
        pytest.param(
            [replace(ANSWER, charge_cents=6000), replace(ANSWER, charge_cents=3000)],
            [None, None],
            id="parts that don't make the whole",
        ),
        pytest.param([replace(ANSWER, charge_cents=9999)], [None], id="another charge"),
        pytest.param([SMALL, SMALL, SMALL], [1, 2, None], id="one too many"),
    ],
)
def test_lines_are_paired_by_the_surest_sign(remitted: list[RemittedLine], expected: list[int | None]):
    assert pair_lines(OURS, remitted) == expected
