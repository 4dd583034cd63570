"""Single elements: amounts in cents, dates, and back."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.x12.syntax.elements import amount_text, cents, day, days, decimal, decimal_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("120", 12000),
        ("120.5", 12050),
        ("-6173.5", -617350),
        (".07", 7),
        ("12.", 1200),
        ("+3", 300),
        ("007", 700),
        ("10.000", 1000),
        ("0", 0),
        ("80.005", None),
        ("1e2", None),
        ("1_000", None),
        ("1,000.00", None),
        ("$5", None),
        ("--5", None),
        ("", None),
        (".", None),
        ("-", None),
        ("٣", None),
        ("NaN", None),
        ("9" * 16, None),
    ],
)
def test_an_amount_is_read_exactly_or_not_at_all(text: str, expected: int | None):
    assert cents(text) == expected


@given(st.integers(-(10**14), 10**14))
def test_an_amount_that_is_written_is_read_back(amount: int):
    assert cents(amount_text(amount)) == amount


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20260105", date(2026, 1, 5)),
        ("260105", date(2026, 1, 5)),
        ("20260230", None),
        ("2026-01-05", None),
        ("", None),
        ("00000000", None),
        ("CCYYMMDD", None),
    ],
)
def test_a_date_is_a_day_of_the_calendar_or_nothing(text: str, expected: date | None):
    assert day(text) == expected


def test_a_range_has_two_ends_and_a_date_one():
    assert days("20260101-20260131") == (date(2026, 1, 1), date(2026, 1, 31))
    assert days("20260101") == (date(2026, 1, 1), None)


def test_a_quantity_is_written_without_exponent_and_needless_zeros():
    values = [Decimal("1E+2"), Decimal("1.50"), Decimal("0.00"), 3, Decimal(10)]
    assert [decimal_text(value) for value in values] == ["100", "1.5", "0", "3", "10"]
    assert decimal("1E2") is None
