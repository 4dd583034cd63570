"""What upstream and claims say of a session."""

from dataclasses import replace
from datetime import date, timedelta

from services.coverage import store
from services.coverage.benefits import asking_payers
from services.coverage.incoming import redeciding
from services.coverage.order.facts import EARLIEST
from services.coverage.rows import CANCELLED, REFUSED, WAITING, Session, without_diagnoses
from services.coverage.sessions import clearing as sessions
from services.coverage.sessions.later_payers import what_may_change_who_pays
from services.coverage.settings import policy
from shared.events.claims import ClaimAdjudicated, ClaimReversed, ClaimSubmitted
from shared.events.coverage import CoverageReviewRequested
from shared.events.sessions import SessionCancelled, SessionCompleted, SessionConfirmed
from shared.runtime.late_or_wrong.refusal import Refusal, Told, refuse, refuse_earlier, told_by
from shared.runtime.timers import Timer
from shared.runtime.transaction import Transaction

_AHEAD = timedelta(days=366)
"""So far ahead a session may be confirmed; the check that publishers run says the same."""
_ZONES = timedelta(days=1)
"""So far ahead of ours, which is UTC's, the day may be where a client lives."""
_SESSION_CANCELLED = Refusal("session_cancelled", "a session held after all gets an id of its own", "session_id")
_CLIENT_ERASED = Refusal("client_erased", "the client asked to be forgotten: no new session is taken", "client_id")
_NEVER_CONFIRMED = Refusal(
    "not_known", "session.confirmed has not come: publish it; the completion is kept and counts from then", "session_id"
)
_BEFORE_ANY_PLAN = Refusal("impossible", f"it is before {EARLIEST}: is the year right?", "date_of_service")
_YEARS_AHEAD = Refusal("impossible", "it is more than a year ahead: is the year right?", "date_of_service")


async def _session(tx: Transaction, client_id: str, session_id: str) -> Session:
    return await tx.one(store.SESSION, client_id, session_id) or Session(client_id, session_id)


async def on_session_confirmed(event: SessionConfirmed, tx: Transaction) -> None:
    """Decide the session, or keep it waiting for what is missing. The same confirmation again changes nothing,
    except that one which was refused is looked at anew.
    """
    event = without_diagnoses(event)
    session = await _session(tx, event.client_id, event.session_id)
    if session.state == CANCELLED:
        refuse(tx, event, _SESSION_CANCELLED)
        return
    if not EARLIEST <= event.date_of_service <= tx.today + _AHEAD:
        refuse(tx, event, _BEFORE_ANY_PLAN if event.date_of_service < EARLIEST else _YEARS_AHEAD)
        return
    if session.confirmed is None and await tx.one(store.ERASURE, event.client_id) is not None:
        refuse(tx, event, _CLIENT_ERASED)
        return
    if session.confirmed == event and session.state != REFUSED:
        return
    if session.final:
        tx.publish(_changed_too_late(session, event))
        situation = await store.situation(tx, event.client_id, policy().benefits_fresh_days)
        await sessions.restate_services(tx, situation, session, event)
        return
    completed_on = session.date_of_service if session.completed and session.confirmed is None else None
    if completed_on is not None and completed_on != event.date_of_service:
        completion = SessionCompleted(
            client_id=event.client_id, session_id=event.session_id, date_of_service=completed_on
        )
        refuse_earlier(tx, completion, _completed_on_another_date(tx, event, completed_on))
        session = replace(session, completed=False)
    session = replace(
        session,
        state=WAITING if session.state == REFUSED else session.state,
        provider_id=event.provider_id,
        date_of_service=event.date_of_service,
        confirmed=event,
        confirmed_at=tx.now if session.confirmed_at is None or session.state == REFUSED else session.confirmed_at,
    )
    tx.save(store.SESSION, session)
    situation = await store.situation(tx, event.client_id, policy().benefits_fresh_days)
    await sessions.decide(tx, situation, session)


def _changed_too_late(session: Session, event: SessionConfirmed) -> CoverageReviewRequested:
    """Services are corrected by themselves; what may change who pays is for a person, who is told how."""
    changed = ", ".join(what_may_change_who_pays(session, event))
    evidence = "the services of a session changed after a payer had adjudicated it: its claims are replaced"
    if changed:
        evidence = (
            f"the {changed} of a session changed after a payer had adjudicated it: no claim follows."
            " Confirm it as it was, or cancel it and confirm what took place under another id"
        )
    return CoverageReviewRequested(
        client_id=event.client_id,
        reason="session_changed_after_adjudication",
        evidence=evidence,
        session_id=event.session_id,
    )


