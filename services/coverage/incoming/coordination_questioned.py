"""What a payer's answer to a claim says about the coordination of benefits, as claims has classed it."""

from dataclasses import replace
from datetime import datetime, timedelta

from services.coverage import store
from services.coverage.benefits import asking_payers
from services.coverage.incoming import redeciding
from services.coverage.pauses import pause, pausing
from services.coverage.pauses.pausing import PAYER_ASKS_CLIENT, Report
from services.coverage.plans import former_plans
from services.coverage.plans.situation import PayerStatement
from services.coverage.rows import Issue
from services.coverage.settings import policy
from shared.events.claims import CoordinationQuestioned
from shared.events.coverage import CoverageReviewRequested
from shared.runtime.timers import Timer
from shared.runtime.transaction import Transaction

_ONLY_THE_ORDER = frozenset({"22", "N36", "MA64", "85", "742"})
"""Codes that say that another plan is first, and not who must act (CARC, RARC, claim status codes)."""
_AROUND_THEM = frozenset({"1", "2", "3", "4", "CO", "OA", "PI", "PR", "A3", "A7", "A8"})
"""CLP02, the groups and the categories that stand beside such a code and say nothing of their own."""
_LOOK_AGAIN = timedelta(minutes=10)


async def on_coordination_questioned(event: CoordinationQuestioned, tx: Transaction) -> None:
    """Pause on what only the client can settle; look at the order again where a payer says another plan is first."""
    match event.answer:
        case "client_must_call":
            if not await _asked_about_that_day(event, tx):
                await _client_must_call(event, tx)
        case "other_plan_first":
            await _other_plan_first(event, tx)
        case "review":
            tx.publish(_review(event, "coordination_unclear"))
        case "fix_and_resend" | "duplicate" | "not_covered" | "too_late" | "forwarded" | "ordinary":
            return  # a biller's task, or nobody's: never the client's


async def _asked_about_that_day(event: CoordinationQuestioned, tx: Transaction) -> bool:
    """Whether the payers are asked first, because our order on the date of service rests on answers for another date.

    An order may change within a year. A payer that only says that another is first may be right about that day, and
    then the others say so too: a call of the client would settle nothing.
    """
    client = await store.client(tx, event.client_id)
    said = set(event.codes) - _AROUND_THEM
    if len(client.plans or ()) < 2 or not said or not said <= _ONLY_THE_ORDER:
        return False
    missing = await _unasked(event, tx)
    for plan_id in missing:
        plan = client.plan(plan_id)
        assert plan is not None, "it is one of the client's plans"
        await asking_payers.ask(tx, client, plan, event.date_of_service)
    if missing:
        _look_again(event, tx, tx.now + timedelta(hours=policy().benefits_patience_hours))
    return bool(missing)


async def _unasked(event: CoordinationQuestioned, tx: Transaction) -> list[str]:
    """The plans whose payers have not answered for that very date of service."""
    known = await tx.all(store.BENEFITS, event.client_id)
    answered = {answer.plan_id for answer in known if answer.date_of_service == event.date_of_service}
    client = await store.client(tx, event.client_id)
    return [plan.plan_id for plan in client.plans or () if plan.plan_id not in answered]


def _look_again(event: CoordinationQuestioned, tx: Transaction, until: datetime) -> None:
    said = event.model_dump(mode="json")
    at = min(tx.now + _LOOK_AGAIN, until)
    tx.schedule("question", event.client_id, event.control, at, question=said, until=until.isoformat())


async def on_question(timer: Timer, tx: Transaction) -> None:
    """The payers have answered, or had their time: does the payer that questioned the order still stand alone?"""
    event = CoordinationQuestioned.model_validate(timer.data["question"])
    until = datetime.fromisoformat(timer.data["until"])
    session = await tx.one(store.SESSION, event.client_id, event.session_id)
    if session is not None and session.cleared is not None and session.cleared.plans[0].plan_id != event.plan_id:
        return
    if tx.now < until and await _unasked(event, tx):
        _look_again(event, tx, until)
    else:
        await _client_must_call(event, tx)


async def _client_must_call(event: CoordinationQuestioned, tx: Transaction) -> None:
    confirmed = await tx.one(store.CONFIRMATION, event.client_id, event.payer_id)
    counted = confirmed if confirmed is not None and confirmed.reference_number else None
    received = counted.received_at.date() if counted is not None and counted.received_at is not None else None
    issue = await _open_issue(tx, event.client_id, event.payer_id)
    if pause.is_new_report(issue, event.claim_sent_on, received):
        situation = await store.situation(tx, event.client_id, policy().benefits_fresh_days)
        await pausing.open_issues(
            tx,
            situation,
            [Report(event.payer_id, event.plan_id, PAYER_ASKS_CLIENT, tuple(event.codes), event.reported_on)],
        )
    elif issue is not None:
        tx.save(store.ISSUE, replace(issue, codes=tuple(dict.fromkeys((*issue.codes, *event.codes)))))
    elif received == event.claim_sent_on:
        tx.publish(_review(event, "denied_on_day_of_confirmation"))


async def _open_issue(tx: Transaction, client_id: str, payer_id: str) -> Issue | None:
    """The issue with this payer in the present pause."""
    current = await store.open_pause(tx, client_id)
    return None if current is None else await tx.one(store.ISSUE, client_id, current.pause_id, payer_id)


async def _other_plan_first(event: CoordinationQuestioned, tx: Transaction) -> None:
    """Keep what the payer says of its own plan, and ask all payers again; their answers decide."""
    client = await store.client(tx, event.client_id)
    if client.plan(event.plan_id) is None:
        tx.publish(_review(event, "unknown_plan"))
        return
    known = await tx.one(store.STATEMENT, event.client_id, event.plan_id)
    confirmed = await tx.one(store.CONFIRMATION, event.client_id, event.payer_id)
    if known is not None and known.source == event.control:
        return
    if (
        confirmed is not None
        and confirmed.received_at is not None
        and event.claim_sent_on <= confirmed.received_at.date()
    ):
        return  # the claim went out before the insurer corrected its records
    row = PayerStatement(
        event.client_id,
        event.plan_id,
        "not_primary",
        event.control,
        tx.now,
        listed=former_plans.ids_on(client, event.date_of_service),
        about=event.date_of_service,
    )
    tx.save(store.STATEMENT, row)
    await asking_payers.ask_all(tx, client)
    await redeciding.redecide(tx, event.client_id)


def _review(event: CoordinationQuestioned, reason: str) -> CoverageReviewRequested:
    evidence = f"claim {event.control} of plan {event.plan_id}: {', '.join(event.codes) or event.answer}"
    return CoverageReviewRequested(
        client_id=event.client_id,
        reason=reason,
        evidence=evidence,
        payer_id=event.payer_id,
        session_id=event.session_id,
    )
