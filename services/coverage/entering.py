"""What clients enter and state, checked and put together. Pure."""

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

from services.coverage.eligibility import StatedFacts
from shared.events.clients import ClientDetails, Decree, EnteredPlan, FactsStated, FamilyFacts, PlanFacts

M = TypeVar("M", PlanFacts, FamilyFacts, Decree)


def identity(details: ClientDetails | None) -> tuple[object, ...]:
    """What a payer knows a member by, beside the member id."""
    if details is None:
        return ()
    return details.first_name, details.last_name, details.birth_date, details.gender


def problem(plans: Sequence[EnteredPlan]) -> tuple[str, str] | None:
    """Why the plans can't be taken as entered, as reason and evidence; None where they can."""
    ids = Counter(plan.plan_id for plan in plans)
    cards = Counter((plan.payer_id, plan.member_id.casefold(), plan.group_number.casefold()) for plan in plans)
    twice = [plan for plan, times in ids.items() if times > 1]
    if twice:
        return "plan_entered_twice", f"plan {twice[0]} is entered {ids[twice[0]]} times: enter each plan once"
    if any(times > 1 for times in cards.values()):
        payer = next(payer for (payer, _, _), times in cards.items() if times > 1)
        return "plan_entered_twice", f"the same card of payer {payer} is entered under two plan ids: enter it once"
    return None


def merged(known: StatedFacts, event: FactsStated) -> StatedFacts:
    """What was known with what the client states now: what is stated anew replaces, what is not stays."""
    plans = dict(known.plans)
    for plan_id, stated in event.plans.items():
        plans[plan_id] = _over(plans[plan_id], stated) if plan_id in plans else stated
    family = known.family
    if event.family is not None:
        family = event.family if family is None else _over(family, event.family)
    return StatedFacts(plans=plans, family=family, billed_first=event.billed_first or known.billed_first)


def _over(known: M, stated: M) -> M:
    """`stated` over `known`, keeping which fields were ever set."""
    fields = {name: getattr(known, name) for name in known.model_fields_set}
    fields |= {name: getattr(stated, name) for name in stated.model_fields_set}
    return type(known).model_construct(_fields_set=set(fields), **{**_defaults(known), **fields})


def _defaults(one: M) -> dict[str, object]:
    return {name: getattr(one, name) for name in type(one).model_fields}
