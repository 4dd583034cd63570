"""When a provider is paid, and how much at least."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.settlement.money.payout import (
    DEFAULT_DAYS,
    PayDay,
    PayDaysError,
    owed_to_provider_cents,
    pay_days,
    pay_on,
)


@pytest.mark.parametrize(
    ("session", "paid"),
    [
        (date(2026, 3, 1), date(2026, 3, 31)),
        (date(2026, 3, 15), date(2026, 3, 31)),
        (date(2026, 3, 16), date(2026, 4, 15)),
        (date(2026, 2, 10), date(2026, 2, 28)),
        (date(2028, 2, 15), date(2028, 2, 29)),
        (date(2026, 12, 31), date(2027, 1, 15)),
    ],
)
def test_by_default_the_first_half_is_paid_at_the_months_end_and_the_second_on_the_15th(
    session: date, paid: date
) -> None:
    assert pay_on(session) == paid


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_every_session_is_paid_after_it_took_place(session: date) -> None:
    assert session <= pay_on(session)


def test_pay_days_can_be_set() -> None:
    assert pay_days("1-15:31, 16-31:15+1") == DEFAULT_DAYS
    assert pay_on(date(2026, 11, 30), pay_days("1-31:10+2")) == date(2027, 1, 10)


@pytest.mark.parametrize(
    "text", ["", "1-15:31", "1-16:31,16-31:15", "1-31", "0-31:1", "1-31:32", "15-1:31,16-31:15", "a-b:c"]
)
def test_pay_days_that_leave_out_or_double_a_day_are_refused(text: str) -> None:
    with pytest.raises(PayDaysError):
        pay_days(text)


def test_a_day_without_a_pay_day_is_refused() -> None:
    with pytest.raises(PayDaysError):
        pay_on(date(2026, 3, 31), [PayDay(1, 30, 15)])


@pytest.mark.parametrize(
    ("rate", "paid_out", "owed"), [(15000, 0, 15000), (14000, 15000, 15000), (16000, 15000, 16000)]
)
def test_pay_that_went_out_is_never_taken_back(rate: int, paid_out: int, owed: int) -> None:
    assert owed_to_provider_cents(rate, paid_out) == owed
