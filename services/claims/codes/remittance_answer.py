"""A remitted claim as an answer to classify: as a whole, and line by line."""

from dataclasses import dataclass

from services.claims.codes.classification import classify
from services.claims.codes.payer_answer import Adjustment, PayerAnswer
from services.claims.codes.payer_codes import adjustment_code
from shared.codes import adjustment_codes, published
from shared.x12.remittance_835.remittance import RemittedClaim, RemittedLine
from shared.x12.syntax.adjustments import total_cents


@dataclass(frozen=True)
class OurSide:
    """What we hold when a payer answers: the order of plans for that date, the plan that answers, the other's word.

    `passed_on`: the payer before sent the claim on, in a place that we were not told.
    """

    our_order: tuple[str, ...] | None = None
    billed: str | None = None
    other_payer_says: str | None = None
    passed_on: bool = False


def answer_of(claim: RemittedClaim, our_side: OurSide) -> PayerAnswer:
    """The whole answer: the claim's adjustments and remarks, and each line's adjustments with that line's remarks.

    A line that is paid within another one (CARC 97 of an add-on) is decided with that, and says nothing more.
    """
    telling = [line for line in claim.lines if not _paid_within_another(line, claim)]
    adjustments = [Adjustment(adjustment.group, adjustment.reason) for adjustment in claim.adjustments]
    adjustments += [adjustment for line in telling for adjustment in _of_line(line)]
    return _answer(claim, our_side, tuple(dict.fromkeys(adjustments)))


def _answer(claim: RemittedClaim, our_side: OurSide, adjustments: tuple[Adjustment, ...]) -> PayerAnswer:
    return PayerAnswer(
        adjustments=adjustments,
        remarks=claim.remarks,
        claim_status=claim.status,
        our_order=our_side.our_order,
        billed=our_side.billed,
        other_payer_says=our_side.other_payer_says,
        passed_on=our_side.passed_on,
    )


def _of_line(line: RemittedLine) -> list[Adjustment]:
    if not line.adjustments:
        return [Adjustment(None, None, line.remarks)] if line.remarks else []
    return [Adjustment(adjustment.group, adjustment.reason, line.remarks) for adjustment in line.adjustments]


def paid_within_another(reason: str) -> bool:
    """Whether a line of this reason is paid within another one or cut to a limit: decided, though paid nothing."""
    row = adjustment_codes.reason(reason)
    return row is not None and row.within


def _paid_within_another(line: RemittedLine, claim: RemittedClaim) -> bool:
    """Whether nothing but that is said of an unpaid line, and there is a line beside it that the payer paid for."""
    reasons = {adjustment.reason for adjustment in line.adjustments if adjustment.amount_cents}
    if not reasons or not all(map(paid_within_another, reasons)) or not all(map(_explains_nothing, line.remarks)):
        return False
    beside = [other for other in claim.lines if other is not line]
    return any(other.paid_cents > 0 or total_cents(other.adjustments, "PR") > 0 for other in beside)


def _explains_nothing(remark: str) -> bool:
    """Published remarks without a class of their own accompany an answer and change nothing in it."""
    return adjustment_code("rarc", remark) is None and published.table("rarc").exists(remark)


def undecided_lines(claim: RemittedClaim, our_side: OurSide) -> frozenset[int]:
    """The lines (from 0) that were paid nothing for a reason that says nothing about benefits.

    The secondary may see a claim only when the primary has decided on every line of it.
    """
    return frozenset(at for at, line in enumerate(claim.lines) if not _decided(line, claim, our_side))


def _decided(line: RemittedLine, claim: RemittedClaim, our_side: OurSide) -> bool:
    if line.paid_cents > 0 or _paid_within_another(line, claim):
        return True
    of_claim = (Adjustment(adjustment.group, adjustment.reason) for adjustment in claim.adjustments)
    return classify(_answer(claim, our_side, (*of_claim, *_of_line(line)))).settles
