"""Keeping PLB money by claim, where the payer's reference names one of ours. It never changes a client's cost."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from services.claims.remittances import claims_on_file
from services.claims.remittances.provider_adjustment import MoneyOutsideClaims, money_outside_claims
from shared.runtime.rows import Table
from shared.runtime.transaction import Transaction
from shared.x12.remittance_835.remittance import Remittance, RemittedClaim

_DATES = re.compile(r"^\d{8}|\d{8}$|^\d{6}|\d{6}$")


@dataclass(frozen=True, slots=True)
class ProviderAdjustmentRow:
    """One PLB amount; a positive one reduces the payment. `client_id` is empty where it names no claim of ours."""

    client_id: str
    adjustment_id: str
    session_id: str | None
    role: int | None
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
        possible = [RemittedClaim(each, "1", 0, 0, payer_claim_id=each) for each in references(adjustment.reference)]
        named = await claims_on_file.numbered(tx.connection, payer_id, possible) if possible else []
        money = money_outside_claims(adjustment, named)
        tx.save(PROVIDER_ADJUSTMENTS, _row(tx, payer_id, remittance.header.trace, number, money))


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
        role=None if claim is None else claim.role,
        payer_id=payer_id,
        trace=trace,
        movement=money.movement.value,
        reason=money.reason,
        reference=money.reference,
        amount_cents=money.amount_cents,
        received_on=tx.today,
    )
