"""Which plans count on a date of service: the present ones, and those that were dropped from the list after the date.

Pure. Order is per date of service, and a later change of coverage never rewrites that of a past date: a client who has
changed jobs was still covered by the former plan then, if its payer says so. A card that was corrected is no former
plan: it never was the client's.
"""

from collections.abc import Sequence, Set
from dataclasses import replace
from datetime import date

from services.coverage.plans.eligibility import Benefits, Client, FormerPlan, answer_for
from services.coverage.plans.entered_plans import number_on_card
from shared.events.clients import EnteredPlan, PlanFacts


def with_list(
    client: Client, plans: tuple[EnteredPlan, ...], today: date, was_active: Set[str] = frozenset()
) -> tuple[Client, frozenset[str]]:
    """The client with this list in place of the one before, and the plans whose card it corrects.

    `was_active` are the plans that their payers ever said to be active: such a card was right, and what comes in its
    place is another plan (a new job with the same insurer), unless it has its id or its number. What payers said of a
    wrong card says nothing of the right one; what they said of a dropped plan stays. A dropped plan that is entered
    again as it was is a present plan again.
    """
    before = client.plans or ()
    entries = [plan for plan in plans if plan not in before]
    dropped = [FormerPlan(plan, today, place) for place, plan in enumerate(before) if plan not in plans]
    earlier = (*dropped, *client.former)
    replaced = {
        former
        for former in earlier
        if any(_takes_its_place(entry, former.plan, client, was_active) for entry in entries)
    }
    after = replace(
        client,
        plans=plans,
        entered_on=today,
        entered_since=_entered_since(client, plans, today, was_active),
        former=tuple(former for former in earlier if former not in replaced),
    )
    return after, frozenset(former.plan.plan_id for former in replaced if former.plan not in plans)


def _takes_its_place(entry: EnteredPlan, earlier: EnteredPlan, client: Client, was_active: Set[str]) -> bool:
    """Whether the entry is an earlier one put right: its id or its card; and where the entry has a new id, the payer
    and holder of one that this very list leaves out and that no payer knew.
    """
    if entry.plan_id == earlier.plan_id or number_on_card(entry) == number_on_card(earlier):
        return True
    left_out = client.plan(earlier.plan_id) is not None and earlier.plan_id not in was_active
    return _holder(entry) == _holder(earlier) and left_out and client.plan(entry.plan_id) is None


def _holder(plan: EnteredPlan) -> tuple[str, str]:
    return plan.payer_id, plan.subscriber.relation


def _entered_since(client: Client, plans: Sequence[EnteredPlan], today: date, was_active: Set[str]) -> dict[str, date]:
    """Since when each plan is listed: those of the first list always were, a corrected one since the wrong one."""
    if not client.plans and not client.former:
        return {}
    gone = [plan for plan in client.plans or () if plan not in plans]
    since = dict[str, date]()
    for plan in plans:
        put_right = next((wrong.plan_id for wrong in gone if _takes_its_place(plan, wrong, client, was_active)), None)
        before = plan.plan_id if client.plan(plan.plan_id) is not None else put_right
        day = today if before is None else client.entered_since.get(before)
        if day is not None:
            since[plan.plan_id] = day
    return since


def may_count_on(client: Client, on: date) -> tuple[EnteredPlan, ...]:
    """The plans that may cover the client on a date, as far as their payers have been asked: the present ones, and
    those dropped after the date, each in its former place.
    """
    plans = list(client.plans or ())
    for former in _dropped_after(client, on):
        if former.plan not in plans:
            plans.insert(former.place, former.plan)
    return tuple(plans)


def ids_on(client: Client, on: date) -> tuple[str, ...]:
    """The ids of the plans that may cover the client on a date."""
    return tuple(plan.plan_id for plan in may_count_on(client, on))


