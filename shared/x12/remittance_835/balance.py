"""Do the amounts of an 835 add up. Pure; each answer says by how much it is off.

Source of the rule: 005010X221A1 section 1.10.2.1 (balancing) with X12 RFI 2601, 2348 and 2548:
    line     SVC02 - line adjustments = SVC03
    claim    CLP03 - claim and line adjustments = CLP04
    payment  sum of CLP04 - provider adjustments = BPR02
    patient  CLP05 = sum of the PR adjustments, except in a reversal
"""

from collections.abc import Iterable, Sequence

from shared.x12.remittance_835.remittance import REVERSAL, ProviderAdjustment, Remittance, RemittedLine
from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.elements import amount_text
from shared.x12.syntax.problems import Problem

CLAIM_NOT_BALANCED = "claim_not_balanced"
PAYMENT_NOT_BALANCED = "payment_not_balanced"


def line_off_cents(charge_cents: int, paid_cents: int, adjustments: Iterable[Adjustment]) -> int:
    """How much more is said to be paid than charge and adjustments leave; 0 when the line (or claim) balances."""
    left = charge_cents - paid_cents
    for adjustment in adjustments:
        left -= adjustment.amount_cents
    return -left


def line_problem(number: int, off_cents: int, position: int) -> Problem:
    """Line `number` of a claim does not balance."""
    text = f"line {number}: charge less adjustments and payment differ by {amount_text(off_cents)}"
    return Problem("line_not_balanced", text, "SVC", position, off_cents, "balance")


def claim_problems(  # noqa: PLR0913 - before there is a claim: 835s of thousands are read with it
    status: str,
    charge_cents: int,
    paid_cents: int,
    patient_responsibility_cents: int | None,
    adjustments: Sequence[Adjustment],
    lines: Sequence[RemittedLine],
    position: int,
) -> list[Problem]:
    """What does not add up in a claim, its lines' own balances aside."""
    left = charge_cents - paid_cents
    patient = 0
    charged = 0
    for adjustment in adjustments:
        left -= adjustment.amount_cents
        if adjustment.group == "PR":
            patient += adjustment.amount_cents
    for line in lines:
        charged += line.charge_cents
        for adjustment in line.adjustments:
            left -= adjustment.amount_cents
            if adjustment.group == "PR":
                patient += adjustment.amount_cents
    problems: list[Problem] = []
    if left:
        text = f"the claim's charge less adjustments and payment differ by {amount_text(-left)}"
        problems.append(Problem(CLAIM_NOT_BALANCED, text, "CLP", position, -left, "balance"))
    if status != REVERSAL and (off := (patient_responsibility_cents or 0) - patient):
        text = f"CLP05 and the sum of the PR adjustments differ by {amount_text(off)}"
        problems.append(Problem("patient_responsibility_differs", text, "CLP", position, off, "balance"))
    if status == REVERSAL and (charge_cents > 0 or paid_cents > 0):
        text = "a reversal states what it takes back as positive amounts"
        problems.append(Problem("reversal_not_negative", text, "CLP", position, None, "balance"))
    if lines and charged != charge_cents:
        off = charge_cents - charged
        text = f"the claim's charge and the sum of its lines' differ by {amount_text(off)}"
        problems.append(Problem("line_charges_differ", text, "CLP", position, off))
    return problems


def payment_problem(
    payment_cents: int, claims_paid_cents: int, provider_adjustments: Iterable[ProviderAdjustment], position: int
) -> Problem | None:
    """The problem of a payment that its claims and provider adjustments do not make; None where they do."""
    provider = sum(adjustment.amount_cents for adjustment in provider_adjustments)
    off = payment_cents - (claims_paid_cents - provider)
    if not off:
        return None
    text = f"BPR02 and the claims paid less provider adjustments differ by {amount_text(off)}"
    return Problem(PAYMENT_NOT_BALANCED, text, "BPR", position, off, "balance")


def is_sound(remittance: Remittance) -> bool:
    """Whether those of its claims that balance may be posted: it is whole, and the payment adds up.

    A payment that is off by exactly what its unbalanced claims are off by is sound: the slip is in those claims.
    """
    grave = [problem for problem in remittance.problems if problem.grave]
    if not grave or any(problem.name != PAYMENT_NOT_BALANCED for problem in grave):
        return not grave
    in_claims = [
        problem for claim in remittance.claims for problem in claim.problems if problem.name == CLAIM_NOT_BALANCED
    ]
    off_cents = sum(problem.off_by_cents or 0 for problem in grave)
    return bool(in_claims) and off_cents + sum(problem.off_by_cents or 0 for problem in in_claims) == 0
