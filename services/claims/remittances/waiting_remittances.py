"""Remittances that wait in the work queue for another one, or for the place of their claim: looked at again then.

A payer sends a correction in one 835 and the reversal before it in a later one; a reversal overtakes its payment on
another partition; a payment that came twice is taken back by its own number; a plan that had lost its place to three
others has it again. None of these needs a person once what it waits for is there.
"""

from dataclasses import replace

from services.claims.claim.claim_changes import known_as
from services.claims.claim.control_number import key
from services.claims.claim.level import level_name
from services.claims.claim.posted_remittance import Queued
from services.claims.claim.statements import CLAIM, HEADER
from services.claims.claim.store import claims_of, save_claim
from services.claims.claim.tables import CLAIMS, CONTROL_NUMBERS, WORK_QUEUE, Claim, QueueItem, Session
from services.claims.claim.work_queue import BY_ITSELF, is_about, leave_to_a_person, open_items, take_off
from services.claims.remittances.claim_match import Unmatched
from services.claims.remittances.matched_claim import Matched
from shared.runtime.transaction import Transaction

_PAYMENTS = (Queued.PAID_TWICE, Queued.SECOND_DECISION)
_REVERSALS = (Queued.REVERSAL_OF_NOTHING, Queued.REVERSAL_DIFFERS)
LOOKED_AT_AGAIN = frozenset({*_PAYMENTS, *_REVERSALS})
_CANCELLED = "the payer took it back before it was posted ({})"


async def leave(tx: Transaction, remitted: Matched, reason: str, why: str, identity: str) -> None:
    """Leave it to a person: once, however often its 835 comes, unless it was a person who sent it here."""
    again = identity
    if remitted.match == "person" or not identity:
        again = f"{tx.cause.id}|{remitted.claim.id}|{remitted.occurrence}"
    await leave_to_a_person(
        tx,
        remitted.client_id,
        remitted.session_id,
        reason,
        why,
        again,
        level=level_name(remitted.level),
        occurrence=remitted.occurrence,
        claim=remitted.stated,
        header=remitted.payment,
    )
    claim = await tx.one(CLAIMS, remitted.client_id, remitted.session_id, remitted.level)
    if claim is not None:
        waits = claim.remittance_waits or reason in LOOKED_AT_AGAIN
        save_claim(tx, replace(known_as(claim, remitted.claim.payer_claim_id), remittance_waits=waits))


async def waiting(tx: Transaction, claim: Claim) -> list[tuple[QueueItem, Matched]]:
    """What waits for another remittance of this claim, the newest first: the payer's last word counts."""
    items = [item for item in await open_items(tx, claim) if item.reason in LOOKED_AT_AGAIN]
    newest_first = sorted(items, key=lambda item: item.opened_at, reverse=True)
    return [(item, _as_matched(item, claim)) for item in newest_first]


def _as_matched(item: QueueItem, claim: Claim) -> Matched:
    stated, payment = item.evidence["claim"], item.evidence["header"]
    return Matched(
        client_id=claim.client_id,
        session_id=claim.session_id,
        level=claim.level,
        match="control",
        confidence=100,
        payer_id=claim.payer_id,
        occurrence=item.evidence.get("occurrence", 0),
        received_on=item.opened_at.date(),
        claim=CLAIM.validate_python(stated),
        header=HEADER.validate_python(payment),
        stated=stated,
        payment=payment,
        plan_id=claim.plan_id,
    )


async def back_in_their_places(tx: Transaction, session: Session) -> list[tuple[QueueItem, Matched]]:
    """What came while its plan had lost its place to three others, and has a place again; the oldest first."""
    whose = (session.client_id, session.session_id)
    where = "client_id = $1 and session_id = $2 and reason = $3 and resolved_at is null"
    items = await tx.find(WORK_QUEUE, where, *whose, f"unmatched_{Unmatched.FOURTH_PAYER.value}")
    claims = {claim.level: claim for claim in await claims_of(tx, session)} if items else {}
    back: list[tuple[QueueItem, Matched]] = []
    for item in sorted(items, key=lambda item: item.opened_at):
        number = key(CLAIM.validate_python(item.evidence["claim"]).id)
        sent = await tx.find(CONTROL_NUMBERS, "client_id = $1 and session_id = $2 and key = $3", *whose, number)
        back += [(item, _as_matched(item, claims[row.level])) for row in sent[:1] if row.level in claims]
    return back


async def cancels_out(tx: Transaction, remitted: Matched, claim: Claim, identity: str) -> bool:
    """Whether a payment and its reversal are both here, and neither is posted: then neither is a person's task.

    They bear one number of the payer's (CLP07) and opposite amounts. What was posted stands as it is. A person may have
    closed the item of the first already: its other half is no more to be posted than it was.
    """
    number = key(remitted.claim.payer_claim_id)
    reasons = _PAYMENTS if remitted.claim.reversal else _REVERSALS
    where = "client_id = $1 and session_id = $2 and reason = any($3::text[])"
    items = await tx.find(WORK_QUEUE, where, claim.client_id, claim.session_id, [reason.value for reason in reasons])
    done = _CANCELLED.format(identity)
    if any(item.resolved_why == done for item in items):
        return True
    for item in items:
        if item.resolved_by == BY_ITSELF or not is_about(item, claim):
            continue
        waits = CLAIM.validate_python(item.evidence["claim"])
        opposite = (waits.charge_cents, waits.paid_cents) == (-remitted.claim.charge_cents, -remitted.claim.paid_cents)
        if opposite and key(waits.payer_claim_id) == number:
            if item.resolved_at is None:
                take_off(tx, item, done)
            return True
    return False


def names_what_waits(remitted: Matched, claim: Claim) -> bool:
    """Whether it takes back, by the payer's own number, something that was never posted."""
    number = key(remitted.claim.payer_claim_id)
    posted = {key(posting.payer_claim_id) for posting in claim.postings}
    return remitted.claim.reversal and bool(number) and number not in posted