def plans_on(client: Client, known: Sequence[Benefits], on: date, fresh_days: int) -> tuple[EnteredPlan, ...]:
    """The plans that count on a date of service.

    A former plan does where its payer says that it was active then. Beside it a plan that was entered after the date
    does only by its own payer's word: a payer that is silent about the past displaces none that has spoken. Where a
    payer says of a former plan, and of one of the same holder entered since, that both were active, it is a new card.
    """
    former = _dropped_after(client, on)
    if not former:
        return client.plans or ()
    said = said_for(client, known, on)

    def active(plan_id: str) -> bool:
        return _says_active(client, answer_for(said, plan_id, on, fresh_days), on)

    entered_later = [plan for plan in client.plans or () if _entered_after(client, plan.plan_id, on)]
    renewed = {_holder(plan) for plan in entered_later if active(plan.plan_id)}
    counting = {old.plan.plan_id for old in former if _holder(old.plan) not in renewed and active(old.plan.plan_id)}
    if not counting:
        return client.plans or ()
    return tuple(
        plan
        for plan in may_count_on(client, on)
        if plan.plan_id in counting
        or (
            client.plan(plan.plan_id) is not None
            and (not _entered_after(client, plan.plan_id, on) or active(plan.plan_id))
        )
    )


def dropped_after(client: Client, on: date) -> list[str]:
    """The ids of the former plans that were still in the list on the date."""
    return [former.plan.plan_id for former in _dropped_after(client, on)]


def active_since_entered(client: Client, known: Sequence[Benefits], on: date, fresh_days: int) -> list[str]:
    """The ids of the plans entered after the date whose payers say that they covered the client on it."""
    said = said_for(client, known, on)
    later = [plan.plan_id for plan in client.plans or () if _entered_after(client, plan.plan_id, on)]
    return [plan_id for plan_id in later if _says_active(client, answer_for(said, plan_id, on, fresh_days), on)]


def said_for(client: Client, known: Sequence[Benefits], on: date) -> Sequence[Benefits]:
    """What payers said, without what says nothing of a date before a change of plans, or of who pays for this care.

    An answer about a later date is none about the date where it is that the plan covers the client, which was entered
    after the date, or that the former plan covers the client no more; unless the answer states since or until when.
    """
    known = _by_who_pays_for_care(client, known, on)
    former = {former.plan.plan_id for former in _dropped_after(client, on)}
    return [answer for answer in known if _says_something(client, answer, on, former)] if former else known


def _by_who_pays_for_care(client: Client, known: Sequence[Benefits], on: date) -> Sequence[Benefits]:
    """The answers of the payers that pay for mental-health care on the date."""
    carved_out = {plan.plan_id: plan.for_care(on).payer_id for plan in client.ever_entered if plan.care_payers}
    if not carved_out:
        return known
    return [
        answer for answer in known if carved_out.get(answer.plan_id, answer.report.payer_id) == answer.report.payer_id
    ]


def _says_something(client: Client, answer: Benefits, on: date, former: set[str]) -> bool:
    report = answer.report
    if answer.date_of_service <= on:
        return True
    if answer.plan_id in former:
        return report.status != "inactive" or (report.plan_to is not None and report.plan_to < on)
    starts = report.eligible_from or report.plan_from
    return not _entered_after(client, answer.plan_id, on) or (starts is not None and starts <= on)


def _says_active(client: Client, answer: Benefits | None, on: date) -> bool:
    """Whether the payer says that the plan covers the client on the date, and neither it nor the client excepts it."""
    if answer is None or answer.report.status != "active":
        return False
    stated = client.stated.plans.get(answer.plan_id, PlanFacts())
    starts = max(answer.report.eligible_from or date.min, stated.covered_from or date.min)
    return starts <= on <= (stated.covered_to or date.max)


def _dropped_after(client: Client, on: date) -> list[FormerPlan]:
    """The former plans that were still in the list on the date, the last dropped first."""
    return [former for former in client.former if on < former.dropped_on]


def _entered_after(client: Client, plan_id: str, on: date) -> bool:
    return client.entered_since.get(plan_id, date.min) > on
