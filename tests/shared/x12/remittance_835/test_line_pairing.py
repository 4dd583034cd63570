"""Which line of a claim a remitted line answers."""

from dataclasses import replace
from datetime import date

import pytest

from shared.x12.claim_837.claim import ServiceLine
from shared.x12.remittance_835.line_pairing import pair_lines
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
        pytest.param([replace(ANSWER, charge_cents=-10000)], [0], id="a reversed line"),
        pytest.param(
            [replace(ANSWER, procedure="H0004", billed_procedure="90837")], [0], id="paid as another procedure"
        ),
        pytest.param([replace(ANSWER, procedure="97110", charge_cents=1)], [None], id="a line that we did not bill"),
    ],
)
def test_lines_are_paired_by_the_surest_sign(remitted: list[RemittedLine], expected: list[int | None]):
    assert pair_lines(OURS, remitted) == expected


DAYS = tuple(date(2026, 1, day) for day in (5, 12, 19))
WEEKLY = tuple(ServiceLine(15000, "90837", ("95",), service_from=day) for day in DAYS)


def of(day: int | None, charge: int = 15000) -> RemittedLine:
    return RemittedLine(charge, 0, "90837", ("95",), service_from=None if day is None else date(2026, 1, day))


@pytest.mark.parametrize(
    ("remitted", "expected"),
    [
        pytest.param([of(19), of(12), of(5)], [2, 1, 0], id="newest first"),
        pytest.param([of(19)], [2], id="one of them"),
        pytest.param([of(None), of(5), of(None)], [1, 0, 2], id="not all are dated"),
        pytest.param([of(5), of(5), of(5)], [0, 1, 2], id="the claim's first day on every line tells nothing"),
        pytest.param([of(12), of(26)], [1, None], id="a day that we did not bill"),
        pytest.param([of(19, 8000), of(5), of(19, 7000)], [2, 0, 2], id="split on its day"),
    ],
)
def test_lines_of_one_service_are_told_apart_by_their_day(remitted: list[RemittedLine], expected: list[int | None]):
    assert pair_lines(WEEKLY, remitted) == expected
