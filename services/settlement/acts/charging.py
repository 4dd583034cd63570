"""The estimate and its charge: the contracted rate, the primary's benefits, and a rate that is still on its way."""

from dataclasses import replace
from datetime import datetime, timedelta

from services.settlement import store
from services.settlement.acts.reviewing import review, review_once
from services.settlement.acts.settling import request_charge, settle_session
from services.settlement.answers.payment_answer import Moved
from services.settlement.answers.session_facts import ChargeRequest, Purpose
from services.settlement.money.estimate import Estimate, Pending, estimate
from services.settlement.money.progress import Step
from services.settlement.money.rate import RateKey, RateMissingError, contracted_rate_cents
from services.settlement.money.request_keys import estimate_key
from services.settlement.money.settle import settle
from services.settlement.settings import policy
from services.settlement.store import PROVIDER_GROUPS, Session
from services.settlement.terms import LARGEST_CENTS
from shared.events.coverage import SessionCleared
from shared.events.settlement import ClientCharged, SessionEstimated
from shared.runtime.transaction import Transaction

_RATE_RETRY = timedelta(seconds=5)
_LONGEST_RETRY = timedelta(hours=6)


async def estimate_and_charge(tx: Transaction, session: Session, since: str | None) -> None:
    """Find the rate; charge the estimate the first time; wait for a rate that is still on its way."""
    assert session.cleared is not None
    if session.facts.cancelled:
        await settle_session(tx, session, policy().terms)
        return
    try:
        rate_cents = await rate_now_cents(tx, session.cleared)
    except RateMissingError as error:
        session = _wait_for_rate(tx, session, "rate_missing", str(error), since)
    else:
        if rate_cents > LARGEST_CENTS:
            session = _wait_for_rate(tx, session, "amount_too_large", f"a rate of {rate_cents} cents", since)
        else:
            session = await _rated(tx, session, rate_cents)
    await settle_session(tx, session, policy().terms)


async def _rated(tx: Transaction, session: Session, rate_cents: int) -> Session:
    session = replace(session, waits_for=None, facts=replace(session.facts, rate_cents=rate_cents))
    tx.unschedule("rate", session.client_id, session.session_id)
    if session.estimate is not None:
        return session
    return _charge(tx, replace(session, estimate=await _estimated(tx, session, rate_cents)))


async def rate_now_cents(tx: Transaction, cleared: SessionCleared, payer_id: str | None = None) -> int:
    """The contracted rate of a session by the directory as it stands: the primary's, or another payer's.

    Raises RateMissingError.
    """
    group = await tx.one(PROVIDER_GROUPS, cleared.provider_id)
    key = RateKey(payer_id or cleared.rate_payer_id, cleared.provider_id, group.group_id if group else None)
    holders = [holder for holder in (key.provider_id, key.group_id) if holder]
    procedures = [line.procedure for line in cleared.lines]
    rates = await store.rates_of(tx, key.payer_id, holders, procedures)
    return contracted_rate_cents(rates, key, cleared.lines, cleared.date_of_service)


async def _estimated(tx: Transaction, session: Session, rate_cents: int) -> Estimate:
    assert session.cleared is not None
    others = await store.unsettled(tx, session.client_id, session.primary_payer_id)
    pending = [
        Pending(other.estimate.deductible_cents, other.estimate.estimate_cents)
        for other in others
        if other.session_id != session.session_id and other.estimate is not None and _uses_up(other, session)
    ]
    return estimate(rate_cents, session.facts.charge_cents, session.cleared.cost_share, policy().rule, pending)


def _uses_up(other: Session, session: Session) -> bool:
    """Whether the other session uses up deductible and maximum before this one, and the plan does not know it yet.

    What the plan has adjudicated is in its own figures; with the year both begin anew.
    """
    known = Step.PRIMARY_ANSWERED in other.happened
    return not known and not other.facts.cancelled and other.date_of_service.year == session.date_of_service.year


def _wait_for_rate(tx: Transaction, session: Session, reason: str, evidence: str, since: str | None) -> Session:
    """The directory may be behind; after a day a person hears of it, and we keep looking."""
    waited = tx.now - datetime.fromisoformat(since) if since else timedelta()
    if waited >= policy().rate_patience or reason != "rate_missing":
        session = review_once(tx, session, reason, evidence)
    retry = min(_LONGEST_RETRY, max(_RATE_RETRY, waited))
    since = since or tx.now.isoformat()
    tx.schedule("rate", session.client_id, session.session_id, tx.now + retry, since=since)
    return replace(session, waits_for="rate")


def _charge(tx: Transaction, session: Session) -> Session:
    """Ask the payment system for the estimate, once a session; not where the rate comes after the payers' answers."""
    estimated = session.estimate
    assert estimated is not None
    tx.publish(
        SessionEstimated(
            client_id=session.client_id,
            session_id=session.session_id,
            rate_cents=estimated.rate_cents,
            estimate_cents=estimated.estimate_cents,
            deductible_cents=estimated.deductible_cents,
            coinsurance_cents=estimated.coinsurance_cents,
            copay_cents=estimated.copay_cents,
            basis=estimated.basis.value,
            confidence=estimated.confidence,
        )
    )
    if estimated.estimate_cents == 0 or _known_before_the_rate(session):
        return session
    key = estimate_key(session.name)
    session = request_charge(tx, session, key, ChargeRequest(estimated.estimate_cents))
    facts = session.facts
    early = facts.payment_answers.get(key)
    if early is not None and early.paid_cents > estimated.estimate_cents:
        review(tx, session, "answer_exceeds_request", f"{key}: {early.moved} with {early.paid_cents} cents")
        facts = replace(facts, payment_answers={k: v for k, v in facts.payment_answers.items() if k != key})
    session = replace(session, facts=facts)
    if key in facts.payment_answers and facts.payment_answers[key].moved is Moved.SUCCEEDED:
        tell_charged(tx, session, key)
    return session


def _known_before_the_rate(session: Session) -> bool:
    """Whether the rate came so late that the payers have settled the cost: that is announced, and charged on its day.

    Or that a claim came too late for its payer: the client owes nothing then. Days late, that is: where events only
    overtake each other, as in a rebuild, the estimate was asked for in its time.
    """
    if "rate_missing" not in session.reviews:
        return False
    target = settle(session.name, session.facts)
    return target.final_cost_cents is not None or target.cost.filed_late


def tell_charged(tx: Transaction, session: Session, key: str) -> None:
    """Say that a charge went through."""
    tx.publish(
        ClientCharged(
            client_id=session.client_id,
            session_id=session.session_id,
            amount_cents=session.facts.payment_answers[key].paid_cents,
            date_of_service=session.date_of_service,
            has_secondary=session.cleared is not None and len(session.cleared.plans) > 1,
            primary_payer_id=session.primary_payer_id,
            confidence=session.estimate.confidence if session.estimate else "none",
            purpose="estimate" if session.facts.charges[key].purpose is Purpose.ESTIMATE else "balance",
        )
    )
