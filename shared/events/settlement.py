"""Owned by settlement: what the client is charged and refunded, what the provider is paid. Keyed by client."""

from typing import Literal

from pydantic import Field, StrictBool

from shared.events.types import (
    Cents,
    ClientEvent,
    Count,
    Day,
    Id,
    LinkRequest,
    Note,
    PayerId,
    ProviderId,
    Reason,
    SessionId,
    SignedCents,
    event,
)


class SessionMoney(ClientEvent):
    """An event about the money of one session."""

    session_id: SessionId


@event("settlement", "charge.requested")
class ChargeRequested(SessionMoney):
    """The payment system is to charge the client: the primary's estimate alone, or a balance due.

    A balance is charged on the day and in the amount that a `cost.finalized` announced.
    """

    idempotency_key: Id = Field(examples=["charge-session-1"])
    amount_cents: Cents
    purpose: Literal["estimate", "balance"] = "estimate"

    def effect(self) -> str | None:
        """One charge."""
        return self.idempotency_key


@event("settlement", "session.estimated")
class SessionEstimated(SessionMoney):
    """The client's estimated share under the primary plan, by which figures, how sure."""

    rate_cents: Cents
    estimate_cents: Cents
    deductible_cents: Cents = 0
    coinsurance_cents: Cents = 0
    copay_cents: Cents = 0
    basis: Reason
    confidence: Literal["high", "low", "none"]


@event("settlement", "client.charged")
class ClientCharged(SessionMoney):
    """The charge went through."""

    amount_cents: Cents
    date_of_service: Day
    has_secondary: StrictBool
    primary_payer_id: PayerId
    confidence: Literal["high", "low", "none"] = "high"
    purpose: Literal["estimate", "balance"] = "estimate"


@event("settlement", "charge.failed")
class ChargeFailed(SessionMoney):
    """The charge did not go through, or was disputed; claims go on."""

    amount_cents: Cents
    reason: Reason


@event("settlement", "payout.scheduled")
class PayoutScheduled(SessionMoney):
    """The provider is to be paid the primary plan's contracted rate on `pay_on`.

    `idempotency_key` names the payment, as `payout.paid` will: the same key again replaces its amount and day, and is
    no second payment. `decision` is coverage's latest by then.
    """

    provider_id: ProviderId
    amount_cents: Cents
    pay_on: Day
    restated: StrictBool = False
    idempotency_key: Id | None = Field(default=None, examples=["payout-session-1-0a1b2c3d4e5f-1"])
    decision: Count | None = None
    postponed_from: Day | None = None

    def effect(self) -> str | None:
        """The amount of one payment by one decision, which may name another while its rate is looked for; a new day."""
        key = self.idempotency_key
        if key is None:
            return None
        day = f"|{self.pay_on}" if self.postponed_from else ""
        return f"{key}|{self.decision}|{self.amount_cents}{day}"


@event("settlement", "payout.paid")
class PayoutPaid(SessionMoney):
    """The provider's pay of the session went out, once for each `idempotency_key`."""

    provider_id: ProviderId
    amount_cents: Cents
    paid_on: Day
    idempotency_key: Id | None = Field(default=None, examples=["payout-session-1-0a1b2c3d4e5f-1"])

    def effect(self) -> str | None:
        """One payment."""
        return self.idempotency_key


@event("settlement", "payout.cancelled")
class PayoutCancelled(SessionMoney):
    """A payout that was scheduled is off: the session was cancelled, or a corrected rate leaves nothing to pay.

    `idempotency_key` names the payment, as its `payout.scheduled` did. `decision` is coverage's latest by then.
    """

    provider_id: ProviderId
    amount_cents: Cents
    idempotency_key: Id | None = Field(default=None, examples=["payout-session-1-0a1b2c3d4e5f-1"])
    decision: Count | None = None

    def effect(self) -> str | None:
        """What is called off of one payment, by one decision."""
        key = self.idempotency_key
        return None if key is None else f"{key}|{self.decision}|{self.amount_cents}"


