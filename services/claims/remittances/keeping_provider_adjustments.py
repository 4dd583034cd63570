"""Keeping PLB money by claim, where the payer's reference names one of ours. It never changes a client's cost."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Annotated, Any

from pydantic import Field

from services.claims.claim import control_number
from services.claims.claim.level import level_name
from services.claims.claim.posted_remittance import standing_postings
from services.claims.claim.tables import CLAIMS, Claim
from services.claims.claim.work_queue import NOBODY, RECOVERED_UNREVERSED, leave_to_a_person, open_items, take_off
from services.claims.remittances import claims_on_file
from services.claims.remittances.claim_match import ClaimOnFile
from services.claims.remittances.matched_claim import Matched
from services.claims.remittances.provider_adjustment import MoneyOutsideClaims, Movement, money_outside_claims
from shared.runtime.table import Table
from shared.runtime.transaction import Transaction
from shared.x12.remittance_835.remittance import Remittance, RemittedClaim

_DATES = re.compile(r"^\d{8}|\d{8}$|^\d{6}|\d{6}$")


@dataclass(frozen=True, slots=True)
class ProviderAdjustmentRow:
    """One PLB amount; a positive one reduces the payment. `client_id` is empty where it names no claim of ours."""

    client_id: str
    adjustment_id: str
    session_id: str | None
    level: Annotated[int | None, Field(alias="role")]
    payer_id: str
    trace: str
    movement: str
    reason: str
    reference: str
    amount_cents: int
    received_on: date


PROVIDER_ADJUSTMENTS = Table("provider_adjustments", ProviderAdjustmentRow, key=("client_id", "adjustment_id"))


async def keep_provider_adjustments(tx: Transaction, payer_id: str, remittance: Remittance) -> None:
    """Keep each PLB amount of the remittance once, under the claim that it names."""
    for number, adjustment in enumerate(remittance.provider_adjustments):
        possible = [
            RemittedClaim(number_text, "1", 0, 0, payer_claim_id=number_text)
            for number_text in references(adjustment.reference)
        ]
        named = await claims_on_file.numbered(tx.connection, payer_id, possible) if possible else []
        money = money_outside_claims(adjustment, named)
        tx.save(PROVIDER_ADJUSTMENTS, _row(tx, payer_id, remittance.header.trace, number, money))
        if money.movement is not Movement.RECOVERY or money.amount_cents <= 0:
            continue
        if money.claim is not None:
            await _ask_why(tx, money.claim, money, remittance)
        else:
            await _ask_whose(tx, payer_id, money, remittance.header.trace)


async def _ask_whose(tx: Transaction, payer_id: str, money: MoneyOutsideClaims, trace: str) -> None:
    """Money taken back for a claim that is not known to us, or for one of several."""
    why = "The payer takes money back (PLB) under a number that names no claim of ours: ask the payer for which claim."
    fact = (payer_id, trace, money.amount_cents, money.reason, money.reference)
    await leave_to_a_person(tx, NOBODY, None, "recovered_unknown_claim", why, *fact, **_evidence(money, trace))


async def _ask_why(tx: Transaction, claim: ClaimOnFile, money: MoneyOutsideClaims, remittance: Remittance) -> None:
    """A payer that takes money back for our claim owes us the reversal of the claim: without it a person asks."""
    keys = claim.payer_keys.union(map(control_number.key, claim.controls))
    comes_along = any(
        remitted.reversal
        and not keys.isdisjoint({control_number.key(remitted.id), control_number.key(remitted.payer_claim_id)})
        for remitted in remittance.claims
    )
    answered = await tx.one(CLAIMS, claim.client_id, claim.session_id, claim.level)
    if comes_along or _is_of_one(money.reference, claim.payer_keys, _numbers_taken_back(answered)):
        return
    why = (
        "The payer takes money back for this claim (PLB) and has not reversed it: ask for the reversal, or dispute it."
    )
    await leave_to_a_person(
        tx,
        claim.client_id,
        claim.session_id,
        RECOVERED_UNREVERSED,
        why,
        remittance.header.trace,
        money.reference,
        money.amount_cents,
        level=level_name(claim.level),
        plan_id=claim.plan_id,
        **_evidence(money, remittance.header.trace),
    )


def _numbers_taken_back(claim: Claim | None) -> list[str]:
    """The payer's numbers of the claim's answers that a reversal took back."""
    posted = () if claim is None else claim.postings
    standing = standing_postings(posted)
    return [posting.payer_claim_id for posting in posted if posting.reverses is None and posting not in standing]


async def take_off_what_is_explained(tx: Transaction, remitted: Matched) -> None:
    """Where a reversal came, nobody need ask any more why the payer takes the money of that decision back."""
    claim = await tx.one(CLAIMS, remitted.client_id, remitted.session_id, remitted.level)
    if claim is None or not remitted.claim.reversal:
        return
    keys = {control_number.key(claim.payer_claim_id), *claim.other_payer_keys} - {""}
    taken_back = [*_numbers_taken_back(claim), remitted.claim.payer_claim_id]
    for item in await open_items(tx, claim):
        if item.reason == RECOVERED_UNREVERSED and _is_of_one(item.evidence["reference"], keys, taken_back):
            take_off(tx, item, "the payer has reversed the claim since")


def _is_of_one(reference: str, keys: Collection[str], taken_back: Sequence[str]) -> bool:
    """Whether a PLB reference is of a decision that was taken back: by its number, where it names one of `keys`."""
    named = [number for number in keys if number in control_number.key(reference)]
    if not named:
        return bool(taken_back)
    # A payer that adds a letter to the number for its correction leaves the old number within the new one.
    return max(named, key=len) in map(control_number.key, taken_back)


def _evidence(money: MoneyOutsideClaims, trace: str) -> dict[str, Any]:
    return {
        "amount_cents": money.amount_cents,
        "reason_code": money.reason,
        "reference": money.reference,
        "trace": trace,
    }


def references(text: str) -> Sequence[str]:
    """What in a PLB reference may be a claim's number: the whole, its words, and each without a date before or after.

    >>> references("20260302 SES-1-P")
    ('20260302 SES-1-P', ' SES-1-P', 'SES-1-P', '20260302')
    """
    words = [text, _DATES.sub("", text), *re.split(r"[\s,;/]+", text)]
    words += [_DATES.sub("", word) for word in words]
    return tuple(dict.fromkeys(word for word in words if len(word) >= 6))


def _row(tx: Transaction, payer_id: str, trace: str, number: int, money: MoneyOutsideClaims) -> ProviderAdjustmentRow:
    said = (payer_id, trace, number, money.reason, money.reference, money.amount_cents)
    claim = money.claim
    return ProviderAdjustmentRow(
        client_id="" if claim is None else claim.client_id,
        adjustment_id=sha256(repr(said).encode()).hexdigest()[:32],
        session_id=None if claim is None else claim.session_id,
        level=None if claim is None else claim.level,
        payer_id=payer_id,
        trace=trace,
        movement=money.movement.value,
        reason=money.reason,
        reference=money.reference,
        amount_cents=money.amount_cents,
        received_on=tx.today,
    )
