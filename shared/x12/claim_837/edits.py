"""The published edits of a claim with coordination of benefits, checked before it leaves.

Source of the rule: the eight edits that clearinghouses publish for such claims (adjudication date at one level and not
at both, lines balanced, paid amounts not negative, one primary, no level twice or skipped, remark codes real), the
balances of 005010X222A1 section 1.4.1, and the guide's situational rules for SBR05, REF*F8 and CAS.
"""

from collections.abc import Callable, Iterable
from itertools import pairwise

from shared.codes import published
from shared.x12.claim_837.balance import claim_problems
from shared.x12.claim_837.claim import MEDICARE, OtherPayer, ProfessionalClaim
from shared.x12.claim_837.required import decided_before_service, missing_elements, unfit_identifiers
from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.problems import Problem

RESPONSIBILITIES = "PSTABCDEFGH"
"""SBR01 from first to last; U (unknown) has no place in an order."""

_LONGEST_CONTROL = 20
_MOST_LINES = 50
_MOST_OTHER_PAYERS = 10
_MOST_ADJUSTMENT_SEGMENTS = 5
_MOST_TRIPLETS = 6


def coordination_edits(claim: ProfessionalClaim) -> tuple[Problem, ...]:
    """What a clearinghouse would refuse in `claim`; empty when it may leave."""
    problems = claim_problems(claim.charge_cents, claim.lines, claim.other_payers)
    for edit in _EDITS:
        problems += [Problem(name, text) for name, text in edit(claim)]
    return tuple(problems)


Found = Iterable[tuple[str, str]]


def _dates(claim: ProfessionalClaim) -> Found:
    """An adjudication date at claim or line level, and not at both."""
    for other in _decided(claim):
        at_lines = [line.adjudicated_on is not None for line in other.lines]
        who = f"payer {other.responsibility}"
        if other.adjudicated_on is not None and any(at_lines):
            yield "adjudication_date_twice", f"{who} has its decision dated on the claim and on lines"
        elif other.adjudicated_on is None and not (at_lines and all(at_lines)):
            yield "adjudication_date_missing", f"{who} has decided without a date"


def _signs(claim: ProfessionalClaim) -> Found:
    """Paid amounts are not negative."""
    for other in claim.other_payers:
        if (other.paid_cents or 0) < 0 or any(line.paid_cents < 0 for line in other.lines):
            yield "paid_amount_negative", f"payer {other.responsibility} has a negative payment"


def _order(claim: ProfessionalClaim) -> Found:
    """Exactly one primary, no level twice, no level skipped."""
    stated = [claim.responsibility, *(other.responsibility for other in claim.other_payers)]
    if stated.count("P") != 1:
        yield "primary_not_unique", f"{stated.count('P')} payers are called primary, not one"
    if len(set(stated)) != len(stated):
        yield "level_twice", "two payers have the same place in the order"
    ranks = sorted({RESPONSIBILITIES.index(level) for level in stated if level in RESPONSIBILITIES})
    if any(after - before > 1 for before, after in pairwise(ranks)):
        yield "level_skipped", "a place in the order of payers is left out"
    if any(level not in RESPONSIBILITIES for level in stated):
        yield "level_unknown", "a payer has no known place in the order"


def _remarks(claim: ProfessionalClaim) -> Found:
    """Remark codes exist."""
    table = published.table("rarc")
    for other in claim.other_payers:
        for code in other.remarks:
            if not table.exists(code):
                yield "remark_code_unknown", f"remark code {code[:10]!r} does not exist"


def _adjustments(claim: ProfessionalClaim) -> Found:
    """No adjustment of 0.00, and no more adjustments than five CAS segments hold."""
    for other in claim.other_payers:
        for level in (other.adjustments, *(line.adjustments for line in other.lines)):
            if any(not adjustment.amount_cents for adjustment in level):
                yield "adjustment_of_nothing", f"payer {other.responsibility} has an adjustment of 0.00"
            if any(not adjustment.group or not adjustment.reason for adjustment in level):
                yield "adjustment_incomplete", f"payer {other.responsibility} has an adjustment without group or reason"
            if _segments(level) > _MOST_ADJUSTMENT_SEGMENTS:
                yield "too_many_adjustments", f"payer {other.responsibility} has more adjustments than five CAS hold"


def _segments(adjustments: Iterable[Adjustment]) -> int:
    groups: dict[str, int] = {}
    for adjustment in adjustments:
        groups[adjustment.group] = groups.get(adjustment.group, 0) + 1
    return sum(-(-count // _MOST_TRIPLETS) for count in groups.values())


def _payers(claim: ProfessionalClaim) -> Found:
    """Every payer has an id, and no two that decided share one: SVD01 could not tell them apart."""
    if not all(payer.id for payer in (claim.payer, *(other.payer for other in claim.other_payers))):
        yield "payer_id_missing", "a payer has no id"
    ids = [other.payer.id for other in _decided(claim)]
    if len(set(ids)) != len(ids):
        yield "payer_id_twice", "two payers that have decided share an id"
    if len(claim.other_payers) > _MOST_OTHER_PAYERS:
        yield "too_many_payers", "a claim names at most ten other payers"


def _medicare(claim: ProfessionalClaim) -> Found:
    """SBR05 says why Medicare is not first, so it belongs to Medicare in a later place only."""
    plans = [(claim.responsibility, claim.medicare_secondary_reason)]
    plans += [(other.responsibility, other.medicare_secondary_reason) for other in claim.other_payers]
    if any(responsibility == "P" and reason for responsibility, reason in plans):
        yield "medicare_reason_on_primary", "SBR05 is filled although that payer is primary"
    if claim.filing_indicator in MEDICARE and claim.responsibility != "P" and not claim.medicare_secondary_reason:
        yield "medicare_reason_missing", "Medicare is not primary, and SBR05 does not say why"


def _claim(claim: ProfessionalClaim) -> Found:
    """What the guide requires of any claim."""
    if not claim.id or len(claim.id) > _LONGEST_CONTROL:
        yield "control_number_unfit", "the claim's control number is empty or longer than 20 characters"
    if not 1 <= len(claim.lines) <= _MOST_LINES:
        yield "line_count_unfit", "a claim has 1 to 50 service lines"
    if claim.frequency in ("7", "8") and not claim.original_claim_id:
        yield "original_claim_missing", "a replacement or void must name the payer's claim number (REF*F8)"
    if not claim.diagnoses:
        yield "diagnosis_missing", "the claim has no diagnosis"
    if any(line.charge_cents < 0 for line in claim.lines):
        yield "charge_negative", "a service line has a negative charge"


def _remaining_liability(claim: ProfessionalClaim) -> Found:
    """What remains to the patient (AMT*EAF) is stated for the claim or for lines, not for both."""
    for other in claim.other_payers:
        at_lines = any(line.remaining_liability_cents is not None for line in other.lines)
        if other.remaining_liability_cents is not None and at_lines:
            yield "remaining_liability_twice", f"payer {other.responsibility} has AMT*EAF on the claim and on lines"


def _decided(claim: ProfessionalClaim) -> list[OtherPayer]:
    return [other for other in claim.other_payers if other.adjudicated]


_EDITS: tuple[Callable[[ProfessionalClaim], Found], ...] = (
    _claim,
    _payers,
    _order,
    _medicare,
    _dates,
    _signs,
    _remaining_liability,
    _remarks,
    _adjustments,
    missing_elements,
    unfit_identifiers,
    decided_before_service,
)
