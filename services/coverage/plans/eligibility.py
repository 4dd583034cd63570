"""What is known of a client's plans from the payers' answers (271): per plan and date active, inactive or unknown.

Pure. An answer with an AAA leaves the status unknown, never inactive (005010X279A1, loop 2100 AAA), and only a payer
that could not respond (AAA03 42 or 80, with AAA04 P or R) is asked again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from services.coverage.plans.stated_facts import StatedFacts
from shared.events.clients import ClientDetails, EnteredPlan
from shared.events.coverage import BenefitsReported, Rejection
from shared.events.types import PlanId

WAITING, ANSWERED, SILENT = "waiting", "answered", "silent"
SILENCE_HOLDS_DAYS = 2
NO_SOONER_THAN = timedelta(seconds=90)
RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (2, 10, 60, 360))
_RETRY_CODES, _RETRY_FOLLOW_UPS = {"42", "80"}, {"P", "R"}
CORRECTIONS = {
    "58": "the birth date is missing or not valid: correct it",
    "64": "the patient's id is not valid: correct the member id",
    "65": "the patient's name is not valid: enter it as on the card",
    "67": "the patient is not found: check the member id, the name and the birth date",
    "68": "the patient's id is held by several people: give the whole member id, with its suffix",
    "71": "the birth date is another one in the payer's records: correct it, or have the payer correct theirs",
    "72": "the member id is not valid: correct it",
    "73": "the name is not the one in the payer's records: enter it as on the card",
    "75": "the subscriber is not found: check the payer, the member id and whose plan it is",
    "76": "the member id matches several people: give the whole id, with its suffix",
    "78": "the subscriber is not in the group that was named: correct the group number",
}
"""What to correct where a payer can't find the member (AAA03, loops 2100C and 2100D)."""


@dataclass(frozen=True, slots=True)
class FormerPlan:
    """A plan that a later list left out on the day `dropped_on`; `place` was its place in the list before, from 0."""

    plan: EnteredPlan
    dropped_on: date
    place: int


