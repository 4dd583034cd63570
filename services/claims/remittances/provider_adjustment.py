"""Money that a remittance moves outside any claim (PLB): kept by claim where the payer names one.

PLB money never changes a client's cost by itself: that follows only from the reversal and correction of the claim.
A positive amount reduces the payment (005010X221A1, PLB and BPR balancing).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.claims.claim import control_number
from services.claims.remittances.claim_match import ClaimOnFile
from shared.x12.remittance_835.remittance import ProviderAdjustment


class Movement(StrEnum):
    """What kind of movement a PLB reason stands for."""

    RECOVERY = "recovery"
    CARRIED_FORWARD = "carried_forward"
    RETURN = "return"
    INTEREST = "interest"
    OTHER = "other"


_MOVEMENTS = {
    "WO": Movement.RECOVERY,
    "B3": Movement.RECOVERY,
    "FB": Movement.CARRIED_FORWARD,
    "72": Movement.RETURN,
    "L6": Movement.INTEREST,
}


@dataclass(frozen=True)
class MoneyOutsideClaims:
    """One PLB amount: `claim` is the one that its reference names, None where it names none of ours."""

    movement: Movement
    reason: str
    reference: str
    amount_cents: int
    claim: ClaimOnFile | None


def money_outside_claims(adjustment: ProviderAdjustment, on_file: Sequence[ClaimOnFile]) -> MoneyOutsideClaims:
    """A PLB `adjustment` with the claim `on_file` whose control number or payer claim number its reference carries.

    References carry more than the number (dates, account numbers), so a number within them counts, if only one does.
    """
    reference = control_number.key(adjustment.reference)
    named = [claim for claim in on_file if any(number in reference for number in _numbers(claim))]
    return MoneyOutsideClaims(
        movement=_MOVEMENTS.get(adjustment.reason.strip().upper(), Movement.OTHER),
        reason=adjustment.reason,
        reference=adjustment.reference,
        amount_cents=adjustment.amount_cents,
        claim=named[0] if len(named) == 1 else None,
    )


def _numbers(claim: ClaimOnFile) -> list[str]:
    """The claim's numbers as keys; short ones are left out, because they turn up in dates and amounts by chance."""
    return [key for key in (*map(control_number.key, claim.controls), *claim.payer_keys) if len(key) >= 6]
