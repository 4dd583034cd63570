"""Who owes whom once a cost is settled: a refund, a balance, or a small balance that is forgiven. Never twice.

A refund that did not go through is with a person, who pays it in another way, or with the payment system, which may
try again: it is never asked for under a second key.
"""

from dataclasses import dataclass

from services.settlement.answers.session_facts import SessionFacts
from services.settlement.money.request_keys import refund_key


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """A refund to ask the payment system for."""

    key: str
    cents: int


@dataclass(frozen=True, slots=True)
class ClientPosition:
    """How a settled session stands with its client, in cents; none is negative.

    `credited_cents` is all that was, or is to be, given back: `given_back_cents` was asked for before (of which
    `failed_cents` did not go through and waits with a person), `refund_due_cents` is to be asked for now.
    """

    credited_cents: int = 0
    given_back_cents: int = 0
    failed_cents: int = 0
    refund_due_cents: int = 0
    balance_due_cents: int = 0
    forgiven_cents: int = 0


def position(facts: SessionFacts, cost_cents: int, forgive_below_cents: int) -> ClientPosition:
    """The client's position where the session costs `cost_cents`.

    A balance below `forgive_below_cents` is forgiven, and any that a person has forgiven.
    While a charge has no answer nothing is decided.
    """
    overpaid, asked = facts.paid_cents - cost_cents, facts.refunded_cents
    if facts.charge_pending:
        return ClientPosition(credited_cents=asked, given_back_cents=asked)
    failed = min(sum(facts.failed_refunds.values()), max(0, overpaid - asked))
    owes = max(0, asked - overpaid)
    forgiven = owes if facts.forgiven or owes < forgive_below_cents else 0
    return ClientPosition(
        credited_cents=max(overpaid, asked, 0),
        given_back_cents=asked + failed,
        failed_cents=failed,
        refund_due_cents=max(0, overpaid - asked - failed),
        balance_due_cents=owes - forgiven,
        forgiven_cents=forgiven,
    )


def refund_request(facts: SessionFacts, name: str, due_cents: int, decided_by: tuple[str, ...]) -> RefundRequest | None:
    """The refund to ask for now, of the session that keys call `name`; None where none is due.

    Raises AssertionError: more would be given back than was ever paid.
    """
    if due_cents == 0:
        return None
    assert facts.refunded_cents + due_cents <= facts.paid_cents, "a refund is never larger than what was paid"
    paid = (key for key in facts.charges if key in facts.payment_answers and not facts.failed(key))
    return RefundRequest(refund_key(name, decided_by, paid, facts.refunds), due_cents)
