"""What settlement does with each event: remember the fact, then let `settle_session` draw the consequences.

Coverage's one decision on a session brings the estimate and the charge; completion fixes the rate and the payout; the
payers' adjudications bring the final cost; the payment system's answers move the money.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.settlement.adjudication import Adjudication, Level
from services.settlement.charging import estimate_and_charge
from services.settlement.claim_answers import adjudication_of
from services.settlement.session_facts import Moved, PaymentAnswer, Purpose, stronger
from services.settlement.settings import policy
from services.settlement.settling import review, settle_session
from services.settlement.store import (
    PAYER_METHODS,
    PROVIDER_GROUPS,
    RATES,
    SESSIONS,
    PayerMethod,
    ProviderGroup,
    Rate,
    Session,
    session_of,
)
from services.settlement.waiting import Step, alert_on, ends_on
from shared.events.claims import (
    ClaimAdjudicated,
    ClaimCancelled,
    ClaimReversed,
    ClaimSubmitted,
    ClaimWrittenOff,
    SecondaryWithheld,
)
from shared.events.coverage import SessionCleared
from shared.events.directory import PayerListed, ProviderListed, RateAgreed
from shared.events.payments import PaymentDisputed, PaymentFailed, PaymentSucceeded, RefundFailed, RefundSucceeded
from shared.events.sessions import SessionCancelled, SessionCompleted
from shared.events.settlement import (
    ChargeFailed,
    ClientCharged,
    PayoutCancelled,
    RefundIssued,
)
from shared.transaction import Transaction


async def on_session_cleared(event: SessionCleared, tx: Transaction) -> None:
    """Charge the primary's estimate; a later decision only changes who is billed and at which rate."""
    session = await session_of(tx, event.client_id, event.session_id)
    if session.cleared is not None and session.cleared.decision >= event.decision:
        return
    expected = frozenset(Level(plan.level) for plan in event.plans if plan.billable)
    facts = replace(session.facts, expected=expected, charge_cents=sum(line.charge_cents for line in event.lines))
    session = replace(
        session,
        cleared=event,
        facts=facts,
        provider_id=event.provider_id,
        date_of_service=event.date_of_service,
        primary_payer_id=event.rate_payer_id,
        happened={Step.CONFIRMED: event.confirmed_on, **session.happened},
    )
    _set_clock(tx, session)
    await estimate_and_charge(tx, session, since=None)


async def on_session_completed(event: SessionCompleted, tx: Transaction) -> None:
    """The service is in the books once its rate is known; the provider's pay is fixed."""
    session = await session_of(tx, event.client_id, event.session_id)
    facts = replace(session.facts, completed=True)
    session = replace(session, facts=facts, happened={Step.COMPLETED: tx.today, **session.happened})
    await settle_session(tx, session, policy().terms)


async def on_session_cancelled(event: SessionCancelled, tx: Transaction) -> None:
    """Undo what was done so far: the charge goes back, the payout that was not paid is off."""
    session = await session_of(tx, event.client_id, event.session_id)
    if session.facts.cancelled:
        return
    unpaid = (session.payout_cents or 0) - session.facts.paid_out_cents
    for timer in ("payout", "balance", "rate", "alert", "deadline"):
        tx.unschedule(timer, event.client_id, event.session_id)
    if unpaid > 0:
        tx.publish(
            PayoutCancelled(
                client_id=event.client_id,
                session_id=event.session_id,
                provider_id=session.provider_id,
                amount_cents=unpaid,
            )
        )
    await settle_session(tx, replace(session, facts=replace(session.facts, cancelled=True)), policy().terms)


def _set_clock(tx: Transaction, session: Session) -> None:
    """The 90 days run from confirmation."""
    confirmed_on = session.happened[Step.CONFIRMED]
    for name, day in (("alert", alert_on(confirmed_on)), ("deadline", ends_on(confirmed_on))):
        at = tx.now + (day - tx.today)
        tx.schedule(name, session.client_id, session.session_id, at)


async def on_claim_submitted(event: ClaimSubmitted, tx: Transaction) -> None:
    """A step on the client's page; whoever is billed is also awaited."""
    session = await session_of(tx, event.client_id, event.session_id)
    step = Step(f"{event.level}_sent")
    happened = {step: event.submitted_on, **session.happened}
    facts = session.facts
    if event.frequency != "8":
        expected = None if facts.expected is None else facts.expected | {Level(event.level)}
        facts = replace(facts, expected=expected, given_up=facts.given_up - {Level(event.level)})
    tx.save(SESSIONS, replace(session, happened=happened, facts=facts))


