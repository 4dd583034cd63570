"""Which of a payer's answers stand: duplicates count once, reversals take back, denials yield to decisions.

Sources: 835 (005010X221A1) on reversal and correction, X12 RFI 288 and 1981; our idempotency key.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.settlement.answers import adjudication
from services.settlement.answers.adjudication import DENIED, Adjudication, negates
from services.settlement.answers.benefits_adjudicated import Answer
from shared.x12.remittance_835 import remittance as remittance_835


@dataclass(frozen=True, slots=True)
class Standing:
    """What remains of one level's answers.

    `decisions` are the adjudications whose figures count: one, or several that each hold other lines of the claim.
    Without any, `unsettled` is the reason. `replaced` are decisions that a later one replaced without reversing
    them; `reversed` says that something was taken back.
    """

    decisions: tuple[Adjudication, ...] = ()
    unsettled: str | None = None
    replaced: tuple[Adjudication, ...] = ()
    reversed: bool = False
    evidence: str = ""

    @property
    def complete(self) -> bool:
        """Whether every line of ours was answered when the last of the decisions was posted."""
        return not self.decisions or max(self.decisions, key=lambda each: each.arrived).complete


def standing(answers: Iterable[Adjudication]) -> Standing:
    """What stands of the answers at one level, in whatever order and however often they come."""
    unique = sorted({each.id: each for each in answers}.values(), key=lambda each: each.order)
    reversals = [each for each in unique if each.claim.reversal]
    left = [each for each in unique if not each.claim.reversal and each.counts]
    for reversal in reversals:
        originals = _originals(reversal, left)
        left = [each for each in left if each not in originals]
    if not left:
        return _nothing_stands(unique, reversals)
    return _decided(left, bool(reversals))


def _originals(reversal: Adjudication, candidates: Sequence[Adjudication]) -> Sequence[Adjudication]:
    """What `reversal` takes back: one adjudication, or the pieces of one answer.

    Found by the claims service's match, else by figures, else by number. Exact figures win even when the reversal
    overtook it; what follows a reversal in its own remittance is the correction, never the original.
    """
    if reversal.reverses is not None:
        named = (reversal.reverses, *reversal.also_reverses)
        return [each for each in candidates if each.id in named]
    possible = [each for each in candidates if not _corrects(each, reversal)]
    earlier = [each for each in possible if each.order < reversal.order]
    same_number = [each for each in possible if each.claim.payer_claim_id == reversal.claim.payer_claim_id]
    for group in (same_number, possible):
        exact = [each for each in group if negates(reversal.claim, [each.claim])]
        if exact:
            return [next((each for each in reversed(exact) if each in earlier), exact[0])]
        pieces = _pieces_of(reversal, [each for each in group if each in earlier]) or _pieces_of(reversal, group)
        if pieces:
            return pieces
    by_number = [each for each in earlier if each in same_number]
    return (by_number or earlier)[-1:]


def _pieces_of(reversal: Adjudication, group: Sequence[Adjudication]) -> Sequence[Adjudication]:
    """The pieces of `group` that `reversal` takes back together: those that decide, else all of them; else none."""
    for pieces in ([each for each in group if each.answer.decides_benefits], group):
        if len(pieces) > 1 and _are_pieces(pieces) and negates(reversal.claim, [each.claim for each in pieces]):
            return pieces
    return ()


def _corrects(answer: Adjudication, reversal: Adjudication) -> bool:
    return answer.trace == reversal.trace and answer.arrived == reversal.arrived and answer.position > reversal.position


def _nothing_stands(answers: Sequence[Adjudication], reversals: Sequence[Adjudication]) -> Standing:
    if reversals:
        return Standing(unsettled="reversal_without_correction", reversed=True, evidence=reversals[-1].id)
    status = answers[-1].claim.status
    match status:
        case remittance_835.PREDETERMINATION:
            reason = "predetermination_only"
        case adjudication.NOT_OUR_CLAIM:
            reason = "passed_to_another_payer"
        case _:
            reason = "not_adjudicated"
    return Standing(unsettled=reason, evidence=f"CLP02 {status}")


def _decided(left: Sequence[Adjudication], taken_back: bool) -> Standing:
    decisions = [each for each in left if each.answer.decides_benefits]
    if not decisions:
        last = next((each for each in reversed(left) if each.answer is not Answer.DUPLICATE), left[-1])
        return Standing(unsettled=last.answer.value, reversed=taken_back, evidence=_codes(last))
    disputed = [each for each in left if each.answer is Answer.COORDINATION and each.order > decisions[-1].order]
    if disputed:
        return Standing(unsettled=Answer.COORDINATION.value, reversed=taken_back, evidence=_codes(disputed[-1]))
    if _are_pieces(decisions):
        return Standing(tuple(decisions), reversed=taken_back)
    *replaced, last = decisions
    if any(each.trace == last.trace and each.arrived == last.arrived for each in replaced):
        return Standing(unsettled="claim_ambiguous", reversed=taken_back, evidence=last.trace)
    return Standing((last,), replaced=tuple(replaced), reversed=taken_back)


def _are_pieces(decisions: Sequence[Adjudication]) -> bool:
    """Whether each holds other lines of the claim than the others: a payer may answer in pieces."""
    keys = [share.key for each in decisions for share in each.shares]
    return all(keys) and len(set(keys)) == len(keys) and all(each.claim.status != DENIED for each in decisions)


def _codes(answer: Adjudication) -> str:
    """The codes of an answer, as evidence for a person."""
    claim = answer.claim
    reasons = dict.fromkeys(f"{each.group}-{each.reason}" for each in claim.all_adjustments if each.amount_cents)
    return " ".join([f"CLP02 {claim.status}", *reasons, *dict.fromkeys(claim.all_remarks)])
