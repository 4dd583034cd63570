"""The facts for the rules about one client's plans on a date: what payers answered, then what the client stated.

Pure. What nobody stated stays absent, so that a rule asks for it instead of guessing.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from services.coverage.order import government, plausibility
from services.coverage.order.continuity import month_number
from services.coverage.order.exclusions import Excluded, ExclusionReason
from services.coverage.order.facts import Decree, Facts, Family, Kind, Patient, Plan, Relation, Role, Subscriber
from services.coverage.plans import other_payers
from services.coverage.plans.eligibility import Benefits, Client
from services.coverage.plans.situation import PayerStatement, Situation
from shared.events.clients import EnteredPlan, Entitlement, FamilyFacts, PlanFacts

_SEXES = {"F": "female", "M": "male"}


def facts_on(situation: Situation, on: date) -> tuple[Facts, tuple[Excluded, ...]]:
    """The facts for the rules on a date, and the plans that don't cover the client then by their payer's word."""
    situation = replace(situation, client=replace(situation.client, stated=situation.client.stated.on(on)))
    plans: list[Plan] = []
    inactive: list[Excluded] = []
    for entered in situation.plans:
        answer = situation.answer(entered.plan_id, on)
        if answer is not None and answer.report.status == "inactive":
            inactive.append(Excluded(entered.plan_id, ExclusionReason.ENDED))
        else:
            plans.append(_plan(situation, entered, answer, on))
    taking_part = {plan.id for plan in plans}
    facts: dict[str, Any] = {
        "on": on,
        "patient": _patient(situation.client),
        "plans": tuple(plans),
        "entered_order": tuple(plan for plan in _preferred(situation) if plan in taking_part),
    }
    if situation.client.stated.family is not None:
        facts["family"] = _family(situation.client.stated.family)
    return _plausible(Facts(**facts)), tuple(inactive)


def _plausible(facts: Facts) -> Facts:
    """Without what clients stated where it contradicts itself: a rule then asks instead of relying on it."""
    wrong = {problem.field for problem in plausibility.problems(facts)}
    if not wrong:
        return facts
    plans = tuple(_without(plan, wrong) for plan in facts.plans)
    patient = Patient(id=facts.patient.id) if "patient.birth_date" in wrong else facts.patient
    return facts.model_copy(update={"plans": plans, "patient": patient})


def _without(plan: Plan, wrong: set[str]) -> Plan:
    known = {name: getattr(plan, name) for name in plan.model_fields_set if f"plans.{plan.id}.{name}" not in wrong}
    person = plan.subscriber
    if person is not None:
        field = f"plans.{plan.id}.subscriber"
        names = (name for name in person.model_fields_set if f"{field}.{name}" not in wrong)
        known["subscriber"] = Subscriber(**{name: getattr(person, name) for name in names})
    return Plan(**known)


def _patient(client: Client) -> Patient:
    return Patient(id=client.client_id, **({} if client.details is None else {"birth_date": client.details.birth_date}))


def _preferred(situation: Situation) -> list[str]:
    """The client's order; a plan that the client wants billed first comes first."""
    first = situation.client.stated.billed_first
    entered = [plan.plan_id for plan in situation.plans]
    return sorted(entered, key=lambda plan: plan != first)


def _plan(situation: Situation, entered: EnteredPlan, answer: Benefits | None, on: date) -> Plan:
    known: dict[str, Any] = {"id": entered.plan_id, "kind": _kind(situation, entered)}
    stated = situation.client.stated.plans.get(entered.plan_id, PlanFacts())
    if answer is not None and answer.report.eligible_from is not None:
        known["covered_from"] = answer.report.eligible_from
    for name in stated.model_fields_set - {"subscriber_covered_from", "subscriber_birth_date", "spouse_of"}:
        value = getattr(stated, name)
        known[name] = _value(name, value, on)
    former_jobs = situation.client.stated.former_jobs(entered.plan_id, on)
    if former_jobs:
        known["former_jobs"] = tuple(former_jobs)
    known["subscriber"] = _subscriber(situation.client, entered, stated, answer)
    role = _role(situation, entered, answer, on)
    if role is not None:
        known["reported_role"] = Role(role)
    return Plan(**known)


def _value(name: str, stated: Any, on: date) -> Any:
    match name:
        case "medicare_entitlement":
            return _entitlements(stated, on)
        case "multi_employer" if stated is not None:
            return stated.model_dump()
        case _:
            return stated


