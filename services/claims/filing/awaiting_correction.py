"""A claim that lacks something no payer's reader does without: a person hears what, and it goes once that is corrected.

It is looked at again as soon as the client's details or plans change, and every morning, since what is wrong may stand
in the directory.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Literal

from services.claims.claim.level import level_name
from services.claims.claim.store import client_of
from services.claims.claim.tables import CLAIMS, Claim
from services.claims.claim.work_queue import leave_to_a_person, open_items, take_off
from services.claims.filing.holding import hold
from services.claims.filing.when_to_file import Held
from shared.runtime.transaction import Transaction

EDITS, UNBILLABLE = "claim_edits", "unbillable_session"
_BY_FACTS: tuple[str, ...] = (EDITS, UNBILLABLE, Held.MEDICARE_REASON_UNKNOWN)
_BEFORE_ANY_TRY = (None, Held.SESSION_NOT_COMPLETED, Held.SESSION_NOT_CLEARED, Held.PRIOR_NOT_ADJUDICATED)
_MORNING = time(8, tzinfo=UTC)


async def await_correction(
    tx: Transaction, claim: Claim, reason: Literal["claim_edits", "unbillable_session"], problems: Sequence[str]
) -> Claim:
    """Hold the claim for its facts; a person is told once for each thing that is wrong, and what no longer is goes."""
    why = f"Have this corrected, and the claim goes by itself: {'; '.join(problems)}."[:2000]
    told = [item for item in await open_items(tx, claim) if item.reason in _BY_FACTS]
    for item in told:
        if item.suggestion != why:
            take_off(tx, item, "something else is wrong with it now")
    whose, level = (claim.client_id, claim.session_id), level_name(claim.level)
    if all(item.suggestion != why for item in told):
        await leave_to_a_person(tx, *whose, reason, why, claim.level, claim.changes, why, level=level)
    tomorrow = datetime.combine(tx.today + timedelta(days=1), _MORNING)
    tx.schedule("look", claim.client_id, claim.session_id, tomorrow)
    return await hold(tx, claim, reason)


async def take_off_what_is_corrected(tx: Transaction, claim: Claim) -> None:
    """The claim can go: nobody needs to find anything out for it any more."""
    if claim.reason in _BEFORE_ANY_TRY:
        return
    for item in await open_items(tx, claim):
        if item.reason in _BY_FACTS:
            take_off(tx, item, "the facts have come")


async def look_again(tx: Transaction, client_id: str) -> None:
    """The client's facts have changed: decide anew on the claims that wait for their correction."""
    if (await client_of(tx, client_id)).details is None:
        return
    held = "client_id = $1 and reason = any($2::text[])"
    for claim in await tx.find(CLAIMS, held, client_id, [EDITS, UNBILLABLE]):
        tx.schedule("look", client_id, claim.session_id, tx.now)