async def on_claim_answered(event: ClaimAdjudicated | ClaimReversed, tx: Transaction) -> None:
    """A payer's adjudication, or its taking back."""
    session = await session_of(tx, event.client_id, event.session_id)
    answers: Mapping[str, Adjudication] = {**session.facts.answers, event.adjudication_id: adjudication_of(event)}
    happened = {**session.happened}
    if isinstance(event, ClaimAdjudicated) and event.decides_benefits:
        happened[Step(f"{event.level}_answered")] = event.adjudicated_on
    await settle_session(
        tx, replace(session, facts=replace(session.facts, answers=answers), happened=happened), policy().terms
    )


async def on_not_billed(event: SecondaryWithheld | ClaimWrittenOff | ClaimCancelled, tx: Transaction) -> None:
    """No claim goes to this payer, or it was given up: its answer is not awaited."""
    session = await session_of(tx, event.client_id, event.session_id)
    level, expected = Level(event.level), session.facts.expected
    if expected is not None and level is not Level.PRIMARY:
        expected = expected - {level}
    facts = replace(session.facts, expected=expected, given_up=session.facts.given_up | {level})
    await settle_session(tx, replace(session, facts=facts), policy().terms)


async def on_payment_succeeded(event: PaymentSucceeded, tx: Transaction) -> None:
    """The client paid."""
    session = await _answered(tx, event, Moved.SUCCEEDED)
    if session is None:
        return
    charge = session.facts.charges[event.idempotency_key]
    tx.publish(
        ClientCharged(
            client_id=event.client_id,
            session_id=event.session_id,
            amount_cents=event.amount_cents,
            date_of_service=session.date_of_service,
            has_secondary=session.cleared is not None and len(session.cleared.plans) > 1,
            primary_payer_id=session.primary_payer_id,
            confidence=session.estimate.confidence if session.estimate else "none",
            purpose="estimate" if charge.purpose is Purpose.ESTIMATE else "balance",
        )
    )


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
    """A person pays it out in another way."""
    await _answered(tx, event, Moved.FAILED)


async def _answered(tx: Transaction, event: Any, moved: Moved) -> Session | None:
    """Remember an answer; None where it says nothing new, or nothing was asked."""
    session = await session_of(tx, event.client_id, event.session_id)
    key, given = event.idempotency_key, PaymentAnswer(moved, event.amount_cents)
    asked = key in session.facts.charges or key in session.facts.refunds
    before = session.facts.payment_answers.get(key)
    now = stronger(before, given)
    if before == now:
        return None
    if not asked:
        review(tx, session, "answer_without_request", f"the payment system answered {key}, which was never asked")
        return None
    facts = replace(session.facts, payment_answers={**session.facts.payment_answers, key: now})
    happened = session.happened
    if moved is Moved.SUCCEEDED and key in facts.charges:
        happened = {Step.CHARGED: tx.today, **happened}
    return await settle_session(tx, replace(session, facts=facts, happened=happened), policy().terms)


async def on_rate_agreed(event: RateAgreed, tx: Transaction) -> None:
    """Keep the rate."""
    holder = event.provider_id or event.group_id
    assert holder is not None
    tx.save(RATES, Rate(event.payer_id, holder, event.procedure, event.from_day, event))


async def on_provider_listed(event: ProviderListed, tx: Transaction) -> None:
    """Keep the provider's group: rates may be the group's."""
    tx.save(PROVIDER_GROUPS, ProviderGroup(event.provider_id, event.group_id))


async def on_payer_listed(event: PayerListed, tx: Transaction) -> None:
    """Keep how the payer coordinates."""
    tx.save(PAYER_METHODS, PayerMethod(event.payer_id, event.coordination_method))


HANDLERS: dict[type[Any], Any] = {
    SessionCleared: on_session_cleared,
    SessionCompleted: on_session_completed,
    SessionCancelled: on_session_cancelled,
    ClaimSubmitted: on_claim_submitted,
    ClaimAdjudicated: on_claim_answered,
    ClaimReversed: on_claim_answered,
    SecondaryWithheld: on_not_billed,
    ClaimWrittenOff: on_not_billed,
    ClaimCancelled: on_not_billed,
    PaymentSucceeded: on_payment_succeeded,
    PaymentFailed: on_payment_failed,
    PaymentDisputed: on_payment_failed,
    RefundSucceeded: on_refund_succeeded,
    RefundFailed: on_refund_failed,
    RateAgreed: on_rate_agreed,
    ProviderListed: on_provider_listed,
    PayerListed: on_payer_listed,
}
