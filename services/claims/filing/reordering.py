"""Moving a session's claims to their places in a corrected order of plans.

A claim belongs to its plan: its postings, control numbers, history and what waits in the work queue go with it, so that
a late answer to what was sent in the old order still finds it.
"""

from collections.abc import Mapping
from dataclasses import replace
from itertools import count

from services.claims.claim.claim_state import UNSENT, State
from services.claims.claim.level import MOST_LEVELS
from services.claims.claim.store import claims_of, save_claim
from services.claims.claim.tables import CLAIMS, CONTROL_NUMBERS, WORK_QUEUE, Claim, Session
from services.claims.claim.work_queue import is_about, leave_to_a_person, moved
from services.claims.filing.holding import withhold
from shared.runtime.transaction import Transaction


def places(claims: list[Claim], order: list[str]) -> dict[int, int]:
    """The old place of each claim -> its new one; plans that pay no longer come after those that do."""
    after = count(len(order) + 1)
    return {claim.level: order.index(claim.plan_id) + 1 if claim.plan_id in order else next(after) for claim in claims}


async def rearrange(tx: Transaction, session: Session) -> None:
    """Bring the claims of the session to the places that its plans have now."""
    assert session.cleared is not None
    claims = await _all_claims(tx, session)
    order = [plan.plan_id for plan in session.cleared.plans]
    to = places(claims, order)
    await _say_what_is_lost(tx, claims, order, to)
    if all(old == new for old, new in to.items()):
        return
    # A number may be used once in a session, whatever the level, so all claims go on counting from the highest.
    highest = max(claim.submission for claim in claims)
    for claim in claims:
        tx.delete(CLAIMS, *CLAIMS.key_of(claim))
    for claim in claims:
        save_claim(tx, replace(claim, level=to[claim.level], submission=highest))
    for row in await tx.find(
        CONTROL_NUMBERS, "client_id = $1 and session_id = $2", session.client_id, session.session_id
    ):
        tx.save(CONTROL_NUMBERS, replace(row, level=to[row.level]))
    await _move_history(tx, session, to)
    await _move_what_waits(tx, session, claims, to)
    await _drop_after_the_last(tx, session, order)


async def _drop_after_the_last(tx: Transaction, session: Session, order: list[str]) -> None:
    """What has not gone out to a plan that pays no longer is not to be sent, in a place that nobody bills as well."""
    for claim in await _all_claims(tx, session):
        if claim.level > MOST_LEVELS and claim.plan_id not in order and claim.state in UNSENT:
            await withhold(tx, claim, "order_corrected")


async def _all_claims(tx: Transaction, session: Session) -> list[Claim]:
    """The claims of the session, those in a place after the last that is billed included."""
    if not await claims_of(tx, session):  # nothing was made yet: save the look
        return []
    claims = await tx.under(CLAIMS, session.client_id, session.session_id)
    return sorted(claims, key=lambda claim: claim.level)


async def _say_what_is_lost(tx: Transaction, claims: list[Claim], order: list[str], to: Mapping[int, int]) -> None:
    """What no rule covers: a fourth claim of a session, and a plan that was voided and pays after all."""
    for claim in claims:
        if claim.state is State.VOIDED and claim.plan_id in order:
            why = "Its claim was voided and it pays after all; bill it by hand once the void is confirmed."
            await leave_to_a_person(
                tx, claim.client_id, claim.session_id, "voided_plan_pays_again", why, claim.plan_id, claim.submission
            )
        if to[claim.level] > MOST_LEVELS and claim.state not in UNSENT:
            why = "The plan pays no longer and the session has too many payers; void its claim by hand."
            await leave_to_a_person(
                tx, claim.client_id, claim.session_id, "too_many_payers", why, claim.plan_id, payer_id=claim.payer_id
            )


async def _move_what_waits(tx: Transaction, session: Session, claims: list[Claim], to: Mapping[int, int]) -> None:
    """What a person or another remittance is awaited for stays with its claim."""
    for item in await tx.find(WORK_QUEUE, "client_id = $1 and session_id = $2", session.client_id, session.session_id):
        claim = next((claim for claim in claims if is_about(item, claim)), None)
        if claim is not None:
            tx.save(WORK_QUEUE, moved(item, claim, to[claim.level]))


async def _move_history(tx: Transaction, session: Session, to: Mapping[int, int]) -> None:
    """The claim's past goes with it; in two steps, because places are exchanged and the key holds at each row."""
    await tx.rows.flush()
    key = (session.client_id, session.session_id)
    await tx.connection.execute(
        "update history set role = -said.new from unnest($3::bigint[], $4::bigint[]) as said (old, new)"
        " where client_id = $1 and session_id = $2 and role = said.old",
        *key,
        list(to),
        list(to.values()),
    )
    await tx.connection.execute(
        "update history set role = -role where client_id = $1 and session_id = $2 and role < 0", *key
    )
    for level in range(1, 2 * MOST_LEVELS + 1):
        tx.notes.pop(("history", *key, level), None)
