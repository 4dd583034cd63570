"""Adjustments: why a payer paid less (or more) than was charged. The CAS segment of 835 and 837."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One triplet of a CAS segment.

    `group` is CO, PR, OA, PI or CR; `reason` a claim adjustment reason code (CARC); a positive `amount_cents` reduces
    the payment. `quantity` is None where none was stated.
    """

    group: str
    reason: str
    amount_cents: int
    quantity: Decimal | int | None = None


def total_cents(adjustments: Iterable[Adjustment], group: str | None = None) -> int:
    """The sum of `adjustments` in cents; with `group` only those of that group."""
    return sum(adjustment.amount_cents for adjustment in adjustments if group is None or adjustment.group == group)
