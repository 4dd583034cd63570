"""What falls due for claims: another look, a question to a silent payer, the end of a filing window."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from services.claims.acknowledgments.acknowledgment import Chase, chase
from services.claims.claim.claim_changes import SENT
from services.claims.claim.claim_state import State
from services.claims.claim.level import level_name
from services.claims.claim.store import save_claim, session_of
from services.claims.claim.tables import CLAIMS, Claim, Session
from services.claims.claim.work_queue import leave_to_a_person
from services.claims.filing import watching_deadlines
from services.claims.filing.advancing import advance
from services.claims.filing.chasing import ask
from services.claims.filing.correcting import put_right, resume_after_pause, send_again
from services.claims.filing.watching import fell_due
from services.claims.settings import policy
from shared.runtime.timers import Timer
from shared.runtime.transaction import Transaction

_MORNING = time(8, tzinfo=UTC)


async def on_look(timer: Timer, tx: Transaction) -> None:
    """A wait is over, or a fact was late: decide again what the session's claims need."""
    session = await session_of(tx, timer.client_id, timer.subject)
    if timer.data.get("resume"):
        await resume_after_pause(tx, session)
    await put_right(tx, session)
    await advance(tx, session)


async def on_chase(timer: Timer, tx: Transaction) -> None:
    """A payer has been silent: ask it (276), or tell a person after too many questions."""
    session, claim = await _claim(tx, timer)
    if claim is None or claim.state not in SENT or claim.sent_on is None:
        return
    match chase(policy().chase, claim.state, claim.sent_on, claim.asked, claim.asked_on, tx.today):
        case Chase.ASK:
            claim = replace(claim, asked=claim.asked + 1, asked_on=tx.today)
            save_claim(tx, claim)
            await ask(tx, session, claim)
        case Chase.ESCALATE:
            why = "It has been asked by 276 and gave no decision; call it."
            await leave_to_a_person(
                tx,
                claim.client_id,
                claim.session_id,
                "payer_silent",
                why,
                claim.level,
                claim.submission,
                level=level_name(claim.level),
                asked=claim.asked,
                payer_id=claim.payer_id,
            )
        case None:
            pass
    _chase_again(tx, timer, claim)


def _chase_again(tx: Transaction, timer: Timer, claim: Claim) -> None:
    """Look again on the first day on which there may be something to ask; after a person was told, week by week."""
    assert claim.sent_on is not None
    who = policy()
    first = who.unacknowledged_days if claim.state is State.SUBMITTED else who.undecided_days
    since, days = (claim.asked_on, who.chase_between_days) if claim.asked_on else (claim.sent_on, first)
    due = since + timedelta(days=days)
    if due <= tx.today:
        due = tx.today + timedelta(days=who.chase_between_days)
    tx.schedule("chase", timer.client_id, timer.subject, datetime.combine(due, _MORNING))


async def on_watch(timer: Timer, tx: Transaction) -> None:
    """What was refused, reversed or voided has waited long enough."""
    session, claim = await _claim(tx, timer)
    if claim is not None:
        await fell_due(tx, session, claim, timer.data["what"], timer.data["submission"])


async def on_resend(timer: Timer, tx: Transaction) -> None:
    """A claim that was sent too early goes again, unless something else has happened to it."""
    session, claim = await _claim(tx, timer)
    if claim is None or claim.submission != timer.data["submission"]:
        return
    if claim.state in (State.REJECTED, State.DENIED):
        await send_again(tx, session, claim, timer.data["frequency"] or "1", "sent too early before")


async def _claim(tx: Transaction, timer: Timer) -> tuple[Session, Claim | None]:
    """The session and claim that a timer is about; its subject is `<session_id>/<level>`."""
    session_id, level = timer.subject.rsplit("/", 1)
    session = await session_of(tx, timer.client_id, session_id)
    return session, await tx.one(CLAIMS, timer.client_id, session_id, int(level))


async def on_deadline(timer: Timer, tx: Transaction) -> None:
    """The end of the filing window is near, or over; what follows in the order is decided anew."""
    session, claim = await _claim(tx, timer)
    if claim is not None:
        await watching_deadlines.fell_due(tx, session, claim)
        await advance(tx, session)
        _, left = await _claim(tx, timer)
        if left is not None:  # held anew, as by our own edits: the warning of today is given already
            await watching_deadlines.remind(tx, session, left, warned_today=True)


TIMERS = {"deadline": on_deadline, "look": on_look, "chase": on_chase, "watch": on_watch, "resend": on_resend}
