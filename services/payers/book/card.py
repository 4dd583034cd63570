"""The payment system: charges and refunds, answered by the client's card in the book. Pure."""

from services.payers.book.book import CardAnswer
from shared.events.payments import (
    PaymentAnswer,
    PaymentDisputed,
    PaymentFailed,
    PaymentSucceeded,
    RefundFailed,
    RefundSucceeded,
)
from shared.events.settlement import ChargeRequested, RefundRequested

DISPUTE_AFTER_DAYS = 10
_DECLINED, _DISPUTED, _NO_ACCOUNT = "card_declined", "disputed_by_cardholder", "card_account_closed"


def charge_answer(request: ChargeRequested, card: CardAnswer) -> PaymentSucceeded | PaymentFailed:
    """What becomes of a charge; a card whose holder disputes later takes it first."""
    told = _about(request).model_dump()
    return PaymentFailed(**told, reason=_DECLINED) if card == "declined" else PaymentSucceeded(**told)


def refund_answer(request: RefundRequested, card: CardAnswer) -> RefundSucceeded | RefundFailed:
    """What becomes of a refund."""
    told = _about(request).model_dump()
    return RefundFailed(**told, reason=_NO_ACCOUNT) if card == "refund_fails" else RefundSucceeded(**told)


def dispute(client_id: str, session_id: str, idempotency_key: str, amount_cents: int) -> PaymentDisputed:
    """The cardholder's bank takes a charge back."""
    return PaymentDisputed(
        client_id=client_id,
        session_id=session_id,
        idempotency_key=idempotency_key,
        amount_cents=amount_cents,
        reason=_DISPUTED,
    )


def _about(request: ChargeRequested | RefundRequested) -> PaymentAnswer:
    return PaymentAnswer(
        client_id=request.client_id,
        session_id=request.session_id,
        idempotency_key=request.idempotency_key,
        amount_cents=request.amount_cents,
    )
