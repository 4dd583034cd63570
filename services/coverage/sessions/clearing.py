"""Sessions: one decision on each, when its facts are complete, and again while coverage for its date may change."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from services.coverage import store
from services.coverage.benefits import asking_payers
from services.coverage.plans.eligibility import asked_on
from services.coverage.plans.situation import Situation
from services.coverage.rows import CANCELLED, CLEARED, REFUSED, WAITING, Session
from services.coverage.sessions import clearance, later_payers
from services.coverage.settings import policy
from shared.events.coverage import (
    CoverageReviewRequested,
    OrderCorrected,
    SecondaryNotBillable,
    SessionCleared,
    SessionRefused,
)
from shared.events.sessions import SessionConfirmed
from shared.runtime.transaction import Transaction

_TOLD_REASONS = {"secondary_out_of_network", "provider_not_credentialed", "coverage_inactive", "not_subject_to_cob"}
_LOOKS_SECONDS = (2, 10, 60, 600, 3_600)


async def decide_open(tx: Transaction, situation: Situation) -> None:
    """Decide every session of the client whose decision is missing or may change, if only behind the primary."""
    corrected: list[SessionCleared] = []
    paused = await store.open_pause(tx, situation.client.client_id) is not None
    for session in await store.undecided_sessions(tx, situation.client.client_id):
        if paused and session.state == REFUSED:
            continue
        after = await decide(tx, situation, session)
        if after.cleared is not None and after.cleared != session.cleared and _sent_wrongly(after, after.cleared):
            corrected.append(after.cleared)
    if corrected:
        tx.publish(
            OrderCorrected(
                client_id=situation.client.client_id,
                sessions=tuple(session.session_id for session in corrected),
                order=tuple(plan.plan_id for plan in corrected[-1].plans),
                rule=corrected[-1].rule,
            )
        )
    for session in await store.answered_sessions(tx, situation.client.client_id):
        await _decide_later_payers(tx, situation, session)


async def _decide_later_payers(tx: Transaction, situation: Situation, session: Session) -> None:
    """The primary has answered: bring in the plans that have become billable behind it, once their payers have said
    whether they cover the date.
    """
    if session.confirmed is None or session.confirmed_at is None or _stays_as_cleared(situation, session):
        return
    on = asked_on(session.confirmed.date_of_service, tx.today)
    if not situation.is_settled(on):
        await asking_payers.ask_missing(tx, situation, on)
        return
    undecided = clearance.Undecided(session.confirmed, session.confirmed_at, on, overdue=True)
    decision = await _decision(tx, situation, undecided)
    changed = later_payers.with_later_payers(session, decision) if isinstance(decision, SessionCleared) else None
    if changed is not None:
        await _clear(tx, situation, session, changed)


async def restate_services(tx: Transaction, situation: Situation, session: Session, event: SessionConfirmed) -> None:
    """The services of a session were corrected after its primary had answered: the decision states them as they are."""
    restated = later_payers.with_services(session, event)
    if restated is not None:
        session = replace(session, confirmed=event)
        tx.save(store.SESSION, session)
        await _clear(tx, situation, session, restated)


def _sent_wrongly(session: Session, cleared: SessionCleared) -> bool:
    """Whether the primary claim went to a plan that is not the primary."""
    return session.sent_plan_id is not None and session.sent_plan_id != cleared.plans[0].plan_id


async def decide(tx: Transaction, situation: Situation, session: Session) -> Session:
    """Decide one session from what is known now; ask and look again later where something is missing."""
    event = session.confirmed
    if event is None or session.confirmed_at is None or session.state == CANCELLED:
        return session
    on = asked_on(event.date_of_service, tx.today)
    if _stays_as_cleared(situation, session):
        await asking_payers.ask_missing(tx, situation, on)
        return session
    _look_on_its_day(tx, situation, session)
    patience = timedelta(hours=policy().directory_patience_hours)
    overdue = tx.now >= session.confirmed_at + patience
    match await _decision(tx, situation, clearance.Undecided(event, session.confirmed_at, on, overdue)):
        case None:
            await _wait(tx, situation, session, on)
            return session
        case SessionCleared() as cleared:
            await asking_payers.ask_missing(tx, situation, on)
            return await _clear(tx, situation, session, cleared)
        case SessionRefused() as refused:
            return await _refuse(tx, session, refused)


async def _decision(
    tx: Transaction, situation: Situation, session: clearance.Undecided
) -> SessionCleared | SessionRefused | None:
    event = session.event
    on = event.date_of_service
    payers = {plan.for_care(on).payer_id for plan in situation.may_count_on(on)}
    directory = await store.directory(tx, event.provider_id, payers)
    return clearance.decide(session, situation, directory, await store.open_pause(tx, event.client_id))


def _stays_as_cleared(situation: Situation, session: Session) -> bool:
    """Whether a change of plans since leaves the decision alone; one whose own details changed is decided anew."""
    event, cleared = session.confirmed, session.cleared
    if session.state != CLEARED or cleared is None or event is None:
        return False
    details = (cleared.date_of_service, cleared.provider_id, cleared.place, cleared.lines)
    if details != (event.date_of_service, event.provider_id, event.place, event.lines):
        return False
    return situation.leaves_as_decided([plan.plan_id for plan in cleared.plans], event.date_of_service)


def _look_on_its_day(tx: Transaction, situation: Situation, session: Session) -> None:
    """Ask again on the day of a session to come, where a plan is inactive or unknown until then."""
    assert session.confirmed is not None
    on = session.confirmed.date_of_service
    plans = situation.may_count_on(on) if on > tx.today else ()
    answers = [situation.answer(plan.plan_id, on) for plan in plans]
    if any(answer is None or answer.report.status == "inactive" for answer in answers):
        day = datetime.combine(on, time(tzinfo=UTC))
        tx.schedule("session.day", session.client_id, session.session_id, day)


async def _wait(tx: Transaction, situation: Situation, session: Session, on: date) -> None:
    """Ask what is missing of the payers; the rest comes by itself, so look again, less and less often."""
    assert session.confirmed_at is not None
    await asking_payers.ask_missing(tx, situation, on)
    waited = (tx.now - session.confirmed_at).total_seconds()
    pause = next((seconds for seconds in _LOOKS_SECONDS if seconds > waited), _LOOKS_SECONDS[-1])
    tx.schedule("session.waits", session.client_id, session.session_id, tx.now + timedelta(seconds=pause))


async def _clear(tx: Transaction, situation: Situation, session: Session, cleared: SessionCleared) -> Session:
    """Publish the decision where it is new, under the next number."""
    if session.state == CLEARED and session.cleared is not None:
        unchanged = cleared.model_copy(update={"decision": session.cleared.decision})
        if unchanged == session.cleared:
            return session
    numbered = cleared.model_copy(update={"decision": session.decision + 1})
    after = replace(session, state=CLEARED, decision=numbered.decision, cleared=numbered, refused=None)
    tx.save(store.SESSION, after)
    tx.unschedule("session.waits", session.client_id, session.session_id)
    tx.publish(numbered)
    await _tell_not_billable(tx, situation, numbered)
    return after


async def _refuse(tx: Transaction, session: Session, refused: SessionRefused) -> Session:
    """Refuse a session that was not cleared yet. One that was is not taken back, since care has been given: where
    nobody can be billed for it any more, a person sees to it.
    """
    if session.state == CLEARED:
        subject = f"not_billable_any_more|{session.session_id}"
        if refused.reason != "account_paused" and await store.tell_once(tx, session.client_id, subject):
            tx.publish(_not_billable_any_more(refused))
        return session
    tx.unschedule("session.waits", session.client_id, session.session_id)
    if session.state == REFUSED and refused == session.refused:
        return session
    after = replace(session, state=REFUSED, refused=refused)
    if refused != session.refused:
        after = replace(after, decision=session.decision + 1)
        tx.publish(refused)
    tx.save(store.SESSION, after)
    return after


def _not_billable_any_more(refused: SessionRefused) -> CoverageReviewRequested:
    return CoverageReviewRequested(
        client_id=refused.client_id,
        reason="cleared_session_not_billable",
        evidence=f"{refused.reason}: {refused.detail}",
        session_id=refused.session_id,
    )


async def _tell_not_billable(tx: Transaction, situation: Situation, cleared: SessionCleared) -> None:
    """Tell the client once that a plan can't be billed for this provider, and why."""
    payers = await store.payers_of(tx, {plan.payer_id for plan in cleared.plans})
    for plan in cleared.plans[1:]:
        if plan.reason not in _TOLD_REASONS:
            continue
        subject = f"not_billable|{plan.plan_id}|{cleared.provider_id}|{plan.reason}"
        if not await store.tell_once(tx, cleared.client_id, subject):
            continue
        entered = situation.client.plan_ever(plan.plan_id)
        tx.publish(
            SecondaryNotBillable(
                client_id=cleared.client_id,
                session_id=cleared.session_id,
                plan_id=plan.plan_id,
                payer_id=plan.payer_id,
                payer_name=payers[plan.payer_id].name if plan.payer_id in payers else plan.payer_id,
                primary_payer_id=cleared.plans[0].payer_id,
                provider_id=cleared.provider_id,
                reason=plan.reason,
                relation=None if entered is None else entered.subscriber.relation,
            )
        )


__all__ = ["WAITING", "decide", "decide_open"]
