"""Who must act when a payer says that it does not pay first: its word against our order and the other payer's."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.claims.codes.payer_codes import AnswerClass

ROLES = {"primary": True, "secondary": False, "tertiary": False, "not_primary": False}
"""The roles that a payer can state for itself: whether each says that it pays first."""


class Place(StrEnum):
    """Where our own order puts the plan that was billed."""

    ALONE = "alone"
    FIRST = "first"
    LATER = "later"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Verdict:
    """The class that follows, the reason in words, and the contradiction where there is one."""

    answer: AnswerClass
    because: str
    contradiction: str | None = None


_CALL, _OTHER = AnswerClass.CLIENT_MUST_CALL, AnswerClass.OTHER_PLAN_FIRST


def place(our_order: Sequence[str] | None, billed: str | None) -> Place:
    """The place of the plan `billed` in `our_order` (plan ids, first to last; None or empty: not known).

    A plan that our order leaves out counts as LATER: by our facts others pay for that date.
    """
    if not our_order:
        return Place.UNKNOWN
    if len(our_order) == 1 and billed in (None, our_order[0]):
        return Place.ALONE
    if billed is None:
        return Place.UNKNOWN
    return Place.FIRST if billed == our_order[0] else Place.LATER


def says_not_first(where: Place, other_says_first: bool | None, plans: int, softly: bool = False) -> Verdict:
    """The verdict on a payer that says it is not first (CARC 22, or processed as secondary though billed as primary).

    `other_says_first`: what the other payer states for itself (None: nothing). `plans`: how many our order has.
    `softly`: for codes that speak of the order less bluntly than CARC 22, our order alone is not taken as a denial
    of what the payer says. Payers that agree win over our order; a payer alone against it, or two payers that
    each name the other, is a dispute that only the client can settle (NAIC model 120 evidence, our precedence).
    """
    match where, other_says_first:
        case (Place.LATER, False) if plans > 2:
            return Verdict(_OTHER, "our order, too, has another plan first")
        case (Place.ALONE | Place.FIRST | Place.LATER | Place.UNKNOWN, True):
            return Verdict(_OTHER, "the other payer says that it is primary")
        case (Place.ALONE, _):
            return Verdict(_CALL, "we know of no other plan", "the payer names another plan and we know of none")
        case (Place.FIRST, False):
            return Verdict(
                _CALL, "our order and the other payer have this plan first", "each payer says that the other is first"
            )
        case (Place.LATER | Place.UNKNOWN, False):
            return Verdict(_CALL, "each payer says that the other is first", "each payer says that the other is first")
        case (Place.FIRST, None) if not softly:
            return Verdict(_CALL, "our order has this plan first", "the payer contradicts our order")
        case (Place.UNKNOWN, None) if not softly:
            return Verdict(AnswerClass.REVIEW, "our own order is not known, so nobody can say who must act")
        case (Place.LATER, None):
            return Verdict(_OTHER, "our order, too, has another plan first")
        case _:
            return Verdict(_OTHER, "the payer says that another plan is first")


def says_first(other_says_first: bool | None) -> Verdict:
    """The verdict on a payer that processed as primary a claim billed to it as a later plan."""
    if other_says_first is False:
        return Verdict(
            _OTHER, "both payers have this plan first and our order does not", "the payers contradict our order"
        )
    if other_says_first is True:
        return Verdict(_CALL, "both payers say that they are primary", "both payers say that they are primary")
    return Verdict(_CALL, "our order has another plan first", "the payer contradicts our order")
