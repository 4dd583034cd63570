"""What a 999, 277CA or 277 does to a claim, and when a payer that says nothing is asked (276).

The category (STC01-1) beats the action code (STC03); A2 alone means that the payer took the claim into adjudication
(005010X214, 005010X212, 005010X231A1).
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.claims.claim.claim_state import Cause, State
from services.claims.codes.classification import GRAVITY, Classification, classify
from services.claims.codes.payer_answer import PayerAnswer
from services.claims.codes.payer_codes import AnswerClass, spelled
from services.claims.codes.remittance_answer import OurSide
from services.claims.patience import ChasePatience
from shared.x12.acknowledgment_999.acknowledgment import AcknowledgedSet
from shared.x12.claim_status_277.status import ClaimStatus, Status, contradicts_itself


@dataclass(frozen=True)
class Acknowledged:
    """What an acknowledgment says of a claim.

    `cause` moves the claim; None where the answer is about our question (E0 to E4), not about the claim.
    `not_found`: the payer knows no such claim, so it is sent again as a new one.
    """

    cause: Cause | None
    classification: Classification
    not_found: bool = False


def syntax_cause(acknowledged: AcknowledgedSet) -> Cause:
    """What a 999 does to every claim of the transaction set it is about: a rejected set was never received."""
    return Cause.SYNTAX_ACCEPTED if acknowledged.accepted else Cause.SYNTAX_REJECTED


def acknowledge(report: ClaimStatus, our_side: OurSide) -> Acknowledged:
    """What the statuses of one claim in a 277CA or 277 say, those of its lines included; the gravest wins."""
    statuses = [*report.statuses, *(status for _, own in report.lines for status in own)]
    causes = [cause for status in statuses if (cause := _cause(status)) is not None]
    if any(contradicts_itself(tuple(own)) for own in (report.statuses, *(own for _, own in report.lines))):
        return Acknowledged(cause=Cause.PENDED, classification=_CONTRADICTION)
    readings = [classify(_answer(status, our_side)) for status in statuses] or [classify(PayerAnswer())]
    return Acknowledged(
        cause=min(causes, key=_RANK.index, default=None),
        classification=min(readings, key=lambda reading: GRAVITY.index(reading.answer)),
        not_found=any(spelled(status.category) in _NOT_FOUND for status in statuses),
    )


_CONTRADICTION = Classification(
    answer=AnswerClass.REVIEW,
    why="One STC accepts the claim and refuses it (STC10); ask the payer which holds.",
    codes=(),
    contradictions=("one STC accepts the claim and refuses it",),
    settles=False,
    this_payer_says=None,
)
_NOT_FOUND = ("A4", "D0")
_RANK = (Cause.REFUSED, Cause.PENDED, Cause.ACCEPTED, Cause.SYNTAX_ACCEPTED)
"""Gravest first: one refused line refuses the claim, and what is pended is not accepted yet."""


def _answer(status: Status, our_side: OurSide) -> PayerAnswer:
    return PayerAnswer(
        category=status.category,
        status=status.status,
        entity=status.entity,
        our_order=our_side.our_order,
        billed=our_side.billed,
        other_payer_says=our_side.other_payer_says,
    )


def _cause(status: Status) -> Cause | None:
    match spelled(status.category):
        case "A2" | "A5":
            return Cause.ACCEPTED
        case "A0" | "A1":
            return Cause.SYNTAX_ACCEPTED
        case "A3" | "A4" | "A6" | "A7" | "A8" | "D0":
            return Cause.REFUSED
        # A finalized claim's figures come with its 835, so until then it is still in the payer's hands.
        case str(category) if category[0] in "PFR":
            return Cause.PENDED
        case _:
            return None


class Chase(StrEnum):
    """What silence asks for."""

    ASK = "ask"
    ESCALATE = "escalate"


def chase(
    patience: ChasePatience, state: State, since: date, asked: int, last_asked_on: date | None, today: date
) -> Chase | None:
    """Whether a payer that has said nothing since `since` is to be asked by a 276 today, or is for a person.

    `asked` counts the questions since then. None: nothing to do today, or the claim is not with the payer.
    """
    match state:
        case State.SUBMITTED:
            days = patience.unacknowledged_days
        case State.ACKNOWLEDGED | State.PENDING:
            days = patience.undecided_days
        case _:
            return None
    waited = (today - (last_asked_on or since)).days
    if waited < (patience.between_days if last_asked_on is not None else days):
        return None
    return Chase.ASK if asked < patience.questions else Chase.ESCALATE
