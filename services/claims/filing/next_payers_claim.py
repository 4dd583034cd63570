"""The claim to the next payer from a claim and all that a remittance file says about it, or why there is none. Pure.

What stands of several answers is `shared.x12.remittance_835.standing`; what the payer's codes mean is `codes`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.claims.codes.classification import Classification, classify
from services.claims.codes.payer_codes import AnswerClass, Reads, adjustment_code
from services.claims.codes.remittance_answer import OurSide, answer_of
from shared.codes import adjustment_codes, published
from shared.x12.claim_837.claim import ProfessionalClaim
from shared.x12.claim_837.edits import RESPONSIBILITIES
from shared.x12.next_payer.next_claim import PENDING_STATUSES, Refusal, next_claim
from shared.x12.remittance_835.balance import is_sound
from shared.x12.remittance_835.remittance import LEVEL_OF_STATUS, PREDETERMINATION, Remittance, RemittedClaim
from shared.x12.remittance_835.standing import Doubt, Stated, joined, standing, stated_claim
from shared.x12.syntax.adjustments import Adjustment, total_cents
from shared.x12.syntax.problems import any_off

_REFUSED = {
    AnswerClass.CLIENT_MUST_CALL: "denied_client_must_call",
    AnswerClass.OTHER_PLAN_FIRST: "denied_other_plan_first",
    AnswerClass.FIX_AND_RESEND: "denied_to_be_fixed",
    AnswerClass.DUPLICATE: "denied_as_duplicate",
    AnswerClass.TOO_LATE: "denied_filed_too_late",
    AnswerClass.NOT_COVERED: "denied_not_eligible",
    AnswerClass.REVIEW: "needs_review",
}


@dataclass(frozen=True)
class Answered:
    """A claim of a remittance, with the remittance it was in; `whole` when that set lost nothing."""

    claim: RemittedClaim
    remittance: Remittance
    whole: bool


def following(claim: ProfessionalClaim, answers: Sequence[Answered]) -> ProfessionalClaim | Refusal:
    """The claim to the next payer, or why none may be sent. `answers` are all that name `claim`, in their order.

    What the payer's codes mean goes before "nothing left": a claim refused for its order or its data is not paid up.
    """
    if claim.frequency == "8":
        return Refusal("claim_voided", "the claim takes an earlier one back, so that nothing follows from it")
    if any(line.revenue_code or line.qualifier == "AD" for line in claim.lines):
        return Refusal("not_professional", "only professional claims (837P) are billed here")
    decided = _what_stands(claim, _in_its_role(claim, answers))
    if isinstance(decided, Refusal):
        return decided
    unsound = [answer.remittance for answer in decided if not is_sound(answer.remittance)]
    if any(any_off(remittance.problems) for remittance in unsound):
        return Refusal("unbalanced", "the payment is not what its claims make, so nothing of it may be used")
    if unsound or not all(answer.whole for answer in decided):
        return Refusal("remittance_incomplete", "the remittance's envelope does not add up: part of it may be missing")
    remitted = joined([answer.claim for answer in decided])
    made = next_claim(claim, remitted, decided[-1].remittance.header)
    if isinstance(made, Refusal) and made.reason not in ("nothing_left_to_pay", "no_other_payer"):
        return made
    return _meaning(claim, remitted) or made


_ANSWERED_AS = {status: RESPONSIBILITIES[place - 1] for status, place in LEVEL_OF_STATUS.items()}


def _in_its_role(claim: ProfessionalClaim, answers: Sequence[Answered]) -> Sequence[Answered]:
    """The answers to the claim at its own level: a payer that holds both coverages answers under one number twice."""
    levels = {_ANSWERED_AS[answer.claim.status] for answer in answers if answer.claim.status in _ANSWERED_AS}
    if len(levels) < 2 or claim.responsibility not in levels:
        return answers
    elsewhere = {
        answer.claim.payer_claim_id
        for answer in answers
        if _ANSWERED_AS.get(answer.claim.status, claim.responsibility) != claim.responsibility
    }
    return [
        answer
        for answer in answers
        if _ANSWERED_AS.get(answer.claim.status) == claim.responsibility
        or (answer.claim.status not in _ANSWERED_AS and answer.claim.payer_claim_id not in elsewhere)
    ]


def _what_stands(claim: ProfessionalClaim, answers: Sequence[Answered]) -> Sequence[Answered] | Refusal:
    """The answers whose figures count together: a decision, its pieces and supplements, else the last refusal."""
    known = {str(at): answer for at, answer in enumerate({answer.claim: answer for answer in answers}.values())}
    undecided = {PREDETERMINATION, *PENDING_STATUSES}
    counting = {at: answer for at, answer in known.items() if answer.claim.status not in undecided} or known
    stands = standing([_stated(claim, at, answer) for at, answer in counting.items()])
    if stands.doubt is not None:
        return Refusal(*_DOUBTS[stands.doubt])
    if stands.replaced:
        return Refusal("answered_more_than_once", "the remittance answers this claim more than once and differently")
    if stands.decisions:
        return [counting[answer.id] for answer in stands.decisions]
    if stands.refusals:
        return [counting[stands.refusals[-1].id]]
    return Refusal("reversed_without_correction", "the payment was taken back and no correction came with it")


_DOUBTS = {
    Doubt.REVERSAL_DIFFERS: ("reversal_differs", "the payer takes back other amounts than it had stated"),
    Doubt.ANSWERED_IN_PART: ("answered_in_part", "a later answer covers a part of the claim and takes nothing back"),
    Doubt.ANSWERED_TWICE_AT_ONCE: ("answered_more_than_once", "one payment answers this claim twice and differently"),
    Doubt.DISPUTED: ("other_payer_first", "the payer decided, and then said that another plan is first"),
}


def _stated(claim: ProfessionalClaim, own_id: str, answer: Answered) -> Stated:
    remitted = answer.claim
    said = _classified(claim, remitted)
    return replace(
        stated_claim(remitted, own_id),
        decides=remitted.paid_cents > 0 or said.settles,
        disputes=said.answer in (AnswerClass.CLIENT_MUST_CALL, AnswerClass.OTHER_PLAN_FIRST),
        payment=answer.remittance.header.trace or "untraced",
        position=int(own_id),
    )


def _meaning(claim: ProfessionalClaim, remitted: RemittedClaim) -> Refusal | None:
    """Why the next payer must not see this answer first; None where it is a decision on benefits."""
    said = _classified(claim, remitted)
    if said.answer in (AnswerClass.ORDINARY, AnswerClass.FORWARDED) or said.settles:
        return None
    return Refusal(_REFUSED[said.answer], f"the payer's answer has to be settled with it first: {said.why}")


def _classified(claim: ProfessionalClaim, remitted: RemittedClaim) -> Classification:
    stated = [claim.responsibility, *(other.responsibility for other in claim.other_payers)]
    order = tuple(responsibility for responsibility in RESPONSIBILITIES if responsibility in stated)
    return classify(answer_of(_telling(remitted), OurSide(order, claim.responsibility)))


def _telling(remitted: RemittedClaim) -> RemittedClaim:
    """`remitted` without the codes that say nothing about whether it was decided.

    Published remarks without a class of their own are informational. A reason that would be for a person on a line
    that was paid nothing only explains a reduction where the line was paid or left to the patient.
    """
    money = remitted.paid_cents > 0 or total_cents(remitted.all_adjustments, "PR") > 0
    lines = tuple(
        replace(
            line,
            adjustments=_reasons(line.adjustments, line.paid_cents > 0 or total_cents(line.adjustments, "PR") > 0),
            remarks=_remarks(line.remarks),
        )
        for line in remitted.lines
    )
    own = _reasons(remitted.adjustments, money)
    return replace(remitted, lines=lines, adjustments=own, remarks=_remarks(remitted.remarks))


def _reasons(adjustments: Sequence[Adjustment], decided: bool) -> tuple[Adjustment, ...]:
    return tuple(adjustment for adjustment in adjustments if not (decided and _only_reduces(adjustment.reason)))


def _only_reduces(reason: str) -> bool:
    code = adjustment_code("carc", reason)
    if code is None:
        return published.table("carc").known(reason)
    row = adjustment_codes.reason(reason)
    decides = row is not None and row.cost in (None, "benefits", "not_covered")
    return decides and code.answer is AnswerClass.REVIEW and code.reads is Reads.ALWAYS


def _remarks(remarks: Sequence[str]) -> tuple[str, ...]:
    known = published.table("rarc")
    return tuple(
        remark for remark in remarks if adjustment_code("rarc", remark) is not None or not known.exists(remark)
    )
