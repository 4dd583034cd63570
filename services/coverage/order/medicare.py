"""Whether an employer's or a private plan pays before or after Medicare (Medicare Secondary Payer, 42 CFR part 411).

Only a group health plan can come before Medicare. Which one does follows from why the patient has Medicare, whether the
plan comes from a current job, and how large the employer is.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

from services.coverage.order import continuity
from services.coverage.order.facts import Employment, Entitlement, Facts, Kind, Plan, Reason, Relation
from services.coverage.order.missing_facts import Known, MissingFact
from services.coverage.order.rule import Rule

WORKING_AGED_EMPLOYEES = 20
LARGE_EMPLOYER_EMPLOYEES = 100
ESRD_COORDINATION_MONTHS = 30

SecondaryReason = Literal["12", "13", "43"]
SECONDARY_REASONS: Mapping[Rule, SecondaryReason] = {
    Rule.MEDICARE_WORKING_AGED: "12",
    Rule.MEDICARE_ESRD_PERIOD: "13",
    Rule.MEDICARE_LARGE_EMPLOYER: "43",
}
"""Why Medicare pays later, as its claim says it (005010X222A1 SBR05), by the rule that puts a plan before it."""

BEFORE_MEDICARE = frozenset(SECONDARY_REASONS)


def place(known: Known, plan: Plan, medicare: Plan) -> Rule:
    """The rule that puts `plan` before Medicare (one of BEFORE_MEDICARE) or after it.

    Raises MissingFact: the entitlement, the employment, the relation or the employer's size is needed and not stated.
    """
    if not _is_group_health_plan(known, plan):
        return Rule.MEDICARE_NOT_GROUP
    entitlements = known.entitlements(medicare)
    esrd = _present_esrd(entitlements)
    if esrd is not None:
        return _with_kidney_disease(known, plan, medicare, entitlements, esrd)
    reasons = {entitlement.reason for entitlement in entitlements}
    return _with_age(known, plan) if Reason.AGE in reasons else _with_disability(known, plan)


def _present_esrd(entitlements: tuple[Entitlement, ...]) -> Entitlement | None:
    """The kidney disease entitlement that counts: of a second one that began later, a new period runs (411.162(b))."""
    periods = [entitlement for entitlement in entitlements if entitlement.reason is Reason.ESRD]
    return min(reversed(periods), key=lambda period: period.esrd_month or 1, default=None)


def secondary_reason(facts: Facts, order: Sequence[str]) -> SecondaryReason | None:
    """SBR05 of Medicare's claim in this `order` (plan ids): why the plan before it pays first.

    None where Medicare is first or not in it, or where its place follows from no rule that we have the facts for.
    """
    plans = {plan.id: plan for plan in facts.plans}
    ordered = [plans[plan_id] for plan_id in order if plan_id in plans]
    card = next((plan for plan in ordered if plan.kind is Kind.MEDICARE), None)
    if card is None:
        return None
    for plan in ordered[: ordered.index(card)]:
        try:
            rule = place(Known(facts), plan, card)
        except MissingFact:
            continue
        if rule in SECONDARY_REASONS:
            return SECONDARY_REASONS[rule]
    return None


def _is_group_health_plan(known: Known, plan: Plan) -> bool:
    match plan.kind:
        case Kind.GROUP:
            return True
        case Kind.OTHER:
            return known.employment(plan) is not None
        case _:
            return False


def _with_age(known: Known, plan: Plan, on: date | None = None) -> Rule:
    """65 or over: the patient's or a spouse's current job counts; a domestic partner's or a former spouse's does not
    (42 CFR 411.172). `on` is a past day whose job counts.
    """
    if known.employment(plan, on) is not Employment.ACTIVE:
        return Rule.MEDICARE_NO_CURRENT_JOB
    if known.relation(plan) not in (Relation.SELF, Relation.SPOUSE):
        return Rule.MEDICARE_NOT_OWN_OR_SPOUSE
    large = _employs(known, plan, WORKING_AGED_EMPLOYEES)
    return Rule.MEDICARE_WORKING_AGED if large else Rule.MEDICARE_SMALL_EMPLOYER


def _with_disability(known: Known, plan: Plan, on: date | None = None) -> Rule:
    """Under 65: any family member's current job counts, a domestic partner's or a former spouse's too (42 CFR 411.201,
    411.204). `on` is a past day whose job counts.
    """
    if known.employment(plan, on) is not Employment.ACTIVE:
        return Rule.MEDICARE_NO_CURRENT_JOB
    large = _employs(known, plan, LARGE_EMPLOYER_EMPLOYEES)
    return Rule.MEDICARE_LARGE_EMPLOYER if large else Rule.MEDICARE_SMALL_EMPLOYER


def _employs(known: Known, plan: Plan, employees: int) -> bool:
    """Whether the employer is that large; in a plan of several employers the largest one counts (411.170, 411.101).

    Such a plan may have Medicare's agreement that it pays second for people of its small employers. That agreement is
    about age alone, so with a disability the largest employer counts all the same (411.172(b), 411.206).
    """
    if plan.multi_employer is None:
        return known.employs_at_least(plan, employees)
    if not known.largest_employs_at_least(plan, employees):
        return False
    if employees > WORKING_AGED_EMPLOYEES or not known.elected_for_small_employers(plan):
        return True
    return known.employs_at_least(plan, WORKING_AGED_EMPLOYEES)


def _with_kidney_disease(
    known: Known, plan: Plan, medicare: Plan, entitlements: tuple[Entitlement, ...], esrd: Entitlement
) -> Rule:
    """30 months of any group plan first, whatever the size, job or COBRA; then Medicare (42 CFR 411.162, 411.163).

    Medicare stays first only where it already was, for age or a disability, when kidney disease made it possible: what
    the plan was on that day counts (411.163(b)(4)). A disability that has become age since counts by the rule for age.
    """
    month = known.esrd_month(medicare, esrd)
    if month > ESRD_COORDINATION_MONTHS:
        return Rule.MEDICARE_AFTER_ESRD_PERIOD
    began = continuity.month_number(known.facts.on) - (month - 1)
    reason = _reason_before(known, entitlements, esrd, began)
    if reason is None:
        return Rule.MEDICARE_ESRD_PERIOD
    day = continuity.first_of_month(began)
    then = continuity.covering_on(plan, known.plans, day)
    earlier = _with_age(known, then, day) if reason is Reason.AGE else _with_disability(known, then, day)
    return Rule.MEDICARE_ESRD_PERIOD if earlier in BEFORE_MEDICARE else Rule.MEDICARE_STAYS_FIRST


def _reason_before(known: Known, entitlements: tuple[Entitlement, ...], esrd: Entitlement, began: int) -> Reason | None:
    """The reason for which the patient had Medicare before the month in which kidney disease made it possible.

    The birth date says whether 65 came before; in the very same month it did not. Only where it is silent (a
    disability, or no birth date) do the reasons count as listed in the order in which they began.
    """
    at_65 = continuity.month_of_age_65(known.facts.patient.birth_date)
    now_65 = at_65 is not None and at_65 <= continuity.month_number(known.facts.on)
    for entitlement in entitlements:
        if entitlement.reason is Reason.ESRD:
            if entitlement is esrd:
                break
            continue
        if entitlement.reason is Reason.DISABILITY:
            return Reason.AGE if now_65 else Reason.DISABILITY
        if at_65 is None:
            return Reason.AGE
    by_age = any(entitlement.reason is Reason.AGE for entitlement in entitlements)
    return Reason.AGE if by_age and at_65 is not None and at_65 < began else None
