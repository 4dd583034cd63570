import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.claims.claim.line_on_file import LineOnFile
from services.claims.remittances.line_match import LineMatches, match_lines
from shared.x12.remittance_835.remittance import RemittedLine

OURS = (
    LineOnFile("SES-1-1", "99214", (), 15000),
    LineOnFile("SES-1-2", "90836", ("95",), 9000),
    LineOnFile("SES-1-3", "90836", ("95",), 9000),
)


def line(procedure: str, charge: int, *modifiers: str, control: str = "", billed: str = "") -> RemittedLine:
    return RemittedLine(charge, 0, procedure, modifiers, control=control, billed_procedure=billed)


@pytest.mark.parametrize(
    ("remitted", "expected"),
    [
        pytest.param(
            [
                line("90836", 9000, "95", control="SES-1-3"),
                line("99214", 15000, control="SES-1-1"),
                line("90836", 9000, "95", control="ses-1-2"),
            ],
            LineMatches(((0, 1), (1, 2), (2, 0)), (), ()),
            id="by our line numbers, in any order",
        ),
        pytest.param(
            [line("90836", 9000, "95"), line("90836", 9000, "95"), line("99214", 15000)],
            LineMatches(((0, 2), (1, 0), (2, 1)), (), ()),
            id="line numbers dropped: what was done and charged, alike ones in order",
        ),
        pytest.param(
            [line("99214", 15000, control="1"), line("90836", 9000, control="2")],
            LineMatches(((0, 0), (1, 1)), (2,), ()),
            id="renumbered, modifier dropped, one line missing",
        ),
        pytest.param(
            [line("99213", 15000, control="SES-1-1"), line("H0004", 9000, billed="90836")],
            LineMatches(((0, 0), (1, 1)), (2,), ()),
            id="paid as another procedure",
        ),
        pytest.param(
            [line("99214", 15000, control="SES-1-2")],
            LineMatches(((0, 0),), (1, 2), ()),
            id="our number on the wrong line",
        ),
        pytest.param([line("97110", 4000)], LineMatches((), (0, 1, 2), (0,)), id="a line that we did not bill"),
        pytest.param([line("99214", -15000)], LineMatches(((0, 0),), (1, 2), ()), id="a reversed line"),
        pytest.param([], LineMatches((), (0, 1, 2), ()), id="no lines"),
    ],
)
def test_lines_are_paired_by_the_surest_sign(remitted: list[RemittedLine], expected: LineMatches) -> None:
    assert match_lines(OURS, remitted) == expected


_remitted = st.builds(
    line,
    st.sampled_from(["99214", "90836", "97110"]),
    st.sampled_from([15000, 9000, 4000]),
    control=st.sampled_from(["", "1", "SES-1-1", "SES-1-2"]),
)


@given(st.lists(_remitted, max_size=5))
def test_every_line_is_paired_at_most_once(remitted: list[RemittedLine]) -> None:
    found = match_lines(OURS, remitted)

    assert sorted([*(ours for ours, _ in found.pairs), *found.unanswered]) == [0, 1, 2]
    assert sorted([*(theirs for _, theirs in found.pairs), *found.unknown]) == list(range(len(remitted)))
