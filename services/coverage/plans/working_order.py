"""The order that we work with on a date of service: the decision, or a provisional order where there is none yet.

Pure. `order/decision.py` decides from the facts alone; here the client's word and the entered order come in.
"""

from dataclasses import dataclass, replace
from datetime import date

from services.coverage.order.decision import Decision, decide
from services.coverage.order.exclusions import Excluded
from services.coverage.order.facts import Facts, Role
from services.coverage.order.payers_word import PLACES, Statement
from services.coverage.plans import other_payers
from services.coverage.plans.facts_on_date import facts_on
from services.coverage.plans.situation import Situation

CONFIRMED_BY_CLIENT = "confirmed_by_client"
AS_ENTERED = "as_entered"
ORDER_UNDETERMINED, ORDER_DISPUTED, PLAN_NOT_ENTERED = "order_undetermined", "order_disputed", "plan_not_entered"


@dataclass(frozen=True, slots=True)
class WorkingOrder:
    """The order on a date. `marked` says why it is provisional; `disputed` are the plans whose payers contradict it."""

    order: tuple[str, ...]
    rule: str
    decision: Decision
    facts: Facts
    excluded: tuple[Excluded, ...] = ()
    marked: str | None = None
    disputed: tuple[str, ...] = ()
    by_client: bool = False


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
    named = confirmed_primary(situation)
    if named is not None and any(plan.id == named for plan in facts.plans) and not _agreed_by_all(decision):
        return _on_the_clients_word(facts, decision, named)
    if decision.order is not None:
        return WorkingOrder(decision.order, str(decision.rule), decision, facts)
    if decision.dispute is not None:
        order = _by_rules_alone(facts)
        against = contradicting(order, decision.dispute.statements) if decision.dispute.rules_say else ()
        disputed = tuple(statement.id for statement in against or decision.dispute.statements)
        return WorkingOrder(order, AS_ENTERED, decision, facts, marked=ORDER_DISPUTED, disputed=disputed)
    return WorkingOrder(_entered(facts, decision), AS_ENTERED, decision, facts, marked=ORDER_UNDETERMINED)


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


def confirmed_primary(situation: Situation) -> str | None:
    """The plan that the client's insurers named first, in the last confirmation of each; None where they differ."""
    counted = [confirmation for confirmation in situation.confirmations if confirmation.primary_named is not None]
    named = {
        confirmation.primary_named
        for confirmation in counted
        if situation.client.plan(confirmation.primary_named) is not None
    }
    return next(iter(named)) if len(named) == 1 else None


def primary_not_entered(situation: Situation, on: date) -> bool:
    """Whether an insurer says that a plan which the client never entered pays first."""
    for plan in situation.plans:
        answer = situation.answer(plan.plan_id, on)
        if answer is None:
            continue
        missing = other_payers.unentered(answer.report, plan, situation.plans, situation.names)
        if any(other.role == "primary" for other in missing):
            return True
    return False
