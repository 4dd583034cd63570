"""What the nightly control compares: a session's books with its facts, pay with rates, payments with deposits."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.settlement.ledger.ledger import Entry, entries_to
from services.settlement.money.payout import owed_to_provider_cents
from services.settlement.money.settle import Target
from services.settlement.store import Session
from shared.events.claims import PaymentRemitted


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that does not come to what it should: the reason, and the figures as evidence."""

    reason: str
    evidence: str


def session_differences(
    session: Session, target: Target, posted: Sequence[Entry], rate_cents: int | None
) -> list[Difference]:
    """What is wrong with a session's money.

    `target` is what its facts (coverage's decision, the payers' adjudications, the payment system's answers) make of
    its ledger, `posted` what stands there, `rate_cents` the rate that the directory states now (None: none in force).
    """
    differences: list[Difference] = []
    wrong = sorted({entry.fact for entry in entries_to(target.entries, posted)})
    if wrong:
        differences.append(Difference("ledger_differs", " ".join(wrong)))
    facts = session.facts
    if not facts.booked or facts.rate_cents is None:
        return differences
    if facts.rate_cents != rate_cents and session.waits_for is None and facts.paid_out_cents < facts.rate_cents:
        differences.append(Difference("rate_differs", f"agreed {rate_cents}, in the books {facts.rate_cents}"))
    owed = owed_to_provider_cents(facts.rate_cents, facts.paid_out_cents)
    if (session.payout_cents or 0) != owed:
        differences.append(Difference("payout_differs", f"to be paid {session.payout_cents}, owed {owed}"))
    return differences


def payment_difference(payment: PaymentRemitted, deposited_cents: int) -> str | None:
    """Why a payment does not come to what was deposited of it, as a sentence; None where it does.

    Source: 835 (005010X221A1), balancing of the transaction: the claims less the provider adjustments (PLB) are the
    payment (BPR02). Claims that wait in the work queue may be posted later, one by one.
    """
    adjusted = sum(adjustment.amount_cents for adjustment in payment.provider_adjustments)
    if payment.claims_cents - adjusted != payment.payment_cents:
        return f"claims {payment.claims_cents} less adjustments {adjusted} are not the payment {payment.payment_cents}"
    least, most = sorted((payment.matched_cents, payment.claims_cents))
    if not least <= deposited_cents <= most:
        return f"deposited {deposited_cents}, remitted for our claims {payment.matched_cents}"
    return None
