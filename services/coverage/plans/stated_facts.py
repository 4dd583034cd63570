"""What a client stated of plans and family, and since when: a fact of March leaves the sessions of February alone.

Pure. Jobs, custody, the parents and a court's decree change in the course of time. What replaces an earlier statement
counts from its `since`, without one from the day on which it was stated. What was never stated before counts for every
date: it answers what was unknown. Anything else that is stated anew (a birthday, the start of a plan) is a correction.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, TypeVar

from pydantic import Field

from shared.events.clients import Decree, Entitlement, FactsStated, FamilyFacts, PlanFacts
from shared.events.types import Day, Fact, PlanId

M = TypeVar("M", PlanFacts, FamilyFacts, Decree)

_CHANGE_IN_PLANS = (("employment",), ("active_duty",))
_CHANGE_WITH_SINCE = (*_CHANGE_IN_PLANS, ("employer_size",), ("multi_employer",))
_CHANGE_IN_FAMILIES = (("parents",), ("custodian", "joint_custody"), ("decree",))
"""Facts that change with time; those in one bracket change together."""


class Change(Fact):
    """Some facts as they are from `since` on; None: as they were before any change."""

    since: Day | None = None
    plans: dict[PlanId, PlanFacts] = Field(default_factory=dict)
    family: FamilyFacts | None = None


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
            dated = [(change.since, change.plans[plan_id]) for change in self.changes if plan_id in change.plans]
            plans[plan_id] = _as_of(day, facts, dated, _CHANGE_WITH_SINCE)
        family = self.family
        if family is not None:
            dated_family = [(change.since, change.family) for change in self.changes if change.family is not None]
            family = _as_of(day, family, dated_family, _CHANGE_IN_FAMILIES)
        return self.model_copy(update={"plans": plans, "family": family})

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


def merged(known: StatedFacts, event: FactsStated, today: date) -> StatedFacts:
    """What was known with what the client states now: what is stated anew replaces, what is not stays."""
    plans, family = dict(known.plans), known.family
    before, changes = known.on(today), list(known.changes)
    for plan_id, stated in event.plans.items():
        old = before.plans.get(plan_id)
        stated = _with_entitlements(old, stated, answers=event.answers_question is not None)
        units = _CHANGE_IN_PLANS if event.since is None else _CHANGE_WITH_SINCE
        dated = [(change.since, change.plans[plan_id]) for change in known.changes if plan_id in change.plans]
        for since, facts in _changes(old, stated, units, event.since, today, dated):
            changes.append(Change(since=since, plans={plan_id: facts}))
        plans[plan_id] = _over(plans[plan_id], stated) if plan_id in plans else stated
    if event.family is not None:
        stated_family = _with_decree(before.family, event.family)
        dated_family = [(change.since, change.family) for change in known.changes if change.family is not None]
        for since, facts in _changes(
            before.family, stated_family, _CHANGE_IN_FAMILIES, event.since, today, dated_family
        ):
            changes.append(Change(since=since, family=facts))
        family = stated_family if family is None else _over(family, stated_family)
    billed_first = event.billed_first or known.billed_first
    return StatedFacts(plans=plans, family=family, billed_first=billed_first, changes=tuple(changes))


def _changes(
    old: M | None,
    stated: M,
    units: Iterable[tuple[str, ...]],
    since: date | None,
    today: date,
    dated: Iterable[tuple[date | None, M]],
) -> list[tuple[date | None, M]]:
    """What the statement changes, from when; before the first change of a fact stands what was known until then."""
    found: list[tuple[date | None, M]] = []
    dated = list(dated)
    for unit in units:
        new, was = _set(stated, unit), {} if old is None else _set(old, unit)
        if not new or (since is None and was and was | new == was):
            continue
        days = [day for day, facts in dated if _set(facts, unit)]
        is_change = since is not None or bool(was and not _says_more(was, new))
        if not is_change and not days:
            continue
        if was and not days:
            found.append((None, _of(stated, was)))
        in_effect = max((day for day in days if day is not None and day <= today), default=None)
        found.append(((since or today) if is_change else in_effect, _of(stated, was | new)))
    return found


def _says_more(was: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether a decree is the one that was known, of which more is said: when the plan was told of it, its end."""
    before, decree = was.get("decree"), new.get("decree")
    return before is not None and decree is not None and before.responsible == decree.responsible


def _as_of(day: date, facts: M, dated: list[tuple[date | None, M]], units: Iterable[tuple[str, ...]]) -> M:
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
    """The reasons for Medicare as the answer completes them: the month of kidney disease alone, or "by age too"."""
    new, before = stated.medicare_entitlement, None if known is None else known.medicare_entitlement
    if not answers or not isinstance(new, Entitlement) or before is None:
        return stated
    reasons = before if isinstance(before, tuple) else (before,)
    if new.reason == "esrd":
        reasons = tuple(new if reason.reason == "esrd" else reason for reason in reasons)
    elif new.reason == "age" and all(reason.reason == "esrd" for reason in reasons):
        reasons = (new, *reasons)
    else:
        return stated
    return _of(stated, _set(stated, stated.model_fields_set) | {"medicare_entitlement": reasons})
