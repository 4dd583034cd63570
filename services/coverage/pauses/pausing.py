"""Issues that payers report and only the client can settle: the pause of the account, and the reminders to call."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.coverage import store
from services.coverage.pauses import pause
from services.coverage.pauses.member_line import member_line
from services.coverage.plans.situation import Situation
from services.coverage.plans.working_order import WorkingOrder
from services.coverage.rows import OPEN, STILL_OPEN, Issue, Pause
from services.coverage.settings import policy
from shared.events.coverage import AccountPaused, CoordinationReminderDue, CoverageReviewRequested, PayerToCall
from shared.runtime.timers import Timer
from shared.runtime.transaction import Transaction

PAYER_ASKS_CLIENT = "payer_asks_client"
"""The cause of an issue that a payer itself raised; any other is a contradiction that we found."""


@dataclass(frozen=True, slots=True)
class Report:
    """What makes an issue: which payer, about which plan, why; and the day of its report where that is not today."""

    payer_id: str
    plan_id: str | None
    cause: str
    codes: tuple[str, ...] = ()
    reported_on: date | None = None


async def open_dispute(tx: Transaction, situation: Situation, working: WorkingOrder) -> None:
    """Pause for payers that contradict each other or the rules, unless the account is paused for them already."""
    current = await store.open_pause(tx, situation.client.client_id)
    known = {issue.payer_id for issue in await store.issues_of(tx, current)} if current is not None else set[str]()
    kind = working.decision.dispute.kind.value if working.decision.dispute is not None else "against_the_confirmation"
    stated = {statement.id: statement.role.value for statement in working.decision.statements}
    payers = {plan.plan_id: plan.for_care(working.facts.on).payer_id for plan in situation.plans}
    reports = [
        Report(payer_id, plan_id, kind, (stated[plan_id],))
        for plan_id, payer_id in payers.items()
        if plan_id in working.disputed and payer_id not in known
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
    for report in reports:
        tx.save(
            store.ISSUE,
            Issue(
                client_id,
                current.pause_id,
                report.payer_id,
                report.plan_id,
                report.cause,
                tx.today,
                codes=report.codes,
                reported_on=report.reported_on,
            ),
        )
    _remind(tx, current, None)
    await publish_pause(tx, situation, current)


async def publish_pause(tx: Transaction, situation: Situation, current: Pause) -> None:
    """Publish whom the client must still call in a pause, and what it holds."""
    to_call = [issue for issue in await store.issues_of(tx, current) if issue.state in (OPEN, STILL_OPEN)]
    concerned = await store.sessions_around(tx, current.client_id, current.paused_on - timedelta(days=180))
    unsettled = [session for session in concerned if not session.final and session.cleared is not None]
    held = [session for session in unsettled if not _is_after(session.date_of_service, current)]
    tx.publish(
        AccountPaused(
            client_id=current.client_id,
            pause_id=current.pause_id,
            paused_on=current.paused_on,
            issues=tuple([await to_call_about(tx, situation, issue) for issue in to_call]),
            booked_sessions=tuple(
                session.session_id
                for session in concerned
                if not session.final and _is_after(session.date_of_service, current)
            ),
            held_sessions=tuple(session.session_id for session in held),
            held_charges_cents=sum(
                line.charge_cents
                for session in held
                if session.confirmed is not None
                for line in session.confirmed.lines
            ),
            provider_ids=tuple(
                sorted({session.provider_id for session in concerned if session.provider_id is not None})
            ),
        )
    )


def _is_after(day: date | None, current: Pause) -> bool:
    return day is not None and day > current.paused_on


async def to_call_about(tx: Transaction, situation: Situation, issue: Issue) -> PayerToCall:
    """The payer of an issue, with the member line that the directory or the payer's own answer gives."""
    listed = (await store.payers_of(tx, [issue.payer_id])).get(issue.payer_id)
    told = (answer.report.payer_phone for answer in situation.benefits if answer.report.payer_id == issue.payer_id)
    answered = next((phone for phone in told if phone), None)
    line = member_line(issue.payer_id, listed)
    line["phone"] = line["phone"] or answered
    return PayerToCall(
        **line,
        plan_id=issue.plan_id,
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
    waiting = [issue for issue in await store.issues_of(tx, current) if issue.state == OPEN]
    if not waiting:
        return
    situation = await store.situation(tx, timer.client_id, policy().benefits_fresh_days)
    day = int(timer.data["day"])
    calls = tuple([await to_call_about(tx, situation, issue) for issue in waiting])
    tx.publish(CoordinationReminderDue(client_id=timer.client_id, pause_id=current.pause_id, day=day, issues=calls))
    _remind(tx, current, day)
    if pause.next_reminder(day) is None:
        tx.publish(*_unanswered(waiting))


def _unanswered(waiting: Iterable[Issue]) -> list[CoverageReviewRequested]:
    return [
        CoverageReviewRequested(
            client_id=issue.client_id,
            reason="coordination_unanswered",
            evidence=f"{issue.pause_id}: no answer since {issue.opened_on}",
            payer_id=issue.payer_id,
        )
        for issue in waiting
    ]
