"""What clients enter and state, checked. Pure."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import combinations

from services.coverage.order.plausibility import OLDEST_BIRTH_YEAR
from services.coverage.plans.stated_facts import StatedFacts
from shared.events.clients import CarePayer, ClientDetails, EnteredPlan, FactsStated

PLAN_ENTERED_TWICE = "plan_entered_twice"


def identity(details: ClientDetails | None) -> tuple[object, ...]:
    """What a payer knows a member by, beside the member id."""
    if details is None:
        return ()
    return details.first_name, details.last_name, details.birth_date, details.gender


Problem = tuple[str, str]
"""Why something can't be taken: the reason as a word, and in a sentence what to correct."""


def impossible_birth(born: date | None, of: str, today: date) -> Problem | None:
    """Whether nobody can have been born on that day."""
    if born is None or date(OLDEST_BIRTH_YEAR, 1, 1) <= born <= today:
        return None
    return (
        "birth_date_not_possible",
        f"the birth date of {of} must be from {OLDEST_BIRTH_YEAR} on and not after {today}",
    )


def stated_problem(event: FactsStated, stated: StatedFacts, today: date) -> Problem | None:
    """Why what the client states of the plans can't be taken beside what was stated before."""
    for plan_id in event.plans:
        plan = stated.plans[plan_id]
        born = impossible_birth(plan.subscriber_birth_date, f"the holder of plan {plan_id}", today)
        if born is not None:
            return born
        if plan.covered_from is not None and plan.covered_to is not None and plan.covered_to < plan.covered_from:
            correct = f"plan {plan_id} ends before it starts: covered_to must be {plan.covered_from} or later"
            return "plan_ends_before_it_starts", correct
    return None


def problem(plans: Sequence[EnteredPlan], today: date) -> Problem | None:
    """Why the plans can't be taken as entered; None where they can."""
    for plan in plans:
        born = impossible_birth(plan.subscriber.birth_date, f"the holder of plan {plan.plan_id}", today)
        if born is not None:
            return born
    ids = Counter(plan.plan_id for plan in plans)
    twice = [plan for plan, times in ids.items() if times > 1]
    if twice:
        return PLAN_ENTERED_TWICE, f"plan {twice[0]} is entered {ids[twice[0]]} times: enter each plan once"
    for plan in plans:
        wrong_period = next((payer for payer in plan.care_payers if _ends_before_it_starts(payer)), None)
        if wrong_period is not None:
            correct = f"plan {plan.plan_id}: payer {wrong_period.payer_id} ends before it starts"
            return "care_payer_ends_before_it_starts", correct
        if any(_overlap(*pair) for pair in combinations(plan.care_payers, 2)):
            correct = f"plan {plan.plan_id} names two payers for one day: end the earlier before the later begins"
            return "care_payers_overlap", correct
    for plan, other in combinations(plans, 2):
        if is_same_card(plan, other):
            payer_id = next(payer_id for payer_id in plan.payer_ids if payer_id in other.payer_ids)
            both = f"plans {plan.plan_id} and {other.plan_id} are the same card of payer {payer_id}"
            return PLAN_ENTERED_TWICE, f"{both}: enter it once"
    return None


def _ends_before_it_starts(payer: CarePayer) -> bool:
    return payer.from_day is not None and payer.to_day is not None and payer.to_day < payer.from_day


def _overlap(payer: CarePayer, other: CarePayer) -> bool:
    starts = max(payer.from_day or date.min, other.from_day or date.min)
    return starts <= min(payer.to_day or date.max, other.to_day or date.max)


def is_same_card(plan: EnteredPlan, other: EnteredPlan) -> bool:
    """Whether two entries are of one card, however the numbers are written; a group number may be left out.

    The card of a payer that pays for a plan's mental-health care is no plan of its own (28 TAC 3.3506(a)).
    """
    groups = {_letters_and_digits(entry.group_number) for entry in (plan, other)} - {""}
    return bool(_numbers(plan) & _numbers(other)) and len(groups) < 2


def _numbers(plan: EnteredPlan) -> set[tuple[str, str]]:
    """The number that each of the plan's payers knows the member by."""
    for_care = {(payer.payer_id, _compared(payer.member_id or plan.member_id)) for payer in plan.care_payers}
    return {number_on_card(plan), *for_care}


def number_on_card(plan: EnteredPlan) -> tuple[str, str]:
    """The payer and the member id as it is compared: letters and digits, in small letters."""
    return plan.payer_id, _compared(plan.member_id)


def _compared(member_id: str) -> str:
    return _letters_and_digits(member_id) or member_id


def _letters_and_digits(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
