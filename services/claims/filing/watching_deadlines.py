"""The end of a claim's filing window: a person is warned ahead, and what was missed is the operator's loss.

Some days before the end the claim is in the work queue: a person may still file it. Nothing is written off of which
nobody was told.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from services.claims.claim.claim_changes import move, named
from services.claims.claim.claim_state import Cause, State
from services.claims.claim.filing_deadline import Filing, last_day, warnings, window
from services.claims.claim.level import level_name
from services.claims.claim.store import claims_before, client_of
from services.claims.claim.tables import PAYERS, WORK_QUEUE, Claim, Session
from services.claims.claim.work_queue import leave_to_a_person, open_items, take_off
from services.claims.filing.claim_facts import limits_of
from services.claims.filing.when_to_file import Held
from services.claims.settings import policy
from shared.events.claims import ClaimWrittenOff, DeadlineNear
from shared.runtime.transaction import Transaction

_MORNING = time(8, tzinfo=UTC)
_CLOSING = "filing_window_closing"
_TO_BE_FILED = frozenset({State.READY, State.HELD, State.REJECTED, State.DENIED})
"""States in which the payer has nothing of the claim that it would decide on."""


async def last_filing_day(tx: Transaction, session: Session, claim: Claim) -> date | None:
    """The last day on which the claim may reach its payer; None while its window is not open."""
    payer = await tx.one(PAYERS, claim.payer_id)
    before = await claims_before(tx, session, claim)
    prior = before[-1] if before else None
    decided_on = None if prior is None else prior.decided_on
    return last_day(limits_of(payer.listed if payer else None), claim.level, claim.service_on, decided_on)


async def remind(tx: Transaction, session: Session, claim: Claim, *, warned_today: bool = False) -> None:
    """Set the timer for the next warning about a claim that is not with its payer, or for the end of its window.

    A window that closes soon warns at once.
    """
    if claim.state not in _TO_BE_FILED:
        return
    last = await last_filing_day(tx, session, claim)
    if last is None:
        return
    ahead = [day for day in warnings(last, tx.today) if day > tx.today or not warned_today]
    due = ahead[0] if ahead else max(last, tx.today) + timedelta(days=1)
    subject = claim.subject
    tx.schedule("deadline", claim.client_id, subject, datetime.combine(due, _MORNING))


async def fell_due(tx: Transaction, session: Session, claim: Claim) -> None:
    """A day of warning, or the first day on which it is too late."""
    last = await last_filing_day(tx, session, claim)
    if claim.state not in _TO_BE_FILED or last is None:
        return
    now = window(last, tx.today)
    if now.filing is Filing.GONE:
        await give_up(tx, claim, last)
        return
    if now.filing is Filing.CLOSING:
        tx.publish(DeadlineNear.model_validate({**named(claim), "due_on": last, "days_left": now.days_left}))
    if now.days_left <= policy().filing_help_days:
        await _ask_for_help(tx, claim, last, now.days_left)
    await remind(tx, session, claim, warned_today=True)


async def _ask_for_help(tx: Transaction, claim: Claim, last: date, days_left: int) -> None:
    """While it can still be filed a person hears of it, unless somebody has the claim already."""
    if claim.sent_on is not None and await open_items(tx, claim):
        return
    client = await client_of(tx, claim.client_id)
    await _leave(tx, claim, _CLOSING, _to_do(claim, last), last, days_left=days_left, pause_id=client.pause_id)


def _to_do(claim: Claim, last: date) -> str:
    """What a person may do about a claim that the payer has not got, by what it waits for."""
    send = f"`resend {claim.name} --regardless`"
    until = f"The payer takes the claim until {last.isoformat()}."
    if claim.state in (State.REJECTED, State.DENIED):
        return f"{until} It was refused and has not gone again: put it right, or send it now ({send})."
    if claim.reason == Held.ACCOUNT_PAUSED:
        return f"{until} Reach the client about the call, or file it now ({send}): what came in time can be appealed."
    return f"{until} It waits for {claim.reason or 'its turn'}: settle that, or file it now ({send})."


async def _leave(tx: Transaction, claim: Claim, reason: str, why: str, last: date, **more: object) -> None:
    sent_on = None if claim.sent_on is None else claim.sent_on.isoformat()
    evidence = {
        "level": level_name(claim.level),
        "payer_id": claim.payer_id,
        "control": claim.control,
        "sent_on": sent_on,
    }
    evidence |= {"last_day": last.isoformat(), "state": claim.state.value, "waits_for": claim.reason, **more}
    whose = (claim.client_id, claim.session_id)
    await leave_to_a_person(tx, *whose, reason, why, claim.level, claim.submission, **evidence)


async def no_longer_to_be_filed(tx: Transaction, session: Session, claim: Claim, why: str) -> None:
    """The claim went out, or is not to go: nobody has to see to its filing any more.

    Only a claim whose window closes soon, or has closed, has such an item, so others cost no look.
    """
    last = await last_filing_day(tx, session, claim)
    if last is None or window(last, tx.today).days_left > policy().filing_help_days:
        return
    for item in await open_items(tx, claim):
        if item.reason == _CLOSING:
            take_off(tx, item, why)


async def give_up(tx: Transaction, claim: Claim, last: date) -> Claim:
    """What was never sent is written off, and a person knows; what was sent can be appealed with the proof."""
    if claim.sent_on is not None:
        why = "The filing limit is over; appeal with the proof of timely filing, or write it off."
        await _leave(tx, claim, "filing_window_gone", why, last)
        return claim
    send = f"`resend {claim.name} --regardless`"
    why = f"Written off: not filed until {last.isoformat()}. Where the payer grants an exception send it ({send})."
    known = [item for item in await open_items(tx, claim) if item.reason == _CLOSING]
    for item in known:
        tx.save(WORK_QUEUE, replace(item, suggestion=why))
    if not known:
        await _leave(tx, claim, "filing_window_gone", why, last)
    return await write_off(tx, replace(claim, reason="filing_window_gone"), "filing_window_gone")


async def write_off(tx: Transaction, claim: Claim, reason: str, detail: str = "") -> Claim:
    """Give the claim up; the marketplace bears it. Raises ImpossibleTransitionError: it is decided or voided."""
    claim = await move(tx, claim, Cause.WRITE_OFF, detail or reason)
    tx.publish(ClaimWrittenOff.model_validate({**named(claim), "reason": reason}))
    return claim
