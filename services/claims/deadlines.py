"""The end of a claim's filing window: a person is warned ahead, and what was missed is the operator's loss."""

from datetime import UTC, date, datetime, time, timedelta

from services.claims.claim_changes import level_of, move
from services.claims.claim_facts import limits_of
from services.claims.claim_state import Cause, State
from services.claims.filing_deadline import Filing, last_day, warnings, window
from services.claims.store import PAYERS, Claim, Session, claims_of
from services.claims.work_queue import leave_to_a_person
from shared.events.claims import ClaimWrittenOff, DeadlineNear
from shared.transaction import Transaction

_MORNING = time(8, tzinfo=UTC)
_TO_BE_FILED = frozenset({State.READY, State.HELD, State.REJECTED, State.DENIED})
"""States in which the payer has nothing of the claim that it would decide on."""


async def last_filing_day(tx: Transaction, session: Session, claim: Claim) -> date | None:
    """The last day on which the claim may reach its payer; None while its window is not open."""
    payer = await tx.one(PAYERS, claim.payer_id)
    prior = next((each for each in reversed(await claims_of(tx, session)) if each.role < claim.role), None)
    decided_on = None if prior is None else prior.decided_on
    return last_day(limits_of(payer.listed if payer else None), claim.role, claim.service_on, decided_on)


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
    subject = f"{claim.session_id}/{claim.role}"
    tx.schedule("deadline", claim.client_id, subject, datetime.combine(due, _MORNING))


async def fell_due(tx: Transaction, session: Session, claim: Claim) -> None:
    """A day of warning, or the first day on which it is too late."""
    last = await last_filing_day(tx, session, claim)
    if claim.state not in _TO_BE_FILED or last is None:
        return
    now = window(last, tx.today)
    if now.filing is Filing.GONE:
        await _too_late(tx, claim, last)
        return
    if now.filing is Filing.CLOSING:
        tx.publish(DeadlineNear.model_validate({**named(claim), "due_on": last, "days_left": now.days_left}))
    await remind(tx, session, claim, warned_today=True)


async def _too_late(tx: Transaction, claim: Claim, last: date) -> None:
    """What was never sent is written off; what was sent in time can still be appealed with the proof."""
    if claim.sent_on is None:
        await write_off(tx, claim, "filing_window_gone")
        return
    why = "The filing limit is over; appeal with the proof of timely filing, or write it off."
    await leave_to_a_person(
        tx,
        claim.client_id,
        claim.session_id,
        "filing_window_gone",
        why,
        claim.role,
        claim.submission,
        level=level_of(claim.role),
        last_day=last.isoformat(),
        sent_on=claim.sent_on.isoformat(),
    )


async def write_off(tx: Transaction, claim: Claim, reason: str, detail: str = "") -> Claim:
    """Give the claim up; the marketplace bears it. Raises ImpossibleTransitionError: it is decided or voided."""
    claim = await move(tx, claim, Cause.WRITE_OFF, detail or reason)
    tx.publish(ClaimWrittenOff.model_validate({**named(claim), "reason": reason}))
    return claim


def named(claim: Claim) -> dict[str, object]:
    """The fields by which an event names a claim."""
    return {
        "client_id": claim.client_id,
        "session_id": claim.session_id,
        "control": claim.control,
        "level": level_of(claim.role),
        "plan_id": claim.plan_id,
        "payer_id": claim.payer_id,
    }
