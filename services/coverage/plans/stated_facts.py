"""What a client stated of plans and family, and since when: a fact of March leaves the sessions of February alone.

Pure. Jobs, custody, the parents and a court's decree change in the course of time. What replaces an earlier statement
counts from its `since`, without one from the day on which it was stated. What was never stated before counts for every
date: it answers what was unknown. Anything else that is stated anew (a birthday, the start of a plan) is a correction.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import Field

from shared.events.clients import Decree, Entitlement, FactsStated, FamilyFacts, PlanFacts
from shared.events.types import Day, Fact, PlanId

M = TypeVar("M", PlanFacts, FamilyFacts, Decree)

_CHANGE_IN_PLANS = (("employment",), ("active_duty",))
_CHANGE_WITH_SINCE = (*_CHANGE_IN_PLANS, ("employer_size",), ("multi_employer",))
_CHANGE_IN_FAMILIES = (("parents",), ("custodian", "joint_custody"), ("decree",))
"""Facts that change with time; those in one bracket change together."""


class Change(Fact):
    """Some facts as they are from `since` on; None: as they were before any change.

    `assumed`: nobody has said since when it is so, so that it counts from the day on which it was stated.
    """

    since: Day | None = None
    plans: dict[PlanId, PlanFacts] = Field(default_factory=dict)
    family: FamilyFacts | None = None
    assumed: bool = False

    def is_in(self, event: FactsStated) -> bool:
        """Whether the event states one of these facts again."""
        stated = [(facts, event.plans.get(plan_id)) for plan_id, facts in self.plans.items()]
        names = [facts.model_fields_set & again.model_fields_set for facts, again in stated if again is not None]
        if self.family is not None and event.family is not None:
            names.append(self.family.model_fields_set & event.family.model_fields_set)
        return any(names)


class StatedFacts(Fact):
    """All that the client has stated so far about the plans and the family; `changes` hold what changed, and when."""

    plans: dict[PlanId, PlanFacts] = Field(default_factory=dict)
    family: FamilyFacts | None = None
    billed_first: PlanId | None = None
    changes: tuple[Change, ...] = ()

    def on(self, day: date) -> "StatedFacts":
        """What was so on a day."""
        if not self.changes:
            return self
        plans = dict(self.plans)
        for plan_id, facts in plans.items():
            plans[plan_id] = _as_of(day, facts, self.of_plan(plan_id), _CHANGE_WITH_SINCE)
        family = self.family
        if family is not None:
            family = _as_of(day, family, self.of_family(), _CHANGE_IN_FAMILIES)
        return self.model_copy(update={"plans": plans, "family": family})

    def of_plan(self, plan_id: str) -> tuple[tuple[date | None, PlanFacts], ...]:
        """Each change of a plan's facts, with its first day."""
        return tuple((change.since, change.plans[plan_id]) for change in self.changes if plan_id in change.plans)

    def of_family(self) -> tuple[tuple[date | None, FamilyFacts], ...]:
        """Each change of the family's facts, with its first day."""
        return tuple((change.since, change.family) for change in self.changes if change.family is not None)

    @property
    def assumed(self) -> tuple[Change, ...]:
        """The changes of which nobody has said since when they are so."""
        return tuple(change for change in self.changes if change.assumed)

    def only(self) -> "StatedFacts":
        """The same without any change: as if it had always been so."""
        return self.model_copy(update={"changes": ()})

    def former_jobs(self, plan_id: str, on: date) -> list[dict[str, Any]]:
        """How the holder had the plan before, each with its last day, as far as that was before `on`."""
        stated = [
            (change.since or date.min, change.plans[plan_id].employment)
            for change in self.changes
            if plan_id in change.plans and "employment" in change.plans[plan_id].model_fields_set
        ]
        jobs = sorted(stated, key=lambda job: job[0])
        return [
            {"employment": job, "until": following - timedelta(days=1)}
            for (_, job), (following, _) in pairwise(jobs)
            if following <= on
        ]


class _Statement(NamedTuple):
    """When something was stated, and since when it is so, where that was said."""

    today: date
    since: date | None


class _History(NamedTuple, Generic[M]):
    """What was stated before of one plan, or of the family: as it is today, and each change with its first day."""

    now: M | None
    dated: tuple[tuple[date | None, M], ...]


def merged(known: StatedFacts, event: FactsStated, today: date) -> StatedFacts:
    """What was known with what the client states now: what is stated anew replaces, what is not stays."""
    said = _Statement(today, event.since)
    known = _without_assumed(known, event)
    plans, family = dict(known.plans), known.family
    before, changes = known.on(today), list(known.changes)
    for plan_id, stated in event.plans.items():
        history = _History(before.plans.get(plan_id), known.of_plan(plan_id))
        stated = _with_entitlements(history.now, stated, answers=event.answers_question is not None)
        stated = _with_month_dated(stated, event.since or today)
        units = _CHANGE_IN_PLANS if event.since is None else _CHANGE_WITH_SINCE
        for since, facts, assumed in _changes(history, stated, units, said):
            changes.append(Change(since=since, plans={plan_id: facts}, assumed=assumed))
        plans[plan_id] = _over(plans[plan_id], stated) if plan_id in plans else stated
    if event.family is not None:
        of_family = _History(before.family, known.of_family())
        stated_family = _with_decree(before.family, event.family)
        for since, family_facts, assumed in _changes(of_family, stated_family, _CHANGE_IN_FAMILIES, said):
            changes.append(Change(since=since, family=family_facts, assumed=assumed))
        family = stated_family if family is None else _over(family, stated_family)
    billed_first = event.billed_first or known.billed_first
    return StatedFacts(plans=plans, family=family, billed_first=billed_first, changes=tuple(changes))


