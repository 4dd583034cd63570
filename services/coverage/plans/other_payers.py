"""The other payers that a 271 names: which of the client's plans is meant, and what place a payer gives its own plan.

Pure. In loop 2120 an insurer names another plan by name, rarely by id; the role stated there is the OTHER plan's
(005010X279A1, 2120C NM101: PRP primary, SEP secondary, TTP tertiary, PR not stated).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from shared.events.clients import EnteredPlan
from shared.events.coverage import BenefitsReported, MedicareSecondaryReason, OtherPayer, Role

_EVERYDAY = frozenset(
    re.findall(
        r"\w+",
        "a and assurance benefit benefits care co company corp employer employee group health healthcare inc insurance"
        " insurer life llc medical mutual of plan plans services the",
    )
)


@dataclass(frozen=True, slots=True)
class Candidates:
    """The `plans` that the payer of the plan `own` can mean; `names` are the listed payers' names by id."""

    own: EnteredPlan
    plans: Sequence[EnteredPlan]
    names: Mapping[str, str]


def plan_meant(other: OtherPayer, among: Candidates) -> EnteredPlan | None:
    """The entered plan that a payer means by `other`, or None where the client never entered it.

    By payer id, else by member id, else by name.
    """
    names = among.names
    candidates = [plan for plan in among.plans if plan.plan_id != among.own.plan_id]
    if other.payer_id is not None and other.payer_id in names:
        return next((plan for plan in candidates if other.payer_id in plan.payer_ids), None)
    for plan in candidates:
        if other.payer_id in plan.payer_ids or (other.member_id and other.member_id == plan.member_id):
            return plan
    alike = [plan for plan in candidates if any(_alike(other.name, names.get(payer, "")) for payer in plan.payer_ids)]
    return alike[0] if len(alike) == 1 else None


def _alike(name: str, other: str) -> bool:
    """Whether two names share a word that is not one of every insurer's words."""
    return bool(_words(name) & _words(other))


def _words(name: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", name.casefold())) - _EVERYDAY


def unentered(report: BenefitsReported, among: Candidates, on: date) -> tuple[OtherPayer, ...]:
    """The plans that this payer names on the date and that are none of those the client ever entered."""
    return tuple(
        other
        for other in named_on(report, on)
        if plan_meant(other, among) is None and not _is_part_of(among.own, other, among.names)
    )


def _is_part_of(own: EnteredPlan, other: OtherPayer, names: Mapping[str, str]) -> bool:
    """Whether the other payer pays for another part of the same plan, which carves out mental-health care."""
    if not own.care_payers:
        return False
    return other.payer_id in own.payer_ids or any(_alike(other.name, names.get(payer, "")) for payer in own.payer_ids)


def named_on(report: BenefitsReported, on: date) -> tuple[OtherPayer, ...]:
    """The other payers that the answer names on the date: one whose period is over, or to come, is none then."""
    return tuple(
        other for other in report.other_payers if (other.from_day or date.min) <= on <= (other.to_day or date.max)
    )


def own_role(report: BenefitsReported, among: Candidates, on: date, *, peers: int) -> Role | None:
    """The place that the payer gives its own plan among those that count on the date; None where it states none.

    A plan that is none of these says nothing about their order. What only follows from the places of other plans is as
    much as follows for that many plans: who names one of three as primary may be second or third. `peers` are the plans
    whose places are open, the payer's own among them: not those that law puts last.
    """
    roles: list[Role | None] = [other.role for other in named_on(report, on) if plan_meant(other, among) is not None]
    follows = role_among([other.role for other in report.other_payers])
    if report.own_role is not None and report.own_role != follows and len(roles) == len(report.other_payers):
        return report.own_role
    return _among(peers, roles)


def _among(plans: int, others: Sequence[Role | None]) -> Role | None:
    """The place that follows from the places of others, where that many plans count."""
    match role_among(others):
        case "secondary" if plans > 2:
            return "not_primary"
        case "tertiary" if plans > 3:
            return "not_primary"
        case "primary" if plans > 2 and len(others) == 1:
            return None  # of three plans with one second, the payer's own may be the first or the third
        case role:
            return role


def role_among(others: Sequence[Role | None]) -> Role | None:
    """The place that follows for a payer's own plan from the roles it gives the others that it knows of."""
    if "primary" in others:
        return "tertiary" if "secondary" in others else "secondary" if len(others) == 1 else "not_primary"
    return "primary" if "secondary" in others else None


def secondary_reason(report: BenefitsReported, among: Candidates, on: date) -> MedicareSecondaryReason | None:
    """Why one of these plans pays before Medicare, by the word of Medicare's own 271; None where it does not say."""
    told: list[MedicareSecondaryReason | None] = [
        other.medicare_secondary_reason for other in named_on(report, on) if plan_meant(other, among) is not None
    ]
    return next((reason for reason in told if reason is not None), None)
