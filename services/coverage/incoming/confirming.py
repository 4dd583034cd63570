"""The client's confirmation with an insurer: from the page, or recorded by a support desk that talks to the client."""

from dataclasses import replace
from datetime import timedelta

from services.coverage import store
from services.coverage.incoming import redeciding
from services.coverage.pauses import pause, recertification, recertifying, unpausing
from services.coverage.pauses.pause import ConfirmationRefusal
from services.coverage.plans.situation import Confirmation
from services.coverage.rows import ANSWERED, CLOSED, OPEN, Issue, Pause, Session
from shared.events.clients import Confirmation as Word
from shared.events.clients import CoordinationConfirmed
from shared.events.coverage import (
    ConfirmationAccepted,
    ConfirmationReceived,
    ConfirmationRefused,
    CoverageReviewRequested,
)
from shared.runtime.transaction import Transaction


async def on_confirmed(event: CoordinationConfirmed | ConfirmationReceived, tx: Transaction) -> None:
    """Count the client's word where it counts, then ask the payers again; refuse it with the reason where not."""
    known = await tx.one(store.CONFIRMATION, event.client_id, event.payer_id)
    reason = await refusal(event, tx, known)
    if reason is not None:
        if reason is ConfirmationRefusal.NOTHING_ASKED and event.reference_number:
            await _record(tx, event, known)
        tx.publish(ConfirmationRefused(client_id=event.client_id, payer_id=event.payer_id, reason=reason.value))
        return
    current = await store.open_pause(tx, event.client_id)
    issue = await _issue(tx, current, event.payer_id)
    if known is not None and _is_repeated(known, event, issue):
        return
    client = await store.client(tx, event.client_id)
    tx.save(store.CONFIRMATION, replace(_counted(event, tx, known), listed=client.plan_ids))
    await recertifying.begin_year(tx, event.client_id, event.payer_id)
    tx.publish(
        ConfirmationAccepted(
            client_id=event.client_id,
            payer_id=event.payer_id,
            confirmed_on=event.confirmed_on,
            pause_id=issue.pause_id if issue is not None else None,
        )
    )
    await _one_plan_stated(event, tx)
    if issue is not None and current is not None and event.reference_number:
        await _answer(event, tx, current, issue)


async def refusal(word: Word, tx: Transaction, known: Confirmation | None) -> ConfirmationRefusal | None:
    """Why this word can't count: who says it and what it says, then whether anything was asked.

    The same word again is not refused; it changes nothing. A word on a payer counts in a pause for that payer, around
    the yearly date, and where the client called while a claim is with the payer.
    """
    client = await store.client(tx, word.client_id)
    current = await store.open_pause(tx, word.client_id)
    issue = await _issue(tx, current, word.payer_id)
    payers = [payer_id for plan in client.plans or () for payer_id in plan.payer_ids] + (
        [issue.payer_id] if issue is not None else []
    )
    plans = [plan.plan_id for plan in client.plans or ()]
    wrong = pause.refusal(word, payers=payers, plans=plans, today=tx.today)
    if wrong is not None or (known is not None and _is_repeated(known, word, issue)):
        return wrong
    if issue is not None:
        return await _wrong_in_pause(tx, word, issue)
    if known is not None and recertification.is_expected(known.due_on, tx.today):
        return None
    called = bool(word.reference_number) and await _has_open_claims(tx, word)
    return None if called else ConfirmationRefusal.NOTHING_ASKED


async def _wrong_in_pause(tx: Transaction, word: Word, issue: Issue) -> ConfirmationRefusal | None:
    """Why the word does not answer the issue: it is of a call before the payer's report, or of an earlier pause."""
    if not pause.tidy(word.reference_number):
        return ConfirmationRefusal.NO_REFERENCE_NUMBER
    if pause.is_call_of_before(issue, word.confirmed_on):
        return ConfirmationRefusal.CALL_BEFORE_REPORT
    reference = pause.same_reference(word.reference_number)
    for earlier in await tx.all(store.ISSUE, word.client_id):
        is_other = earlier.payer_id == issue.payer_id and earlier.pause_id != issue.pause_id
        if is_other and pause.same_reference(earlier.reference_number) == reference:
            return ConfirmationRefusal.REFERENCE_ALREADY_USED
    return None


