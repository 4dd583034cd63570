"""Whether the payer forwarded a claim to the next one: three signals together, and what contradicts them.

Sources: CLP02 19/20/21/23, NM1*TT and the remarks MA07, MA18, N89 of 005010X221A1 loops 2100 and 2110.
"""

from dataclasses import dataclass
from enum import StrEnum

from services.claims.codes.payer_codes import Reads, adjustment_code, spelled
from shared.x12.remittance_835.remittance import FORWARDED_STATUSES, PREDETERMINATION, REVERSAL, RemittedClaim


class Crossover(StrEnum):
    """Forwarded: the next payer's 835 is awaited. A disagreement is for a person. In both cases nothing is sent."""

    FORWARDED = "forwarded"
    NOT_FORWARDED = "not_forwarded"
    DISAGREEMENT = "disagreement"


@dataclass(frozen=True)
class CrossoverDecision:
    """What the signals say together: those `speaking` for a forwarding and those `against`, in words; `to` whom."""

    crossover: Crossover
    speaking: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    to: str = ""


def crossover(claim: RemittedClaim) -> CrossoverDecision:
    """Whether the payer of `claim` forwarded it.

    CLP02 is the payer's own word, so without it nothing counts as forwarded; alone it is not enough, because the next
    payer's name is required with it. A reversal and a predetermination forward nothing, whatever they repeat.
    """
    if claim.status in (REVERSAL, PREDETERMINATION):
        return CrossoverDecision(Crossover.NOT_FORWARDED)
    remarks = _forwarding_remarks(claim)
    speaking = _speaking(claim, remarks.get(Reads.CROSSOVER))
    if not speaking:
        return CrossoverDecision(Crossover.NOT_FORWARDED)
    against = _against(claim, remarks.get(Reads.NOT_CROSSOVER))
    agreed = claim.status in FORWARDED_STATUSES and len(speaking) > 1 and not against
    return CrossoverDecision(
        crossover=Crossover.FORWARDED if agreed else Crossover.DISAGREEMENT,
        speaking=speaking,
        against=against,
        to=claim.crossover_to.name if claim.crossover_to is not None else "",
    )


def _forwarding_remarks(claim: RemittedClaim) -> dict[Reads, str]:
    """The first remark of each kind that speaks about forwarding."""
    remarks: dict[Reads, str] = {}
    for remark in claim.all_remarks:
        code = adjustment_code("rarc", spelled(remark) or "")
        if code is not None:
            remarks.setdefault(code.reads, code.name)
    return remarks


def _speaking(claim: RemittedClaim, remark: str | None) -> tuple[str, ...]:
    signals = {
        f"CLP02 {claim.status}": claim.status in FORWARDED_STATUSES,
        "NM1*TT": claim.crossover_to is not None,
        remark or "": remark is not None,
    }
    return tuple(signal for signal, seen in signals.items() if seen)


def _against(claim: RemittedClaim, remark: str | None) -> tuple[str, ...]:
    missing = () if claim.status in FORWARDED_STATUSES else (f"CLP02 {claim.status}",)
    return missing if remark is None else (*missing, remark)
