"""A refused, reversed or voided claim must not be forgotten: it is looked at again, and then a person hears of it."""

from datetime import timedelta

from services.claims.claim_state import State
from services.claims.deadlines import remind
from services.claims.payer_codes import AnswerClass
from services.claims.remittance import totals
from services.claims.store import Claim, Session, client_of, session_of
from services.claims.work_queue import leave_to_a_person
from shared.timers import TIMERS as TIMER_ROWS
from shared.transaction import Transaction

_NUMBER_AWAITED = "awaits_payer_claim_number"
_WHILE_PAUSED = timedelta(days=7)

_WATCHED = {
    "rejected": (14, "Rejected and not sent again since; put it right and resend it, or write it off."),
    "denied": (14, "Denied for a reason that says nothing about benefits, and nothing came since; call the payer."),
    "duplicate": (30, "Refused as a duplicate, and the other claim's remittance never came; ask the payer for it."),
    "reversed": (30, "The payment was taken back and no correction came; ask the payer for it."),
    "take_back": (60, "Voided, and the payer has not taken its payment back; ask for the recovery."),
    "number": (14, "To be replaced or voided, and the payer has not given its claim number; ask the payer for it."),
}
"""What is watched -> days until a person is told, and what to do then."""


def watched(claim: Claim) -> str | None:
    """What is awaited for this claim that nothing else would remember."""
    if claim.reason == _NUMBER_AWAITED:
        return "number"
    match claim.state:
        case State.DENIED | State.REJECTED if claim.answer == AnswerClass.DUPLICATE.value:
            return "duplicate"
        case State.DENIED:
            return "denied"
        case State.REJECTED:
            return "rejected"
        case State.REVERSED:
            return "reversed"
        case State.VOIDED if totals(claim.postings).paid_cents > 0:
            return "take_back"
        case _:
            return None


async def watch(tx: Transaction, claim: Claim) -> None:
    """Set the claim's timer, unless it runs already for the same thing."""
    what = watched(claim)
    subject = f"{claim.session_id}/{claim.role}"
    if what is None:
        return
    if claim.state in (State.DENIED, State.REJECTED):
        await remind(tx, await session_of(tx, claim.client_id, claim.session_id), claim)
    running = await tx.one(TIMER_ROWS, claim.client_id, "watch", subject)
    if running is None or running.data.get("what") != what:
        tx.schedule(
            "watch",
            claim.client_id,
            subject,
            tx.now + timedelta(days=_WATCHED[what][0]),
            what=what,
            submission=claim.submission,
        )


async def fell_due(tx: Transaction, session: Session, claim: Claim, what: str, submission: int) -> None:
    """The time is over: a person is told, unless the claim has moved on or the client's call is awaited."""
    if watched(claim) != what or claim.submission != submission:
        await watch(tx, claim)
        return
    client = await client_of(tx, session.client_id)
    if client.pause_id is not None:
        due = tx.now + _WHILE_PAUSED
        tx.schedule("watch", claim.client_id, f"{claim.session_id}/{claim.role}", due, what=what, submission=submission)
        return
    reason = f"{what}_unresolved"
    await leave_to_a_person(
        tx, claim.client_id, claim.session_id, reason, _WATCHED[what][1], claim.role, claim.submission
    )