async def _has_open_claims(tx: Transaction, word: Word) -> bool:
    """Whether a claim is with the payer that the client called on their own account: its denial may be on its way."""
    since = tx.today - timedelta(days=pause.OLDEST_CALL_DAYS)
    sessions = await store.sessions_around(tx, word.client_id, since)
    return any(word.payer_id in _payers_with_a_claim(session) for session in sessions)


def _payers_with_a_claim(session: Session) -> set[str]:
    """The primary's payer once its claim was sent, and the others' once the primary has answered."""
    plans = () if session.cleared is None else session.cleared.plans
    sent = {plan.payer_id for plan in plans if plan.plan_id == session.sent_plan_id}
    return sent | ({plan.payer_id for plan in plans if plan.billable} if session.final else set())


async def _record(tx: Transaction, word: Word, known: Confirmation | None) -> None:
    """Keep a call that nobody asked for: a denial of a claim sent before it is old news, and pauses nothing."""
    row = replace(known, last_on=max(known.last_on, word.confirmed_on)) if known is not None else None
    row = row or Confirmation(word.client_id, word.payer_id, last_on=word.confirmed_on)
    reference = pause.as_typed(word.reference_number)
    tx.save(store.CONFIRMATION, replace(row, received_at=tx.now, reference_number=reference))


async def _issue(tx: Transaction, current: Pause | None, payer_id: str) -> Issue | None:
    if current is None:
        return None
    issue = await tx.one(store.ISSUE, current.client_id, current.pause_id, payer_id)
    return issue if issue is not None and issue.state != CLOSED else None


def _is_repeated(known: Confirmation, word: Word, issue: Issue | None) -> bool:
    """Whether the word says again what counts already; in a new pause the same word is another matter."""
    same = (known.last_on, pause.tidy(known.reference_number), known.primary_named, known.only_one_plan)
    said = (word.confirmed_on, pause.tidy(word.reference_number), word.primary_named, word.only_one_plan)
    return known.received_at is not None and same == said and (issue is None or issue.state != OPEN)


def _counted(event: Word, tx: Transaction, known: Confirmation | None) -> Confirmation:
    return Confirmation(
        client_id=event.client_id,
        payer_id=event.payer_id,
        last_on=event.confirmed_on,
        received_at=tx.now,
        reference_number=pause.as_typed(event.reference_number),
        primary_named=event.primary_named,
        only_one_plan=event.only_one_plan,
        recorded_by=event.recorded_by,
        due_on=None if known is None else known.due_on,
    )


async def _answer(event: Word, tx: Transaction, current: Pause, issue: Issue) -> None:
    """Close in on the issue: once all are answered, the payers are asked whether they agree."""
    answered = replace(
        issue,
        state=ANSWERED,
        answered_at=tx.now,
        confirmed_on=event.confirmed_on,
        reference_number=pause.as_typed(event.reference_number),
        representative=pause.as_typed(event.representative),
    )
    tx.save(store.ISSUE, answered)
    if not pause.all_answered(await store.issues_of(tx, current)):
        return
    tx.unschedule("reminder", current.client_id, current.pause_id)
    await _overtake(tx, event.client_id)
    await unpausing.ask_again(tx, current)
    await redeciding.redecide(tx, event.client_id)


async def _overtake(tx: Transaction, client_id: str) -> None:
    """What payers said of the order before the client's calls counts no more; what they say from now on does."""
    for answer in await tx.all(store.BENEFITS, client_id):
        tx.save(store.BENEFITS, replace(answer, overtaken=True))
    for statement in await tx.all(store.STATEMENT, client_id):
        tx.delete(store.STATEMENT, client_id, statement.plan_id)


async def _one_plan_stated(event: Word, tx: Transaction) -> None:
    """The client says that there is one plan only, and has entered several: a person asks which one has ended."""
    client = await store.client(tx, event.client_id)
    if event.only_one_plan and len(client.plans or ()) > 1:
        tx.publish(
            CoverageReviewRequested(
                client_id=event.client_id,
                reason="only_one_plan_stated",
                evidence=f"the client states one plan and has entered {len(client.plans or ())}",
                payer_id=event.payer_id,
            )
        )
