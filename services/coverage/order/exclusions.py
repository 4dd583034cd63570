"""Which plans take part in the order on a date of service, and why the others don't.

Sources: NAIC Model 120 (2013) 3K (what is not a plan); 38 USC 1703 and 1729 (the VA pays a community provider only for
care that it has authorized, and does not coordinate as a payer); 25 USC 1623(b), 42 CFR 136.61 (the Indian Health
Service pays last, for care that it has referred). The last day of coverage still counts as covered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.coverage.order.facts import Benefit, Facts, Kind, Plan


class ExclusionReason(StrEnum):
    """Why a plan takes no part in the order of benefits on the date."""

    EMPLOYEE_ASSISTANCE = "employee_assistance_not_coordinated"
    MEDICARE_SUPPLEMENT = "medicare_supplement_not_coordinated"
    VETERANS_CARE = "veterans_care_not_a_payer"
    INDIAN_HEALTH_SERVICE = "indian_health_service_not_a_payer"
    INDEMNITY = "indemnity_not_coordinated"
    NOTHING_TO_SUPPLEMENT = "nothing_to_supplement"
    NO_SHARED_BENEFIT = "no_shared_benefit"
    NOT_STARTED = "coverage_not_started"
    ENDED = "coverage_ended"


WORDS = {
    ExclusionReason.EMPLOYEE_ASSISTANCE: "{id} is an employee assistance program. It is a separate, free benefit.",
    ExclusionReason.MEDICARE_SUPPLEMENT: "{id} supplements Medicare. It follows Medicare by itself.",
    ExclusionReason.VETERANS_CARE: "{id} is veterans' health care. The VA pays only for care that it arranges itself.",
    ExclusionReason.INDIAN_HEALTH_SERVICE: (
        "{id} is the Indian Health Service. It pays only for care that it arranges itself, after all other coverage."
    ),
    ExclusionReason.INDEMNITY: "{id} pays you a fixed sum. It does not pay providers and does not coordinate.",
    ExclusionReason.NOTHING_TO_SUPPLEMENT: "{id} only supplements TRICARE or CHAMPVA, which does not pay on this date.",
    ExclusionReason.NO_SHARED_BENEFIT: "{id} does not cover this kind of care.",
    ExclusionReason.NOT_STARTED: "{id} had not started on this date.",
    ExclusionReason.ENDED: "{id} had ended on this date.",
}
NEVER_COORDINATED = {
    Kind.EAP: ExclusionReason.EMPLOYEE_ASSISTANCE,
    Kind.MEDIGAP: ExclusionReason.MEDICARE_SUPPLEMENT,
    Kind.VA: ExclusionReason.VETERANS_CARE,
    Kind.IHS: ExclusionReason.INDIAN_HEALTH_SERVICE,
    Kind.INDEMNITY: ExclusionReason.INDEMNITY,
}
SUPPLEMENTED = frozenset({Kind.TRICARE, Kind.CHAMPVA})
OTHER_BENEFITS: tuple[Benefit, ...] = ("dental", "vision", "pharmacy")


@dataclass(frozen=True, slots=True)
class Excluded:
    """A plan that takes no part, and why."""

    id: str
    reason: ExclusionReason

    @property
    def words(self) -> str:
        """The reason in a sentence for the client."""
        return WORDS[self.reason].format(id=self.id)


def screen(facts: Facts) -> tuple[tuple[Plan, ...], tuple[Excluded, ...]]:
    """Split the plans into those that take part in the order on the date and those that don't."""
    benefit = _benefit(facts.plans)
    taking_part: list[Plan] = []
    excluded: list[Excluded] = []
    for plan in facts.plans:
        reason = _reason(plan, facts, benefit)
        if reason is None:
            taking_part.append(plan)
        else:
            excluded.append(Excluded(plan.id, reason))
    supplements = [plan for plan in taking_part if plan.kind is Kind.SUPPLEMENT and not _has_program(plan, taking_part)]
    excluded += [Excluded(plan.id, ExclusionReason.NOTHING_TO_SUPPLEMENT) for plan in supplements]
    if supplements:
        taking_part = [plan for plan in taking_part if plan not in supplements]
    return tuple(taking_part), tuple(excluded)


def _has_program(supplement: Plan, plans: Sequence[Plan]) -> bool:
    """Whether the program that it supplements pays on the date: the one named by id or kind, else either."""
    programs = [plan for plan in plans if plan.kind in SUPPLEMENTED]
    named = supplement.supplements
    return any(named is None or named in (plan.id, plan.kind.value) for plan in programs)


def _reason(plan: Plan, facts: Facts, benefit: Benefit) -> ExclusionReason | None:
    if plan.kind in NEVER_COORDINATED:
        return NEVER_COORDINATED[plan.kind]
    if not _covers(plan, benefit):
        return ExclusionReason.NO_SHARED_BENEFIT
    if plan.covered_from is not None and plan.covered_from > facts.on:
        return ExclusionReason.NOT_STARTED
    if plan.covered_to is not None and plan.covered_to < facts.on:
        return ExclusionReason.ENDED
    return None


def _benefit(plans: tuple[Plan, ...]) -> Benefit:
    """The kind of care to coordinate: medical, unless the person has no medical plan at all."""
    for plan in plans:
        if _covers(plan, "medical") and plan.kind not in NEVER_COORDINATED:
            return "medical"
    return max(OTHER_BENEFITS, key=lambda benefit: sum(_covers(plan, benefit) for plan in plans))


def _covers(plan: Plan, benefit: Benefit) -> bool:
    """Whether the plan covers that care; a plan whose benefits nobody stated is a medical one."""
    return benefit in plan.benefits if plan.benefits is not None else benefit == "medical"
