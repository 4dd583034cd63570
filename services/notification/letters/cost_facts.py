"""The facts of the letters about money: what a visit costs, and what is paid or given back."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from services.notification.letters.facts import Cents, ClientFacts, Day, Line, PayerCall, SomeCents, Url
from shared.events.settlement import OverdueBecause


class CostFacts(ClientFacts):
    """A letter about what one visit costs. The figures of each plan stand behind the link, not in the letter."""

    visit_on: Day
    """The date of service."""
    paid_cents: Cents
    """What the client has paid for the visit so far, less what was given back."""
    given_back_cents: Cents = 0
    """What was given back before this letter. The letter that told it may have been replaced before it left."""
    final_cost_cents: Cents
    statement_url: Url
    """The signed link to the statement of this visit."""
    statement_until: Day | None = None
    """The last day on which that link works."""
    corrects_letter_of: Day | None = None
    """The date of the earlier letter that this one replaces, where an insurer has changed its answer."""


class _Refund(CostFacts):
    """What is paid back."""

    refund_cents: Cents
    by_hand: bool = False
    """Whether an earlier refund did not go through, so that a person sends it in another way."""

    @model_validator(mode="after")
    def figures_add_up(self) -> Self:
        """Never mail a sum that is wrong."""
        if self.paid_cents - self.final_cost_cents != self.refund_cents:
            raise ValueError("refund_cents must be paid_cents less final_cost_cents")
        return self


class CostFinalRefund(_Refund):
    """cost-final-refund: the final cost is less than what was paid."""

    refund_cents: SomeCents


class SessionCancelled(_Refund):
    """session-cancelled: the visit does not take place and costs nothing; all that was paid goes back."""

    @model_validator(mode="after")
    def costs_nothing(self) -> Self:
        """Never ask for money for a visit that was cancelled."""
        if self.final_cost_cents:
            raise ValueError("final_cost_cents must be 0: the visit was cancelled")
        return self


class CostFinalBalance(CostFacts):
    """cost-final-balance: the final cost is more than what was paid."""

    balance_cents: SomeCents
    charge_on: Day
    """When the balance is taken from the client's usual way of paying."""
    sent_to_client_cents: Cents = 0
    """What insurers sent to the client instead of us; told where that is the reason."""
    reason: Literal[
        "estimate_too_low",
        "charge_failed",
        "nothing_charged",
        "deductible",
        "plan_did_not_pay",
        "payer_corrected",
        "paid_to_client",
    ]

    @model_validator(mode="after")
    def figures_add_up(self) -> Self:
        """Never mail a sum that is wrong."""
        if self.reason == "paid_to_client" and not self.sent_to_client_cents:
            raise ValueError("sent_to_client_cents must say what the insurer sent")
        if self.final_cost_cents - self.paid_cents != self.balance_cents:
            raise ValueError("balance_cents must be final_cost_cents less paid_cents")
        return self


class CostFinalUnchanged(CostFacts):
    """cost-final-unchanged: the final cost is what was paid, and why there is no refund."""

    reason: Literal["one_plan", "secondary_not_billed", "secondary_paid_nothing", "balance_forgiven", "as_estimated"]

    @model_validator(mode="after")
    def figures_add_up(self) -> Self:
        """Only a forgiven balance leaves the cost above what was paid."""
        if (self.final_cost_cents > self.paid_cents) != (self.reason == "balance_forgiven"):
            raise ValueError("final_cost_cents must equal paid_cents, unless the reason is balance_forgiven")
        if self.final_cost_cents < self.paid_cents:
            raise ValueError("final_cost_cents is less than paid_cents: that is a refund")
        return self


class CostOverdue(CostFacts):
    """cost-overdue: 90 days are over and the cost is open: settled for now on what is known. It takes no money."""

    waiting_for: Line | None = None
    """The insurer whose word is awaited, where it is known."""
    reason: OverdueBecause = "payer_has_not_answered"
    """What the days were over without."""


class SessionCharged(ClientFacts):
    """session-charged: the client has paid the first plan's estimate for a visit."""

    visit_on: Day
    charged_cents: Cents
    primary_payer_name: Line
    has_second_plan: bool
    rough_estimate: bool = False
    """The first plan did not give all of its figures."""
    statement_url: Url
    statement_until: Day | None = None


class SessionRefused(ClientFacts):
    """session-refused: a visit cannot be confirmed; nothing was charged."""

    visit_on: Day
    reason: Literal["account_paused", "primary_not_billable", "no_active_plan"]
    next_url: Url | None = None
    """Where the reader helps themselves: the answer page, the search, or the page with their plans."""
    next_until: Day | None = None
    """The last day on which that link works, where it has one."""
    calls: Annotated[tuple[PayerCall, ...], Field(max_length=10)] = ()
    """Whom to call while the account is paused."""
