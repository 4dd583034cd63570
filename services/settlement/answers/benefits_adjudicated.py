"""Whether a payer's answer decides about benefits, from its adjustment reasons (CARC) and remarks (RARC).

A denial for missing information, coordination of benefits, eligibility, a wrong payer, a duplicate or late filing
says nothing about benefits and settles no cost; "not covered" does. What each code says is the column `cost` of
`shared/codes`; a code without it goes to a person, never to a guess.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from shared.codes.adjustment_codes import reason, remark
from shared.x12.syntax.adjustments import Adjustment, total_cents


class Answer(StrEnum):
    """What a payer's answer is, gravest first. Only the last two decide about benefits."""

    COORDINATION = "coordination_denial"
    ELIGIBILITY = "eligibility_denial"
    WRONG_PAYER = "wrong_payer_denial"
    INFORMATION = "information_denial"
    LATE = "timely_filing_denial"
    UNKNOWN = "unknown_denial"
    DUPLICATE = "duplicate_denial"
    NOT_COVERED = "not_covered"
    BENEFITS = "benefits"

    @property
    def decides_benefits(self) -> bool:
        """Whether a cost may be settled on this answer."""
        return self in (Answer.NOT_COVERED, Answer.BENEFITS)


GRAVITY = {answer: place for place, answer in enumerate(Answer)}
"""The lower, the graver: of several answers in one claim the gravest counts."""


def share_is_waived(adjustments: Iterable[Adjustment], remarks: Collection[str]) -> bool:
    """Whether the payer says that the client owes nothing: a Qualified Medicare Beneficiary, or a share waived."""
    said = (*(reason(adjustment.reason) for adjustment in adjustments), *map(remark, remarks))
    return any(row is not None and row.waives for row in said)


def unknown_reasons(adjustments: Iterable[Adjustment]) -> tuple[str, ...]:
    """The adjustment reasons that nobody has sorted and that move money."""
    return tuple(
        sorted(
            {
                adjustment.reason
                for adjustment in adjustments
                if adjustment.amount_cents and _of(adjustment) is Answer.UNKNOWN
            }
        )
    )


@dataclass(frozen=True, slots=True)
class Part:
    """What decides about one service line, or about a claim that came without lines."""

    paid_cents: int
    adjustments: tuple[Adjustment, ...]
    remarks: tuple[str, ...] = ()
    denied: bool = False


def answer(part: Part) -> Answer:
    """What this part of a remittance says. `denied` is CLP02 4.

    A remark that says nothing about benefits counts on a denial only: on a paid or shared service it is a notice.
    """
    answers = {_of(adjustment) for adjustment in part.adjustments if adjustment.amount_cents}
    decided = part.paid_cents > 0 or _has_patient_share(part.adjustments)
    if decided:
        answers.discard(Answer.UNKNOWN)
    if not decided and (part.denied or answers & _DENYING or _nothing_left(part)):
        answers |= _said_by(part.remarks)
    gravest = min(answers, key=GRAVITY.__getitem__, default=Answer.BENEFITS)
    if gravest is not Answer.BENEFITS:
        return Answer.BENEFITS if decided and gravest is Answer.NOT_COVERED else gravest
    return Answer.UNKNOWN if part.denied and not decided else Answer.BENEFITS


_DENYING = frozenset(Answer) - {Answer.BENEFITS}


def _of(adjustment: Adjustment) -> Answer:
    row = reason(adjustment.reason)
    return Answer.UNKNOWN if row is None or row.cost is None else Answer(row.cost)


def _said_by(remarks: Iterable[str]) -> set[Answer]:
    return {Answer(row.cost) for code in remarks if (row := remark(code)) is not None and row.cost is not None}


def _has_patient_share(adjustments: Iterable[Adjustment]) -> bool:
    """Whether the payer applied the service to the client's deductible, coinsurance or copay."""
    return any(
        adjustment.group == "PR" and adjustment.amount_cents > 0 and _of(adjustment) is Answer.BENEFITS
        for adjustment in adjustments
    )


def _nothing_left(part: Part) -> bool:
    return part.paid_cents == 0 and total_cents(part.adjustments, "PR") == 0