async def on_session_completed(event: SessionCompleted, tx: Transaction) -> None:
    """Keep that it took place; a completion of another date than the confirmed one is refused.

    One dated ahead is told and counts on its day; one that is never confirmed is told after a while, and kept.
    """
    session = await _session(tx, event.client_id, event.session_id)
    if session.state == CANCELLED:
        refuse(tx, event, _SESSION_CANCELLED)
    elif session.confirmed is not None and session.confirmed.date_of_service != event.date_of_service:
        refusal = _completed_on_another_date(tx, event, session.confirmed.date_of_service)
        refuse(tx, event, refusal)
    else:
        if event.date_of_service > tx.today + _ZONES:
            refuse(tx, event, _completed_ahead(event.date_of_service, tx.today))
        if session.confirmed is None and not session.completed:
            patience = timedelta(hours=policy().directory_patience_hours)
            tx.schedule("completion", event.client_id, event.session_id, tx.now + patience, **told_by(tx))
        if not session.completed or session.date_of_service != event.date_of_service:
            tx.save(store.SESSION, replace(session, completed=True, date_of_service=event.date_of_service))


def _completed_ahead(day: date, today: date) -> Refusal:
    what_to_do = (
        f"today is {today}: nothing is billed or paid before {day}; if that is not the day, correct session.confirmed"
        " and this; if it will not be held, publish session.cancelled"
    )
    return Refusal("impossible", what_to_do, "date_of_service", "completed_ahead")


async def on_never_confirmed(timer: Timer, tx: Transaction) -> None:
    """A session was completed a while ago, and nobody has confirmed it: upstream hears of it."""
    session = await _session(tx, timer.client_id, timer.subject)
    if session.confirmed is not None or session.state == CANCELLED or session.date_of_service is None:
        return
    completion = SessionCompleted(
        client_id=session.client_id, session_id=session.session_id, date_of_service=session.date_of_service
    )
    refuse_earlier(tx, completion, _NEVER_CONFIRMED, Told(**timer.data))


def _completed_on_another_date(tx: Transaction, event: SessionCompleted | SessionConfirmed, other: date) -> Refusal:
    """The refusal of the completion; a person hears of it, since one of the two dates is wrong."""
    problem = "completed_on_another_date"
    detail = f"session {event.session_id} is of {event.date_of_service} by one event and of {other} by another"
    tx.publish(
        CoverageReviewRequested(client_id=event.client_id, reason=problem, evidence=detail, session_id=event.session_id)
    )
    return Refusal("impossible", detail, "date_of_service", problem)


async def on_session_cancelled(event: SessionCancelled, tx: Transaction) -> None:
    """Nothing is decided on it any more, even where its confirmation comes later."""
    session = await _session(tx, event.client_id, event.session_id)
    tx.save(store.SESSION, replace(session, state=CANCELLED))
    tx.unschedule("session.waits", event.client_id, event.session_id)


async def on_claim_submitted(event: ClaimSubmitted, tx: Transaction) -> None:
    """Keep which plan got the primary claim, so that a corrected order names the claims to correct."""
    session = await tx.one(store.SESSION, event.client_id, event.session_id)
    if session is not None and event.level == "primary":
        sent = None if event.frequency == "8" else event.plan_id
        tx.save(store.SESSION, replace(session, sent_plan_id=sent))


async def on_claim_adjudicated(event: ClaimAdjudicated, tx: Transaction) -> None:
    """A payer has decided the benefits: its plan stays billed, and the primary stays first once it has answered."""
    session = await tx.one(store.SESSION, event.client_id, event.session_id)
    if session is None or not event.decides_benefits:
        return
    answered = tuple(sorted(session.answered_plans | {event.plan_id}))
    after = replace(session, final=session.final or event.level == "primary", answered=answered)
    if after != session:
        tx.save(store.SESSION, after)


async def on_claim_reversed(event: ClaimReversed, tx: Transaction) -> None:
    """The payer took its adjudication back: its plan may lose its place, the primary the first one."""
    session = await tx.one(store.SESSION, event.client_id, event.session_id)
    if session is None:
        return
    answered = tuple(sorted(session.answered_plans - {event.plan_id}))
    after = replace(session, final=session.final and event.level != "primary", answered=answered)
    if (after.final, after.answered_plans) != (session.final, session.answered_plans):
        tx.save(store.SESSION, after)
        await redeciding.redecide(tx, event.client_id)


async def on_session_waits(timer: Timer, tx: Transaction) -> None:
    """A session has waited: decide it with what has come meanwhile."""
    session = await tx.one(store.SESSION, timer.client_id, timer.subject)
    if session is not None and session.state == WAITING:
        situation = await store.situation(tx, timer.client_id, policy().benefits_fresh_days)
        await sessions.decide(tx, situation, session)


async def on_session_day(timer: Timer, tx: Transaction) -> None:
    """The day of a session has come whose plans were inactive or unknown before: ask about that very date."""
    session = await tx.one(store.SESSION, timer.client_id, timer.subject)
    if session is None or session.confirmed is None or session.state == CANCELLED or session.final:
        return
    situation = await store.situation(tx, timer.client_id, policy().benefits_fresh_days)
    await asking_payers.ask_missing(tx, situation, session.confirmed.date_of_service)
    await redeciding.redecide(tx, timer.client_id)


async def on_directory_changed(timer: Timer, tx: Transaction) -> None:
    """The directory changed for a provider or payer of this client's open sessions."""
    await redeciding.redecide(tx, timer.client_id)
