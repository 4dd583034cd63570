"""Whether a session took place on its confirmed date: only then is its service booked and the provider paid."""

from dataclasses import replace
from datetime import timedelta

from services.settlement.acts.reviewing import review_evidence_once
from services.settlement.money.progress import ALERT_DAYS_BEFORE, Step, ends_on
from services.settlement.store import Session
from shared.runtime.transaction import Transaction


def count_completion(tx: Transaction, session: Session) -> Session:
    """Count a completion of the confirmed date once that day has come; one of another date is for a person."""
    said = session.facts.completed_for
    if session.completed_on_another_day:
        return _ask_which_day(tx, session)
    if said is None or session.cleared is None or session.facts.completed:
        return session
    if said > tx.today:
        tx.schedule("completed", session.client_id, session.session_id, tx.now + (said - tx.today))
        return session
    facts = replace(session.facts, completed=True)
    session = replace(session, facts=facts, happened={Step.COMPLETED: tx.today, **session.happened})
    _run_clock_from_completion(tx, session)
    return session


def _ask_which_day(tx: Transaction, session: Session) -> Session:
    """Upstream has to correct one of the two dates; where the session was cancelled, neither matters."""
    if session.facts.cancelled:
        return session
    evidence = f"completed for {session.facts.completed_for}, confirmed for {session.date_of_service}"
    return review_evidence_once(tx, session, "completed_on_another_day", evidence)


def _run_clock_from_completion(tx: Transaction, session: Session) -> None:
    """A session that took place when the days were nearly over has its days from then."""
    confirmed_on = session.happened.get(Step.CONFIRMED)
    ends = ends_on(confirmed_on, tx.today) if confirmed_on is not None else None
    if confirmed_on is not None and ends is not None and ends > ends_on(confirmed_on):
        for name, day in (("alert", ends - timedelta(days=ALERT_DAYS_BEFORE)), ("deadline", ends)):
            tx.schedule(name, session.client_id, session.session_id, tx.now + (day - tx.today))
