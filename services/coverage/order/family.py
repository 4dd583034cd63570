"""What is known of a child's family: what a court decreed, how the parents live, who has custody, who is married.

Source: NAIC Model 120 (2013) 6D(2)(a) and (b). Each function raises MissingFact where a fact is not stated.
"""

from collections.abc import Sequence
from datetime import date
from enum import Enum, auto
from typing import NamedTuple

from services.coverage.order.facts import Decree, Family, Plan, Relation
from services.coverage.order.missing_facts import NOBODY, Known

PARENTAL = frozenset({Relation.PARENT, Relation.STEP_PARENT, Relation.GRANDPARENT, Relation.OTHER})
PARTNERS = frozenset({Relation.SPOUSE, Relation.DOMESTIC_PARTNER})
ADULT_AT = 26
OUT_OF_CUSTODY_AT = 18
JOINT = "joint"
BOTH = "both"


class Arrangement(Enum):
    """How the child's parents live, as far as it decides the order."""

    TOGETHER = auto()
    BOTH_RESPONSIBLE = auto()
    JOINT_CUSTODY = auto()
    CUSTODY = auto()


class Child(NamedTuple):
    """The plans that cover the patient as somebody's child, and whether a spouse's plan does too."""

    plans: tuple[Plan, ...]
    has_partners_plan: bool

    def has(self, plan: Plan) -> bool:
        """Whether `plan` covers the patient as somebody's child."""
        return any(own is plan for own in self.plans)  # comparing two plans field by field would be slow


def child_of(known: Known, dependents: Sequence[Plan]) -> Child:
    """Sort the plans that cover the patient as a dependent. Raises MissingFact: a relation is not stated."""
    parental = tuple(plan for plan in dependents if known.relation(plan) in PARENTAL)
    if all(known.relation(plan) is Relation.OTHER for plan in parental) and _is_at_least(known, ADULT_AT):
        parental = ()  # a grown child may cover an aged parent: nobody's child in the sense of the rule
    return Child(parental, any(known.relation(plan) in PARTNERS for plan in dependents))


def _is_at_least(known: Known, years: int) -> bool:
    born, on = known.facts.patient.birth_date, known.facts.on
    return born is not None and (on.year - born.year - ((on.month, on.day) < (born.month, born.day))) >= years


def responsible(known: Known, child: Child) -> str | None:
    """Whom a court made responsible: a person's id, `both`, or None. A named parent counts once the plan knows it.

    The decree goes before living together too ("unless there is a court decree stating otherwise"), but where parents
    live together nobody asks for one.
    """
    family = known.facts.family
    if family is None or not _states_decree(family):
        if _parents(known, child) == "together":
            return None
        return known.settle(
            ("decree",),
            (None, *_people(known, child), BOTH),
            "family.decree",
            _ids(child),
            "Is there a court order that says which parent must provide the child's health insurance, and whom does "
            "it name?",
        )
    decree = family.decree
    if decree is None or decree.responsible is None or decree.responsible == "silent":
        return None
    if decree.until is not None and decree.until < known.facts.on:
        return None
    if decree.responsible == BOTH or _plan_knows(known, child, decree, decree.responsible):
        return decree.responsible
    return None


def _states_decree(family: Family) -> bool:
    if family.decree is None:
        return "decree" in family.model_fields_set
    return "responsible" in family.decree.model_fields_set


def _ids(child: Child) -> list[str]:
    return sorted(plan.id for plan in child.plans)


def _plan_knows(known: Known, child: Child, decree: Decree, person: str) -> bool:
    """Whether the plan had actual knowledge of the decree for the whole plan year of the service, as 6D(2)(b)(i) asks.

    Benefits may have been paid earlier in the plan year in which it learnt of it; without the start of the plan year
    the day on which it learnt of it decides.
    """
    if "known_to_plan_from" not in decree.model_fields_set:
        return known.settle(
            ("decree_known",),
            (True, False),
            "family.decree.known_to_plan_from",
            (person,),
            f"Has the insurance plan of {person} been sent the court order, and on which day?",
        )
    if decree.known_to_plan_from is None:
        return False
    starts = _plan_year_starts(known, child, person)
    return decree.known_to_plan_from <= (_plan_year(known.facts.on, starts) if starts else known.facts.on)


