"""Everything that the order of benefits of one client depends on, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.coverage.plans import former_plans
from services.coverage.plans.eligibility import Benefits, Client, Inquiry, answer_for, is_settled
from shared.events.clients import EnteredPlan


@dataclass(frozen=True, slots=True)
class PayerStatement:
    """A place that a payer gave its own plan outside a 271, such as in an 835."""

    client_id: str
    plan_id: str
    role: str
    source: str
    stated_at: datetime


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The last confirmation of a client with a payer that counted, or (`received_at` None) the payer's own date."""

    client_id: str
    payer_id: str
    last_on: date
    received_at: datetime | None = None
    reference_number: str = ""
    primary_named: str | None = None
    only_one_plan: bool = False
    recorded_by: str = "client"
    due_on: date | None = None


@dataclass(frozen=True)
class Situation:
    """Everything that the order of benefits of one client depends on. `names` are payers' names by id."""

    client: Client
    benefits: tuple[Benefits, ...]
    inquiries: tuple[Inquiry, ...]
    statements: tuple[PayerStatement, ...]
    confirmations: tuple[Confirmation, ...]
    names: Mapping[str, str]
    fresh_days: int

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

    def is_settled(self, on: date) -> bool:
        """Whether every payer that is asked about the date has answered, or is known to stay silent."""
        said = former_plans.said_for(self.client, self.benefits, on)
        plans = self.may_count_on(on)
        return all(is_settled(said, self.inquiries, plan.plan_id, on, self.fresh_days) for plan in plans)

    def answer(self, plan_id: str, on: date) -> Benefits | None:
        """The payer's answer that holds on the date."""
        said = former_plans.said_for(self.client, self.benefits, on)
        return answer_for(said, plan_id, on, self.fresh_days)
