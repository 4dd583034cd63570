"""Money is integer cents; this is how it is shown and rounded."""

from decimal import ROUND_HALF_UP, Decimal


def dollars(cents: int) -> str:
    """`-1234` as `-12.34`, as X12 and people write it."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def half_up(cents: Decimal) -> int:
    """The nearest whole cent; half a cent goes up."""
    return int(cents.quantize(Decimal(1), rounding=ROUND_HALF_UP))
