"""The estimate: what the client pays at confirmation, from the primary's benefits alone.

The secondary plays no part in it, by decision: it has promised nothing yet. The order is the plans' own and that of
the forecast: deductible, copay, coinsurance, all within what is left of the out-of-pocket maximum.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from shared.events.coverage import CostShare
from shared.money import half_up


class Basis(StrEnum):
    """What an estimate rests on."""

    BENEFITS = "benefits"
    NO_BENEFITS = "rule_for_missing_benefits"
    LOW_CONFIDENCE = "rule_for_low_confidence"


@dataclass(frozen=True, slots=True)
class EstimateRule:
    """What is charged where the primary's benefits are missing or unsure: a share of the rate, up to an amount."""

    percent: Decimal = Decimal(20)
    at_most_cents: int | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the client is asked to pay, in cents, and of which parts it is made.

    The parts are before the cap: with `capped` the estimate is what was left of the out-of-pocket maximum.
    """

    rate_cents: int
    estimate_cents: int
    deductible_cents: int
    copay_cents: int
    coinsurance_cents: int
    capped: bool
    basis: Basis
    confidence: Literal["high", "low", "none"]


@dataclass(frozen=True, slots=True)
class Pending:
    """What a confirmed session that the primary has not adjudicated yet is expected to use up."""

    deductible_cents: int
    share_cents: int


def estimate(
    rate_cents: int, charge_cents: int, benefits: CostShare, rule: EstimateRule, pending: Iterable[Pending] = ()
) -> Estimate:
    """The client's expected share, under the primary plan, of the contracted rate.

    A payer allows no more than was charged: where `charge_cents` is below the rate, it is the share of that.
    `pending` are the client's other sessions under this plan that count against deductible and out-of-pocket first.
    """
    allowed = min(rate_cents, charge_cents)
    if benefits.confidence != "high":
        basis = Basis.LOW_CONFIDENCE if benefits.confidence == "low" else Basis.NO_BENEFITS
        return _by_rule(rate_cents, allowed, rule, basis, benefits.confidence)
    before = list(pending)
    deductible_left = _left(benefits.deductible_remaining_cents or 0, (session.deductible_cents for session in before))
    deductible = min(deductible_left, allowed)
    rest = allowed - deductible
    if rest and benefits.copay_cents is None and benefits.coinsurance_percent is None:
        return _by_rule(rate_cents, allowed, rule, Basis.NO_BENEFITS, "none")
    copay = min(benefits.copay_cents or 0, rest)
    percent = Decimal(repr(benefits.coinsurance_percent or 0))
    coinsurance = half_up((rest - copay) * percent / 100)
    share = deductible + copay + coinsurance
    most = benefits.out_of_pocket_remaining_cents
    asked = share if most is None else min(share, _left(most, (session.share_cents for session in before)))
    return Estimate(
        rate_cents, asked, deductible, copay, coinsurance, asked < share, Basis.BENEFITS, benefits.confidence
    )


def _left(remaining_cents: int, used_cents: Iterable[int]) -> int:
    return max(0, remaining_cents - sum(used_cents))


def _by_rule(
    rate_cents: int, allowed: int, rule: EstimateRule, basis: Basis, confidence: Literal["high", "low", "none"]
) -> Estimate:
    share = half_up(allowed * rule.percent / 100)
    asked = share if rule.at_most_cents is None else min(share, rule.at_most_cents)
    return Estimate(rate_cents, asked, 0, 0, share, asked < share, basis, confidence)