def _plan_year_starts(known: Known, child: Child, person: str) -> str | None:
    """When the plan year of the named person's plan starts, or of the plan that takes its place."""
    stated = [plan for plan in child.plans if plan.plan_year_starts is not None]
    own = [plan for plan in stated if known.person(plan) == person]
    spouses = [plan for plan in stated if (plan.subscriber or NOBODY).spouse_of == person]
    return next((plan.plan_year_starts for plan in own or spouses), known.facts.plan_year_starts)


def _plan_year(on: date, starts: str) -> date:
    """The first day of the plan year that holds `on`; a year that starts on 29 February starts on 1 March otherwise."""
    month, day = int(starts[:2]), int(starts[3:])
    year = on.year if (on.month, on.day) >= (month, day) else on.year - 1
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return date(year, 3, 1) if (month, day) == (2, 29) and not leap else date(year, month, day)


def arrangement(known: Known, child: Child, decreed: str | None) -> Arrangement:
    """How the parents live, as far as it decides the order; `decreed` is who is `responsible`."""
    if decreed == BOTH:
        return Arrangement.BOTH_RESPONSIBLE
    if _parents(known, child) == "together":
        return Arrangement.TOGETHER
    return Arrangement.JOINT_CUSTODY if custodian(known, child) == JOINT else Arrangement.CUSTODY


def _parents(known: Known, child: Child) -> str:
    family = known.facts.family
    if family is not None and family.parents is not None:
        return family.parents
    are_parents = any(known.relation(plan) in (Relation.PARENT, Relation.STEP_PARENT) for plan in child.plans)
    whom = "the child's parents" if are_parents else f"the people who hold {' and '.join(_ids(child))}"
    return known.settle(("parents",), ("together", "apart"), "family.parents", _ids(child), f"Do {whom} live together?")


def custodian(known: Known, child: Child) -> str | None:
    """The id of the person with custody, `joint`, or None where none of these people has it (or the child is grown).

    A child is in somebody's custody: that neither one parent nor both have it is believed only of a grown patient.
    """
    family = known.facts.family or Family()
    if family.joint_custody:
        return JOINT
    if family.custodian is not None:
        return family.custodian
    is_grown = "custodian" in family.model_fields_set and _is_at_least(known, OUT_OF_CUSTODY_AT)
    people = (None,) if is_grown else (*_people(known, child), None)
    values = people if "joint_custody" in family.model_fields_set else (*people, JOINT)
    if values == (None,):
        return None
    return known.settle(
        ("custodian",),
        values,
        "family.custodian",
        _ids(child),
        "Who has custody of the child: one parent (which one), or both jointly?",
    )


def _people(known: Known, child: Child) -> tuple[str, ...]:
    """The parents, or those who stand in for them, whom a decree or a custody order could name."""
    subscribers = [(plan, plan.subscriber or NOBODY) for plan in child.plans]
    parents = {known.person(plan) for plan, _ in subscribers if known.relation(plan) is not Relation.STEP_PARENT}
    spouses = {subscriber.spouse_of for _, subscriber in subscribers if subscriber.spouse_of is not None}
    return tuple(sorted(parents | spouses))


def is_married_to(known: Known, plan: Plan, person: str) -> bool:
    """Whether the plan's subscriber is the spouse of `person`; only of a step-parent that is a question to ask."""
    subscriber = plan.subscriber or NOBODY
    if subscriber.spouse_of is not None or "spouse_of" in subscriber.model_fields_set:
        return subscriber.spouse_of == person
    if known.relation(plan) is not Relation.STEP_PARENT:
        return False
    return known.settle(
        ("spouse_of", known.person(plan), person),
        (True, False),
        f"plans.{plan.id}.subscriber.spouse_of",
        (plan.id,),
        f"Is the step-parent who holds {plan.id} married to {person}?",
    )
