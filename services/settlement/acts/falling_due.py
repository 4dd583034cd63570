"""What falls due for a session: its rate looked for again, its payday, a balance, the 90 days."""

from dataclasses import replace
from datetime import timedelta

from services.settlement.acts.charging import estimate_and_charge
from services.settlement.acts.settling import charge_balance, review, settle_session
from services.settlement.answers.adjudication import LEVELS
from services.settlement.money.progress import Step
from services.settlement.money.settle import settle
from services.settlement.settings import policy
from services.settlement.store import SESSIONS, Session, session_of
from shared.events.settlement import CostOverdue, CostOverdueSoon, PayoutPaid
from shared.runtime.timers import Timer
from shared.runtime.transaction import Transaction


async def on_rate_timer(timer: Timer, tx: Transaction) -> None:
    """Look for the rate again."""
    session = await session_of(tx, timer.client_id, timer.subject)
    if session.waits_for == "rate":
        await estimate_and_charge(tx, session, since=timer.data["since"])


async def on_payout_timer(timer: Timer, tx: Transaction) -> None:
    """The payday: what is owed and not paid out yet goes to the provider."""
    session = await session_of(tx, timer.client_id, timer.subject)
    amount = (session.payout_cents or 0) - session.facts.paid_out_cents
    if amount <= 0 or not session.facts.booked:
        return
    if session.stopped or session.waits_for:  # a difference, or the true primary's rate is on its way
        tx.schedule("payout", timer.client_id, timer.subject, tx.now + timedelta(days=1))
        return
    key = f"payout-{session.session_id}-{session.payout_cents}"
    tx.publish(
        PayoutPaid(
            client_id=session.client_id,
            session_id=session.session_id,
            provider_id=session.provider_id,
            amount_cents=amount,
            paid_on=tx.today,
        )
    )
    facts = replace(session.facts, payouts={**session.facts.payouts, key: amount})
    await settle_session(tx, replace(session, facts=facts), policy().terms)


async def on_balance_timer(timer: Timer, tx: Transaction) -> None:
    """The day on which a balance is taken; what has changed meanwhile counts."""
    session = await session_of(tx, timer.client_id, timer.subject)
    target = settle(session.session_id, session.facts, policy().terms.forgive_below_cents)
    if target.balance_due_cents == 0 or session.facts.charge_pending:
        return
    if session.stopped:
        tx.schedule("balance", timer.client_id, timer.subject, tx.now + timedelta(days=1))
    elif not session.facts.disputed:
        session = charge_balance(tx, session, target.balance_due_cents, target.cost.decided_by)
        await settle_session(tx, session, policy().terms)


async def on_alert_timer(timer: Timer, tx: Transaction) -> None:
    """Before the 90 days end a person is told."""
    session = await session_of(tx, timer.client_id, timer.subject)
    if _open(session):
        day = (tx.today - session.happened[Step.CONFIRMED]).days
        awaited = awaited_payer(session)
        whose = {"client_id": session.client_id, "session_id": session.session_id}
        tx.publish(CostOverdueSoon(**whose, day=day, awaited_payer_id=awaited))
        review(tx, session, "cost_nearly_overdue", f"day {day} of 90, {awaited or 'nobody'} has not answered")


async def on_deadline_timer(timer: Timer, tx: Transaction) -> None:
    """The 90 days are over: the cost is final on what is known, until an answer comes."""
    session = await session_of(tx, timer.client_id, timer.subject)
    if not _open(session):
        return
    session = await settle_session(
        tx, replace(session, facts=replace(session.facts, deadline_passed=True)), policy().terms
    )
    filed_late = settle(session.session_id, session.facts).cost.filed_late
    if session.final_cost_cents is None or filed_late:  # the letter on the cost says that it was our fault
        return
    tx.publish(
        CostOverdue(
            client_id=session.client_id,
            session_id=session.session_id,
            day=(tx.today - session.happened[Step.CONFIRMED]).days,
            awaited_payer_id=awaited_payer(session),
            date_of_service=session.date_of_service,
            charged_cents=session.facts.paid_cents,
            final_cost_cents=session.final_cost_cents,
            reason="payer_has_not_answered",
        )
    )


async def on_completion_timer(timer: Timer, tx: Transaction) -> None:
    """Nobody has said that the session took place, or that it did not: its charge must not be kept for ever."""
    session = await session_of(tx, timer.client_id, timer.subject)
    if session.facts.completed or session.facts.cancelled or "completion_unknown" in session.reviews:
        return
    review(tx, session, "completion_unknown", f"date of service {session.date_of_service}")
    tx.save(SESSIONS, replace(session, reviews=(*session.reviews, "completion_unknown")))


async def on_answer_timer(timer: Timer, tx: Transaction) -> None:
    """The payment system has had its days to answer a charge."""
    session = await session_of(tx, timer.client_id, timer.data["session_id"])
    if timer.subject not in session.facts.payment_answers:
        review(tx, session, "charge_unanswered", timer.subject)


async def on_unknown_timer(timer: Timer, tx: Transaction) -> None:
    """A payer answered for a session that coverage has not decided on: it may never have been confirmed."""
    session = await session_of(tx, timer.client_id, timer.subject)
    if session.cleared is None:
        review(tx, session, "adjudicated_unknown_session", " ".join(sorted(session.facts.answers))[:2000])


def _open(session: Session) -> bool:
    """Whether the client still waits for the final cost."""
    return session.final_cost_cents is None and not session.facts.cancelled and session.facts.completed


def awaited_payer(session: Session) -> str | None:
    """The payer whose answer is awaited: the first that is to be billed and has not decided."""
    if session.cleared is None:
        return None
    decided = settle(session.session_id, session.facts).cost.paid_cents
    waiting = [level for level in LEVELS if level in session.facts.awaited and level not in decided]
    return next((plan.payer_id for plan in session.cleared.plans if waiting and plan.level == waiting[0]), None)


TIMERS = {
    "rate": on_rate_timer,
    "payout": on_payout_timer,
    "balance": on_balance_timer,
    "alert": on_alert_timer,
    "deadline": on_deadline_timer,
    "completion": on_completion_timer,
    "answer": on_answer_timer,
    "unknown": on_unknown_timer,
}
