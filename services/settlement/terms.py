"""The marketplace's terms, as the operator has set them."""

from dataclasses import dataclass

from services.settlement.money import payout


@dataclass(frozen=True)
class Terms:
    """The marketplace's terms, from the settings."""

    forgive_below_cents: int = 100
    pay_days: tuple[payout.PayDay, ...] = payout.DEFAULT_DAYS
    balance_days: int = 7


LARGEST_CENTS = 1_000_000_000
"""Ten million dollars: no session costs that much, so a larger amount is a mistake in its unit."""
