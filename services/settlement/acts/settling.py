"""Brings a session's ledger to what its facts say, and says what came of it.

Every handler remembers its fact and calls `settle_session`. What is posted is the difference; what is published
depends on what was published before, so that any fact may come twice or late. What is told about money and what is
asked of the payment system leave in one transaction, or neither does.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from services.settlement import store
from services.settlement.acts.reviewing import ask_persons
from services.settlement.acts.telling import may_change_again, tell_cost
from services.settlement.answers.awaited import claims_will_say_more
from services.settlement.answers.session_facts import ChargeRequest
from services.settlement.ledger.ledger import entries_to
from services.settlement.ledger.posting_rows import entries_of, rows_of
from services.settlement.money import payout
from services.settlement.money.progress import Step, ends_on
from services.settlement.money.refund import RefundRequest
from services.settlement.money.request_keys import payout_key
from services.settlement.money.settle import Target, settle
from services.settlement.store import SESSIONS, Session
from services.settlement.terms import Terms
from shared.events.settlement import ChargeRequested, PayoutCancelled, PayoutScheduled, RefundRequested
from shared.runtime.transaction import Transaction

_NOON = time(12, tzinfo=UTC)
_ANSWER_WITHIN = timedelta(days=3)
_FACTS_OF_A_MOMENT = timedelta(minutes=5)
"""How long the events of one occasion may take to arrive, one after the other."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A session as it was saved, and what its ledger holds now."""

    session: Session
    target: Target


async def settle_session(tx: Transaction, session: Session, terms: Terms, *, on_deadline: bool = False) -> Settled:
    """Post the difference, ask for a refund that is due, publish what changed; save the session.

    Only the deadline's timer settles a cost by time (`on_deadline`): an event may be the first of several that say
    together what became of a claim, and the others are a moment away. A cost that was settled so is open until then.
    """
    if session.facts.deadline_passed and not on_deadline and claims_will_say_more(session.facts):
        session = replace(session, facts=replace(session.facts, deadline_passed=False))
    target = _target(session, terms)
    if _time_is_over(session, target, tx):
        if on_deadline:
            session = replace(session, facts=replace(session.facts, deadline_passed=True))
            target = _target(session, terms)
        else:
            tx.schedule("deadline", session.client_id, session.session_id, tx.now + _FACTS_OF_A_MOMENT)
    before = target.client
    refund = None if session.stopped or may_change_again(session, tx.now) else target.refund
    if refund is not None:
        session = _ask_refund(tx, session, refund)
        target = _target(session, terms)
    await _post(tx, session, target)
    given_back = before.given_back_cents - before.failed_cents  # what failed is with a person, and not with the client
    session = tell_cost(tx, session, target, given_back, terms.balance_days, refunds=refund is not None)
    session = ask_persons(tx, session, target)
    session = _schedule_payout(tx, session, terms)
    tx.save(SESSIONS, session)
    return Settled(session, target)


def _target(session: Session, terms: Terms) -> Target:
    return settle(session.name, session.facts, terms.forgive_below_cents)


async def _post(tx: Transaction, session: Session, target: Target) -> None:
    """Bring the ledger to the target state."""
    posted = entries_of(await store.postings_of(tx, session.client_id, session.session_id))
    for entry in entries_to(target.entries, posted):
        store.append(tx, rows_of(entry, session.client_id, session.session_id, _moment(tx), tx.cause.id))


def _moment(tx: Transaction) -> datetime:
    """The time of the next entries: later than those before it in this transaction, so that their order is kept."""
    tx.notes["moment"] = tx.notes.get("moment", tx.now - timedelta(microseconds=1)) + timedelta(microseconds=1)
    return tx.notes["moment"]


def _time_is_over(session: Session, target: Target, tx: Transaction) -> bool:
    """Whether the cost is open after the promised days, also where it was final before and was opened again."""
    confirmed, completed = session.happened.get(Step.CONFIRMED), session.happened.get(Step.COMPLETED)
    if target.final_cost_cents is not None or confirmed is None or completed is None:
        return False
    return not session.facts.deadline_passed and tx.today >= ends_on(confirmed, completed)


def _ask_refund(tx: Transaction, session: Session, refund: RefundRequest) -> Session:
    _ask_later(tx, session, refund.key)
    tx.publish(
        RefundRequested(
            client_id=session.client_id,
            session_id=session.session_id,
            idempotency_key=refund.key,
            amount_cents=refund.cents,
        )
    )
    return replace(session, facts=replace(session.facts, refunds={**session.facts.refunds, refund.key: refund.cents}))


def request_charge(tx: Transaction, session: Session, key: str, charge: ChargeRequest) -> Session:
    """Have the payment system charge the client; the session then knows that it was asked for."""
    _ask_later(tx, session, key)
    tx.publish(
        ChargeRequested(
            client_id=session.client_id,
            session_id=session.session_id,
            idempotency_key=key,
            amount_cents=charge.cents,
            purpose=charge.purpose.value,
        )
    )
    return replace(session, facts=replace(session.facts, charges={**session.facts.charges, key: charge}))


def _ask_later(tx: Transaction, session: Session, key: str) -> None:
    """A charge or refund that has no answer after some days is for a person."""
    tx.schedule("answer", session.client_id, key, tx.now + _ANSWER_WITHIN, session_id=session.session_id)


def _schedule_payout(tx: Transaction, session: Session, terms: Terms) -> Session:
    """Set the payday once the service is in the books; a later, higher rate is paid as the difference."""
    if not session.facts.booked or session.facts.rate_cents is None:
        return session
    owed = payout.owed_to_provider_cents(session.facts.rate_cents, session.facts.paid_out_cents)
    amount = owed - session.facts.paid_out_cents
    if session.payout_cents == owed or (amount == 0 and session.payout_cents is None):
        return session
    if amount == 0:
        return _call_payout_off(tx, session)
    day = max(payout.pay_on(session.date_of_service, terms.pay_days), tx.today)
    tx.publish(payout_scheduled(session, amount, day, restated=session.payout_cents is not None))
    tx.schedule("payout", session.client_id, session.session_id, datetime.combine(day, _NOON))
    return replace(session, pay_on=day, payout_cents=owed)


def payout_scheduled(session: Session, amount_cents: int, pay_on: date, **more: Any) -> PayoutScheduled:
    """What is said of the session's next payout: its amount in cents and its day."""
    return PayoutScheduled(
        client_id=session.client_id,
        session_id=session.session_id,
        provider_id=session.provider_id,
        amount_cents=amount_cents,
        pay_on=pay_on,
        idempotency_key=payout_key(session.name, len(session.facts.payouts)),
        decision=session.facts.decision,
        **more,
    )


def _call_payout_off(tx: Transaction, session: Session) -> Session:
    """The true primary's rate is no more than what went out already: the rest that was scheduled is off."""
    assert session.payout_cents is not None
    cancel_payout(tx, session, session.payout_cents - session.facts.paid_out_cents)
    tx.unschedule("payout", session.client_id, session.session_id)
    return replace(session, payout_cents=session.facts.paid_out_cents)


def cancel_payout(tx: Transaction, session: Session, cents: int) -> None:
    """Say that so much of the scheduled pay is off, under the key of that payment; nothing where nothing is left."""
    if cents > 0:
        tx.publish(
            PayoutCancelled(
                client_id=session.client_id,
                session_id=session.session_id,
                provider_id=session.provider_id,
                amount_cents=cents,
                idempotency_key=payout_key(session.name, len(session.facts.payouts)),
                decision=session.facts.decision,
            )
        )
