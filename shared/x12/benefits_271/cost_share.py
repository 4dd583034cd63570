"""The member's cost share for outpatient mental health, out of a 271.

Source of the rule: 005010X279A1, EB01 A, B, C and G. The CORE operating rules let a plan leave out the money for
mental-health service types, so that what is missing there is taken from office visits (98), then from the plan (30).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from shared.x12.benefits_271.benefits import Benefit, BenefitsReport
from shared.x12.benefits_271.other_coverage import covers

Confidence = Literal["high", "medium", "low", "none"]

OUTPATIENT_MENTAL_HEALTH = ("MH", "A6", "CF", "A8", "A4")
_NETWORK_PREFERENCE = ("Y", "W", "", "U")
_TOTAL_PERIODS = frozenset(("", "22", "23", "25", "30", "31"))
_REMAINING = "29"


@dataclass(frozen=True, slots=True)
class CostShare:
    """What the member pays in network; None where the payer does not say. Cents; `coinsurance_share` a fraction.

    `source` names the service type each figure came from (copay, coinsurance, deductible, deductible_remaining,
    out_of_pocket, out_of_pocket_remaining). `confidence` follows the visit's price (copay, coinsurance): high when the
    payer answered for mental health, medium for office visits, low for the plan as a whole or where several different
    figures were given (then the highest is taken), none when it said nothing.
    """

    copay_cents: int | None
    coinsurance_share: Decimal | None
    deductible_cents: int | None
    deductible_remaining_cents: int | None
    out_of_pocket_cents: int | None
    out_of_pocket_remaining_cents: int | None
    source: dict[str, str]
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class _Figure:
    value: int | Decimal
    service_type: str
    alone: bool


def cost_share_on(report: BenefitsReport, on: date) -> CostShare:
    """The cost share of an outpatient mental-health visit on `on`, falling back to 98 and 30 where MH says nothing."""
    benefits = [benefit for benefit in report.benefits if benefit.network != "N" and covers(benefit.periods, on)]
    figures = {
        "copay": _figure(benefits, "B", None),
        "coinsurance": _figure(benefits, "A", None),
        "deductible": _figure(benefits, "C", remaining=False),
        "deductible_remaining": _figure(benefits, "C", remaining=True),
        "out_of_pocket": _figure(benefits, "G", remaining=False),
        "out_of_pocket_remaining": _figure(benefits, "G", remaining=True),
    }
    share = figures["coinsurance"]
    return CostShare(
        copay_cents=_cents(figures["copay"]),
        coinsurance_share=Decimal(share.value) if share else None,
        deductible_cents=_cents(figures["deductible"]),
        deductible_remaining_cents=_cents(figures["deductible_remaining"]),
        out_of_pocket_cents=_cents(figures["out_of_pocket"]),
        out_of_pocket_remaining_cents=_cents(figures["out_of_pocket_remaining"]),
        source={name: figure.service_type for name, figure in figures.items() if figure},
        confidence=_confidence([figure for figure in (figures["copay"], share) if figure]),
    )


def _cents(figure: _Figure | None) -> int | None:
    return None if figure is None else int(figure.value)


def _figure(benefits: list[Benefit], code: str, remaining: bool | None) -> _Figure | None:
    """The figure for `code`: of the nearest service type, then of the nearest network statement.

    `remaining` tells what is left of a year's amount from the amount itself; None for amounts of a visit.
    """
    for service_type in (*OUTPATIENT_MENTAL_HEALTH, "98", "30"):
        for network in _NETWORK_PREFERENCE:
            values = set(_values(benefits, code, service_type, network, remaining))
            if values:
                return _Figure(max(values), service_type, len(values) == 1)
    return None


def _values(
    benefits: list[Benefit], code: str, service_type: str, network: str, remaining: bool | None
) -> Iterator[int | Decimal]:
    for benefit in benefits:
        types = benefit.service_types or ("30",)
        if benefit.code != code or service_type not in types or benefit.network != network or benefit.level == "FAM":
            continue
        if remaining is True and benefit.period != _REMAINING:
            continue
        if remaining is False and benefit.period not in _TOTAL_PERIODS:
            continue
        value = benefit.share if code == "A" else benefit.amount_cents
        if value is not None:
            yield value


def _confidence(figures: list[_Figure]) -> Confidence:
    if not figures:
        return "none"
    if any(not figure.alone or figure.service_type == "30" for figure in figures):
        return "low"
    return "medium" if any(figure.service_type == "98" for figure in figures) else "high"
