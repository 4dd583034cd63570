"""A claim that does not go now: it waits, or it is not to be sent; either is said once for each reason."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

from services.claims.claim.claim_changes import begin, move, named
from services.claims.claim.claim_state import Cause, State
from services.claims.claim.level import level_name
from services.claims.claim.store import (
    session_of,
)
from services.claims.claim.tables import (
    Claim,
    Session,
)
from services.claims.claim.work_queue import leave_to_a_person
from services.claims.filing.watching_deadlines import no_longer_to_be_filed, remind
from services.claims.filing.when_to_file import Withheld
from shared.events.claims import ClaimHeld, SecondaryWithheld
from shared.runtime.transaction import Transaction

_MORNING = time(8, tzinfo=UTC)


async def withhold(tx: Transaction, claim: Claim, reason: str) -> Claim:
    """Not to be sent; said once for each reason."""
    if claim.state is State.WITHHELD and claim.reason == reason:
        return claim
    if reason == Withheld.FILING_WINDOW_GONE:
        why = "The filing limit is over; appeal with the proof of timely filing where there is one."
        who, level = (claim.client_id, claim.session_id), level_name(claim.level)
        await leave_to_a_person(tx, *who, reason, why, claim.level, claim.submission, level=level)
    claim = await _put(tx, claim, State.WITHHELD, Cause.WITHHOLD, reason)
    session = await session_of(tx, claim.client_id, claim.session_id)
    await no_longer_to_be_filed(tx, session, claim, f"not to be sent: {reason}")
    tx.publish(SecondaryWithheld.model_validate({**named(claim), "reason": reason}))
    return claim


async def _put(tx: Transaction, claim: Claim, state: State, cause: Cause, reason: str) -> Claim:
    """A claim that was never seen begins in `state`; one that was moves there by `cause`."""
    new = claim.submission == 0 and claim.reason is None
    claim = replace(claim, reason=reason)
    return await begin(tx, replace(claim, state=state), reason) if new else await move(tx, claim, cause, reason)


async def hold(tx: Transaction, claim: Claim, reason: str) -> Claim:
    """It waits; what everybody waits for (the session's end, the payer before) is no news."""
    if claim.state is State.HELD and claim.reason == reason:
        return claim
    claim = await _put(tx, claim, State.HELD, Cause.HOLD, reason)
    if reason not in ("session_not_completed", "session_not_cleared", "prior_not_adjudicated"):
        tx.publish(ClaimHeld(**named(claim), reason=reason))
        await remind(tx, await session_of(tx, claim.client_id, claim.session_id), claim)
    return claim


def look_on(tx: Transaction, session: Session, day: date) -> None:
    """Look at the session's claims again on the morning of `day`, when a wait is over."""
    tx.schedule("look", session.client_id, session.session_id, datetime.combine(day, _MORNING))
