"""The estimate and its charge: the contracted rate, the primary's benefits, and a rate that is still on its way."""

from dataclasses import replace
from datetime import datetime, timedelta

from services.settlement import store
from services.settlement.estimate import Estimate, Pending, estimate
from services.settlement.rate import RateKey, RateMissingError, contracted_rate_cents
from services.settlement.session_facts import ChargeRequest
from services.settlement.settings import policy
from services.settlement.settling import review, settle_session
from services.settlement.store import PROVIDER_GROUPS, SESSIONS, Session
from shared.events.coverage import SessionCleared
from shared.events.settlement import ChargeRequested, SessionEstimated
from shared.transaction import Transaction

_RATE_RETRY = timedelta(seconds=5)
_LONGEST_RETRY = timedelta(hours=6)


async def estimate_and_charge(tx: Transaction, session: Session, since: str | None) -> None:
    """Find the rate; charge the estimate the first time; wait for a rate that is still on its way."""
    assert session.cleared is not None
    try:
        rate_cents = await _rate_cents(tx, session.cleared)
    except RateMissingError as error:
        _wait_for_rate(tx, session, error.procedure, since)
        return
    found = await _estimated(tx, session, rate_cents)
    facts = replace(session.facts, rate_cents=rate_cents)
    session = replace(session, waits_for=None, facts=facts)
    if session.estimate is None and not facts.cancelled:
        session = _charge(tx, replace(session, estimate=found))
    await settle_session(tx, session, policy().terms)


async def _rate_cents(tx: Transaction, cleared: SessionCleared) -> int:
    group = await tx.one(PROVIDER_GROUPS, cleared.provider_id)
    key = RateKey(cleared.rate_payer_id, cleared.provider_id, group.group_id if group else None)
    holders = [holder for holder in (key.provider_id, key.group_id) if holder]
    procedures = [line.procedure for line in cleared.lines]
    rates = await store.rates_of(tx, key.payer_id, holders, procedures)
    return contracted_rate_cents(rates, key, cleared.lines, cleared.date_of_service)


async def _estimated(tx: Transaction, session: Session, rate_cents: int) -> Estimate:
    assert session.cleared is not None
    others = await store.unadjudicated(tx, session.client_id, session.primary_payer_id)
    pending = [
        Pending(other.estimate.deductible_cents, other.estimate.estimate_cents)
        for other in others
        if other.session_id != session.session_id and other.estimate is not None and not other.facts.cancelled
    ]
    return estimate(rate_cents, session.cleared.cost_share, policy().rule, pending)


def _wait_for_rate(tx: Transaction, session: Session, procedure: str, since: str | None) -> None:
    """The directory may be behind; after a day a person hears of it, and we keep looking."""
    waited = tx.now - datetime.fromisoformat(since) if since else timedelta()
    if waited >= policy().rate_patience and "rate_missing" not in session.reviews:
        review(tx, session, "rate_missing", f"no contracted rate for {procedure} on the date of service")
        session = replace(session, reviews=(*session.reviews, "rate_missing"))
    tx.save(SESSIONS, replace(session, waits_for="rate"))
    retry = min(_LONGEST_RETRY, max(_RATE_RETRY, waited))
    since = since or tx.now.isoformat()
    tx.schedule("rate", session.client_id, session.session_id, tx.now + retry, since=since)


def _charge(tx: Transaction, session: Session) -> Session:
    """Ask the payment system for the estimate, once a session."""
    found = session.estimate
    assert found is not None
    tx.publish(
        SessionEstimated(
            client_id=session.client_id,
            session_id=session.session_id,
            rate_cents=found.rate_cents,
            estimate_cents=found.estimate_cents,
            deductible_cents=found.deductible_cents,
            coinsurance_cents=found.coinsurance_cents,
            copay_cents=found.copay_cents,
            basis=found.basis.value,
            confidence=found.confidence,
        )
    )
    if found.estimate_cents == 0:
        return session
    key = f"charge-{session.session_id}"
    tx.publish(
        ChargeRequested(
            client_id=session.client_id,
            session_id=session.session_id,
            idempotency_key=key,
            amount_cents=found.estimate_cents,
        )
    )
    charges = {**session.facts.charges, key: ChargeRequest(found.estimate_cents)}
    return replace(session, facts=replace(session.facts, charges=charges))
