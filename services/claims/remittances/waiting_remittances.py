"""Remittances that wait in the work queue for another one: looked at again when it has come.

A payer sends a correction in one 835 and the reversal before it in a later one; a reversal overtakes its payment on
another partition; a payment that came twice is taken back by its own number. None of these needs a person once both
halves are there.
"""

from dataclasses import replace

from services.claims.claim.claim_changes import level_of
from services.claims.claim.control_number import key
from services.claims.claim.posted_remittance import Queued
from services.claims.claim.store import save_claim
from services.claims.claim.tables import CLAIM, CLAIMS, HEADER, WORK_QUEUE, Claim, QueueItem
from services.claims.claim.work_queue import leave_to_a_person, open_items, take_off
from services.claims.remittances.matched_claim import Matched
from shared.runtime.transaction import Transaction

_PAYMENTS = (Queued.PAID_TWICE, Queued.SECOND_DECISION)
LOOKED_AT_AGAIN = frozenset({*_PAYMENTS, Queued.REVERSAL_OF_NOTHING, Queued.REVERSAL_DIFFERS})
_TAKEN_BACK = "the payer took it back before it was posted"


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
        level=level_of(remitted.role),
        occurrence=remitted.occurrence,
        claim=remitted.stated,
        header=remitted.payment,
    )
    claim = await tx.one(CLAIMS, remitted.client_id, remitted.session_id, remitted.role)
    if claim is not None and reason in LOOKED_AT_AGAIN:
        save_claim(tx, replace(claim, remittance_waits=True))


async def waiting(tx: Transaction, claim: Claim) -> list[tuple[QueueItem, Matched]]:
    """What waits for another remittance of this claim, the oldest first."""
    items = [item for item in await open_items(tx, claim) if item.reason in LOOKED_AT_AGAIN]
    return [(item, _as_matched(item, claim)) for item in sorted(items, key=lambda item: item.opened_at)]


def _as_matched(item: QueueItem, claim: Claim) -> Matched:
    stated, payment = item.evidence["claim"], item.evidence["header"]
    return Matched(
        client_id=claim.client_id,
        session_id=claim.session_id,
        role=claim.role,
        match="control",
        confidence=100,
        payer_id=claim.payer_id,
        occurrence=item.evidence.get("occurrence", 0),
        received_on=item.opened_at.date(),
        claim=CLAIM.validate_python(stated),
        header=HEADER.validate_python(payment),
        stated=stated,
        payment=payment,
    )


async def takes_back_what_waits(tx: Transaction, reversal: Matched) -> bool:
    """Whether the reversal names, by the payer's claim number (CLP07), a payment that was never posted.

    The two cancel out: the payment is off the queue, and what was posted under another number stands.
    """
    number = key(reversal.claim.payer_claim_id)
    claim = await tx.one(CLAIMS, reversal.client_id, reversal.session_id, reversal.role)
    if claim is None or not number or number in {key(posting.payer_claim_id) for posting in claim.postings}:
        return False
    where = "client_id = $1 and session_id = $2 and reason = any($3::text[])"
    items = await tx.find(WORK_QUEUE, where, claim.client_id, claim.session_id, [reason.value for reason in _PAYMENTS])
    for item in items:
        waits = item.resolved_at is None
        if "claim" not in item.evidence or not (waits or item.resolved_why == _TAKEN_BACK):
            continue
        payment = CLAIM.validate_python(item.evidence["claim"])
        amounts = (-reversal.claim.charge_cents, -reversal.claim.paid_cents)
        if key(payment.payer_claim_id) == number and (payment.charge_cents, payment.paid_cents) == amounts:
            if waits:
                take_off(tx, item, _TAKEN_BACK)
            return True
    return False
