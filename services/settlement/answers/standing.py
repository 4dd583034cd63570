"""What remains of a payer's answers for the cost: the decisions whose figures count, or why there is none yet.

Which answers stand is the rule of `shared.x12.remittance_835.standing`; here their meaning for the cost is added.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.settlement.answers import adjudication
from services.settlement.answers.adjudication import Adjudication
from services.settlement.answers.benefits_adjudicated import Answer
from shared.x12.remittance_835 import remittance as remittance_835
from shared.x12.remittance_835 import standing as rule
from shared.x12.remittance_835.standing import Doubt, Stated

SEPARATED = "MA15"
"""The remark of a claim that the payer separated: the other pieces come as claims of their own."""


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
        """Whether every line of ours was answered when the last of the decisions was posted.

        Where nobody has said so, a piece that the payer separated from its claim is not the whole.
        """
        if not self.decisions:
            return True
        last = max(self.decisions, key=lambda decision: decision.arrived)
        if last.complete is None:
            return len(self.decisions) > 1 or SEPARATED not in last.claim.all_remarks
        return last.complete


def standing(answers: Iterable[Adjudication]) -> Standing:
    """What stands of the answers at one level, in whatever order and however often they come."""
    ordered = sorted({answer.id: answer for answer in answers}.values(), key=lambda answer: answer.order)
    counting = {answer.id: answer for answer in ordered if answer.counts}
    stands = rule.standing([answer.stated for answer in counting.values()])
    decisions = _adjudications(stands.decisions, counting)
    if stands.doubt is not None and stands.doubtful is not None:
        doubtful = counting[stands.doubtful.id]
        return Standing(unsettled=_DOUBTS[stands.doubt], reversed=stands.reversed, evidence=_codes(doubtful))
    if decisions:
        return Standing(decisions, replaced=_adjudications(stands.replaced, counting), reversed=stands.reversed)
    if stands.refusals:
        return _refused(_adjudications(stands.refusals, counting), stands.reversed)
    return _nothing_stands(ordered)


_DOUBTS = {
    Doubt.REVERSAL_DIFFERS: "reversal_differs",
    Doubt.ANSWERED_IN_PART: "answered_in_part",
    Doubt.ANSWERED_TWICE_AT_ONCE: "claim_ambiguous",
    Doubt.DISPUTED: Answer.COORDINATION.value,
}


def _adjudications(stated: Sequence[Stated], known: Mapping[str, Adjudication]) -> tuple[Adjudication, ...]:
    return tuple(known[answer.id] for answer in stated)


def _refused(refusals: Sequence[Adjudication], taken_back: bool) -> Standing:
    """The last refusal says why; a duplicate's only where there is no other."""
    last = next((answer for answer in reversed(refusals) if answer.answer is not Answer.DUPLICATE), refusals[-1])
    return Standing(unsettled=last.answer.value, reversed=taken_back, evidence=_codes(last))


def _nothing_stands(answers: Sequence[Adjudication]) -> Standing:
    reversals = [answer for answer in answers if answer.claim.reversal]
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


def _codes(answer: Adjudication) -> str:
    """The codes of an answer, as evidence for a person."""
    claim = answer.claim
    reasons = (
        f"{adjustment.group}-{adjustment.reason}" for adjustment in claim.all_adjustments if adjustment.amount_cents
    )
    return " ".join([f"CLP02 {claim.status}", *dict.fromkeys(reasons), *dict.fromkeys(claim.all_remarks)])
