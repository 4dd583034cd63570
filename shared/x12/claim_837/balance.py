"""Do the amounts of an 837 add up. Pure; each answer says by how much it is off.

Source of the rule: 005010X222A1 section 1.4.1 (coordination of benefits), checked on the guide's own examples:
    lines    CLM02 = sum of SV102
    claim    CLM02 = AMT*D + claim CAS + line CAS               for every other payer that has decided
    line     SV102 = SVD02 + CAS                                for every line that it decided about
A payer that was by-passed (AMT*A8 without AMT*D) must have the whole charge as non-covered. Beside AMT*D an AMT*A8 says
how much of the charge that payer did not cover, as in the guide's example of Medicare as the second payer, and takes no
part in a balance.
"""

from collections.abc import Sequence

from shared.x12.claim_837.claim import OtherPayer, ServiceLine
from shared.x12.syntax.adjustments import total_cents
from shared.x12.syntax.elements import amount_text
from shared.x12.syntax.problems import Problem


def claim_problems(
    charge_cents: int, lines: Sequence[ServiceLine], others: Sequence[OtherPayer], position: int | None = None
) -> list[Problem]:
    """What does not add up in a claim of `charge_cents` with `lines` and the decisions of `others`."""
    problems: list[Problem] = []
    off = charge_cents - sum(line.charge_cents for line in lines)
    if off:
        text = f"the claim's charge and the sum of its lines differ by {amount_text(off)}"
        problems.append(Problem("line_charges_differ", text, "CLM", position, off, "balance"))
    for other in others:
        if other.bypassed:
            problems += _bypassed_problems(charge_cents, other, position)
        elif other.adjudicated:
            problems += _adjudicated_problems(charge_cents, lines, other, position)
    return problems


def _adjudicated_problems(
    charge_cents: int, lines: Sequence[ServiceLine], other: OtherPayer, position: int | None
) -> list[Problem]:
    problems: list[Problem] = []
    who = f"payer {other.responsibility or '?'}"
    decided: dict[int, int] = {}
    for line in other.lines:
        decided[line.line] = decided.get(line.line, 0) + line.paid_cents + total_cents(line.adjustments)
    for number, cents in decided.items():
        if not 1 <= number <= len(lines):
            text = f"{who} decided about line {number}, which the claim has not"
            problems.append(Problem("adjudication_without_line", text, "SVD", position, None, "balance"))
        elif off := cents - lines[number - 1].charge_cents:
            text = f"line {number}, {who}: paid and adjustments differ from the charge by {amount_text(off)}"
            problems.append(Problem("line_not_balanced", text, "SVD", position, off, "balance"))
    paid_cents = other.paid_cents
    if paid_cents is None:
        paid_cents = sum(line.paid_cents for line in other.lines) - total_cents(other.adjustments)
        problems.append(Problem("paid_amount_missing", f"{who} has decided, but AMT*D is missing", "SBR", position))
    if off := paid_cents + total_cents(other.all_adjustments) - charge_cents:
        text = f"{who}: paid and all adjustments differ from the claim's charge by {amount_text(off)}"
        problems.append(Problem("claim_not_balanced", text, "SBR", position, off, "balance"))
    return problems


def _bypassed_problems(charge_cents: int, other: OtherPayer, position: int | None) -> list[Problem]:
    assert other.noncovered_cents is not None
    if off := other.noncovered_cents - charge_cents:
        who = f"payer {other.responsibility or '?'}"
        text = f"{who} was by-passed, but AMT*A8 differs from the charge by {amount_text(off)}"
        return [Problem("noncovered_amount_differs", text, "AMT", position, off, "balance")]
    return []
