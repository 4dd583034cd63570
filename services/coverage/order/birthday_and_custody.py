"""Which plan comes first for a dependent child: court decree, birthdays, custody, step-parents, a spouse of its own.

Source: NAIC Model 120 (2013) 6D(2). Grandparents and others who are not the child's parents count as if they were
(6D(2)(c)). A rule that doesn't decide a pair leaves it to the rules that follow.
"""

from services.coverage.order import family
from services.coverage.order.facts import Coordination, Plan, Relation, Sex
from services.coverage.order.family import Arrangement, Child
from services.coverage.order.missing_facts import Known
from services.coverage.order.rule import Rule

Verdict = tuple[Plan, Rule]

BIRTHDAY_RULES = {
    Arrangement.TOGETHER: Rule.BIRTHDAY,
    Arrangement.BOTH_RESPONSIBLE: Rule.BIRTHDAY_BOTH_RESPONSIBLE,
    Arrangement.JOINT_CUSTODY: Rule.BIRTHDAY_JOINT_CUSTODY,
}


def place(known: Known, child: Child, one: Plan, other: Plan) -> Verdict | None:
    """The plan that pays first of two that cover the patient as a dependent, or None where these rules don't decide.

    Raises MissingFact: a fact about the family or a birthday is needed and not stated.
    """
    if child.has_partners_plan and (child.has(one) or child.has(other)):
        return _beside_a_spouses_plan(known, one, other)
    if not child.has(one) or not child.has(other) or known.person(one) == known.person(other):
        return None
    responsible = family.responsible(known, child)
    if responsible is not None and responsible != family.BOTH:
        by_decree = _by_decree(known, child, responsible, one, other)
        if by_decree is not None:
            return by_decree
    arrangement = family.arrangement(known, child, responsible)
    if arrangement is Arrangement.CUSTODY:
        return _by_custody(known, child, one, other)
    return _by_birthday(known, arrangement, one, other)


def _beside_a_spouses_plan(known: Known, one: Plan, other: Plan) -> Verdict | None:
    """6D(2)(d): the longer coverage decides between all of them, then the birthdays of parents and spouse."""
    longer = known.longer(one, other)
    if longer:
        return (one if longer < 0 else other), Rule.CHILD_AND_SPOUSE_LONGER
    if known.person(one) == known.person(other):
        return None
    earlier = known.earlier_birthday(one, other)
    return ((one if earlier < 0 else other), Rule.CHILD_AND_SPOUSE_BIRTHDAY) if earlier else None


def _by_decree(known: Known, child: Child, person: str, one: Plan, other: Plan) -> Verdict | None:
    """6D(2)(b)(i): the responsible parent's plan, or that parent's spouse's where the parent has none."""
    rule = Rule.COURT_DECREE
    holders = {plan.id for plan in child.plans if known.person(plan) == person}
    if not holders:
        rule = Rule.COURT_DECREE_SPOUSE
        holders = {plan.id for plan in child.plans if family.is_married_to(known, plan, person)}
    if (one.id in holders) == (other.id in holders):
        return None
    return (one if one.id in holders else other), rule


def _by_custody(known: Known, child: Child, one: Plan, other: Plan) -> Verdict | None:
    """6D(2)(b)(iv): the parent with custody, that parent's spouse, the other parent, the other parent's spouse."""
    custodian = family.custodian(known, child)
    ranks = _custody_rank(known, one, custodian), _custody_rank(known, other, custodian)
    if ranks[0] == ranks[1]:
        return None
    return (one if ranks[0] < ranks[1] else other), Rule.CUSTODY


def _custody_rank(known: Known, plan: Plan, custodian: str | None) -> int:
    if custodian is not None and known.person(plan) == custodian:
        return 0
    if custodian is not None and family.is_married_to(known, plan, custodian):
        return 1
    return 3 if known.relation(plan) is Relation.STEP_PARENT else 2


def _by_birthday(known: Known, arrangement: Arrangement, one: Plan, other: Plan) -> Verdict | None:
    """6D(2)(a): the earlier birthday in the year; the same day: the plan that covered its parent longer."""
    steps = [known.relation(plan) is Relation.STEP_PARENT for plan in (one, other)]
    if steps[0] != steps[1]:
        return (other if steps[0] else one), Rule.PARENT_BEFORE_STEP_PARENT
    if Coordination.GENDER_RULE in (one.coordination, other.coordination):
        sexes = known.sex(one), known.sex(other)
        if sexes[0] is not sexes[1]:
            return (one if sexes[0] is Sex.MALE else other), Rule.GENDER_RULE
    earlier = known.earlier_birthday(one, other)
    if earlier:
        return (one if earlier < 0 else other), BIRTHDAY_RULES[arrangement]
    longer = known.longer_for_subscriber(one, other)
    return ((one if longer < 0 else other), Rule.SAME_BIRTHDAY_LONGER) if longer else None
