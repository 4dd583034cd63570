"""What is wrong with facts that can be read: contradictions that nobody can decide from, and how to correct them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from services.coverage.order.facts import Facts, Plan, Relation

OLDEST_BIRTH_YEAR = 1880
_OLDER = (Relation.PARENT, Relation.GRANDPARENT)


class ProblemReason(StrEnum):
    """Why facts are refused."""

    DUPLICATE_PLAN = "duplicate_plan"
    ENDS_BEFORE_IT_STARTS = "ends_before_it_starts"
    BIRTH_DATE = "birth_date_not_possible"
    UNKNOWN_PLAN = "unknown_plan"
    ENTERED_TWICE = "entered_twice"
    CONTINUES_ITSELF = "continues_itself"
    CONTINUES_LATER_PLAN = "continues_later_plan"
    PERSON_CONTRADICTS = "person_contradicts"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to correct: where it stands in the facts, and what it must be."""

    reason: ProblemReason
    field: str
    correct: str


def problems(facts: Facts) -> tuple[Problem, ...]:
    """Everything in the facts that must be corrected before an order can be decided."""
    checks = (_plans_twice, _periods, _birth_dates, _ages, _entered, _continued, _people)
    return tuple(problem for check in checks for problem in check(facts))


def _plans_twice(facts: Facts) -> Iterator[Problem]:
    for plan, times in Counter(plan.id for plan in facts.plans).items():
        if times > 1:
            correct = f"{plan} appears {times} times: list each plan once, with its own id"
            yield Problem(ProblemReason.DUPLICATE_PLAN, "plans", correct)


def _periods(facts: Facts) -> Iterator[Problem]:
    for plan in facts.plans:
        if plan.covered_from is not None and plan.covered_to is not None and plan.covered_to < plan.covered_from:
            correct = f"{plan.id} ends before it starts: covered_to must be {plan.covered_from} or later"
            yield Problem(ProblemReason.ENDS_BEFORE_IT_STARTS, f"plans.{plan.id}.covered_to", correct)


def _birth_dates(facts: Facts) -> Iterator[Problem]:
    dates = [("patient.birth_date", facts.patient.birth_date)]
    dates += [
        (f"plans.{plan.id}.subscriber.birth_date", plan.subscriber.birth_date)
        for plan in facts.plans
        if plan.subscriber is not None
    ]
    for field, born in dates:
        if (born is not None and not OLDEST_BIRTH_YEAR <= born.year <= facts.on.year) or (born or facts.on) > facts.on:
            correct = f"must be from {OLDEST_BIRTH_YEAR} on and not after the date of service, {facts.on}"
            yield Problem(ProblemReason.BIRTH_DATE, field, correct)


def _ages(facts: Facts) -> Iterator[Problem]:
    """Parents and grandparents are older than the patient."""
    patient = facts.patient.birth_date
    for plan in facts.plans:
        person = plan.subscriber
        if person is None or person.birth_date is None or patient is None:
            continue
        if person.relation is not None and person.relation in _OLDER and patient <= person.birth_date <= facts.on:
            correct = f"a {person.relation.value} is older than the patient, who was born on {patient}"
            yield Problem(ProblemReason.BIRTH_DATE, f"plans.{plan.id}.subscriber.birth_date", correct)


def _entered(facts: Facts) -> Iterator[Problem]:
    known = {plan.id for plan in facts.plans}
    for plan, times in Counter(facts.entered_order or ()).items():
        if plan not in known:
            correct = f"{plan} is none of the plans: name the plans by their ids"
            yield Problem(ProblemReason.UNKNOWN_PLAN, "entered_order", correct)
        elif times > 1:
            yield Problem(ProblemReason.ENTERED_TWICE, "entered_order", f"{plan} appears twice: name each plan once")


def _continued(facts: Facts) -> Iterator[Problem]:
    plans = {plan.id: plan for plan in facts.plans}
    for plan in facts.plans:
        if _continues_itself(plan, plans):
            correct = f"{plan.id} takes over from itself: name the plan before it, or null"
            yield Problem(ProblemReason.CONTINUES_ITSELF, f"plans.{plan.id}.continues", correct)
        former_from = plan.continues_from if plan.continues is not None else None
        if former_from is not None and plan.covered_from is not None and former_from > plan.covered_from:
            correct = f"the plan before {plan.id} must start by {plan.covered_from}, when {plan.id} started"
            yield Problem(ProblemReason.CONTINUES_LATER_PLAN, f"plans.{plan.id}.continues_from", correct)


def _continues_itself(plan: Plan, plans: dict[str, Plan]) -> bool:
    seen: set[str] = set()
    former: Plan | None = plan
    while former is not None and former.continues is not None and former.id not in seen:
        seen.add(former.id)
        former = plans.get(former.continues)
    return former is not None and former.id == plan.id and former.continues is not None


def _people(facts: Facts) -> Iterator[Problem]:
    """One person with two birthdays, a patient who is somebody else's dependent by their own id, and the like."""
    born: dict[str, tuple[str, object]] = {}
    related: dict[str, tuple[str, Relation]] = {}
    for plan in facts.plans:
        person = plan.subscriber
        if person is None or person.id is None:
            continue
        field = f"plans.{plan.id}.subscriber"
        if person.birth_date is not None:
            other, before = born.setdefault(person.id, (plan.id, person.birth_date))
            if before != person.birth_date:
                correct = f"{person.id} has another birth date in {other}: give one"
                yield Problem(ProblemReason.PERSON_CONTRADICTS, f"{field}.birth_date", correct)
        if person.relation is not None:
            other, relation = related.setdefault(person.id, (plan.id, person.relation))
            if relation is not person.relation:
                correct = f"{person.id} is {relation.value} in {other} and {person.relation.value} here: give one"
                yield Problem(ProblemReason.PERSON_CONTRADICTS, f"{field}.relation", correct)
        if person.id == facts.patient.id and person.relation not in (None, Relation.SELF):
            correct = f"{person.id} is the patient: the relation must be self, or the id another person's"
            yield Problem(ProblemReason.PERSON_CONTRADICTS, f"{field}.relation", correct)
        if person.spouse_of == person.id:
            correct = f"{person.id} cannot be their own spouse: name the parent they are married to"
            yield Problem(ProblemReason.PERSON_CONTRADICTS, f"{field}.spouse_of", correct)
