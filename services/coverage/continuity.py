"""How long a plan has covered a person, counting a plan that took over within a day as the one before it.

Source: NAIC Model 120 (2013) 6D(5). A change in the amount of benefits, of payer or of plan type starts no new plan.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from services.coverage.facts import Plan

A_DAY = timedelta(days=1)


def first_covered(plan: Plan, plans: Mapping[str, Plan]) -> date | None:
    """The first day from which `plan`, or a plan it took over from without a gap, covers the patient.

    None: not known.
    """
    start = plan.covered_from
    if plan.continues is None:
        return start
    former = plans.get(plan.continues)
    if former is None:
        return plan.continues_from
    if start is not None and former.covered_to is not None and start - former.covered_to > A_DAY:
        return start
    return _earlier(plan.continues_from, first_covered(former, plans))


def subscriber_covered(plan: Plan, plans: Mapping[str, Plan]) -> date | None:
    """The first day from which `plan` covers its subscriber: never later than it covers the subscriber's dependent."""
    return _earlier(plan.subscriber.covered_from if plan.subscriber else None, first_covered(plan, plans))


def _earlier(one: date | None, other: date | None) -> date | None:
    if one is None or other is None:
        return one or other
    return min(one, other)


def month_number(day: date) -> int:
    """The month of `day`, counted so that months can be subtracted."""
    return day.year * 12 + day.month


def month_of_age_65(birth_date: date | None) -> int | None:
    """The month from which Medicare counts the person as 65, as `month_number` counts; None: birthday not known.

    A person reaches an age on the day before the birthday (42 CFR 406.10, 20 CFR 404.2).
    """
    if birth_date is None:
        return None
    return month_number(birth_date - A_DAY) + 65 * 12
