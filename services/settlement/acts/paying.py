"""What the payment system answers to charges and refunds: remembered, booked, and told."""

from collections.abc import Callable
from dataclasses import replace
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

    def tell(session: Session, paid_before: bool) -> None:
        if not paid_before:
            tell_charged(tx, session, event.idempotency_key)

    await _answered(tx, event, Moved.SUCCEEDED, tell)


async def on_payment_failed(event: PaymentFailed | PaymentDisputed, tx: Transaction) -> None:
    """The charge did not go through, or the bank took it back: the client owes it, claims go on."""
    whose: dict[str, Any] = {"client_id": event.client_id, "session_id": event.session_id}
    failed = ChargeFailed(**whose, amount_cents=event.amount_cents, reason=event.reason)
    moved = Moved.FAILED if isinstance(event, PaymentFailed) else Moved.DISPUTED
    await _answered(tx, event, moved, lambda _session, _paid_before: tx.publish(failed))


async def on_refund_succeeded(event: RefundSucceeded, tx: Transaction) -> None:
    """The refund is on its way."""
    whose = {"client_id": event.client_id, "session_id": event.session_id}
    issued = RefundIssued(**whose, amount_cents=event.amount_cents)
    await _answered(tx, event, Moved.SUCCEEDED, lambda _session, _paid_before: tx.publish(issued))


async def on_refund_failed(event: RefundFailed, tx: Transaction) -> None:
    """A person pays it out in another way; one that had gone through before is looked at."""

    def tell(session: Session, paid_before: bool) -> None:
        if paid_before:
            review(tx, session, "refund_taken_back", f"{event.idempotency_key}: {event.reason}")

    await _answered(tx, event, Moved.FAILED, tell)


async def _answered(tx: Transaction, event: Any, moved: Moved, tell: Callable[[Session, bool], None]) -> None:
    """Remember an answer, tell it, and draw its consequences, in this order: what is told last is what holds.

    `tell` gets the session and whether this request had gone through before. Nothing is told of an answer that says
    nothing new, states more than was asked for, or answers no request: that waits for a person, and counts should the
    request be made after all.
    """
    session = await session_of(tx, event.client_id, event.session_id)
    key, given = event.idempotency_key, PaymentAnswer(moved, event.amount_cents, at=tx.cause.time)
    facts = session.facts
    if moved is not Moved.FAILED and given.cents > facts.asked_cents(key, LARGEST_CENTS):
        review(tx, session, "answer_exceeds_request", f"{key}: {moved} with {given.cents} cents")
        return
    before = facts.payment_answers.get(key)
    now = last_word(before, given)
    if before == now:
        return
    happened = session.happened
    if moved is Moved.SUCCEEDED and key in facts.charges:
        happened = {Step.CHARGED: tx.today, **happened}
    facts = replace(facts, payment_answers={**facts.payment_answers, key: now})
    session = replace(session, facts=facts, happened=happened)
    told_before = (before is not None and before.moved is now.moved) or now.moved is not moved
    if key not in facts.unasked() and not told_before:
        tell(session, before is not None and before.paid_cents > 0)
    await settle_session(tx, session, policy().terms)
