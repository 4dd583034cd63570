"""When the yearly confirmation is due, and on which days it is told."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.coverage.pauses import recertification

DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))


@pytest.mark.parametrize(
    ("last", "months", "today", "due"),
    [
        (date(2026, 3, 2), 12, date(2026, 3, 2), date(2027, 3, 2)),
        (date(2024, 2, 29), 12, date(2024, 3, 1), date(2025, 2, 28)),
        (date(2024, 2, 29), 24, date(2024, 3, 1), date(2026, 2, 28)),
        (date(2022, 1, 15), 12, date(2026, 3, 2), date(2027, 1, 15)),
    ],
    ids=["a year", "29 February", "two years", "long ago"],
)
def test_the_due_date(last: date, months: int, today: date, due: date):
    assert recertification.due_on(last, months, today) == due


@given(last=DAYS, today=DAYS, months=st.integers(1, 36))
def test_a_due_date_is_never_past(last: date, today: date, months: int):
    assert recertification.due_on(last, months, today) >= today


@given(due=DAYS, ahead=st.integers(0, 500))
def test_letters_come_60_30_and_7_days_before_and_never_late(due: date, ahead: int):
    today, told = due - timedelta(days=ahead), list[int]()
    while (following := recertification.next_letter(due, today)) is not None:
        day, days_before = following
        assert (day >= today, due - day) == (True, timedelta(days=days_before))
        told.append(days_before)
        today = day + timedelta(days=1)

    assert told == [days for days in (60, 30, 7) if days <= ahead]


@pytest.mark.parametrize(("days", "expected"), [(-61, False), (-60, True), (0, True), (90, True), (91, False)])
def test_an_answer_is_expected_around_the_due_date(days: int, expected: bool):
    due = date(2026, 6, 1)

    assert recertification.is_expected(due, due + timedelta(days=days)) is expected
    assert not recertification.is_expected(None, due)
