"""What is said of a session's cost: the final cost, the cost after 90 days, the balance and the day of its charge.

Nothing is said that is not done in the same transaction: a refund that is told is requested, and a balance that is told
has the timer that charges it, in that amount and on that day. Where either can't be, nothing is said, and a person
has been told why.

A first cost is told at once. What changes it within a minute waits for the end of that minute, the money as well: of
facts that come together the client hears the outcome, and no letter contradicts the one before it in the same minute.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

from services.settlement.answers.adjudication import Level
from services.settlement.money.progress import Step
from services.settlement.money.reasons import overdue_because, reason_of
from services.settlement.money.request_keys import balance_key, digest
from services.settlement.money.settle import Target
from services.settlement.store import Session
from shared.events.settlement import BalanceDue, CostFinalized, CostOverdue
from shared.runtime.transaction import Transaction

AWAITED, SENT = "awaited", "sent"
"""Of the letter that announces a balance: nothing is known of it yet; the mail server took it."""
_APART = timedelta(minutes=1)
"""How long after a cost was told another one is told at the earliest."""


def may_change_again(session: Session, now: datetime) -> bool:
    """Whether the cost was told less than a minute ago: another one is neither told nor moved before that is over."""
    return session.told_at is not None and now < session.told_at + _APART


def tell_cost(
    tx: Transaction, session: Session, target: Target, given_back_cents: int, balance_days: int, *, refunds: bool
) -> Session:
    """Publish the cost where it is another one than was told before, or another balance than was announced.

    `given_back_cents` was asked to be given back before this transaction, and has not failed; `refunds`: this one asks
    for a refund, which is told in any case. Of a session that was cancelled before anything was told, nothing else is.
    """
    if session.final_cost_cents != target.final_cost_cents:
        session = replace(session, final_cost_cents=target.final_cost_cents)
    if session.facts.charge_pending or (session.facts.cancelled and not session.edition and not refunds):
        return session
    due = target.balance_due_cents
    if may_change_again(session, tx.now):
        return _tell_later(tx, session, target)
    if not _can_be_said(session, target):
        return session  # a balance that was announced is looked at again on its day
    if due == 0 and session.due_cents:
        session = replace(session, due_cents=0)
        tx.unschedule("balance", session.client_id, session.session_id)
    if not refunds and not _is_news(session, target) and due == session.due_cents:
        return session
    charge_on = tx.today + timedelta(days=balance_days) if due else None
    session = replace(
        session,
        edition=session.edition + 1,
        told=_words(target, _is_overdue(target)),
        told_at=tx.now,
        due_cents=due,
        announcement=AWAITED if due else None,
        happened={**session.happened, Step.FINAL: tx.today},
    )
    _publish_cost(tx, session, target, charge_on, given_back_cents)
    if charge_on is not None:
        whose = {"client_id": session.client_id, "session_id": session.session_id}
        tx.publish(BalanceDue(**whose, amount_cents=due, charge_on=charge_on))
        tx.schedule("balance", session.client_id, session.session_id, tx.now + timedelta(days=balance_days))
    return session


def _tell_later(tx: Transaction, session: Session, target: Target) -> Session:
    """Look again when the minute is over, where the client has not heard of this cost."""
    assert session.told_at is not None
    if _is_news(session, target) or target.balance_due_cents != session.due_cents or target.refund is not None:
        tx.schedule("telling", session.client_id, session.session_id, session.told_at + _APART)
    return session


def withdraw_announcement(tx: Transaction, session: Session) -> Session:
    """A balance that was announced and not charged yet is not charged: should it be due after all, it is told anew."""
    if session.due_cents == 0 or balance_key(session.name, session.edition) in session.facts.charges:
        return session
    tx.unschedule("balance", session.client_id, session.session_id)
    return replace(session, due_cents=0, told="")


def _can_be_said(session: Session, target: Target) -> bool:
    """Whether the cost is known, and what is said of it is done: refunds asked for, charges possible."""
    if target.final_cost_cents is None or session.stopped or target.client.refund_due_cents:
        return False
    charges = not session.facts.disputed and session.facts.refunded_cents <= session.facts.paid_cents
    return charges or target.balance_due_cents == 0


def _is_overdue(target: Target) -> bool:
    """Whether the days are over and the cost is for now; where a claim was filed too late it is what it will be."""
    return target.on_day_90 and not target.cost.filed_late


def _words(target: Target, overdue: bool) -> str:
    return digest(str(target.final_cost_cents), str(target.client.forgiven_cents), str(overdue))


def _is_news(session: Session, target: Target) -> bool:
    """Whether the client has not heard of this cost; that it is open again is none, where it stays as it was."""
    known = {_words(target, True), _words(target, False)} if _is_overdue(target) else {_words(target, False)}
    return session.told not in known


def _publish_cost(
    tx: Transaction, session: Session, target: Target, charge_on: date | None, given_back_cents: int
) -> None:
    final, levels = target.final_cost_cents, target.cost.paid_cents
    assert final is not None
    paid = session.facts.paid_cents - given_back_cents
    tx.publish(
        CostFinalized(
            client_id=session.client_id,
            session_id=session.session_id,
            edition=session.edition,
            date_of_service=session.date_of_service,
            charged_cents=session.facts.paid_cents,
            final_cost_cents=final,
            refund_cents=paid - final,
            given_back_cents=given_back_cents,
            refund_by_hand_cents=target.client.failed_cents,
            paid_cents=paid,
            forgiven_cents=target.client.forgiven_cents,
            paid_to_client_cents=max(0, target.cost.paid_to_client_cents),
            primary_paid_cents=levels.get(Level.PRIMARY, 0),
            secondary_paid_cents=levels.get(Level.SECONDARY),
            reason=reason_of(session.facts, target, session.edition, paid - final),
            charge_on=charge_on,
            review=tuple(dict.fromkeys(issue.reason for issue in target.review)),
        )
    )
    if _is_overdue(target):  # else the letter on the cost says that it was our fault
        tx.publish(
            CostOverdue(
                client_id=session.client_id,
                session_id=session.session_id,
                day=(tx.today - session.happened[Step.CONFIRMED]).days,
                awaited_payer_id=session.payer_at(target.awaited_level),
                date_of_service=session.date_of_service,
                charged_cents=session.facts.paid_cents,
                final_cost_cents=final,
                paid_cents=paid,
                edition=session.edition,
                reason=overdue_because(session.facts, target.awaited_level, session.happened),
            )
        )
