"""What settlement does with each event: remember the fact, then let `settle_session` draw the consequences.

Coverage's one decision on a session brings the estimate and the charge; completion fixes the rate and the payout; the
payers' adjudications bring the final cost; the payment system's answers move the money.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from services.settlement.acts.announcing import on_letter
from services.settlement.acts.charging import estimate_and_charge
from services.settlement.acts.completing import count_completion
from services.settlement.acts.erasing import on_erasure_passed_on
from services.settlement.acts.keeping_rates import on_fact_withdrawn, on_rate_agreed
from services.settlement.acts.paying import (
    on_payment_failed,
    on_payment_succeeded,
    on_refund_failed,
    on_refund_succeeded,
)
from services.settlement.acts.reconciling import on_payment_remitted
from services.settlement.acts.reviewing import review, review_once
from services.settlement.acts.settling import cancel_payout, settle_session
from services.settlement.answers.adjudication import Adjudication, Level
from services.settlement.answers.awaited import OUR_FAULT
from services.settlement.answers.claim_answers import adjudication_of
from services.settlement.answers.session_facts import Deposit
from services.settlement.money.progress import Step, alert_on, completed_by, ends_on
from services.settlement.settings import policy
from services.settlement.store import (
    DEPOSITS,
    PAYERS,
    PROVIDER_GROUPS,
    SESSIONS,
    DepositRow,
    Payer,
    ProviderGroup,
    Session,
    session_of,
)
from services.settlement.terms import LARGEST_CENTS
from shared.events.answers_awaited import AnswersAwaited
from shared.events.claims import (
    ClaimAdjudicated,
    ClaimCancelled,
    ClaimReversed,
    ClaimSubmitted,
    ClaimWrittenOff,
    PaymentRemitted,
    SecondaryWithheld,
)
from shared.events.coverage import SessionCleared, SessionRefused
from shared.events.directory import FactWithdrawn, PayerListed, ProviderListed, RateAgreed
from shared.events.erasure import ErasurePassedOn
from shared.events.notification import LetterBounced, LetterFailed, LetterSent, LetterSkipped, LinksEnded
from shared.events.payments import PaymentDisputed, PaymentFailed, PaymentSucceeded, RefundFailed, RefundSucceeded
from shared.events.sessions import SessionCancelled, SessionCompleted
from shared.pages.link_versions import on_links_ended
from shared.runtime.service import wire, wired
from shared.runtime.transaction import Transaction

_DECISION_WITHIN = timedelta(days=1)


async def on_session_cleared(event: SessionCleared, tx: Transaction) -> None:
    """Charge the primary's estimate; a later decision only changes who is billed and at which rate."""
    session = await session_of(tx, event.client_id, event.session_id)
    if session.cleared is not None and session.cleared.decision >= event.decision:
        return
    charge_cents = sum(line.charge_cents for line in event.lines)
    if charge_cents > LARGEST_CENTS:
        review(tx, session, "amount_too_large", f"decision {event.decision}: charges of {charge_cents} cents")
        return
    if Step.CONFIRMED not in session.happened and not session.facts.cancelled:
        _set_clock(tx, event)
    facts = replace(
        session.facts,
        decision=event.decision,
        expected=frozenset(Level(plan.level) for plan in event.plans if plan.billable),
        plans={plan.plan_id: Level(plan.level) for plan in event.plans},
        charge_cents=charge_cents,
    )
    session = replace(
        session,
        cleared=event,
        facts=facts,
        provider_id=event.provider_id,
        date_of_service=event.date_of_service,
        primary_payer_id=event.rate_payer_id,
        happened={Step.CONFIRMED: event.confirmed_on, **session.happened},
    )
    await estimate_and_charge(tx, count_completion(tx, session), since=None)


async def on_session_refused(event: SessionRefused, tx: Transaction) -> None:
    """Nobody is charged. One that was cleared before is for a person: care may have been given."""
    session = await tx.one(SESSIONS, event.client_id, event.session_id)
    if session is not None and session.cleared is not None:
        tx.save(SESSIONS, review_once(tx, session, "refused_after_cleared", event.reason))


