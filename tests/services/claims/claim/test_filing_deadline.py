from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.claims.claim.filing_deadline import (
    Filing,
    FilingLimits,
    FilingWindow,
    Payment,
    PromptPay,
    last_day,
    last_day_of_replacement,
    prompt_pay,
    warnings,
    window,
)

SERVICE, DECISION = date(2026, 1, 5), date(2026, 2, 1)


@pytest.mark.parametrize(
    ("limits", "level", "decided_on", "expected"),
    [
        pytest.param(FilingLimits(), 1, None, date(2026, 4, 5), id="the primary from the date of service"),
        pytest.param(FilingLimits(first_days=365), 1, DECISION, date(2027, 1, 5), id="a year"),
        pytest.param(FilingLimits(), 2, DECISION, date(2026, 4, 2), id="the secondary from the primary's decision"),
        pytest.param(FilingLimits(later_days=180), 3, DECISION, date(2026, 7, 31), id="the tertiary alike"),
        pytest.param(FilingLimits(), 2, None, None, id="not running before the decision"),
        pytest.param(FilingLimits(365, None), 2, None, date(2027, 1, 5), id="a payer that counts from the service"),
    ],
)
def test_the_last_day_depends_on_payer_and_place(
    limits: FilingLimits, level: int, decided_on: date | None, expected: date | None
) -> None:
    assert last_day(limits, level, SERVICE, decided_on) == expected


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        pytest.param(FilingLimits(replacement_days=180), date(2026, 7, 31), id="its own limit"),
        pytest.param(FilingLimits(), date(2026, 4, 2), id="else that of later payers"),
        pytest.param(FilingLimits(90, None), date(2026, 5, 2), id="else the first"),
    ],
)
def test_a_replacement_counts_from_the_decision(limits: FilingLimits, expected: date) -> None:
    assert last_day_of_replacement(limits, DECISION) == expected


LAST = date(2026, 4, 5)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        pytest.param(date(2026, 3, 5), FilingWindow(LAST, 31, Filing.OPEN), id="31 days left"),
        pytest.param(date(2026, 3, 6), FilingWindow(LAST, 30, Filing.CLOSING), id="30 days left"),
        pytest.param(LAST, FilingWindow(LAST, 0, Filing.CLOSING), id="the last day"),
        pytest.param(date(2026, 4, 6), FilingWindow(LAST, -1, Filing.GONE), id="the day after"),
    ],
)
def test_the_window_closes_after_its_last_day(today: date, expected: FilingWindow) -> None:
    assert window(LAST, today) == expected


def test_warnings_come_ahead_and_one_comes_at_once_where_some_were_missed() -> None:
    assert warnings(LAST, date(2026, 3, 27)) == (
        date(2026, 3, 27),
        date(2026, 3, 29),
        date(2026, 4, 2),
        date(2026, 4, 4),
    )


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 200))
def test_warnings_lie_within_the_window(today: date, days_left: int) -> None:
    last = today + timedelta(days=days_left)

    days = warnings(last, today)

    assert days
    assert all(today <= day <= last for day in days)


def test_a_window_that_is_gone_warns_no_more() -> None:
    assert warnings(LAST, date(2026, 4, 6)) == ()


@pytest.mark.parametrize(
    ("answered_on", "today", "expected"),
    [
        pytest.param(None, date(2026, 3, 3), Payment.IN_TIME, id="thirty days"),
        pytest.param(None, date(2026, 3, 4), Payment.OVERDUE, id="thirty-one days"),
        pytest.param(None, date(2026, 3, 19), Payment.SILENT, id="forty-six days"),
        pytest.param(date(2026, 3, 3), date(2026, 9, 1), Payment.IN_TIME, id="answered in time"),
        pytest.param(date(2026, 8, 1), date(2026, 9, 1), Payment.OVERDUE, id="answered late"),
    ],
)
def test_a_payer_answers_in_time_late_or_not_at_all(answered_on: date | None, today: date, expected: Payment) -> None:
    assert prompt_pay(PromptPay(), DECISION, answered_on, today) is expected
