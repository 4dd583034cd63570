"""What the payers before this one decided about a claim, line by line, out of its coordination loops.

Source: 005010X222A1 loops 2320 (AMT*D, CAS) and 2430 (SVD, CAS); X12 RFI 1860 (PR 100 counts as paid).
"""

from collections.abc import Sequence

from services.payers.book.coordination import Prior
from shared.x12.claim_837.claim import OtherPayer, ProfessionalClaim
from shared.x12.syntax.adjustments import Adjustment

RANKS = {code: rank for rank, code in enumerate("PSTABCDEFGH", 1)}
_PAID_TO_PATIENT = "100"
_SHARED = frozenset({"1", "2", "3", "66", _PAID_TO_PATIENT})


def rank(responsibility: str) -> int:
    """The place in the order of benefits that SBR01 states: 1 for P, 2 for S; an unknown one counts as first."""
    return RANKS.get(responsibility, 1)


def earlier(claim: ProfessionalClaim) -> tuple[OtherPayer, ...]:
    """The other payers that come before this claim's payer, first to last."""
    before = [other for other in claim.other_payers if rank(other.responsibility) < rank(claim.responsibility)]
    return tuple(sorted(before, key=lambda other: rank(other.responsibility)))


def prior_lines(claim: ProfessionalClaim) -> tuple[Prior, ...]:
    """For each line what all earlier payers paid, and what the last of them left to the patient."""
    payers = earlier(claim)
    if not payers:
        return tuple(Prior(0, 0, denied=True) for _ in claim.lines)
    of_payers = [_of_payer(claim, payer) for payer in payers]
    by_line = zip(*of_payers, strict=True)
    return tuple(_together(line.charge_cents, decided) for line, decided in zip(claim.lines, by_line, strict=True))


def _together(charge_cents: int, decided: Sequence[Prior]) -> Prior:
    """All earlier payers' decisions on one line; together they account for no more than its charge."""
    paid = min(charge_cents, sum(prior.paid_cents for prior in decided))
    left = max(0, min(charge_cents - paid, decided[-1].left_cents))
    return Prior(paid, left, denied=all(prior.denied for prior in decided))


def _of_payer(claim: ProfessionalClaim, payer: OtherPayer) -> list[Prior]:
    """One payer's decision on every line; what it said of the claim as a whole is spread over the lines."""
    charges = [line.charge_cents for line in claim.lines]
    paid, left, shared = [0] * len(charges), [0] * len(charges), [False] * len(charges)
    for decided in payer.lines:
        at = decided.line - 1
        if 0 <= at < len(charges):
            paid[at] += decided.paid_cents + _sum(decided.adjustments, _PAID_TO_PATIENT)
            left[at] += _left(decided.adjustments)
            shared[at] |= _benefits_decided(decided.adjustments)
    whole_paid = (
        -sum(adjustment.amount_cents for adjustment in payer.adjustments) if payer.lines else payer.paid_cents or 0
    )
    whole_paid += _sum(payer.adjustments, _PAID_TO_PATIENT)
    for at, (more, of_left) in enumerate(
        zip(_spread(whole_paid, charges), _spread(_left(payer.adjustments), charges), strict=True)
    ):
        paid[at], left[at] = max(0, paid[at] + more), left[at] + of_left
        shared[at] |= _benefits_decided(payer.adjustments)
    return [
        Prior(paid_cents, left_cents, denied=paid_cents == 0 and not cost_shared)
        for paid_cents, left_cents, cost_shared in zip(paid, left, shared, strict=True)
    ]


def _sum(adjustments: Sequence[Adjustment], reason: str) -> int:
    return sum(entry.amount_cents for entry in adjustments if (entry.group, entry.reason) == ("PR", reason))


def _left(adjustments: Sequence[Adjustment]) -> int:
    """What is left to the patient: patient responsibility, less what the patient got from the payer."""
    return sum(entry.amount_cents for entry in adjustments if entry.group == "PR" and entry.reason != _PAID_TO_PATIENT)


def _benefits_decided(adjustments: Sequence[Adjustment]) -> bool:
    """Whether the payer shared the cost with the patient, which it does only for what it covers."""
    return any(entry.group == "PR" and entry.reason in _SHARED for entry in adjustments)


def _spread(amount_cents: int, charges: Sequence[int]) -> list[int]:
    """`amount_cents` in proportion to the charges; the last line takes what rounding leaves."""
    total = sum(charges)
    if not total or not amount_cents:
        return [0] * len(charges)
    parts = [amount_cents * charge // total for charge in charges]
    parts[-1] += amount_cents - sum(parts)
    return parts