async def on_session_completed(event: SessionCompleted, tx: Transaction) -> None:
    """The service is in the books once its rate is known; the provider's pay is fixed at the rate of this moment.

    A completion of another date than the confirmed one books nothing, and stops a payout, until the dates agree.
    """
    before = await session_of(tx, event.client_id, event.session_id)
    said = replace(before, facts=replace(before.facts, completed_for=event.date_of_service))
    session = count_completion(tx, said)
    if before.facts.completed:
        tx.save(SESSIONS, session)
    elif session.facts.completed and session.waits_for is None:
        await estimate_and_charge(tx, session, since=None)
    else:
        await settle_session(tx, session, policy().terms)


async def on_session_cancelled(event: SessionCancelled, tx: Transaction) -> None:
    """Undo what was done so far: the charge goes back, the payout that was not paid is off."""
    session = await session_of(tx, event.client_id, event.session_id)
    if session.facts.cancelled:
        return
    unpaid = (session.payout_cents or 0) - session.facts.paid_out_cents
    for timer in ("payout", "balance", "rate", "alert", "deadline", "completion", "completed"):
        tx.unschedule(timer, event.client_id, event.session_id)
    cancel_payout(tx, session, unpaid)
    await settle_session(tx, replace(session, facts=replace(session.facts, cancelled=True)), policy().terms)


def _set_clock(tx: Transaction, event: SessionCleared) -> None:
    """The 90 days run from confirmation, whatever is decided anew on the session; so does the wait for its end."""
    for name, day in (
        ("alert", alert_on(event.confirmed_on)),
        ("deadline", ends_on(event.confirmed_on)),
        ("completion", completed_by(event.confirmed_on, event.date_of_service)),
    ):
        tx.schedule(name, event.client_id, event.session_id, tx.now + (day - tx.today))


async def on_answers_awaited(event: AnswersAwaited, tx: Transaction) -> None:
    """Whose answers are still to come; the highest version counts, whatever the order of arrival."""
    session = await session_of(tx, event.client_id, event.session_id)
    before = session.facts.claims_say
    if before is None or before.version < event.version:
        session = replace(session, facts=replace(session.facts, claims_say=event))
        await settle_session(tx, session, policy().terms)


async def on_claim_submitted(event: ClaimSubmitted, tx: Transaction) -> None:
    """A step on the client's page; a payer that was given up before is awaited again."""
    session = await session_of(tx, event.client_id, event.session_id)
    facts, plan = session.facts, {event.plan_id}
    if event.frequency == "8":
        return
    session = replace(session, happened={_step(session, event, "sent"): event.submitted_on, **session.happened})
    if plan & (facts.given_up | facts.written_off):
        facts = replace(facts, given_up=facts.given_up - plan, written_off=facts.written_off - plan)
        await settle_session(tx, replace(session, facts=facts), policy().terms)
    else:
        tx.save(SESSIONS, session)


def _step(session: Session, event: ClaimSubmitted | ClaimAdjudicated, what: str) -> Step:
    level = session.facts.level_of(event.plan_id, Level(event.level)) or Level(event.level)
    return Step(f"{level}_{what}")