def _without_assumed(known: StatedFacts, event: FactsStated) -> StatedFacts:
    """What was known, without the days that we assumed for changes whose first day is stated now."""
    if event.since is None:
        return known
    return known.model_copy(
        update={"changes": tuple(change for change in known.changes if not (change.assumed and change.is_in(event)))}
    )


def _changes(
    history: _History[M], stated: M, units: Iterable[tuple[str, ...]], said: _Statement
) -> list[tuple[date | None, M, bool]]:
    """What the statement changes, from when, and whether that day is assumed.

    Before the first change of a fact stands what was known until then.
    """
    changes: list[tuple[date | None, M, bool]] = []
    for unit in units:
        new, was = _set(stated, unit), {} if history.now is None else _set(history.now, unit)
        if not new or (said.since is None and was and was | new == was):
            continue
        days = [day for day, facts in history.dated if _set(facts, unit)]
        is_change = said.since is not None or bool(was and not _says_more(was, new))
        if not is_change and not days:
            continue
        if was and not days:
            changes.append((None, _of(stated, was), False))
        in_effect = max((day for day in days if day is not None and day <= said.today), default=None)
        first_day = (said.since or said.today) if is_change else in_effect
        changes.append((first_day, _of(stated, was | new), is_change and said.since is None))
    return changes


def _says_more(was: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether a decree is the one that was known, of which more is said: when the plan was told of it, its end."""
    before, decree = was.get("decree"), new.get("decree")
    return before is not None and decree is not None and before.responsible == decree.responsible


def _as_of(day: date, facts: M, dated: Sequence[tuple[date | None, M]], units: Iterable[tuple[str, ...]]) -> M:
    """The facts with those that changed as they were on the day; what nobody has said of that day is not set."""
    values = _set(facts, facts.model_fields_set)
    for unit in units:
        stated = [(since or date.min, _set(change, unit)) for since, change in dated if _set(change, unit)]
        if not stated:
            continue
        so_far = [(since, value) for since, value in stated if since <= day]
        for name in unit:
            values.pop(name, None)
        values |= sorted(so_far, key=lambda change: change[0])[-1][1] if so_far else {}
    return _of(facts, values)


def _set(facts: M, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in names if name in facts.model_fields_set}


def _of(like: M, values: Mapping[str, Any]) -> M:
    """A model of the same kind with only these fields set."""
    defaults = {name: field.get_default(call_default_factory=True) for name, field in type(like).model_fields.items()}
    return type(like).model_construct(_fields_set=set(values), **{**defaults, **values})


def _over(known: M, stated: M) -> M:
    """`stated` over `known`, keeping which fields were ever set."""
    return _of(known, _set(known, known.model_fields_set) | _set(stated, stated.model_fields_set))


def _with_decree(known: FamilyFacts | None, stated: FamilyFacts) -> FamilyFacts:
    """A decree stated without whom it names says more of the known one."""
    decree = stated.decree
    if decree is None or "responsible" in decree.model_fields_set or known is None or known.decree is None:
        return stated
    return _of(stated, _set(stated, stated.model_fields_set) | {"decree": _over(known.decree, decree)})


def _with_entitlements(known: PlanFacts | None, stated: PlanFacts, *, answers: bool) -> PlanFacts:
    """The reasons for Medicare as the answer completes them: the month of kidney disease, "by age too", "it alone"."""
    new, before = stated.medicare_entitlement, None if known is None else known.medicare_entitlement
    if not answers or not isinstance(new, Entitlement) or before is None:
        return stated
    reasons = before if isinstance(before, tuple) else (before,)
    if new.reason == "esrd":
        reasons = tuple(_completed(reason, new) if reason.reason == "esrd" else reason for reason in reasons)
    elif new.reason == "age" and all(reason.reason == "esrd" for reason in reasons):
        reasons = (new, *reasons)
    else:
        return stated
    return _of(stated, _set(stated, stated.model_fields_set) | {"medicare_entitlement": reasons})


def _completed(known: Entitlement, new: Entitlement) -> Entitlement:
    """Kidney disease as the answer completes it: its month, or that it is the only reason, beside what was known."""
    dated = new if new.esrd_month is not None else known
    return dated.model_copy(update={"alone": new.alone or known.alone})


def _with_month_dated(stated: PlanFacts, day: date) -> PlanFacts:
    """With the day on which kidney disease was in the month that is stated: the months count on from there."""
    if stated.medicare_entitlement is None:
        return stated
    reasons = stated.medicare_entitlement
    dated = tuple(
        reason.model_copy(update={"esrd_month_on": day})
        if reason.esrd_month is not None and reason.esrd_month_on is None
        else reason
        for reason in (reasons if isinstance(reasons, tuple) else (reasons,))
    )
    kept = dated if isinstance(reasons, tuple) else dated[0]
    return _of(stated, _set(stated, stated.model_fields_set) | {"medicare_entitlement": kept})