def _entitlements(stated: Entitlement | tuple[Entitlement, ...] | None, on: date) -> list[dict[str, Any]] | None:
    if stated is None:
        return None
    several = stated if isinstance(stated, tuple) else (stated,)
    return [{"reason": reason.reason, "esrd_month": _month_on(reason, on), "alone": reason.alone} for reason in several]


def _month_on(stated: Entitlement, on: date) -> int | None:
    """The month of the coordination period on a date; a date before the period counts as in its first month."""
    if stated.esrd_month is None or stated.esrd_month_on is None:
        return stated.esrd_month
    return max(1, stated.esrd_month + month_number(on) - month_number(stated.esrd_month_on))


def _subscriber(client: Client, entered: EnteredPlan, stated: PlanFacts, answer: Benefits | None) -> Subscriber:
    """Who holds the plan. A payer that knows the client as a dependent is right about it, whatever was entered."""
    person, known = entered.subscriber, dict[str, Any]()
    relation = Relation(person.relation)
    if relation is Relation.SELF and answer is not None and answer.report.relation == "dependent":
        return Subscriber(relation=Relation.OTHER)
    known["relation"] = relation
    if relation is Relation.SELF:
        known["id"] = client.client_id
        if client.details is not None:
            known["birth_date"] = client.details.birth_date
    else:
        known |= {name: value for name in ("id", "birth_date") if (value := getattr(person, name)) is not None}
        if person.gender in _SEXES:
            known["sex"] = _SEXES[person.gender]
    if relation is not Relation.SELF and stated.subscriber_birth_date is not None:
        known["birth_date"] = stated.subscriber_birth_date
    if "subscriber_covered_from" in stated.model_fields_set:
        known["covered_from"] = stated.subscriber_covered_from
    if "spouse_of" in stated.model_fields_set:
        known["spouse_of"] = stated.spouse_of
    return Subscriber(**known)


def _role(situation: Situation, entered: EnteredPlan, answer: Benefits | None, on: date) -> str | None:
    """The place that the payer gives its own plan, unless the client has called the insurers since."""
    covering = [plan for plan in situation.plans if situation.covers(plan.plan_id, on)]
    if (
        answer is not None
        and not answer.overtaken
        and knew_of(_in_view(situation, entered, answer), covering, situation)
    ):
        peers = sum(plan is entered or _kind(situation, plan) not in government.LAST_RESORTS for plan in covering)
        among = other_payers.Candidates(entered, covering, situation.names)
        role = other_payers.own_role(answer.report, among, on, peers=peers)
        if role is not None:
            return role
    spoken = (
        statement.role
        for statement in situation.statements
        if statement.plan_id == entered.plan_id and _still_counts(statement, situation, covering)
    )
    return next(spoken, None)


def _in_view(situation: Situation, entered: EnteredPlan, answer: Benefits) -> tuple[str, ...] | None:
    """The plans that the payer had in view: those listed then, and those that its answer names."""
    if answer.listed is None:
        return None
    among = other_payers.Candidates(entered, situation.plans, situation.names)
    named = (other_payers.plan_meant(other, among) for other in answer.report.other_payers)
    return (*answer.listed, *(plan.plan_id for plan in named if plan is not None))


def knew_of(in_view: tuple[str, ...] | None, plans: Sequence[EnteredPlan], situation: Situation) -> bool:
    """Whether what was said with some plans in view was said of all of `plans` that law does not put last anyway."""
    return in_view is None or all(
        plan.plan_id in in_view or _kind(situation, plan) in government.LAST_RESORTS for plan in plans
    )


def _kind(situation: Situation, plan: EnteredPlan) -> Kind:
    """The kind that was entered, else the one that the payer is listed with."""
    return Kind(plan.kind or situation.kinds.get(plan.payer_id, Kind.GROUP))


def _still_counts(statement: PayerStatement, situation: Situation, covering: Sequence[EnteredPlan]) -> bool:
    """Whether every plan that the payer may have spoken of as first still covers the client.

    It named none. So once one of those that the client had then is gone, or has ended, it may have spoken of that.
    """
    if statement.listed is None:
        return True
    remaining = {plan.plan_id for plan in covering}
    about = statement.about or statement.stated_at.date()
    return all(
        plan_id in remaining or (situation.client.plan(plan_id) is not None and not situation.covers(plan_id, about))
        for plan_id in statement.listed
    )


def _family(stated: FamilyFacts) -> Family:
    known = {name: getattr(stated, name) for name in stated.model_fields_set - {"decree"}}
    if "decree" in stated.model_fields_set:
        decree = stated.decree
        known["decree"] = (
            None if decree is None else Decree(**{name: getattr(decree, name) for name in decree.model_fields_set})
        )
    return Family(**known)
