"""Who owes whom once a cost is settled: a refund, a balance, or a small balance that is forgiven. Never twice.

The idempotency key of a refund comes from the facts that made it due (which adjudications decided, which payments
came in), never from the attempt or the amount: asking again asks for the same refund.
"""

from dataclasses import dataclass

from services.settlement.answers.session_facts import SessionFacts
from services.settlement.money.booking import digest


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """A refund to ask the payment system for."""

    key: str
    cents: int


@dataclass(frozen=True, slots=True)
class ClientPosition:
    """How a settled session stands with its client, in cents; none is negative, and only one of the last three is set.

    `credited_cents` is all that was, or is to be, given back.
    """

    credited_cents: int = 0
    refund_due_cents: int = 0
    balance_due_cents: int = 0
    forgiven_cents: int = 0


def position(facts: SessionFacts, cost_cents: int, forgive_below_cents: int) -> ClientPosition:
    """The client's position where the session costs `cost_cents`.

    A balance below `forgive_below_cents` is forgiven. While a charge has no answer nothing is decided.
    """
    overpaid = facts.paid_cents - cost_cents
    asked_back = facts.refunded_cents
    credited = max(overpaid, asked_back, 0)
    owes = max(0, asked_back - overpaid)
    if facts.charge_pending:
        return ClientPosition(credited_cents=asked_back)
    forgiven = owes if owes < forgive_below_cents else 0
    return ClientPosition(credited, max(0, overpaid - asked_back), owes - forgiven, forgiven)


def refund_request(
    facts: SessionFacts, session_id: str, due_cents: int, decided_by: tuple[str, ...]
) -> RefundRequest | None:
    """The refund to ask for now; None where none is due, or this one was asked for and failed (a person's task).

    Raises AssertionError: more would be given back than was ever paid.
    """
    if due_cents == 0:
        return None
    assert facts.refunded_cents + due_cents <= facts.paid_cents, "a refund is never larger than what was paid"
    paid = sorted(key for key in facts.charges if key in facts.payment_answers and not facts.failed(key))
    key = f"refund-{session_id}-{digest(*sorted(decided_by), '', *paid)}"
    return None if key in facts.refunds else RefundRequest(key, due_cents)
