"""Everything that the order of benefits of one client depends on, as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from services.coverage.plans import former_plans
from services.coverage.plans.eligibility import CORRECTIONS, Benefits, Client, Inquiry, answer_for, is_settled
from shared.events.clients import EnteredPlan, PlanFacts
from shared.events.types import PlanId


@dataclass(frozen=True, slots=True)
class PayerStatement:
    """A place that a payer gave its own plan outside a 271, such as in an 835.

    `listed` are the plans that the client had then, `about` is the date of service that it spoke of.
    """

    client_id: str
    plan_id: str
    role: str
    source: str
    stated_at: datetime
    listed: tuple[PlanId, ...] | None = None
    about: date | None = None


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The last confirmation of a client with a payer that counted, or (`received_at` None) the payer's own date.

    `listed` are the plans that the client had then: the insurer's word on the order is about these.
    """

    client_id: str
    payer_id: str
    last_on: date
    received_at: datetime | None = None
    reference_number: str = ""
    primary_named: str | None = None
    only_one_plan: bool = False
    recorded_by: str = "client"
    due_on: date | None = None
    listed: tuple[PlanId, ...] | None = None


@dataclass(frozen=True)
class Situation:
    """Everything that the order of benefits of one client depends on.

    `names` and `kinds` are the names and kinds that payers are listed with, by id. `today` is the last date that payers
    can be asked about.
    """

    client: Client
    benefits: tuple[Benefits, ...]
    inquiries: tuple[Inquiry, ...]
    statements: tuple[PayerStatement, ...]
    confirmations: tuple[Confirmation, ...]
    names: Mapping[str, str]
    fresh_days: int
    kinds: Mapping[str, str] = field(default_factory=dict[str, str])
    today: date | None = None

    @property
    def plans(self) -> tuple[EnteredPlan, ...]:
        """The entered plans."""
        return self.client.plans or ()

    def on(self, on: date) -> "Situation":
        """The same with the plans that count on a date of service, former ones among them."""
        plans = former_plans.plans_on(self.client, self.benefits, on, self.fresh_days)
        return self if plans == self.plans else replace(self, client=replace(self.client, plans=plans))

    def may_count_on(self, on: date) -> tuple[EnteredPlan, ...]:
        """The plans whose payers are asked about a date of service."""
        return former_plans.may_count_on(self.client, on)

    def leaves_as_decided(self, plans: Sequence[str], on: date) -> bool:
        """Whether a date that was decided with these plans stays so although one of them was dropped since.

        It does while nobody says otherwise: the dropped plan's payer is silent about the date, and no plan entered
        since is said to have covered the client then.
        """
        dropped = [plan_id for plan_id in former_plans.dropped_after(self.client, on) if plan_id in plans]
        silent = all(self.covers(plan_id, on) and not self._knows_no_member(plan_id) for plan_id in dropped)
        return (
            bool(dropped)
            and silent
            and not former_plans.active_since_entered(self.client, self.benefits, on, self.fresh_days)
        )

    def _knows_no_member(self, plan_id: str) -> bool:
        """Whether the payer can't find the client under the card (AAA): it was a wrong one."""
        answers = (answer.report for answer in self.benefits if answer.plan_id == plan_id)
        return any(rejection.code in CORRECTIONS for report in answers for rejection in report.rejections)

    def is_settled(self, on: date) -> bool:
        """Whether every payer that is asked about the date has answered, or is known to stay silent."""
        said = former_plans.said_for(self.client, self.benefits, on)
        plans = self.may_count_on(on)
        return all(is_settled(said, self.asked(plan, on), plan.plan_id, on, self.fresh_days) for plan in plans)

    def asked(self, plan: EnteredPlan, on: date) -> list[Inquiry]:
        """The questions to the payer that pays for this care under the plan on the date."""
        payer_id = plan.for_care(on).payer_id
        return [inquiry for inquiry in self.inquiries if inquiry.payer_id == payer_id]

    def answer(self, plan_id: str, on: date) -> Benefits | None:
        """The payer's answer that holds on the date.

        Of a date to come a plan that is inactive today is taken to be so, until its payer can be asked about that date.
        """
        said = former_plans.said_for(self.client, self.benefits, on)
        answer = answer_for(said, plan_id, on, self.fresh_days)
        if answer is not None or self.today is None or on <= self.today:
            return answer
        present = answer_for(said, plan_id, self.today, self.fresh_days)
        if present is None or present.report.status != "inactive":
            return None
        starts = present.report.plan_from or date.min
        return present if starts <= present.date_of_service else None

    def covers(self, plan_id: str, on: date) -> bool:
        """Whether the plan may cover the client on the date, by its payer's word and the client's."""
        answer = self.answer(plan_id, on)
        stated = self.client.stated.plans.get(plan_id, PlanFacts())
        return (answer is None or answer.report.status != "inactive") and (
            (stated.covered_from or date.min) <= on <= (stated.covered_to or date.max)
        )
