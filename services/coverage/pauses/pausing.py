"""Issues that payers report and only the client can settle: the pause of the account, and the reminders to call."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.coverage import store
from services.coverage.pauses import pause
from services.coverage.plans.order_on_date import Outcome
from services.coverage.plans.situation import Situation
from services.coverage.rows import OPEN, STILL_OPEN, Issue, Pause
from services.coverage.settings import policy
from shared.events.coverage import AccountPaused, CoordinationReminderDue, CoverageReviewRequested, PayerToCall
from shared.runtime.timers import Timer
from shared.runtime.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Report:
    """What makes an issue: which payer, about which plan, why."""

    payer_id: str
    plan_id: str | None
    cause: str
    codes: tuple[str, ...] = ()


async def open_dispute(tx: Transaction, situation: Situation, outcome: Outcome) -> None:
    """Pause for payers that contradict each other or the rules, unless the account is paused for them already."""
    current = await store.open_pause(tx, situation.client.client_id)
    known = {one.payer_id for one in await store.issues_of(tx, current)} if current is not None else set[str]()
    kind = outcome.decision.dispute.kind.value if outcome.decision.dispute is not None else "against_the_confirmation"
    stated = {one.id: one.role.value for one in outcome.decision.statements}
    reports = [
        Report(plan.payer_id, plan.plan_id, kind, (stated[plan.plan_id],))
        for plan in situation.plans
        if plan.plan_id in outcome.disputed and plan.payer_id not in known
    ]
    if reports:
        await open_issues(tx, situation, reports)


async def open_issues(tx: Transaction, situation: Situation, reports: Sequence[Report]) -> None:
    """Pause the account, or add to its pause, and publish whom the client must call."""
    client_id = situation.client.client_id
    current = await store.open_pause(tx, client_id)
    if current is None:
        number = hashlib.sha256(f"{client_id}|{tx.cause.id}".encode()).hexdigest()[:16]
        current = Pause(client_id, f"pause-{number}", paused_on=tx.today, paused_at=tx.now)
        tx.save(store.PAUSE, current)
    for one in reports:
        tx.save(
            store.ISSUE,
            Issue(client_id, current.pause_id, one.payer_id, one.plan_id, one.cause, tx.today, codes=one.codes),
        )
    _remind(tx, current, None)
    await _publish_pause(tx, situation, current)


async def _publish_pause(tx: Transaction, situation: Situation, current: Pause) -> None:
    to_call = [one for one in await store.issues_of(tx, current) if one.state in (OPEN, STILL_OPEN)]
    concerned = await store.sessions_around(tx, current.client_id, current.paused_on - timedelta(days=180))
    unsettled = [one for one in concerned if not one.final and one.cleared is not None]
    held = [one for one in unsettled if not _is_after(one.date_of_service, current)]
    tx.publish(
        AccountPaused(
            client_id=current.client_id,
            pause_id=current.pause_id,
            paused_on=current.paused_on,
            issues=tuple([await to_call_about(tx, situation, one) for one in to_call]),
            booked_sessions=tuple(
                one.session_id for one in concerned if not one.final and _is_after(one.date_of_service, current)
            ),
            held_sessions=tuple(one.session_id for one in held),
            held_charges_cents=sum(
                line.charge_cents for one in held if one.confirmed is not None for line in one.confirmed.lines
            ),
            provider_ids=tuple(sorted({one.provider_id for one in concerned if one.provider_id is not None})),
        )
    )


def _is_after(day: date | None, current: Pause) -> bool:
    return day is not None and day > current.paused_on


async def to_call_about(tx: Transaction, situation: Situation, issue: Issue) -> PayerToCall:
    """The payer of an issue, with the member line that the directory or the payer's own answer gives."""
    listed = (await store.payers_of(tx, [issue.payer_id])).get(issue.payer_id)
    told = (one.report.payer_phone for one in situation.benefits if one.report.payer_id == issue.payer_id)
    answered = next((phone for phone in told if phone), None)
    return PayerToCall(
        payer_id=issue.payer_id,
        plan_id=issue.plan_id,
        payer_name=listed.name if listed is not None else issue.payer_id,
        phone=(listed.member_phone if listed is not None else None) or answered,
        hours=listed.member_hours if listed is not None else None,
        cause=issue.cause,
        codes=issue.codes,
        opened_on=issue.opened_on,
    )


def _remind(tx: Transaction, current: Pause, day: int | None) -> None:
    """Set the reminder that follows the one of `day`; a new issue starts the days anew."""
    following = pause.next_reminder(day)
    if following is not None:
        due = tx.now + timedelta(days=following - (day or 0))
        tx.schedule("reminder", current.client_id, current.pause_id, due, day=following)


async def on_reminder(timer: Timer, tx: Transaction) -> None:
    """Remind the client of the calls still to make; after the last reminder a person is told."""
    current = await store.open_pause(tx, timer.client_id)
    if current is None or current.pause_id != timer.subject:
        return
    waiting = [one for one in await store.issues_of(tx, current) if one.state == OPEN]
    if not waiting:
        return
    situation = await store.situation(tx, timer.client_id, policy().benefits_fresh_days)
    day = int(timer.data["day"])
    calls = tuple([await to_call_about(tx, situation, one) for one in waiting])
    tx.publish(CoordinationReminderDue(client_id=timer.client_id, pause_id=current.pause_id, day=day, issues=calls))
    _remind(tx, current, day)
    if pause.next_reminder(day) is None:
        tx.publish(*_unanswered(waiting))


def _unanswered(waiting: Iterable[Issue]) -> list[CoverageReviewRequested]:
    return [
        CoverageReviewRequested(
            client_id=one.client_id,
            reason="coordination_unanswered",
            evidence=f"{one.pause_id}: no answer since {one.opened_on}",
            payer_id=one.payer_id,
        )
        for one in waiting
    ]