@dataclass(frozen=True, slots=True)
class Client:
    """A client as far as coverage knows; `plans` None: none entered yet, empty: the client has none.

    `former`: the plans of earlier lists, the last dropped first; none has the id of a present one. `entered_since` has
    the first day of those that were not in the first list. `plans_refused`: why the last list could not be taken.
    """

    client_id: str
    details: ClientDetails | None = None
    plans: tuple[EnteredPlan, ...] | None = None
    entered_on: date | None = None
    stated: StatedFacts = field(default_factory=StatedFacts)
    former: tuple[FormerPlan, ...] = ()
    entered_since: dict[PlanId, date] = field(default_factory=dict[PlanId, date])
    plans_refused: str | None = None

    @property
    def payer_ids(self) -> tuple[str, ...]:
        """The payers of all plans, present and former, and of their mental-health care: clients are found by them."""
        return tuple(sorted({payer_id for plan in self.ever_entered for payer_id in plan.payer_ids}))

    def plan(self, plan_id: str | None) -> EnteredPlan | None:
        """The entered plan of that id."""
        return next((plan for plan in self.plans or () if plan.plan_id == plan_id), None)

    @property
    def plan_ids(self) -> tuple[str, ...] | None:
        """The ids of the present plans; None: none entered yet."""
        return None if self.plans is None else tuple(plan.plan_id for plan in self.plans)

    @property
    def ever_entered(self) -> tuple[EnteredPlan, ...]:
        """The present plans and those that were dropped."""
        return (*(self.plans or ()), *(former.plan for former in self.former))

    def plan_ever(self, plan_id: str) -> EnteredPlan | None:
        """The plan of that id, whether it is entered now or was dropped."""
        return self.plan(plan_id) or next(
            (former.plan for former in self.former if former.plan.plan_id == plan_id), None
        )

    def plans_of(self, payer_id: str) -> list[EnteredPlan]:
        """The entered plans of a payer, or whose mental-health care it pays for."""
        return [plan for plan in self.plans or () if payer_id in plan.payer_ids]


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One 270. `attempt` counts the retries from 1; `first_asked_at` is that of the first.

    `rejections` are what the payer gave instead of an answer (AAA).
    """

    client_id: str
    trace: str
    plan_id: str
    payer_id: str
    date_of_service: date
    asked_at: datetime
    first_asked_at: datetime
    attempt: int = 1
    state: str = WAITING
    rejections: tuple[Rejection, ...] = ()


@dataclass(frozen=True, slots=True)
class Benefits:
    """A payer's last answer for one plan and date of service.

    `overtaken`: the client has called the insurers since, so what it says of the order of benefits counts no more.
    `listed` are the plans that the client had when it was given: it says nothing of those that came later.
    """

    client_id: str
    plan_id: str
    date_of_service: date
    reported_at: datetime
    report: BenefitsReported
    overtaken: bool = False
    listed: tuple[PlanId, ...] | None = None


def asked_on(date_of_service: date, today: date) -> date:
    """The date to ask a payer about: payers refuse dates in the future (AAA03 63)."""
    return min(date_of_service, today)


def retry_after(report: BenefitsReported, attempt: int) -> timedelta | None:
    """How long to wait before the same question goes out again, or None where it must not."""
    passing = [
        rejection
        for rejection in report.rejections
        if rejection.code in _RETRY_CODES and rejection.follow_up in _RETRY_FOLLOW_UPS
    ]
    if len(passing) < len(report.rejections) or not passing or attempt > len(RETRY_AFTER):
        return None
    return RETRY_AFTER[attempt - 1]


def answer_for(known: Iterable[Benefits], plan_id: str, on: date, fresh_days: int) -> Benefits | None:
    """The answer that holds for a plan on a date: the newest of those near the date, or None.

    An answer near the date holds for the dates that it speaks of; one that was asked about that very date always does.
    """
    near = [answer for answer in known if answer.plan_id == plan_id and _holds(answer, on, fresh_days)]
    exact = [answer for answer in near if answer.date_of_service == on]
    return max(exact or near, key=lambda answer: answer.reported_at, default=None)


def _holds(answer: Benefits, on: date, fresh_days: int) -> bool:
    if answer.report.status == "unknown" or abs((answer.date_of_service - on).days) > fresh_days:
        return False
    if answer.date_of_service == on:
        return True
    if answer.report.status == "inactive":
        return _says_inactive(answer, on)
    return (answer.report.plan_from or date.min) <= on <= (answer.report.plan_to or date.max)


def _says_inactive(answer: Benefits, on: date) -> bool:
    """Whether "inactive" about one date says so of another: after the last day, or before the first one.

    Without such a day it counts for its own date alone.
    """
    first, last = answer.report.plan_from, answer.report.plan_to
    if last is not None and last < answer.date_of_service:
        return on > last
    return first is not None and first > answer.date_of_service and on < first


def is_settled(
    known: Sequence[Benefits], inquiries: Sequence[Inquiry], plan_id: str, on: date, fresh_days: int
) -> bool:
    """Whether we know what the payer says about the plan on the date, or know that it does not say.

    An answer about another date is not relied on while a newer one is on its way: compared with what the other payers
    have said since, it would seem to contradict them.
    """
    asked = asked_near(inquiries, plan_id, on)
    if any(inquiry.state == WAITING and inquiry.attempt == 1 for inquiry in asked):
        return False
    answer = answer_for(known, plan_id, on, fresh_days)
    if answer is not None:
        return answer.date_of_service == on or not any(
            _replaces(inquiry, plan_id, on, fresh_days) for inquiry in inquiries
        )
    return bool(asked) and all(inquiry.state != WAITING for inquiry in asked)


def _replaces(inquiry: Inquiry, plan_id: str, on: date, fresh_days: int) -> bool:
    """Whether the answer to this question, once it comes, is what we go by on the date."""
    near = inquiry.plan_id == plan_id and abs((inquiry.date_of_service - on).days) <= fresh_days
    return near and inquiry.state == WAITING and inquiry.attempt == 1


def asked_near(inquiries: Iterable[Inquiry], plan_id: str, on: date) -> list[Inquiry]:
    """The questions about the plan on the date, or so near to it that a payer's silence still counts.

    A payer that has answered about another date is not silent: what it says of this one is in its answer, or unasked.
    """
    return [
        inquiry
        for inquiry in inquiries
        if inquiry.plan_id == plan_id and (inquiry.date_of_service == on or _is_silence_near(inquiry, on))
    ]


def _is_silence_near(inquiry: Inquiry, on: date) -> bool:
    answered = inquiry.state == ANSWERED and not inquiry.rejections
    return not answered and abs((inquiry.date_of_service - on).days) <= SILENCE_HOLDS_DAYS


def just_asked(inquiries: Iterable[Inquiry], plan_id: str, on: date, now: datetime) -> bool:
    """Whether the same question is on its way: CORE has nobody ask a silent payer again within 90 seconds."""
    return any(
        inquiry.plan_id == plan_id
        and inquiry.date_of_service == on
        and inquiry.state == WAITING
        and now - inquiry.asked_at < NO_SOONER_THAN
        for inquiry in inquiries
    )


def newest(known: Iterable[Benefits], plan_id: str) -> Benefits | None:
    """The newest answer of all for a plan, whatever date it is about."""
    of_plan = (answer for answer in known if answer.plan_id == plan_id)
    return max(of_plan, key=lambda answer: (answer.reported_at, answer.date_of_service), default=None)
