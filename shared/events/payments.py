"""Owned by upstream: the payment system's answers. Topic `payments`, keyed by client.

Each names the `idempotency_key` of our request; the amount is what really moved.
"""

from shared.events.types import Cents, ClientEvent, Id, Reason, SessionId, event


class PaymentAnswer(ClientEvent):
    """What became of one request of ours."""

    session_id: SessionId
    idempotency_key: Id
    amount_cents: Cents


@event("payments", "payment.succeeded")
class PaymentSucceeded(PaymentAnswer):
    """The client's card was charged."""


@event("payments", "payment.failed")
class PaymentFailed(PaymentAnswer):
    """The charge did not go through; claims go on all the same."""

    reason: Reason


@event("payments", "payment.disputed")
class PaymentDisputed(PaymentAnswer):
    """The client's bank took the charge back."""

    reason: Reason


@event("payments", "refund.succeeded")
class RefundSucceeded(PaymentAnswer):
    """The refund is on its way to the client."""


@event("payments", "refund.failed")
class RefundFailed(PaymentAnswer):
    """The refund did not go through."""

    reason: Reason
