"""How a payer of the simulation writes its 835s. The same decision, stated in other ways that the standard allows.

None of it changes who pays what: a world ends as it does where all payers write alike.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from itertools import groupby

from shared.x12.remittance_835.remittance import ProviderAdjustment, RemittedClaim, RemittedLine
from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.delimiters import STANDARD, Delimiters
from shared.x12.syntax.parties import Party

INTEREST_CENTS = 125
_SAYS_THE_SAME = {("PR", "2"): ("PR", "3"), ("CO", "45"): ("CO", "131")}
"""Coinsurance or a copay; more than the contract allows, or a discount by another agreement."""

_SHORTER = {"90837": "90834"}


def _no_line_controls(claim: RemittedClaim) -> RemittedClaim:
    return replace(claim, lines=tuple(replace(line, control="") for line in claim.lines))


def _no_lines(claim: RemittedClaim) -> RemittedClaim:
    """All adjustments are the claim's, as payers do who decide on a visit as a whole."""
    amounts = sorted(((a.group, a.reason), a.amount_cents) for a in claim.all_adjustments)
    summed = tuple(
        Adjustment(*code, sum(cents for _, cents in same)) for code, same in groupby(amounts, lambda pair: pair[0])
    )
    remarks = dict.fromkeys((*claim.remarks, *(remark for line in claim.lines for remark in line.remarks)))
    return replace(claim, lines=(), adjustments=summed, remarks=tuple(remarks))


def _lines_turned(claim: RemittedClaim) -> RemittedClaim:
    return replace(claim, lines=claim.lines[::-1])


def _adjusting(change: Callable[[Adjustment], tuple[Adjustment, ...]]) -> Callable[[RemittedClaim], RemittedClaim]:
    def of_line(line: RemittedLine) -> RemittedLine:
        return replace(line, adjustments=tuple(part for kept in line.adjustments for part in change(kept)))

    return lambda claim: replace(claim, lines=tuple(map(of_line, claim.lines)))


def _halves(kept: Adjustment) -> tuple[Adjustment, ...]:
    """One reason twice in one line."""
    half = kept.amount_cents // 2
    return (replace(kept, amount_cents=half), replace(kept, amount_cents=kept.amount_cents - half))


def _another_reason(kept: Adjustment) -> tuple[Adjustment, ...]:
    group, reason = _SAYS_THE_SAME.get((kept.group, kept.reason), (kept.group, kept.reason))
    return (replace(kept, group=group, reason=reason),)


def _no_dates(claim: RemittedClaim) -> RemittedClaim:
    """The claim's day alone; lines have none."""
    return replace(claim, lines=tuple(replace(line, service_from=None) for line in claim.lines))


def _another_name(claim: RemittedClaim) -> RemittedClaim:
    """The patient under the name by which the payer knows it."""
    if claim.patient is None:
        return claim
    known = Party(claim.patient.name, "Samantha", claim.patient.id, claim.patient.id_kind)
    return replace(claim, patient=known, corrected_patient=replace(known, id="", id_kind=""))


def _another_procedure(claim: RemittedClaim) -> RemittedClaim:
    """The payer decided on the shorter visit, and names what was billed beside it (SVC06)."""
    lines = [
        replace(line, procedure=_SHORTER[line.procedure], billed_procedure=line.procedure)
        if line.procedure in _SHORTER
        else line
        for line in claim.lines
    ]
    return replace(claim, lines=tuple(lines))


def _says_more(claim: RemittedClaim) -> RemittedClaim:
    """What was allowed and covered, and that one may appeal."""
    lines = tuple(
        replace(line, allowed_cents=line.paid_cents + sum(a.amount_cents for a in line.adjustments if a.group == "PR"))
        for line in claim.lines
    )
    return replace(claim, lines=lines, amounts=(("AU", claim.charge_cents),), remarks=(*claim.remarks, "MA01"))


HANDS: Mapping[str, Callable[[RemittedClaim], RemittedClaim]] = {
    "no line controls": _no_line_controls,
    "no lines": _no_lines,
    "lines turned": _lines_turned,
    "halves": _adjusting(_halves),
    "other reasons": _adjusting(_another_reason),
    "zeros": _adjusting(lambda kept: (kept, Adjustment("CO", "42", 0))),
    "another procedure": _another_procedure,
    "no dates": _no_dates,
    "another name": _another_name,
    "nobody's name": lambda claim: replace(claim, patient=None),
    "says more": _says_more,
    "lower case": lambda claim: replace(claim, id=claim.id.lower()),
    "no dashes": lambda claim: replace(claim, id=claim.id.replace("-", "")),
}
"""Ways to state a claim."""

INTEREST, SEPARATORS, WEEKLY, ONE_NUMBER = "interest", "separators", "weekly", "one number"
SYNTAX_FIRST, LATE_RECEIPT, NO_RECEIPT = "999 first", "late 277CA", "no 277CA"
OF_THE_PAYER = (INTEREST, SEPARATORS, WEEKLY, ONE_NUMBER, SYNTAX_FIRST, LATE_RECEIPT, NO_RECEIPT)
"""Ways that are not of one claim alone."""
_LATE_RECEIPT_DAYS = 12.0
"""By then most claims are decided."""


def written(claim: RemittedClaim, hands: Collection[str]) -> RemittedClaim:
    """The claim in the handwriting of its payer."""
    for hand in hands:
        claim = HANDS.get(hand, lambda claim: claim)(claim)
    return claim


def interest(claims: tuple[RemittedClaim, ...], hands: Collection[str]) -> tuple[ProviderAdjustment, ...]:
    """Interest on what is paid (PLB L6): the provider's, and nothing of the claim's balance."""
    paid = [claim for claim in claims if claim.paid_cents > 0]
    if INTEREST not in hands:
        return ()
    return tuple(ProviderAdjustment("L6", claim.payer_claim_id, -INTEREST_CENTS, "1234567893") for claim in paid)


def delimiters(hands: Collection[str]) -> Delimiters:
    """The separators of its files."""
    return Delimiters("|", ">", "!", "\n") if SEPARATORS in hands else STANDARD


def in_one_a_week(hands: Collection[str]) -> bool:
    """Whether it pays once a week, all that it has decided in one 835."""
    return WEEKLY in hands


def number_of_correction(number: str, hands: Collection[str]) -> str:
    """The payer's number of what corrects the decision `number`: a new one, or the same."""
    return number if ONE_NUMBER in hands else f"{number}C"


def says_syntax(hands: Collection[str]) -> bool:
    """Whether a 999 says that our interchange could be read."""
    return SYNTAX_FIRST in hands


def receipt_after_days(hands: Collection[str]) -> float | None:
    """After how many days a claim that was taken is acknowledged (277CA); None: never."""
    if NO_RECEIPT in hands:
        return None
    return _LATE_RECEIPT_DAYS if LATE_RECEIPT in hands else 0.0