async def on_claim_answered(event: ClaimAdjudicated | ClaimReversed, tx: Transaction) -> None:
    """A payer's adjudication, or its taking back, and the money that came or went with it."""
    session = await session_of(tx, event.client_id, event.session_id)
    if event.adjudication_id in session.facts.answers:
        return
    answer = adjudication_of(event)
    if _largest(answer) > LARGEST_CENTS:
        review(tx, session, "amount_too_large", f"{event.adjudication_id}: {_largest(answer)} cents")
        return
    answers: Mapping[str, Adjudication] = {**session.facts.answers, answer.id: answer}
    deposits = {**session.facts.deposits}
    moves_money = bool(answer.claim.paid_cents) and answer.counts
    if moves_money:
        deposits[answer.id] = Deposit(answer.level, answer.claim.paid_cents, event.payer_id, event.trace, answer.plan)
    happened = {**session.happened}
    decides = isinstance(event, ClaimAdjudicated) and event.decides_benefits
    if isinstance(event, ClaimAdjudicated) and decides:
        happened[_step(session, event, "answered")] = event.adjudicated_on
    if decides or moves_money:  # what is taken back is a part of its payment too
        paid = answer.claim.paid_cents
        row = DepositRow(event.client_id, event.session_id, answer.id, event.payer_id, event.trace, paid)
        tx.save(DEPOSITS, row)
    if session.cleared is None:
        tx.schedule("unknown", event.client_id, event.session_id, tx.now + _DECISION_WITHIN)
    facts = replace(session.facts, answers=answers, deposits=deposits)
    await settle_session(tx, replace(session, facts=facts, happened=happened), policy().terms)


def _largest(answer: Adjudication) -> int:
    claim = answer.claim
    amounts = [claim.charge_cents, claim.paid_cents, *(adjustment.amount_cents for adjustment in claim.all_adjustments)]
    return max(abs(cents) for cents in [*amounts, *(line.paid_cents for line in claim.lines)])


async def on_not_billed(event: SecondaryWithheld | ClaimWrittenOff | ClaimCancelled, tx: Transaction) -> None:
    """No claim goes to this payer, or it was given up; read until the claims service's first word on the session."""
    session = await session_of(tx, event.client_id, event.session_id)
    facts, plan = session.facts, {event.plan_id}
    if isinstance(event, ClaimWrittenOff) or (isinstance(event, SecondaryWithheld) and event.reason in OUR_FAULT):
        facts = replace(facts, written_off=facts.written_off | plan)
    else:
        facts = replace(facts, given_up=facts.given_up | plan)
    await settle_session(tx, replace(session, facts=facts), policy().terms)


async def on_provider_listed(event: ProviderListed, tx: Transaction) -> None:
    """Keep the provider's group: rates may be the group's."""
    tx.save(PROVIDER_GROUPS, ProviderGroup(event.provider_id, event.group_id))


async def on_payer_listed(event: PayerListed, tx: Transaction) -> None:
    """Keep the payer's name, for the statement, and how it coordinates, for the forecast."""
    tx.save(PAYERS, Payer(event.payer_id, event.name, event.coordination_method))


HANDLERS = wired(
    wire(SessionCleared, on_session_cleared),
    wire(SessionRefused, on_session_refused),
    wire(SessionCompleted, on_session_completed),
    wire(SessionCancelled, on_session_cancelled),
    wire(ClaimSubmitted, on_claim_submitted),
    wire(ClaimAdjudicated, on_claim_answered),
    wire(ClaimReversed, on_claim_answered),
    wire(SecondaryWithheld, on_not_billed),
    wire(ClaimWrittenOff, on_not_billed),
    wire(AnswersAwaited, on_answers_awaited),
    wire(ClaimCancelled, on_not_billed),
    wire(PaymentSucceeded, on_payment_succeeded),
    wire(PaymentFailed, on_payment_failed),
    wire(PaymentDisputed, on_payment_failed),
    wire(RefundSucceeded, on_refund_succeeded),
    wire(RefundFailed, on_refund_failed),
    wire(PaymentRemitted, on_payment_remitted),
    wire(RateAgreed, on_rate_agreed),
    wire(FactWithdrawn, on_fact_withdrawn),
    wire(ProviderListed, on_provider_listed),
    wire(PayerListed, on_payer_listed),
    wire(LetterSent, on_letter),
    wire(LetterFailed, on_letter),
    wire(LetterBounced, on_letter),
    wire(LetterSkipped, on_letter),
    wire(LinksEnded, on_links_ended),
    wire(ErasurePassedOn, on_erasure_passed_on),
)
