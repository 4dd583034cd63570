"""The yearly confirmation with each payer: the clock that runs from the last one, and the letters before it is due."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from services.coverage import store
from services.coverage.pauses import recertification
from services.coverage.pauses.member_line import member_line
from services.coverage.plans import eligibility
from services.coverage.plans.situation import Confirmation, Situation
from shared.events.coverage import RecertificationDue
from shared.runtime.timers import Timer
from shared.runtime.transaction import Transaction

_LETTERS_AT = time(9, tzinfo=UTC)


async def begin_year(tx: Transaction, client_id: str, payer_id: str) -> None:
    """Start the payer's clock anew from the last confirmation that is kept."""
    known = await tx.one(store.CONFIRMATION, client_id, payer_id)
    assert known is not None
    listed = (await store.payers_of(tx, [payer_id])).get(payer_id)
    months = listed.recertification_months if listed is not None else 12
    due = recertification.due_on(known.last_on, months, tx.today)
    tx.save(store.CONFIRMATION, replace(known, due_on=due))
    _schedule(tx, client_id, payer_id, due, tx.today)


def _schedule(tx: Transaction, client_id: str, payer_id: str, due: date, from_day: date) -> None:
    """Set the next letter; when all are over, the next year's clock begins once no answer is expected any more."""
    following = recertification.next_letter(due, from_day)
    if following is not None:
        day, days_before = following
    else:
        day, days_before = due + timedelta(days=recertification.OPEN_DAYS_AFTER + 1), -1
    at = max(datetime.combine(day, _LETTERS_AT), tx.now)
    tx.schedule("recertification", client_id, payer_id, at, due_on=str(due), days_before=days_before)


async def follow_payers_dates(tx: Transaction, situation: Situation) -> None:
    """Let a payer's clock run from its own coordination date, where that is later than what is kept."""
    known = {confirmation.payer_id: confirmation for confirmation in situation.confirmations}
    for plan in situation.plans:
        stated = _payers_date(situation, plan.plan_id, tx.today)
        payer_id = plan.for_care(tx.today).payer_id
        kept = known.get(payer_id)
        if stated is None or (kept is not None and kept.last_on >= stated):
            continue
        fresh = Confirmation(situation.client.client_id, payer_id, last_on=stated)
        tx.save(store.CONFIRMATION, fresh if kept is None else replace(kept, last_on=stated))
        await begin_year(tx, situation.client.client_id, payer_id)


def _payers_date(situation: Situation, plan_id: str, today: date) -> date | None:
    """When the payer last settled the coordination of benefits, by its newest answer (DTP*290)."""
    answer = eligibility.newest(situation.benefits, plan_id)
    stated = [other.coordination_date for other in answer.report.other_payers] if answer is not None else []
    return max((day for day in stated if day is not None and day <= today), default=None)


async def on_recertification(timer: Timer, tx: Transaction) -> None:
    """Tell the client that the yearly confirmation is due; an answer meanwhile has moved the date."""
    known = await tx.one(store.CONFIRMATION, timer.client_id, timer.subject)
    client = await store.client(tx, timer.client_id)
    plans = client.plans_of(timer.subject)
    due, days = date.fromisoformat(timer.data["due_on"]), int(timer.data["days_before"])
    if known is None or known.due_on != due or not plans:
        return
    if days < 0:
        await begin_year(tx, timer.client_id, timer.subject)
        return
    listed = (await store.payers_of(tx, [timer.subject])).get(timer.subject)
    tx.publish(
        RecertificationDue(
            client_id=timer.client_id,
            **member_line(timer.subject, listed),
            plan_id=plans[0].plan_id,
            due_on=due,
            days_before=days,
        )
    )
    _schedule(tx, timer.client_id, timer.subject, due, tx.today + timedelta(days=1))