@event("settlement", "cost.finalized")
class CostFinalized(SessionMoney):
    """Every payer has answered (or the 90 days are over, or it was cancelled): what the session costs the client.

    It leaves together with the request of what it promises: with `refund.requested`, or with the charge's date set.
    `edition` grows with each new word on the cost. `charged_cents` is all that the client has paid, `given_back_cents`
    what earlier editions gave back of it, `paid_cents` the difference (None from older versions). `refund_cents` is
    `paid_cents` less the final cost: positive to the client, negative still due (taken on `charge_on`, or forgiven).
    `refund_by_hand_cents` of it failed before: a person sends that in another way.
    `reason`: `secondary_paid`, `estimate_too_high`, `one_plan`, `secondary_not_billed`, `secondary_paid_nothing`,
    `as_estimated`, `estimate_too_low`, `nothing_charged`, `charge_failed`, `deductible`, `plan_did_not_pay`,
    `payer_corrected`, `balance_forgiven`, `waited_90_days`, `claim_given_up`, `filed_too_late`, `session_cancelled`,
    `paid_to_client`: of the cost an insurer sent `paid_to_client_cents` to the client instead of us.
    """

    edition: Count = 1
    date_of_service: Day
    charged_cents: Cents
    final_cost_cents: Cents
    refund_cents: SignedCents
    given_back_cents: Cents = 0
    refund_by_hand_cents: Cents = 0
    paid_cents: SignedCents | None = Field(default=None, examples=[3000])
    forgiven_cents: Cents = 0
    paid_to_client_cents: Cents = 0
    primary_paid_cents: SignedCents
    secondary_paid_cents: SignedCents | None = None
    reason: Reason
    charge_on: Day | None = None
    review: tuple[Reason, ...] = ()


@event("settlement", "refund.requested")
class RefundRequested(SessionMoney):
    """The payment system is to give this back to the client."""

    idempotency_key: Id = Field(examples=["refund-session-1-1"])
    amount_cents: Cents

    def effect(self) -> str | None:
        """One refund."""
        return self.idempotency_key


@event("settlement", "refund.issued")
class RefundIssued(SessionMoney):
    """The refund went through."""

    amount_cents: Cents


@event("settlement", "balance.due")
class BalanceDue(SessionMoney):
    """The final cost is more than was paid; taken on `charge_on`, as the `cost.finalized` beside it announces."""

    amount_cents: Cents
    charge_on: Day | None = None


OverdueBecause = Literal[
    "payer_has_not_answered",
    "claim_not_sent",
    "claim_refused",
    "answer_taken_back",
    "claim_being_replaced",
    "person_decides",
]
"""What the 90 days were over without: an answer; a claim that could go; one that the payer accepted; its correction;
the answer to a replacement; a person's decision on answers that contradict each other."""


@event("settlement", "cost.overdue")
class CostOverdue(SessionMoney):
    """The 90 days are over and the cost is open: settled for now on what is known, until the answer comes.

    It never takes money: `final_cost_cents` is at most what the client has paid. What it gives back is requested with
    it. `paid_cents` is net of what was given back before (None from older versions). `reason` is one of
    `OverdueBecause`; `edition` is that of the `cost.finalized` beside it.
    """

    day: Count
    awaited_payer_id: PayerId | None
    date_of_service: Day
    charged_cents: Cents
    final_cost_cents: Cents
    paid_cents: SignedCents | None = Field(default=None, examples=[3000])
    edition: Count = 1
    reason: Reason


@event("settlement", "link.requested")
class SettlementLinkRequested(LinkRequest):
    """A client asks for a new link to the statement: of a session, or of all (`about` None)."""


@event("settlement", "cost.overdue_soon")
class CostOverdueSoon(SessionMoney):
    """A person is told before the 90 days end."""

    day: Count
    awaited_payer_id: PayerId | None


@event("settlement", "review.requested")
class SettlementReviewRequested(SessionMoney):
    """Something about the money waits for a person."""

    reason: Reason
    evidence: Note
