"""The end of a pause: after the client's confirmation the payers are asked again, and their answers decide."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from services.coverage import store
from services.coverage.benefits import asking_payers
from services.coverage.pauses import pause, pausing
from services.coverage.pauses.pausing import PAYER_ASKS_CLIENT, Report
from services.coverage.plans.eligibility import WAITING, Client
from services.coverage.plans.situation import Situation
from services.coverage.plans.working_order import WorkingOrder, calls_that_count, working_order
from services.coverage.rows import CLOSED, STILL_OPEN, Issue, Pause
from services.coverage.settings import policy
from shared.events.coverage import AccountUnpaused, CoordinationStillOpen, CoverageReviewRequested
from shared.runtime.timers import Timer
from shared.runtime.transaction import Transaction

WATCH_DAYS = (7, 30)
_LOOK_AT = time(9, tzinfo=UTC)


async def judge(tx: Transaction, situation: Situation) -> None:
    """End the pause where every issue is answered and no payer states the contrary; otherwise look again later."""
    current = await store.open_pause(tx, situation.client.client_id)
    if current is None or current.asked_at is None:
        return
    issues = await _unclosed(tx, current)
    if not pause.all_answered(issues) or await _in_flight(tx, situation, current):
        return
    working = working_order(situation, tx.today)
    contrary = _contrary_payers(situation, working)
    if contrary:
        await _keep_paused(tx, situation, current, issues, contrary)
    else:
        _unpause(tx, situation, current, issues, working)


async def drop_issues_of_gone_plans(tx: Transaction, client: Client) -> None:
    """Close the issues of payers that none of the client's plans is of any more: no call could settle them.

    With them go the contradictions between payers that are none any more. Where no issue is left the pause ends; a
    person is told, since the claims of before may still be with that payer.
    """
    current = await store.open_pause(tx, client.client_id)
    if current is None:
        return
    payers = {payer_id for plan in client.plans or () for payer_id in plan.payer_ids}
    issues = await _unclosed(tx, current)
    gone = [issue for issue in issues if issue.payer_id not in payers]
    if not gone:
        return
    situation = await store.situation(tx, client.client_id, policy().benefits_fresh_days)
    working = working_order(situation, tx.today)
    left = [issue for issue in issues if issue.payer_id in payers]
    settled = [issue for issue in left if issue.cause != PAYER_ASKS_CLIENT] if not working.disputed else []
    for issue in (*gone, *settled):
        _close(tx, issue)
        tx.publish(_dropped(issue))
    if len(settled) == len(left):
        _end(tx, current, working, watched=False)
    elif pause.all_answered([issue for issue in left if issue not in settled]):
        await ask_again(tx, current)
    else:
        await pausing.publish_pause(tx, situation, current)


def _dropped(issue: Issue) -> CoverageReviewRequested:
    return CoverageReviewRequested(
        client_id=issue.client_id,
        reason="plan_dropped_while_paused",
        evidence=f"{issue.pause_id}: plan {issue.plan_id} was dropped; claims from before may still be with its payer",
        payer_id=issue.payer_id,
    )


async def _unclosed(tx: Transaction, current: Pause) -> list[Issue]:
    return [issue for issue in await store.issues_of(tx, current) if issue.state != CLOSED]


async def _in_flight(tx: Transaction, situation: Situation, current: Pause) -> bool:
    """Whether a payer that was asked after the confirmation may still answer."""
    assert current.asked_at is not None
    present = {plan.plan_id for plan in situation.plans}
    inquiries = [inquiry for inquiry in await tx.all(store.INQUIRY, current.client_id) if inquiry.plan_id in present]
    return any(inquiry.state == WAITING and inquiry.asked_at >= current.asked_at for inquiry in inquiries)


def _contrary_payers(situation: Situation, working: WorkingOrder) -> dict[str, str]:
    """The payers that state the contrary, with their plans: in a 271, or in the client's own calls."""
    if working.disputed:
        disputed = (plan for plan in situation.plans if plan.plan_id in working.disputed)
        return {plan.for_care(working.facts.on).payer_id: plan.plan_id for plan in disputed}
    return _contradicting_calls(situation, working)


def _contradicting_calls(situation: Situation, working: WorkingOrder) -> dict[str, str]:
    """Whom the client must call again where the insurers named different plans as first.

    An insurer's word in the call counts until its 271 states a place: that is compared with the order already. Where
    the rules know every fact they agree with one side, and the other has to correct its records; else both are asked.
    """
    named = {call.payer_id: call.primary_named for call in calls_that_count(situation, working.facts.on)}
    if len(set(named.values())) < 2:
        return {}
    spoken = {statement.id for statement in working.decision.statements}
    first = working.order[0] if working.decision.order is not None else None
    return {
        payer_id: plan.plan_id
        for plan in situation.plans
        for payer_id in plan.payer_ids
        if plan.plan_id not in spoken and payer_id in named and named[payer_id] != first
    }


async def _keep_paused(
    tx: Transaction, situation: Situation, current: Pause, issues: list[Issue], contrary: dict[str, str]
) -> None:
    known = {issue.payer_id: issue for issue in issues}
    fresh = [Report(payer, plan, "contradicts_confirmation") for payer, plan in contrary.items() if payer not in known]
    for payer in contrary:
        if payer in known:
            await _still_open(tx, situation, known[payer])
    if fresh:
        await pausing.open_issues(tx, situation, fresh)
    answered = max(issue.answered_at for issue in issues if issue.answered_at is not None).date()
    look = pause.next_look(answered, tx.today)
    tx.schedule("look", current.client_id, current.pause_id, datetime.combine(look, _LOOK_AT))


