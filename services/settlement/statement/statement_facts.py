"""What the statement takes from the directory: payers' names, and the terms of secondaries that are awaited."""

from collections.abc import Sequence
from datetime import date

from services.settlement import store
from services.settlement.acts.charging import rate_now_cents
from services.settlement.answers.adjudication import Level
from services.settlement.money.expected import SecondaryKnown
from services.settlement.money.progress import Step
from services.settlement.money.rate import RateMissingError
from services.settlement.statement.statement_page import Known
from services.settlement.store import Payer, Session
from shared.runtime.transaction import Transaction


async def known_of(tx: Transaction, sessions: Sequence[Session]) -> Known:
    """What is known of the sessions' plans."""
    cleared = [session.cleared for session in sessions if session.cleared is not None]
    payers = await store.payers_of(tx, sorted({plan.payer_id for decision in cleared for plan in decision.plans}))
    secondaries: dict[str, SecondaryKnown] = {}
    for session in sessions:
        secondary = await _secondary(tx, session, payers)
        if secondary is not None:
            secondaries[session.session_id] = secondary
    return Known({payer.payer_id: payer.name for payer in payers.values()}, secondaries, await _of_day(tx, sessions))


async def _of_day(tx: Transaction, sessions: Sequence[Session]) -> dict[date, list[str]]:
    """The ids of the client's visits of each day, in the order in which they were confirmed."""
    of_day: dict[date, list[str]] = {}
    if sessions:
        days = sorted({session.date_of_service for session in sessions})
        visits = await store.sessions_of_days(tx, sessions[0].client_id, days)
        for visit in sorted(visits, key=lambda visit: (visit.happened.get(Step.CONFIRMED, date.max), visit.session_id)):
            of_day.setdefault(visit.date_of_service, []).append(visit.session_id)
    return of_day


async def _secondary(tx: Transaction, session: Session, payers: dict[str, Payer]) -> SecondaryKnown | None:
    """The secondary's terms, for a session that waits for its answer after the primary's."""
    if session.cleared is None or Step.PRIMARY_ANSWERED not in session.happened or session.final_cost_cents is not None:
        return None
    plan = next((plan for plan in session.cleared.plans if plan.level == Level.SECONDARY and plan.billable), None)
    if plan is None or plan.payer_id not in payers:
        return None
    try:
        rate_cents = await rate_now_cents(tx, session.cleared, plan.payer_id)
    except RateMissingError:
        rate_cents = None
    return SecondaryKnown(payers[plan.payer_id].method, rate_cents, session.cleared.secondary_cost_share)
