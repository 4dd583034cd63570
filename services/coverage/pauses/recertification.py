"""The yearly confirmation of the coordination of benefits with each payer: when it is due, and when to say so.

Pure. Payers ask every one to two years (a setting of the directory, in months) and may hold claims of members who do
not answer; the year begins with the client's last confirmation, or with the date that the payer itself states.
"""

import calendar
from datetime import date, timedelta

DAYS_BEFORE = (60, 30, 7)
OPEN_DAYS_BEFORE, OPEN_DAYS_AFTER = 60, 90
"""Within these days around the due date an answer is expected, and counts without a pause."""


def due_on(last_on: date, months: int, today: date) -> date:
    """The next due date: `months` after the last confirmation, or the first such anniversary that is not past."""
    steps = 1
    while (due := plus_months(last_on, months * steps)) < today:
        steps += 1
    return due


def plus_months(day: date, months: int) -> date:
    """The same day of the month, or the month's last where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def next_letter(due: date, today: date) -> tuple[date, int] | None:
    """The day of the next letter and how many days before the due date it is; None when all are over."""
    for days in DAYS_BEFORE:
        if today <= due - timedelta(days=days):
            return due - timedelta(days=days), days
    return None


def is_expected(due: date | None, today: date) -> bool:
    """Whether an answer to the yearly question is expected around now."""
    if due is None:
        return False
    return due - timedelta(days=OPEN_DAYS_BEFORE) <= today <= due + timedelta(days=OPEN_DAYS_AFTER)
