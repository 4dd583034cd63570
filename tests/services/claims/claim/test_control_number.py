import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.claims.claim.control_number import (
    LONGEST,
    ControlNumber,
    UnusableLevelError,
    base,
    control_number,
    key,
    line_control,
    taken_apart,
)
from shared.x12.claim_837.edits import RESPONSIBILITIES


@pytest.mark.parametrize(
    ("session_id", "expected"),
    [
        pytest.param("SES-1001", "SES-1001", id="short and plain: as it is"),
        pytest.param("A" * 14, "A" * 14, id="fourteen characters"),
        pytest.param("3f2504e0-4f89-11d3-9a0c-0305e82c3301", "HSEC0QNKSR7N", id="a UUID: its hash"),
        pytest.param("ses-1001", "8F8V1QW9NXET", id="lower case would be lost on the way"),
        pytest.param("SES-1-P", "T3HZ8QB7V0S5", id="would read back as another session's claim"),
    ],
)
def test_the_base_is_the_session_where_that_survives_the_way(session_id: str, expected: str) -> None:
    assert base(session_id) == expected


def test_another_salt_gives_another_base() -> None:
    assert len({base("SES-1", salt) for salt in range(5)}) == 5


@given(st.text(min_size=1, max_size=60), st.integers(0, len(RESPONSIBILITIES) - 1), st.integers(1, 99))
def test_a_control_number_is_short_plain_and_read_back(session_id: str, level: int, submission: int) -> None:
    number = control_number(base(session_id), level, submission)

    assert len(number) <= LONGEST
    assert set(number) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")
    assert taken_apart(number) == ControlNumber(base(session_id), RESPONSIBILITIES[level], submission)


@given(st.uuids(), st.uuids())
def test_different_sessions_have_different_keys(first: object, other: object) -> None:
    assert (key(base(str(first))) == key(base(str(other)))) is (first == other)


@given(st.uuids())
def test_lines_have_numbers_of_at_most_thirty_characters(session: object) -> None:
    assert len(line_control(base(str(session)), 50)) <= 30


@pytest.mark.parametrize(
    "mangled", ["ses-1001-p", " SES-1001-P ", "SES1001P", "000SES-1001-P", "SES 1001 P", "SES-1001-P      "]
)
def test_a_mangled_number_has_the_same_key(mangled: str) -> None:
    assert key(mangled) == key("SES-1001-P")


def test_the_submissions_of_a_claim_have_different_keys() -> None:
    numbers = [control_number("SES-1", level, submission) for level in range(3) for submission in range(1, 12)]

    assert numbers[:2] == ["SES-1-P", "SES-1-P2"]
    assert len({key(number) for number in numbers}) == len(numbers)


@pytest.mark.parametrize(("level", "submission"), [(-1, 1), (11, 1), (0, 0), (0, 100)])
def test_a_level_or_submission_that_there_is_not_raises(level: int, submission: int) -> None:
    with pytest.raises(UnusableLevelError):
        control_number("SES-1", level, submission)


@pytest.mark.parametrize("other", ["", "L0004828311", "SES-1001", "SES-1001-X", "SES-1001-P1", "SES-1001-P100"])
def test_numbers_of_another_shape_are_none_of_ours(other: str) -> None:
    assert taken_apart(other) is None
