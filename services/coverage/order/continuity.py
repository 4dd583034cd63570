"""How long a plan has covered a person, counting a plan that took over within a day as the one before it.

Source: NAIC Model 120 (2013) 6D(5). A change in the amount of benefits, of payer or of plan type starts no new plan.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from services.coverage.order.facts import Plan, Relation

A_DAY = timedelta(days=1)


def first_covered(plan: Plan, plans: Mapping[str, Plan]) -> date | None:
    """The first day from which `plan`, or a plan it took over from without a gap, covers the patient.

    None: not known.
    """
    is_own = plan.subscriber is not None and plan.subscriber.relation is Relation.SELF
    return _since(plan, plans, _subscribers_start if is_own else _plans_start)


def subscriber_covered(plan: Plan, plans: Mapping[str, Plan]) -> date | None:
    """As `first_covered`, of the plan's subscriber: the day stated for that person, else the plan's first day."""
    return _since(plan, plans, _subscribers_start)


def succession(plan: Plan, plans: Mapping[str, Plan]) -> tuple[Plan, ...]:
    """`plan` and those listed that it took over from without a gap, the earliest last."""
    former = plans.get(plan.continues) if plan.continues is not None else None
    return (plan,) if former is None or _has_gap(former, plan) else (plan, *succession(former, plans))


def covering_on(plan: Plan, plans: Mapping[str, Plan], day: date) -> Plan:
    """The plan that covered the patient on a past day, of `plan` and those it took over from; `plan` where none did."""
    covering = (
        former for former in succession(plan, plans) if former.covered_from is None or former.covered_from <= day
    )
    return next(covering, plan)


def covered_by(plan: Plan, plans: Mapping[str, Plan]) -> date | None:
    """The latest day on which that coverage can have begun, where the start of a former plan is not known."""
    return min(
        (earlier.covered_from for earlier in succession(plan, plans) if earlier.covered_from is not None), default=None
    )


def _since(plan: Plan, plans: Mapping[str, Plan], start_of: Callable[[Plan], date | None]) -> date | None:
    if plan.continues is None:
        return start_of(plan)
    former = plans.get(plan.continues)
    if former is None:
        return plan.continues_from
    if _has_gap(former, plan):
        return start_of(plan)
    return _earlier(plan.continues_from, _since(former, plans, start_of))


def _has_gap(former: Plan, plan: Plan) -> bool:
    if plan.covered_from is None or former.covered_to is None:
        return False
    return plan.covered_from - former.covered_to > A_DAY


def _plans_start(plan: Plan) -> date | None:
    return plan.covered_from


def _subscribers_start(plan: Plan) -> date | None:
    stated = plan.subscriber.covered_from if plan.subscriber is not None else None
    return stated or plan.covered_from


def _earlier(day: date | None, other: date | None) -> date | None:
    if day is None or other is None:
        return day or other
    return min(day, other)


def month_number(day: date) -> int:
    """The month of `day`, counted so that months can be subtracted."""
    return day.year * 12 + day.month


def first_of_month(number: int) -> date:
    """The first day of a month as `month_number` counts them."""
    return date((number - 1) // 12, (number - 1) % 12 + 1, 1)


def month_of_age_65(birth_date: date | None) -> int | None:
    """The month from which Medicare counts the person as 65, as `month_number` counts; None: birthday not known.

    A person reaches an age on the day before the birthday (42 CFR 406.10, 20 CFR 404.2).
    """
    if birth_date is None:
        return None
    return month_number(birth_date - A_DAY) + 65 * 12
