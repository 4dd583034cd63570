"""The client's confirmation with an insurer: from the page, or recorded by a support desk that talks to the client."""

from dataclasses import replace

from services.coverage import store
from services.coverage.incoming import redeciding
from services.coverage.pauses import pause, recertification, recertifying, unpausing
from services.coverage.pauses.pause import ConfirmationRefusal
from services.coverage.plans.situation import Confirmation
from services.coverage.rows import ANSWERED, CLOSED, Issue, Pause
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
        tx.publish(ConfirmationRefused(client_id=event.client_id, payer_id=event.payer_id, reason=reason.value))
        return
    if known is not None and _is_repeated(known, event):
        return
    current = await store.open_pause(tx, event.client_id)
    issue = await _issue(tx, current, event.payer_id)
    tx.save(store.CONFIRMATION, _counted(event, tx, known))
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

    The same word again is not refused; it changes nothing. A word on a payer counts in a pause for that payer, and
    around the yearly date.
    """
    client = await store.client(tx, word.client_id)
    current = await store.open_pause(tx, word.client_id)
    issue = await _issue(tx, current, word.payer_id)
    payers = [plan.payer_id for plan in client.plans or ()] + ([issue.payer_id] if issue is not None else [])
    plans = [plan.plan_id for plan in client.plans or ()]
    wrong = pause.refusal(word, payers=payers, plans=plans, today=tx.today)
    if wrong is not None or (known is not None and _is_repeated(known, word)):
        return wrong
    if issue is not None:
        return None if pause.tidy(word.reference_number) else ConfirmationRefusal.NO_REFERENCE_NUMBER
    expected = known is not None and recertification.is_expected(known.due_on, tx.today)
    return None if expected else ConfirmationRefusal.NOTHING_ASKED


async def _issue(tx: Transaction, current: Pause | None, payer_id: str) -> Issue | None:
    if current is None:
        return None
    issue = await tx.one(store.ISSUE, current.client_id, current.pause_id, payer_id)
    return issue if issue is not None and issue.state != CLOSED else None


def _is_repeated(known: Confirmation, word: Word) -> bool:
    same = (known.last_on, known.reference_number, known.primary_named, known.only_one_plan)
    said = (word.confirmed_on, pause.tidy(word.reference_number), word.primary_named, word.only_one_plan)
    return known.received_at is not None and same == said


def _counted(event: Word, tx: Transaction, known: Confirmation | None) -> Confirmation:
    return Confirmation(
        client_id=event.client_id,
        payer_id=event.payer_id,
        last_on=event.confirmed_on,
        received_at=tx.now,
        reference_number=pause.tidy(event.reference_number),
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
        reference_number=pause.tidy(event.reference_number),
        representative=pause.tidy(event.representative),
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
