"""The order that we work with on a date of service: the decision, or a provisional order where there is none yet.

Pure. `order/decision.py` decides from the facts alone; here the client's word and the entered order come in.
"""

from dataclasses import dataclass, replace
from datetime import date

from services.coverage.order import government
from services.coverage.order.decision import Decision, decide
from services.coverage.order.exclusions import Excluded
from services.coverage.order.facts import Facts, Plan, Role
from services.coverage.order.payers_word import PLACES, DisputeKind, Statement
from services.coverage.plans import other_payers
from services.coverage.plans.facts_on_date import facts_on, knew_of
from services.coverage.plans.situation import Confirmation, Situation

CONFIRMED_BY_CLIENT = "confirmed_by_client"
AS_ENTERED = "as_entered"
BY_LAW = "federal_law"
ORDER_UNDETERMINED, ORDER_DISPUTED, PLAN_NOT_ENTERED = "order_undetermined", "order_disputed", "plan_not_entered"


@dataclass(frozen=True, slots=True)
class WorkingOrder:
    """The order on a date. `marked` says why it is provisional; `disputed` are the plans whose payers contradict it.

    `overruled` are the plans that payers or a call put where federal law does not: the law's order stands.
    """

    order: tuple[str, ...]
    rule: str
    decision: Decision
    facts: Facts
    excluded: tuple[Excluded, ...] = ()
    marked: str | None = None
    disputed: tuple[str, ...] = ()
    by_client: bool = False
    overruled: tuple[str, ...] = ()


def working_order(situation: Situation, on: date) -> WorkingOrder:
    """The order of benefits on a date, or the order to go on with meanwhile, marked."""
    situation = situation.on(on)
    facts, inactive = facts_on(situation, on)
    decision = decide(facts)
    judged = _judged(situation, facts, decision)
    working = replace(judged, excluded=(*judged.decision.excluded, *inactive))
    if working.marked is None and primary_not_entered(situation, on):
        return replace(working, marked=PLAN_NOT_ENTERED)
    return working


def _judged(situation: Situation, facts: Facts, decision: Decision) -> WorkingOrder:
    named = confirmed_primary(situation, facts.on)
    plan = next((plan for plan in facts.plans if plan.id == named), None)
    if plan is None or _agreed_by_all(decision):
        return _without_a_call(facts, decision)
    if any(_is_first_by_law(other, plan) for other in facts.plans):
        return replace(_without_a_call(facts, decision), overruled=(plan.id,))
    return _on_the_clients_word(facts, decision, plan.id)


def _without_a_call(facts: Facts, decision: Decision) -> WorkingOrder:
    if decision.order is not None:
        return WorkingOrder(decision.order, str(decision.rule), decision, facts)
    if decision.dispute is None:
        return WorkingOrder(_entered(facts, decision), AS_ENTERED, decision, facts, marked=ORDER_UNDETERMINED)
    dispute = decision.dispute
    order = dispute.rules_say if dispute.kind is DisputeKind.AGAINST_THE_LAW else None
    order = order or _by_rules_alone(facts)
    against = tuple(statement.id for statement in contradicting(order, dispute.statements))
    if dispute.kind is DisputeKind.AGAINST_THE_LAW:
        return WorkingOrder(order, BY_LAW, decision, facts, overruled=against)
    stated = tuple(statement.id for statement in dispute.statements)
    disputed = against if dispute.rules_say and against else stated
    return WorkingOrder(order, AS_ENTERED, decision, facts, marked=ORDER_DISPUTED, disputed=disputed)


def _is_first_by_law(plan: Plan, other: Plan) -> bool:
    """Whether federal law puts one plan before the other, whatever an insurer says on the phone."""
    placed = government.place(plan, other)
    return placed is not None and placed[0] is plan


def _on_the_clients_word(facts: Facts, decision: Decision, named: str) -> WorkingOrder:
    base = decision.order if decision.order is not None else _by_rules_alone(facts)
    if named not in base:
        return WorkingOrder(base, str(decision.rule), decision, facts)
    order = (named, *(plan for plan in base if plan != named))
    rule = str(decision.rule) if order == decision.order else CONFIRMED_BY_CLIENT
    disputed = tuple(statement.id for statement in contradicting(order, decision.statements))
    marked = ORDER_DISPUTED if disputed else None
    return WorkingOrder(order, rule, decision, facts, marked=marked, disputed=disputed, by_client=True)


def _agreed_by_all(decision: Decision) -> bool:
    """Whether every payer states its place, and all of them agree on one order."""
    return decision.order is not None and len(decision.order) > 1 and len(decision.statements) == len(decision.order)


def _by_rules_alone(facts: Facts) -> tuple[str, ...]:
    """The order by the rules, as if no payer had stated a place; the entered one where they don't decide."""
    silent = facts.model_copy(
        update={"plans": tuple(plan.model_copy(update={"reported_role": None}) for plan in facts.plans)}
    )
    decision = decide(silent)
    return decision.order if decision.order is not None else _entered(facts, decision)


def _entered(facts: Facts, decision: Decision) -> tuple[str, ...]:
    """The plans that take part, as the client entered them."""
    left_out = {exclusion.id for exclusion in decision.excluded}
    return tuple(plan for plan in facts.entered_order or () if plan not in left_out)


def contradicting(order: tuple[str, ...], statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """The payers' statements that can't be true where the plans pay in this order."""
    place = {plan: number for number, plan in enumerate(order, 1)}
    return tuple(
        statement
        for statement in statements
        if statement.id in place
        and (
            place[statement.id] == 1
            if statement.role is Role.NOT_PRIMARY
            else PLACES[statement.role] != place[statement.id]
        )
    )


def confirmed_primary(situation: Situation, on: date) -> str | None:
    """The plan that the client's insurers named first, in the last confirmation of each; None where they differ."""
    named = {confirmation.primary_named for confirmation in calls_that_count(situation, on)}
    return next(iter(named)) if len(named) == 1 else None


def calls_that_count(situation: Situation, on: date) -> tuple[Confirmation, ...]:
    """The calls in which an insurer named a present plan as first, with every plan that covers the client in view."""
    covering = [plan for plan in situation.plans if situation.covers(plan.plan_id, on)]
    return tuple(
        confirmation
        for confirmation in situation.confirmations
        if situation.client.plan(confirmation.primary_named) is not None
        and knew_of(confirmation.listed, covering, situation)
    )


def primary_not_entered(situation: Situation, on: date) -> bool:
    """Whether an insurer says that a plan which the client never entered pays first."""
    for plan in situation.plans:
        answer = situation.answer(plan.plan_id, on)
        if answer is None:
            continue
        among = other_payers.Candidates(plan, situation.client.ever_entered, situation.names)
        missing = other_payers.unentered(answer.report, among, on)
        if any(other.role == "primary" for other in missing):
            return True
    return False
