"""Single data elements: amounts, decimals and dates, both ways.

Amounts are X12 decimals (type R) read exactly into integer cents; nothing here is ever a float.
"""

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

_AMOUNT = re.compile(r"([-+]?)(\d{0,15})(?:\.(\d*))?", re.ASCII)
_DECIMAL = re.compile(r"[-+]?(?:\d{1,15}(?:\.\d{0,9})?|\.\d{1,9})", re.ASCII)
_DAY = re.compile(r"\d{8}", re.ASCII)
_SHORT_DAY = re.compile(r"\d{6}", re.ASCII)
_UNWANTED = re.compile(r"[^ -~]")


@lru_cache(maxsize=16384)
def cents(text: str) -> int | None:
    """The amount `text` in cents; None where it is no X12 decimal or holds a fraction of a cent."""
    match = _AMOUNT.fullmatch(text)
    if match is None:
        return None
    sign, whole, fraction = match.group(1), match.group(2), match.group(3) or ""
    if (not whole and not fraction) or fraction[2:].strip("0"):
        return None
    value = int(whole or "0") * 100 + int(fraction[:2].ljust(2, "0"))
    return -value if sign == "-" else value


@lru_cache(maxsize=4096)
def decimal(text: str) -> Decimal | None:
    """The number `text`; None where it is no X12 decimal."""
    text = text.strip()
    return Decimal(text) if _DECIMAL.fullmatch(text) else None


@lru_cache(maxsize=4096)
def day(text: str) -> date | None:
    """The date `text` (CCYYMMDD, or YYMMDD of old files); None where there is no such day."""
    if _DAY.fullmatch(text):
        year, month, number = int(text[:4]), int(text[4:6]), int(text[6:])
    elif _SHORT_DAY.fullmatch(text):
        year, month, number = 2000 + int(text[:2]), int(text[2:4]), int(text[4:])
    else:
        return None
    try:
        return date(year, month, number)
    except ValueError:
        return None


def days(text: str) -> tuple[date | None, date | None]:
    """The two ends of `text`, a date (no second end) or a range (RD8: CCYYMMDD-CCYYMMDD)."""
    since, dash, to = text.partition("-")
    first = day(since)
    return (first, day(to)) if dash else (first, None)


def amount_text(amount_cents: int) -> str:
    """`amount_cents` as an X12 decimal: no leading zeros, no needless fraction."""
    sign, value = ("-", -amount_cents) if amount_cents < 0 else ("", amount_cents)
    whole, fraction = divmod(value, 100)
    return f"{sign}{whole}.{fraction:02}" if fraction else f"{sign}{whole}"


def decimal_text(value: Decimal | int) -> str:
    """`value` as an X12 decimal, without exponent and trailing zeros."""
    if isinstance(value, int):
        return str(value)
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def day_text(value: date) -> str:
    """`value` as CCYYMMDD."""
    return value.isoformat().replace("-", "")
