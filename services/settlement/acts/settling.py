"""Brings a session's ledger to what its facts say, and says what came of it.

Every handler remembers its fact and calls `settle_session`. What is posted is the difference; what is published
depends on what was published before, so that any fact may come twice or late.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from services.settlement import store
from services.settlement.answers.adjudication import Level
from services.settlement.answers.review import Review
from services.settlement.answers.session_facts import ChargeRequest, Purpose
from services.settlement.ledger.ledger import entries_to
from services.settlement.ledger.posting_rows import entries_of, rows_of
from services.settlement.money import payout
from services.settlement.money.booking import digest
from services.settlement.money.progress import Step
from services.settlement.money.settle import Target, settle
from services.settlement.store import REVIEWS, SESSIONS, ReviewRow, Session
from services.settlement.terms import Terms
from shared.codes.adjustment_codes import is_payable_elsewhere
from shared.events.settlement import (
    BalanceDue,
    ChargeRequested,
    CostFinalized,
    PayoutCancelled,
    PayoutScheduled,
    RefundRequested,
    SettlementReviewRequested,
)
from shared.runtime.transaction import Transaction

_NOON = time(12, tzinfo=UTC)
_ANSWER_WITHIN = timedelta(days=3)


async def settle_session(tx: Transaction, session: Session, terms: Terms) -> Session:
    """Post the difference, ask for a refund that is due, publish what changed; save and return the session."""
    target, given_back = await _post(tx, session, terms), session.facts.refunded_cents
    if target.refund is not None and not session.stopped:
        refund = target.refund
        facts = replace(session.facts, refunds={**session.facts.refunds, refund.key: refund.cents})
        session = replace(session, facts=facts)
        tx.publish(
            RefundRequested(
                client_id=session.client_id,
                session_id=session.session_id,
                idempotency_key=refund.key,
                amount_cents=refund.cents,
            )
        )
        target = await _post(tx, session, terms)
    session = _tell(tx, session, target, terms, given_back)
    session = _ask_persons(tx, session, target)
    session = _schedule_payout(tx, session, terms)
    tx.save(SESSIONS, session)
    return session


async def _post(tx: Transaction, session: Session, terms: Terms) -> Target:
    """Bring the ledger to the target state; return the target."""
    target = settle(session.session_id, session.facts, terms.forgive_below_cents)
    posted = entries_of(await store.postings_of(tx, session.client_id, session.session_id))
    for entry in entries_to(target.entries, posted):
        store.append(tx, rows_of(entry, session.client_id, session.session_id, _moment(tx), tx.cause.id))
    return target


def _moment(tx: Transaction) -> datetime:
    """The time of the next entries: later than those before it in this transaction, so that their order is kept."""
    tx.notes["moment"] = tx.notes.get("moment", tx.now - timedelta(microseconds=1)) + timedelta(microseconds=1)
    return tx.notes["moment"]


def _tell(tx: Transaction, session: Session, target: Target, terms: Terms, given_back_cents: int) -> Session:
    """Publish the final cost where it is another one than was told before, and the balance where it is.

    `given_back_cents` was asked to be given back before.
    """
    final = target.final_cost_cents
    facts = session.facts
    session = replace(session, final_cost_cents=final)
    if final is None or facts.cancelled or facts.charge_pending:
        return session
    due = target.balance_due_cents
    told = digest(str(final), str(target.client.forgiven_cents), str(target.on_day_90))
    if told != session.told:
        session = replace(session, edition=session.edition + 1, told=told)
        session = replace(session, happened={**session.happened, Step.FINAL: tx.today})
        charge_on = tx.today + timedelta(days=terms.balance_days) if due else None
        _publish_cost(tx, session, target, charge_on, given_back_cents)
    if due and due != session.due_cents:
        tx.publish(BalanceDue(client_id=session.client_id, session_id=session.session_id, amount_cents=due))
        at = tx.now + timedelta(days=terms.balance_days)
        tx.schedule("balance", session.client_id, session.session_id, at)
    return replace(session, due_cents=due)


def _publish_cost(
    tx: Transaction, session: Session, target: Target, charge_on: date | None, given_back_cents: int
) -> None:
    final, paid, levels = target.final_cost_cents, session.facts.paid_cents, target.cost.paid_cents
    assert final is not None
    refund_cents = paid - given_back_cents - final
    tx.publish(
        CostFinalized(
            client_id=session.client_id,
            session_id=session.session_id,
            edition=session.edition,
            date_of_service=session.date_of_service,
            charged_cents=paid,
            final_cost_cents=final,
            refund_cents=refund_cents,
            given_back_cents=given_back_cents,
            forgiven_cents=target.client.forgiven_cents,
            primary_paid_cents=levels.get(Level.PRIMARY, 0),
            secondary_paid_cents=levels.get(Level.SECONDARY),
            reason=reason_of(session, target, refund_cents),
            charge_on=charge_on,
            review=tuple(review.reason for review in target.review),
        )
    )


def reason_of(session: Session, target: Target, refund_cents: int) -> str:
    """Why the final cost is what it is, as the letters and pages explain it."""
    if target.on_day_90:
        return "filed_too_late" if target.cost.filed_late else "waited_90_days"
    if Level.PRIMARY not in target.cost.paid_cents or target.cost.filed_late:
        return "claim_given_up"
    if target.client.forgiven_cents:
        return "balance_forgiven"
    if refund_cents < 0:
        return _why_more(session, target)
    secondary = target.cost.paid_cents.get(Level.SECONDARY)
    if refund_cents > 0:
        return "secondary_paid" if secondary else "estimate_too_high"
    plans = session.cleared.plans if session.cleared is not None else ()
    if len(plans) < 2:
        return "one_plan"
    if secondary is None:
        return "secondary_not_billed"
    return "secondary_paid_nothing" if secondary == 0 else "as_estimated"


def _why_more(session: Session, target: Target) -> str:
    if session.edition > 1:
        return "payer_corrected"
    decided = [
        adjudication for adjudication in session.facts.answers.values() if adjudication.id in target.cost.decided_by
    ]
    reasons = {
        adjustment.reason
        for adjudication in decided
        for adjustment in adjudication.claim.all_adjustments
        if adjustment.group == "PR"
    }
    if any(map(is_payable_elsewhere, reasons)):
        return "plan_did_not_pay"
    return "deductible" if "1" in reasons else "estimate_too_low"


def _ask_persons(tx: Transaction, session: Session, target: Target) -> Session:
    """Each reason reaches a person once, and again with new evidence; what ends by itself is no reason yet."""
    said = {_name(issue): issue for issue in target.review if issue.reason not in _PASSING}
    fresh = {name: issue for name, issue in said.items() if name not in session.reviews}
    for issue in {issue.reason: issue for issue in fresh.values()}.values():
        review(tx, session, issue.reason, f"{issue.level or ''} {issue.evidence}".strip() or issue.why)
    return replace(session, reviews=(*session.reviews, *fresh))


def _name(issue: Review) -> str:
    return f"{issue.reason}:{digest(issue.level or '', issue.evidence)}" if issue.evidence else issue.reason


_PASSING = {
    "nothing_adjudicated",
    "forwarded_answer_awaited",
    "answer_incomplete",
    "primary_missing",
    "reversal_without_correction",
    "coordination_denial",
    "information_denial",
    "passed_to_another_payer",
    "primary_changed_since",
}
"""The claims service works on these; they end by themselves, or it tells a person."""


def review(tx: Transaction, session: Session, reason: str, evidence: str) -> None:
    """Tell a person."""
    name = f"review-{digest(session.client_id, session.session_id, reason, tx.now.isoformat())}"
    tx.save(REVIEWS, ReviewRow(session.client_id, session.session_id, reason, evidence, tx.now, name))
    tx.publish(
        SettlementReviewRequested(
            client_id=session.client_id, session_id=session.session_id, reason=reason, evidence=evidence[:2000]
        )
    )


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
    tx.publish(
        PayoutScheduled(
            client_id=session.client_id,
            session_id=session.session_id,
            provider_id=session.provider_id,
            amount_cents=amount,
            pay_on=day,
            restated=session.payout_cents is not None,
        )
    )
    tx.schedule("payout", session.client_id, session.session_id, datetime.combine(day, _NOON))
    return replace(session, pay_on=day, payout_cents=owed)


def _call_payout_off(tx: Transaction, session: Session) -> Session:
    """The true primary's rate is no more than what went out already: the rest that was scheduled is off."""
    assert session.payout_cents is not None
    off = session.payout_cents - session.facts.paid_out_cents
    if off > 0:
        tx.publish(
            PayoutCancelled(
                client_id=session.client_id,
                session_id=session.session_id,
                provider_id=session.provider_id,
                amount_cents=off,
            )
        )
    tx.unschedule("payout", session.client_id, session.session_id)
    return replace(session, payout_cents=session.facts.paid_out_cents)


def ask_later(tx: Transaction, session: Session, key: str) -> None:
    """A charge that has no answer after some days is for a person: until then nothing is given back."""
    tx.schedule("answer", session.client_id, key, tx.now + _ANSWER_WITHIN, session_id=session.session_id)


def charge_balance(tx: Transaction, session: Session, cents: int, decided_by: tuple[str, ...]) -> Session:
    """Ask for a balance: its key comes from the adjudications that made it due."""
    key = f"balance-{session.session_id}-{digest(*sorted(decided_by))}"
    if key in session.facts.charges:
        return session
    charges = {**session.facts.charges, key: ChargeRequest(cents, Purpose.BALANCE)}
    ask_later(tx, session, key)
    tx.publish(
        ChargeRequested(
            client_id=session.client_id,
            session_id=session.session_id,
            idempotency_key=key,
            amount_cents=cents,
            purpose="balance",
        )
    )
    return replace(session, facts=replace(session.facts, charges=charges))
