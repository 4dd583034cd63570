"""What the payment system answers to charges and refunds: remembered, booked, and told."""

from dataclasses import dataclass, replace
from typing import Any

from services.settlement.acts.charging import tell_charged
from services.settlement.acts.reviewing import review
from services.settlement.acts.settling import settle_session
from services.settlement.answers.payment_answer import Moved, PaymentAnswer, last_word
from services.settlement.money.progress import Step
from services.settlement.settings import policy
from services.settlement.store import Session, session_of
from services.settlement.terms import LARGEST_CENTS
from shared.events.payments import PaymentDisputed, PaymentFailed, PaymentSucceeded, RefundFailed, RefundSucceeded
from shared.events.settlement import ChargeFailed, RefundIssued
from shared.runtime.transaction import Transaction


async def on_payment_succeeded(event: PaymentSucceeded, tx: Transaction) -> None:
    """The client paid. A dispute that was won is no second charge."""
    answered = await _answered(tx, event, Moved.SUCCEEDED)
    if answered is not None and not answered.paid_before:
        tell_charged(tx, answered.session, event.idempotency_key)


async def on_payment_failed(event: PaymentFailed | PaymentDisputed, tx: Transaction) -> None:
    """The charge did not go through, or the bank took it back: the client owes it, claims go on."""
    moved = Moved.FAILED if isinstance(event, PaymentFailed) else Moved.DISPUTED
    if await _answered(tx, event, moved) is not None:
        tx.publish(
            ChargeFailed(
                client_id=event.client_id,
                session_id=event.session_id,
                amount_cents=event.amount_cents,
                reason=event.reason,
            )
        )


async def on_refund_succeeded(event: RefundSucceeded, tx: Transaction) -> None:
    """The refund is on its way."""
    if await _answered(tx, event, Moved.SUCCEEDED) is not None:
        whose = {"client_id": event.client_id, "session_id": event.session_id}
        tx.publish(RefundIssued(**whose, amount_cents=event.amount_cents))


async def on_refund_failed(event: RefundFailed, tx: Transaction) -> None:
    """A person pays it out in another way; one that had gone through before is looked at."""
    answered = await _answered(tx, event, Moved.FAILED)
    if answered is not None and answered.paid_before:
        review(tx, answered.session, "refund_taken_back", f"{event.idempotency_key}: {event.reason}")


@dataclass(frozen=True, slots=True)
class _Answered:
    """A session after an answer; `paid_before`: its request had gone through before."""

    session: Session
    paid_before: bool


async def _answered(tx: Transaction, event: Any, moved: Moved) -> _Answered | None:
    """Remember an answer and draw its consequences.

    None where it says nothing new, states more than was asked for, or answers no request: that waits for a person,
    and counts should the request be made after all.
    """
    session = await session_of(tx, event.client_id, event.session_id)
    key, given = event.idempotency_key, PaymentAnswer(moved, event.amount_cents, at=tx.cause.time)
    facts = session.facts
    if moved is not Moved.FAILED and given.cents > facts.asked_cents(key, LARGEST_CENTS):
        review(tx, session, "answer_exceeds_request", f"{key}: {moved} with {given.cents} cents")
        return None
    before = facts.payment_answers.get(key)
    now = last_word(before, given)
    if before == now:
        return None
    happened = session.happened
    if moved is Moved.SUCCEEDED and key in facts.charges:
        happened = {Step.CHARGED: tx.today, **happened}
    facts = replace(facts, payment_answers={**facts.payment_answers, key: now})
    settled = await settle_session(tx, replace(session, facts=facts, happened=happened), policy().terms)
    told_before = (before is not None and before.moved is now.moved) or now.moved is not moved
    if key in facts.unasked() or told_before:
        return None
    return _Answered(settled.session, paid_before=before is not None and before.paid_cents > 0)
