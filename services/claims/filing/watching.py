"""A refused, reversed or voided claim must not be forgotten: it is looked at again, and then a person hears of it."""

from datetime import timedelta

from services.claims.claim.claim_state import State
from services.claims.claim.level import level_name
from services.claims.claim.posted_remittance import totals
from services.claims.claim.store import client_of, session_of
from services.claims.claim.tables import WORK_QUEUE, Claim, Session
from services.claims.claim.work_queue import is_about_a_refusal, leave_to_a_person, open_items, take_off
from services.claims.codes.payer_codes import AnswerClass
from services.claims.filing.answers_awaited import AWAITS_NUMBER
from services.claims.filing.watching_deadlines import remind
from shared.runtime.timers import TIMERS as TIMER_ROWS
from shared.runtime.transaction import Transaction

ADJUDICATED_REVIEW = "adjudicated_review"
"""Posted, with codes that nobody has sorted: the next payer's claim waits until a person has read them."""
_WHILE_PAUSED = timedelta(days=7)

_WATCHED = {
    "rejected": (14, "Rejected and not sent again since; put it right and resend it, or write it off."),
    "denied": (14, "Denied for a reason that says nothing about benefits, and nothing came since; call the payer."),
    "duplicate": (30, "Refused as a duplicate, and the other claim's remittance never came; ask the payer for it."),
    "reversed": (30, "The payment was taken back and no correction came; ask the payer for it."),
    "incomplete": (21, "Some services were decided and the rest never was; ask the payer for it."),
    "forwarded": (30, "Passed on undecided, and the other payer's remittance never came; ask both payers."),
    "take_back": (60, "Voided, and the payer has not taken its payment back; ask for the recovery."),
    "number": (14, "To be replaced or voided, and the payer has not given its claim number; ask the payer for it."),
}
"""What is watched -> days until a person is told, and what to do then."""


def watched(claim: Claim) -> str | None:
    """What is awaited for this claim that nothing else would remember."""
    if claim.reason == AWAITS_NUMBER:
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
        case State.ADJUDICATED | State.CORRECTED if not claim.complete:
            return "incomplete"
        case State.FORWARDED if claim.sent_on is not None:
            return "forwarded"
        case State.VOIDED if totals(claim.postings).paid_cents > 0:
            return "take_back"
        case _:
            return None


async def watch(tx: Transaction, claim: Claim) -> None:
    """Set the claim's timer, unless it runs already for the same thing."""
    what = watched(claim)
    subject = claim.subject
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
        tx.schedule("watch", claim.client_id, claim.subject, due, what=what, submission=submission)
        return
    if await open_items(tx, claim):
        return  # somebody has been told already
    await leave_to_a_person(
        tx,
        claim.client_id,
        claim.session_id,
        f"{what}_unresolved",
        _WATCHED[what][1],
        claim.level,
        claim.submission,
        level=level_name(claim.level),
    )


async def take_off_the_queue(tx: Transaction, claim: Claim) -> None:
    """The payer has decided after all: what was left to a person about its silence or refusal is done.

    Only a claim that had trouble has such items, so others cost no look.
    """
    settled = claim.state in (State.ADJUDICATED, State.CORRECTED) and claim.complete
    if not settled or (claim.submission < 2 and len(claim.postings) < 2 and not claim.asked):
        return
    for item in await open_items(tx, claim):
        read = item.reason == ADJUDICATED_REVIEW and claim.answer != AnswerClass.REVIEW.value
        if read or item.reason in _MOOT or is_about_a_refusal(item):
            take_off(tx, item, "the payer has decided since")


async def crossover_is_settled(tx: Transaction, claim: Claim) -> None:
    """The next payer has decided a claim that we never sent: whether it was forwarded is no question any more."""
    rows = await tx.find(
        WORK_QUEUE,
        "client_id = $1 and session_id = $2 and reason = 'crossover_in_disagreement' and resolved_at is null",
        claim.client_id,
        claim.session_id,
    )
    for item in rows:
        take_off(tx, item, "the next payer has decided the claim, so it was forwarded")


_MOOT = frozenset(
    {
        "payer_silent",
        "filing_window_closing",
        "filing_window_gone",
        "reversed_unresolved",
        "duplicate_unresolved",
        "incomplete_unresolved",
        "remittance_unbalanced",
    }
)