async def _still_open(tx: Transaction, situation: Situation, issue: Issue) -> None:
    """Tell the client once an answer that the payer still states the contrary."""
    if issue.state == STILL_OPEN or issue.answered_at is None:
        return
    tx.save(store.ISSUE, replace(issue, state=STILL_OPEN))
    tell_at = issue.answered_at + timedelta(days=policy().person_after_days)
    tx.schedule("person", issue.client_id, f"{issue.pause_id}|{issue.payer_id}", tell_at, payer_id=issue.payer_id)
    look = pause.next_look(issue.answered_at.date(), tx.today)
    to_call = await pausing.to_call_about(tx, situation, issue)
    tx.publish(
        CoordinationStillOpen(client_id=issue.client_id, pause_id=issue.pause_id, issue=to_call, look_again_on=look)
    )


def _unpause(tx: Transaction, situation: Situation, current: Pause, issues: list[Issue], working: WorkingOrder) -> None:
    assert current.asked_at is not None
    assert all(issue.reference_number for issue in issues)  # never without the client's own confirmation
    watched = not all(_agrees(situation, issue.plan_id, current.asked_at, working) for issue in issues)
    for issue in issues:
        _close(tx, issue)
    if watched:
        _watch(tx, current.client_id, current.pause_id, 0)
    _end(tx, current, working, watched=watched)


def _close(tx: Transaction, issue: Issue) -> None:
    tx.save(store.ISSUE, replace(issue, state=CLOSED))
    tx.unschedule("person", issue.client_id, f"{issue.pause_id}|{issue.payer_id}")


def _end(tx: Transaction, current: Pause, working: WorkingOrder, *, watched: bool) -> None:
    tx.save(store.PAUSE, replace(current, unpaused_at=tx.now, watched=watched))
    tx.unschedule("look", current.client_id, current.pause_id)
    tx.unschedule("reminder", current.client_id, current.pause_id)
    tx.publish(
        AccountUnpaused(
            client_id=current.client_id,
            pause_id=current.pause_id,
            unpaused_on=tx.today,
            watched=watched,
            order=working.order,
        )
    )


def _agrees(situation: Situation, plan_id: str | None, since: datetime, working: WorkingOrder) -> bool:
    """Whether the payer itself, asked after the confirmation, states the place that its plan has now."""
    spoken = {statement.id for statement in working.decision.statements}
    return plan_id in spoken and any(
        answer.plan_id == plan_id and answer.reported_at >= since for answer in situation.benefits
    )


def _watch(tx: Transaction, client_id: str, pause_id: str, number: int) -> None:
    days = WATCH_DAYS[number] - (WATCH_DAYS[number - 1] if number else 0)
    tx.schedule("watch", client_id, pause_id, tx.now + timedelta(days=days), number=number)


async def on_watch(timer: Timer, tx: Transaction) -> None:
    """An account that goes on by the client's word alone: ask the payers again; a contradiction pauses it."""
    if await store.open_pause(tx, timer.client_id) is not None:
        return
    await asking_payers.ask_all(tx, await store.client(tx, timer.client_id))
    number = int(timer.data["number"]) + 1
    if number < len(WATCH_DAYS):
        _watch(tx, timer.client_id, timer.subject, number)


async def on_look(timer: Timer, tx: Transaction) -> None:
    """Look again whether a payer has corrected its records."""
    current = await store.open_pause(tx, timer.client_id)
    if current is None or current.pause_id != timer.subject:
        return
    await ask_again(tx, current)
    for issue in await store.issues_of(tx, current):
        if issue.state == STILL_OPEN:
            tx.save(store.ISSUE, replace(issue, looks=issue.looks + 1))


async def on_person(timer: Timer, tx: Transaction) -> None:
    """A payer has stated the contrary for 30 days since the client's answer: a person is told."""
    current = await store.open_pause(tx, timer.client_id)
    if current is None or f"{current.pause_id}|{timer.data['payer_id']}" != timer.subject:
        return
    issue = await tx.one(store.ISSUE, timer.client_id, current.pause_id, timer.data["payer_id"])
    if issue is not None and issue.state == STILL_OPEN:
        await _tell_person(tx, issue)


async def ask_again(tx: Transaction, current: Pause) -> None:
    """Pull the benefits of every plan, to see whether the pause may end."""
    tx.save(store.PAUSE, replace(current, asked_at=tx.now))
    await asking_payers.ask_all(tx, await store.client(tx, current.client_id))


async def _tell_person(tx: Transaction, issue: Issue) -> None:
    assert issue.answered_at is not None
    since = f"since the answer of {issue.answered_at.date()}"
    if await store.tell_once(tx, issue.client_id, f"person|{issue.pause_id}|{issue.payer_id}"):
        tx.publish(
            CoverageReviewRequested(
                client_id=issue.client_id,
                reason="coordination_still_open",
                evidence=f"{issue.pause_id}: the payer still states the contrary {since}",
                payer_id=issue.payer_id,
            )
        )
