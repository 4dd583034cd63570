"""What a payer's answer to a claim says about the coordination of benefits, as claims has classed it."""

from dataclasses import replace

from services.coverage import asking, deciding, issues, pause, store
from services.coverage.issues import Report
from services.coverage.pause import Issue
from services.coverage.settings import policy
from services.coverage.situation import PayerStatement
from shared.events.claims import CoordinationQuestioned
from shared.events.coverage import CoverageReviewRequested
from shared.transaction import Transaction


async def on_coordination_questioned(event: CoordinationQuestioned, tx: Transaction) -> None:
    """Pause on what only the client can settle; look at the order again where a payer says another plan is first."""
    match event.answer:
        case "client_must_call":
            await _client_must_call(event, tx)
        case "other_plan_first":
            await _other_plan_first(event, tx)
        case "review":
            tx.publish(_review(event, "coordination_unclear"))
        case "fix_and_resend" | "duplicate" | "not_covered" | "too_late" | "forwarded" | "ordinary":
            return  # a biller's task, or nobody's: never the client's


async def _client_must_call(event: CoordinationQuestioned, tx: Transaction) -> None:
    confirmed = await tx.one(store.CONFIRMATION, event.client_id, event.payer_id)
    counted = confirmed if confirmed is not None and confirmed.reference_number else None
    received = counted.received_at.date() if counted is not None and counted.received_at is not None else None
    issue = await _open_issue(tx, event.client_id, event.payer_id)
    if pause.is_new_report(issue, event.claim_sent_on, received):
        situation = await store.situation(tx, event.client_id, policy().benefits_fresh_days)
        await issues.open_issues(
            tx, situation, [Report(event.payer_id, event.plan_id, "payer_asks_client", tuple(event.codes))]
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
    row = PayerStatement(event.client_id, event.plan_id, "not_primary", event.control, tx.now)
    tx.save(store.STATEMENT, row)
    await asking.ask_all(tx, client)
    await deciding.redecide(tx, event.client_id)


def _review(event: CoordinationQuestioned, reason: str) -> CoverageReviewRequested:
    evidence = f"claim {event.control} of plan {event.plan_id}: {', '.join(event.codes) or event.answer}"
    return CoverageReviewRequested(
        client_id=event.client_id,
        reason=reason,
        evidence=evidence,
        payer_id=event.payer_id,
        session_id=event.session_id,
    )
