"""`services.claims secondary`: the next payer's 837P from a claim and its remittance, or why there is none."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

from services.claims.codes.classification import classify
from services.claims.codes.payer_codes import AnswerClass, Reads, adjustment_code
from services.claims.codes.remittance_answer import OurSide, answer_of, paid_within_another
from shared import clock
from shared.codes import published
from shared.commands.command import RefusedError, UnreadableInputError, read_bytes
from shared.x12.claim_837.claim import ClaimBatch, ProfessionalClaim
from shared.x12.claim_837.edits import LEVELS
from shared.x12.claim_837.writer import write_claims
from shared.x12.document.interchange import Interchange, read_file
from shared.x12.next_payer.next_claim import Refusal, next_claim
from shared.x12.next_payer.standing_answer import standing_answer
from shared.x12.remittance_835.remittance import Remittance, RemittedClaim
from shared.x12.syntax.adjustments import Adjustment, total_cents
from shared.x12.syntax.envelope_writer import Envelope
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
class FiledClaim:
    """A claim as it was sent, with the batch and the interchange that it was in."""

    claim: ProfessionalClaim
    batch: ClaimBatch
    interchange: Interchange


@dataclass(frozen=True)
class Answered:
    """A claim of a remittance, with the remittance it was in; `whole` when that set lost nothing."""

    claim: RemittedClaim
    remittance: Remittance
    whole: bool


def set_up(parser: argparse.ArgumentParser) -> None:
    """Add the two files."""
    parser.add_argument("--claim", metavar="PRIMARY.837", required=True, help="the claim, naming its other payer")
    parser.add_argument("--remit", metavar="PRIMARY.835", required=True, help="the remittance that answers it")


def run(arguments: argparse.Namespace) -> str:
    """The next payer's 837P.

    Raises UnreadableInputError: no 837 or no 835 in the files. Raises RefusedError: no claim may be sent, and why.
    """
    if arguments.claim == arguments.remit == "-":
        raise UnreadableInputError("only one of --claim and --remit can be standard input")
    filed, answered = _filed(arguments.claim), _answered(arguments.remit)
    pairs = [(each, own) for each in filed if (own := _answers_to(each.claim, answered, filed))]
    if not pairs:
        _refuse(Refusal("remittance_of_another_claim", "the remittance answers no claim with this control number"))
    made = [(each, following(each.claim, own)) for each, own in pairs]
    sent = [(each, claim) for each, claim in made if isinstance(claim, ProfessionalClaim)]
    refused = [(each, claim) for each, claim in made if isinstance(claim, Refusal)]
    if not sent:
        _refuse(refused[0][1])
    for each, refusal in refused:
        print(f"claim {each.claim.id}: {refusal.reason}: {refusal.why}", file=sys.stderr)
    first = sent[0][0]
    return write_claims([claim for _, claim in sent], _envelope(first, sent[0][1])).decode("ascii")


def following(claim: ProfessionalClaim, answers: Sequence[Answered]) -> ProfessionalClaim | Refusal:
    """The claim to the next payer, or why none may be sent; pure.

    What the payer's codes mean goes before "nothing left": a claim refused for its order or its data is not paid up.
    """
    if claim.frequency == "8":
        return Refusal("claim_voided", "the claim takes an earlier one back, so that nothing follows from it")
    if any(line.revenue_code or line.qualifier == "AD" for line in claim.lines):
        return Refusal("not_professional", "only professional claims (837P) are billed here")
    standing = standing_answer([each.claim for each in answers])
    if isinstance(standing, Refusal):
        return standing
    source = next(each for each in answers if each.claim == standing)
    if any_off(source.remittance.problems):
        return Refusal("unbalanced", "the payment is not what its claims make, so nothing of it may be used")
    if not source.whole:
        return Refusal("remittance_incomplete", "the remittance's envelope does not add up: part of it may be missing")
    made = next_claim(claim, standing, source.remittance.header)
    if isinstance(made, Refusal) and made.reason not in ("nothing_left_to_pay", "no_other_payer"):
        return made
    return _meaning(claim, standing) or made


def _meaning(claim: ProfessionalClaim, remitted: RemittedClaim) -> Refusal | None:
    """Why the next payer must not see this answer first; None where it is a decision on benefits."""
    levels = [claim.responsibility, *(other.responsibility for other in claim.other_payers)]
    order = tuple(each for each in LEVELS if each in levels)
    answer = answer_of(_telling(remitted), OurSide(order, claim.responsibility))
    found = classify(answer)
    if found.answer in (AnswerClass.ORDINARY, AnswerClass.FORWARDED) or found.settles:
        return None
    return Refusal(_REFUSED[found.answer], f"the payer's answer has to be settled with it first: {found.why}")


def _telling(remitted: RemittedClaim) -> RemittedClaim:
    """`remitted` without the codes that say nothing about whether it was decided.

    Published remarks without a class of their own are informational. A reason that would be for a person on a line
    that was paid nothing only explains a reduction where the line was paid or left to the patient.
    """
    money = remitted.paid_cents > 0 or total_cents(remitted.all_adjustments, "PR") > 0
    lines = tuple(
        replace(
            line,
            adjustments=_reasons(
                line.adjustments, line.paid_cents > 0 or total_cents(line.adjustments, "PR") > 0, elsewhere=money
            ),
            remarks=_remarks(line.remarks),
        )
        for line in remitted.lines
    )
    own = _reasons(remitted.adjustments, money, elsewhere=money)
    return replace(remitted, lines=lines, adjustments=own, remarks=_remarks(remitted.remarks))


def _reasons(adjustments: Sequence[Adjustment], decided: bool, *, elsewhere: bool) -> tuple[Adjustment, ...]:
    return tuple(
        each
        for each in adjustments
        if not (decided and _only_reduces(each.reason)) and not (elsewhere and paid_within_another(each.reason))
    )


def _only_reduces(reason: str) -> bool:
    code = adjustment_code("carc", reason)
    if code is None:
        return published.table("carc").known(reason)
    return code.answer is AnswerClass.REVIEW and code.reads is Reads.ALWAYS


def _remarks(remarks: Sequence[str]) -> tuple[str, ...]:
    known = published.table("rarc")
    return tuple(each for each in remarks if adjustment_code("rarc", each) is not None or not known.exists(each))


def _filed(path: str) -> list[FiledClaim]:
    """Every claim of the file.

    Raises UnreadableInputError: it holds no 837 claim.
    """
    found = [
        FiledClaim(claim, each.content, interchange)
        for interchange in read_file(read_bytes(path)).interchanges
        for each in interchange.transactions
        if isinstance(each.content, ClaimBatch)
        for claim in each.content.claims
    ]
    if not found:
        raise UnreadableInputError(f"{path} holds no 837 claim")
    return found


def _answered(path: str) -> list[Answered]:
    """Every claim of every remittance of the file.

    Raises UnreadableInputError: it holds no 835.
    """
    file = read_file(read_bytes(path))
    sets = [each for interchange in file.interchanges for each in interchange.transactions]
    remittances = [each.content for each in sets if isinstance(each.content, Remittance)]
    if not remittances:
        raise UnreadableInputError(f"{path} holds no 835")
    whole = not any(each.kind == "envelope" for each in file.problems)
    return [
        Answered(claim, each, whole and not any(problem.kind == "envelope" for problem in each.problems))
        for each in remittances
        for claim in each.claims
    ]


def _answers_to(claim: ProfessionalClaim, answered: Sequence[Answered], filed: Sequence[FiledClaim]) -> list[Answered]:
    """The answers with the control number of `claim`; one mangled in case or padding counts if it is nobody else's."""
    exact = [each for each in answered if each.claim.id == claim.id]
    if exact:
        return exact
    if sum(_key(each.claim.id) == _key(claim.id) for each in filed) > 1:
        return []
    return [each for each in answered if _key(each.claim.id) == _key(claim.id) and _key(claim.id)]


def _key(control: str) -> str:
    return "".join(control.split()).upper().lstrip("0")


def _envelope(filed: FiledClaim, made: ProfessionalClaim) -> Envelope:
    """The envelope of the claim before, under the next control number and the present time."""
    before, batch = filed.interchange, filed.batch
    control = int(before.control) if before.control.isascii() and before.control.isdigit() else 0
    straight = batch.receiver.name in ("", filed.claim.payer.name)
    envelope = Envelope(
        sender_id=before.sender_id or batch.submitter.id or "SENDER",
        receiver_id=before.receiver_id or batch.receiver.id or "RECEIVER",
        control=control % 999_999_999 + 1,
        written_at=clock.now(),
        sender_kind=before.sender_kind or "ZZ",
        receiver_kind=before.receiver_kind or "ZZ",
        usage=before.usage or "P",
        submitter_name=batch.submitter.name,
        receiver_name=made.payer.name if straight else batch.receiver.name,
    )
    if not batch.contact_phone:
        return envelope
    return replace(envelope, contact_name=batch.contact_name, contact_phone=batch.contact_phone)


def _refuse(refusal: Refusal) -> NoReturn:
    raise RefusedError({"refused": True, "reason": refusal.reason, "why": refusal.why})
