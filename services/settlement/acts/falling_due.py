"""What falls due for a session: its rate looked for again, its payday, a balance, the 90 days."""

from dataclasses import replace
from datetime import timedelta

from services.settlement.acts.announcing import may_charge
from services.settlement.acts.charging import estimate_and_charge
from services.settlement.acts.completing import count_completion
from services.settlement.acts.erasing import on_erasure_timer
from services.settlement.acts.reviewing import review, review_once
from services.settlement.acts.settling import payout_scheduled, request_charge, settle_session
from services.settlement.acts.telling import withdraw_announcement
from services.settlement.answers.session_facts import ChargeRequest, Purpose
from services.settlement.money.progress import Step
from services.settlement.money.request_keys import balance_key, payout_key
from services.settlement.money.settle import settle
from services.settlement.settings import policy
from services.settlement.store import SESSIONS, Session, session_of
from shared.events.settlement import CostOverdueSoon, PayoutPaid
from shared.runtime.timers import Timer
from shared.runtime.transaction import Transaction


async def on_rate_timer(timer: Timer, tx: Transaction) -> None:
    """Look for the rate again."""
    session = await session_of(tx, timer.client_id, timer.subject)
    if session.waits_for == "rate":
        await estimate_and_charge(tx, session, since=timer.data["since"])


async def on_payout_timer(timer: Timer, tx: Transaction) -> None:
    """The payday: what is owed and not paid out yet goes to the provider.

    Where something stands in the way, a person knows of it; the day on which it is paid after all is said first.
    """
    session = await session_of(tx, timer.client_id, timer.subject)
    amount = (session.payout_cents or 0) - session.facts.paid_out_cents
    if amount <= 0 or not session.facts.booked:
        return
    # a difference, the true primary's rate is on its way, or the dates of service do not agree
    if session.stopped or session.waits_for or session.completed_on_another_day:
        tx.schedule("payout", timer.client_id, timer.subject, tx.now + timedelta(days=1))
        return
    if session.pay_on is not None and session.pay_on < tx.today:
        tx.publish(payout_scheduled(session, amount, tx.today, postponed_from=session.pay_on))
        session = replace(session, pay_on=tx.today)
    key = payout_key(session.name, len(session.facts.payouts))
    tx.publish(
        PayoutPaid(
            client_id=session.client_id,
            session_id=session.session_id,
            provider_id=session.provider_id,
            amount_cents=amount,
            paid_on=tx.today,
            idempotency_key=key,
        )
    )
    facts = replace(session.facts, payouts={**session.facts.payouts, key: amount})
    await settle_session(tx, replace(session, facts=facts), policy().terms)


async def on_balance_timer(timer: Timer, tx: Transaction) -> None:
    """The day on which a balance is charged that a letter has announced, in that amount and no other."""
    session = await session_of(tx, timer.client_id, timer.subject)
    target = settle(session.name, session.facts, policy().terms.forgive_below_cents)
    key = balance_key(session.name, session.edition)
    if session.facts.charge_pending or key in session.facts.charges:
        return
    if target.balance_due_cents == session.due_cents > 0 and not session.stopped and not session.facts.disputed:
        if not await may_charge(tx, session):
            return
        session = request_charge(tx, session, key, ChargeRequest(session.due_cents, Purpose.BALANCE))
    else:  # what stands in its way ends, or is with a person; what is due then is announced with a day of its own
        session = withdraw_announcement(tx, session)
    await settle_session(tx, session, policy().terms)


async def on_alert_timer(timer: Timer, tx: Transaction) -> None:
    """Before the promised days end a person is told; of a session that took place late, later."""
    session = await session_of(tx, timer.client_id, timer.subject)
    if session.final_cost_cents is not None or not session.facts.completed:
        return
    day = (tx.today - session.happened[Step.CONFIRMED]).days
    awaited = awaited_payer(session)
    whose = {"client_id": session.client_id, "session_id": session.session_id}
    tx.publish(CostOverdueSoon(**whose, day=day, awaited_payer_id=awaited))
    review(tx, session, "cost_nearly_overdue", f"day {day} of 90, {awaited or 'nobody'} has not answered")


async def on_deadline_timer(timer: Timer, tx: Transaction) -> None:
    """The promised days are over: a cost that is open is settled on what is known, until an answer comes."""
    session = await session_of(tx, timer.client_id, timer.subject)
    if session.facts.completed and not session.facts.cancelled:
        await settle_session(tx, session, policy().terms, on_deadline=True)


async def on_telling_timer(timer: Timer, tx: Transaction) -> None:
    """The minute is over in which the cost was told and then changed: what is so now is told and done."""
    await settle_session(tx, await session_of(tx, timer.client_id, timer.subject), policy().terms)


async def on_completed_timer(timer: Timer, tx: Transaction) -> None:
    """The day has come for which the session was said to be completed."""
    before = await session_of(tx, timer.client_id, timer.subject)
    session = count_completion(tx, before)
    if before.facts.completed or session.facts.cancelled:
        return
    if session.facts.completed and session.waits_for is None:
        await estimate_and_charge(tx, session, since=None)
    else:
        await settle_session(tx, session, policy().terms)


async def on_completion_timer(timer: Timer, tx: Transaction) -> None:
    """Nobody has said that the session took place, or that it did not: its charge must not be kept for ever."""
    session = await session_of(tx, timer.client_id, timer.subject)
    if session.facts.completed_for is None and not session.facts.completed and not session.facts.cancelled:
        evidence = f"date of service {session.date_of_service}"
        tx.save(SESSIONS, review_once(tx, session, "completion_unknown", evidence))


async def on_answer_timer(timer: Timer, tx: Transaction) -> None:
    """The payment system has had its days to answer a charge or a refund."""
    session = await session_of(tx, timer.client_id, timer.data["session_id"])
    if timer.subject not in session.facts.payment_answers:
        what = "refund_unanswered" if timer.subject in session.facts.refunds else "charge_unanswered"
        review(tx, session, what, timer.subject)


async def on_unknown_timer(timer: Timer, tx: Transaction) -> None:
    """A payer answered for a session that coverage has not decided on: it may never have been confirmed."""
    session = await session_of(tx, timer.client_id, timer.subject)
    if session.cleared is None:
        review(tx, session, "adjudicated_unknown_session", " ".join(sorted(session.facts.answers))[:2000])


def awaited_payer(session: Session) -> str | None:
    """The payer whose answer is awaited: the first that is billed and has not decided."""
    return session.payer_at(settle(session.name, session.facts).awaited_level)


TIMERS = {
    "erasure": on_erasure_timer,
    "rate": on_rate_timer,
    "payout": on_payout_timer,
    "balance": on_balance_timer,
    "alert": on_alert_timer,
    "deadline": on_deadline_timer,
    "telling": on_telling_timer,
    "completed": on_completed_timer,
    "completion": on_completion_timer,
    "answer": on_answer_timer,
    "unknown": on_unknown_timer,
}
