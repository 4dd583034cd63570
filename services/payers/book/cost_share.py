"""A member's cost share of one service: deductible, then copay, then coinsurance, up to the out-of-pocket limit."""

from dataclasses import dataclass, replace
from decimal import Decimal

from services.payers.book.book import Figures
from shared.money import half_up


@dataclass(frozen=True, slots=True)
class Used:
    """What a member has used up of a calendar year's deductible and out-of-pocket limit, in cents."""

    deductible_cents: int = 0
    out_of_pocket_cents: int = 0

    def adding(self, deductible_cents: int, out_of_pocket_cents: int) -> "Used":
        """With a further service, or less one (negative amounts); never below 0."""
        return replace(
            self,
            deductible_cents=max(0, self.deductible_cents + deductible_cents),
            out_of_pocket_cents=max(0, self.out_of_pocket_cents + out_of_pocket_cents),
        )


@dataclass(frozen=True, slots=True)
class Share:
    """The three parts of a member's share, in cents."""

    deductible_cents: int = 0
    copay_cents: int = 0
    coinsurance_cents: int = 0

    @property
    def total_cents(self) -> int:
        """What the member pays."""
        return self.deductible_cents + self.copay_cents + self.coinsurance_cents

    def within(self, limit_cents: int) -> "Share":
        """This share, cut to `limit_cents`; the deductible is filled first."""
        deductible = min(self.deductible_cents, limit_cents)
        copay = min(self.copay_cents, limit_cents - deductible)
        return Share(deductible, copay, min(self.coinsurance_cents, limit_cents - deductible - copay))


def share_of(amount_cents: int, figures: Figures, used: Used, *, copay_due: bool = True) -> Share:
    """The member's share of `amount_cents`; half a cent of it goes up.

    `copay_due` is False once a visit's copay was taken.
    """
    deductible = min(amount_cents, max(0, figures.deductible_cents - used.deductible_cents))
    copay = min(amount_cents - deductible, figures.copay_cents if copay_due else 0)
    rest = amount_cents - deductible - copay
    share = Share(deductible, copay, half_up(Decimal(rest * figures.coinsurance_percent) / 100))
    if figures.out_of_pocket_cents is None:
        return share
    return share.within(max(0, figures.out_of_pocket_cents - used.out_of_pocket_cents))
