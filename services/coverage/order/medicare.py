"""Whether an employer's or a private plan pays before or after Medicare (Medicare Secondary Payer, 42 CFR part 411).

Only a group health plan can come before Medicare. Which one does follows from why the patient has Medicare, whether the
plan comes from a current job, and how large the employer is. For a plan of several employers the largest one counts.
"""

from services.coverage.order import continuity
from services.coverage.order.facts import Employment, Entitlement, Kind, Plan, Reason, Relation
from services.coverage.order.missing_facts import Known
from services.coverage.order.rule import Rule

WORKING_AGED_EMPLOYEES = 20
LARGE_EMPLOYER_EMPLOYEES = 100
ESRD_COORDINATION_MONTHS = 30

BEFORE_MEDICARE = frozenset({Rule.MEDICARE_WORKING_AGED, Rule.MEDICARE_LARGE_EMPLOYER, Rule.MEDICARE_ESRD_PERIOD})


def place(known: Known, plan: Plan, medicare: Plan) -> Rule:
    """The rule that puts `plan` before Medicare (one of BEFORE_MEDICARE) or after it.

    Raises MissingFact: the entitlement, the employment, the relation or the employer's size is needed and not stated.
    """
    if not _is_group_health_plan(known, plan):
        return Rule.MEDICARE_NOT_GROUP
    entitlements = known.entitlements(medicare)
    esrd = next((entitlement for entitlement in entitlements if entitlement.reason is Reason.ESRD), None)
    if esrd is not None:
        return _with_kidney_disease(known, plan, medicare, entitlements, esrd)
    reasons = {entitlement.reason for entitlement in entitlements}
    return _with_age(known, plan) if Reason.AGE in reasons else _with_disability(known, plan)


def _is_group_health_plan(known: Known, plan: Plan) -> bool:
    match plan.kind:
        case Kind.GROUP:
            return True
        case Kind.OTHER:
            return known.employment(plan) is not None
        case _:
            return False


def _with_age(known: Known, plan: Plan) -> Rule:
    """65 or over: the patient's or a spouse's current job counts; a domestic partner's does not (42 CFR 411.172)."""
    if known.employment(plan) is not Employment.ACTIVE:
        return Rule.MEDICARE_NO_CURRENT_JOB
    if known.relation(plan) not in (Relation.SELF, Relation.SPOUSE):
        return Rule.MEDICARE_NOT_OWN_OR_SPOUSE
    large = known.employs_at_least(plan, WORKING_AGED_EMPLOYEES)
    return Rule.MEDICARE_WORKING_AGED if large else Rule.MEDICARE_SMALL_EMPLOYER


def _with_disability(known: Known, plan: Plan) -> Rule:
    """Under 65: any family member's current job counts, a domestic partner's too (42 CFR 411.201, 411.204)."""
    if known.employment(plan) is not Employment.ACTIVE:
        return Rule.MEDICARE_NO_CURRENT_JOB
    large = known.employs_at_least(plan, LARGE_EMPLOYER_EMPLOYEES)
    return Rule.MEDICARE_LARGE_EMPLOYER if large else Rule.MEDICARE_SMALL_EMPLOYER


def _with_kidney_disease(
    known: Known, plan: Plan, medicare: Plan, entitlements: tuple[Entitlement, ...], esrd: Entitlement
) -> Rule:
    """30 months of any group plan first, whatever the size, job or COBRA; then Medicare (42 CFR 411.162, 411.163)."""
    month = known.esrd_month(medicare, esrd)
    if month > ESRD_COORDINATION_MONTHS:
        return Rule.MEDICARE_AFTER_ESRD_PERIOD
    before = _reason_before(known, entitlements, esrd, month)
    if before is None:
        return Rule.MEDICARE_ESRD_PERIOD
    earlier = _with_age(known, plan) if before is Reason.AGE else _with_disability(known, plan)
    return Rule.MEDICARE_ESRD_PERIOD if earlier in BEFORE_MEDICARE else Rule.MEDICARE_STAYS_FIRST


def _reason_before(known: Known, entitlements: tuple[Entitlement, ...], esrd: Entitlement, month: int) -> Reason | None:
    """The reason for which the patient already had Medicare when kidney disease made it possible, if there was one.

    The birth date says whether 65 came first. Only where it is silent (a disability, or no birth date) do the reasons
    count as listed in the order in which they began.
    """
    began = continuity.month_number(known.facts.on) - (month - 1)
    at_65 = continuity.month_of_age_65(known.facts.patient.birth_date)
    if at_65 is not None and at_65 <= began and any(entitlement.reason is Reason.AGE for entitlement in entitlements):
        return Reason.AGE
    for entitlement in entitlements:
        if entitlement is esrd:
            return None
        if entitlement.reason is not Reason.AGE or at_65 is None:
            return entitlement.reason
    return None
