"""What is known about the plans, and what happens when a rule needs a fact that nobody has stated.

A rule asks `Known` for each fact. A missing one stops the rules with `MissingFact`, which carries the values the fact
could have. `facts_that_matter.py` then tries each value: we ask the client only about facts that change the answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar, cast

from services.coverage.order import continuity
from services.coverage.order.facts import Employment, Entitlement, Facts, Kind, Plan, Reason, Relation, Sex, Subscriber

Key = tuple[str, ...]
Value = TypeVar("Value")

NOBODY = Subscriber()
EMPLOYERS_KINDS = frozenset({Kind.GROUP, Kind.OTHER})
_BY_AGE = Entitlement(Reason.AGE)


@dataclass(frozen=True, slots=True)
class Question:
    """The one fact to ask the client for: its path in the facts, the plans or people it is about, and the words."""

    missing: str
    about: tuple[str, ...]
    question: str


class MissingFact(Exception):
    """A rule needs a fact that nobody has stated; `values` are all the values it could have."""

    def __init__(self, key: Key, values: Sequence[object], question: Question) -> None:
        super().__init__(question.missing)
        self.key = key
        self.values = values
        self.question = question


class Known:
    """The facts, and the values assumed for missing ones while we look whether they matter."""

    __slots__ = ("assumed", "facts", "plans")

    def __init__(self, facts: Facts, assumed: dict[Key, object] | None = None) -> None:
        self.facts = facts
        self.assumed = assumed or {}
        self.plans = {plan.id: plan for plan in facts.plans}

    def settle(self, key: Key, values: Sequence[Value], missing: str, about: Sequence[str], question: str) -> Value:
        """The value assumed for the missing fact `key`. Raises MissingFact: none is assumed yet."""
        if key in self.assumed:
            return cast(Value, self.assumed[key])
        raise MissingFact(key, values, Question(missing, tuple(about), question))

    def relation(self, plan: Plan) -> Relation:
        """Who holds the plan, seen from the patient. Raises MissingFact: not stated."""
        subscriber = plan.subscriber or NOBODY
        if subscriber.relation is not None:
            return subscriber.relation
        if subscriber.id is not None and subscriber.id == self.facts.patient.id:
            return Relation.SELF
        return self.settle(
            ("relation", plan.id),
            tuple(Relation),
            f"plans.{plan.id}.subscriber.relation",
            (plan.id,),
            f"Whose plan is {plan.id}: the patient's own, a spouse's or partner's, or a parent's?",
        )

    def employment(self, plan: Plan, on: date | None = None) -> Employment | None:
        """How the plan comes from a job, None where it doesn't; `on` a past day, as far as former jobs are stated.

        Raises MissingFact: an employer's plan, not stated.
        """
        former = [job for job in plan.former_jobs if on is not None and on <= job.until]
        if former:
            return min(former, key=lambda job: job.until).employment
        if plan.employment is not None or "employment" in plan.model_fields_set or plan.kind not in EMPLOYERS_KINDS:
            return plan.employment
        return self.settle(
            ("employment", plan.id),
            (Employment.ACTIVE, Employment.RETIRED, Employment.COBRA, None),
            f"plans.{plan.id}.employment",
            (plan.id,),
            f"Does {plan.id} come from a job the subscriber has now, from a former job (retired or laid off), "
            "from COBRA, or not from a job?",
        )

    def employs_at_least(self, plan: Plan, employees: int) -> bool:
        """Whether the employer is that large. Raises MissingFact: the size is not stated."""
        if plan.employer_size is not None:
            return plan.employer_size >= employees
        return self.settle(
            ("employer_size", plan.id, str(employees)),
            (True, False),
            f"plans.{plan.id}.employer_size",
            (plan.id,),
            f"Does the employer that provides {plan.id} have {employees} or more employees?",
        )

    def largest_employs_at_least(self, plan: Plan, employees: int) -> bool:
        """Whether the largest employer of a plan of several is that large. Raises MissingFact: not stated."""
        assert plan.multi_employer is not None
        sizes = [plan.multi_employer.largest_employer_size, plan.employer_size]
        if any(size is not None and size >= employees for size in sizes):
            return True
        if plan.multi_employer.largest_employer_size is not None:
            return False
        return self.settle(
            ("largest_employer_size", plan.id, str(employees)),
            (True, False),
            f"plans.{plan.id}.multi_employer.largest_employer_size",
            (plan.id,),
            f"Does any of the employers that provide {plan.id} together have {employees} or more employees?",
        )

    def elected_for_small_employers(self, plan: Plan) -> bool:
        """Whether a plan of several employers pays after Medicare for small ones. Raises MissingFact: not stated."""
        assert plan.multi_employer is not None
        if "small_employer_election" in plan.multi_employer.model_fields_set:
            return bool(plan.multi_employer.small_employer_election)
        return self.settle(
            ("small_employer_election", plan.id),
            (True, False),
            f"plans.{plan.id}.multi_employer.small_employer_election",
            (plan.id,),
            f"Has {plan.id} elected to pay after Medicare for people whose own employer has fewer than 20 employees?",
        )

    def entitlements(self, medicare: Plan) -> tuple[Entitlement, ...]:
        """Why the patient has Medicare, the earliest reason first. Raises MissingFact: not stated, nor plain from age.

        A disability entitlement turns into one by age at 65 (42 CFR 406.12), so from then on the age rule counts. Below
        65 nobody has Medicare by age, whatever was stated. From 65 on, kidney disease is rarely the only reason.
        """
        stated = medicare.medicare_entitlement or next(
            (plan.medicare_entitlement for plan in self.facts.plans if plan.medicare_entitlement), None
        )
        month = continuity.month_of_age_65(self.facts.patient.birth_date)
        aged = month is not None and month <= continuity.month_number(self.facts.on)
        if month is not None and not aged and stated is not None:
            stated = tuple(entitlement for entitlement in stated if entitlement.reason is not Reason.AGE) or None
        if stated is None:
            return (_BY_AGE,) if aged else self._reason_below_65(medicare, month is not None)
        if not aged:
            return stated
        reasons = {entitlement.reason for entitlement in stated}
        if Reason.ESRD not in reasons:
            return (_BY_AGE,)
        if reasons != {Reason.ESRD} or any(entitlement.alone for entitlement in stated):
            return stated
        return self._also_by_age(medicare, stated)

    def _reason_below_65(self, medicare: Plan, birth_date_known: bool) -> tuple[Entitlement, ...]:
        below_65 = ((Entitlement(Reason.DISABILITY),), (Entitlement(Reason.ESRD, 1),), (Entitlement(Reason.ESRD, 31),))
        return self.settle(
            ("medicare_entitlement",),
            below_65 if birth_date_known else (*below_65, (_BY_AGE,)),
            f"plans.{medicare.id}.medicare_entitlement",
            (medicare.id,),
            "Why does the patient have Medicare: age 65 or over, a disability, or kidney disease (ESRD)?",
        )

    def _also_by_age(self, medicare: Plan, stated: tuple[Entitlement, ...]) -> tuple[Entitlement, ...]:
        return self.settle(
            ("medicare_by_age_too",),
            ((_BY_AGE, *stated), stated),
            f"plans.{medicare.id}.medicare_entitlement",
            (medicare.id,),
            "Does the patient have Medicare because of age (65 or over) too, or for kidney disease (ESRD) alone?",
        )

    def esrd_month(self, medicare: Plan, stated: Entitlement) -> int:
        """The month of the ESRD coordination period. Raises MissingFact: not stated."""
        if stated.esrd_month is not None:
            return stated.esrd_month
        return self.settle(
            ("esrd_month",),
            (1, 31),
            f"plans.{medicare.id}.medicare_entitlement.esrd_month",
            (medicare.id,),
            "In which month and year did Medicare for kidney disease (ESRD) first become possible?",
        )

    def longer(self, one: Plan, other: Plan) -> int:
        """-1 where `one` has covered the patient longer, 1 where `other` has, 0 for the same day.

        Raises MissingFact: the first day of one of them is not stated.
        """
        first, second = continuity.first_covered(one, self.plans), continuity.first_covered(other, self.plans)
        return self._covered_longer("covered_from", one, other, first, second)

    def longer_for_subscriber(self, one: Plan, other: Plan) -> int:
        """As `longer`, of the subscribers' own coverage."""
        first, second = continuity.subscriber_covered(one, self.plans), continuity.subscriber_covered(other, self.plans)
        return self._covered_longer("subscriber.covered_from", one, other, first, second)

    def _covered_longer(self, fact: str, one: Plan, other: Plan, first: date | None, second: date | None) -> int:
        """As `compare`; a plan that took over from one of unknown start began no later than it says itself."""
        if first is None and second is not None and (by := continuity.covered_by(one, self.plans)) and by < second:
            return -1
        if second is None and first is not None and (by := continuity.covered_by(other, self.plans)) and by < first:
            return 1
        return self.compare(fact, one, other, first, second)

    def earlier_birthday(self, one: Plan, other: Plan) -> int:
        """-1 where the subscriber of `one` has the earlier birthday in the year, 1 for `other`, 0 for the same day.

        Raises MissingFact: one of the birthdays is not stated. The year never counts.
        """
        return self.compare("birth_date", one, other, self._birthday(one), self._birthday(other))

    def compare(
        self, fact: str, one: Plan, other: Plan, first: date | tuple[int, int] | None, second: object | None
    ) -> int:
        """Which of two days is earlier: -1, 0 or 1. Raises MissingFact: one of them is not known."""
        if first is not None and second is not None:
            return (first > second) - (first < second)  # pyright: ignore[reportOperatorIssue, reportUnknownVariableType]
        unknown = [plan.id for plan, day in ((one, first), (other, second)) if day is None]
        low, high = sorted((one.id, other.id))
        earlier = self.settle(
            (fact, low, high),
            (-1, 1, 0),
            ", ".join(self._path(fact, plan) for plan in sorted(unknown)),
            sorted(unknown),
            _DAY_QUESTIONS[fact].format(plans=" and ".join(sorted(unknown))),
        )
        return earlier if one.id == low else -earlier

    def _path(self, fact: str, plan_id: str) -> str:
        """Where the missing day belongs: the start of a former plan is asked for where it decides."""
        if fact == "birth_date":
            return f"plans.{plan_id}.subscriber.birth_date"
        earliest = continuity.succession(self.plans[plan_id], self.plans)[-1]
        return f"plans.{earliest.id}.{fact if earliest.continues is None else 'continues_from'}"

    def sex(self, plan: Plan) -> Sex:
        """The subscriber's sex, for the old gender rule only. Raises MissingFact: not stated."""
        for subscriber in self._same_person(plan):
            if subscriber.sex is not None:
                return subscriber.sex
        return self.settle(
            ("sex", self.person(plan)),
            (Sex.FEMALE, Sex.MALE),
            f"plans.{plan.id}.subscriber.sex",
            (plan.id,),
            f"Is the parent who holds {plan.id} the patient's mother or father?",
        )

    def person(self, plan: Plan) -> str:
        """The id of the subscriber; a subscriber without one counts as a person of its own."""
        subscriber = plan.subscriber or NOBODY
        return subscriber.id if subscriber.id is not None else f"subscriber of {plan.id}"

    def _birthday(self, plan: Plan) -> tuple[int, int] | None:
        born = (plan.subscriber or NOBODY).birth_date or next(
            (person.birth_date for person in self._same_person(plan) if person.birth_date is not None), None
        )
        return None if born is None else (born.month, born.day)

    def _same_person(self, plan: Plan) -> list[Subscriber]:
        """What the plans say about the subscriber of `plan`, this plan's word first."""
        own = plan.subscriber or NOBODY
        if own.id is None:
            return [own]
        others = (other.subscriber for other in self.facts.plans if other is not plan)
        return [own, *(other for other in others if other is not None and other.id == own.id)]


_DAY_QUESTIONS = {
    "birth_date": "What is the birthday (month and day) of the person who holds {plans}?",
    "covered_from": "On which day did the patient's coverage by {plans} begin, counting a plan it took over from?",
    "subscriber.covered_from": "On which day did the coverage of the person who holds {plans} begin?",
}
