"""`services.claims secondary`: the next payer's 837P from a claim and its remittance, or why there is none."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

from services.claims.filing.next_payers_claim import Answered, following
from shared import clock
from shared.commands.command import RefusedError, UnreadableInputError, read_bytes
from shared.x12.claim_837.claim import ClaimBatch, ProfessionalClaim
from shared.x12.claim_837.writer import write_claims
from shared.x12.document.interchange import Interchange, TransactionSet, read_file
from shared.x12.next_payer.next_claim import Refusal
from shared.x12.remittance_835.remittance import Remittance
from shared.x12.syntax.envelope_writer import Envelope
from shared.x12.syntax.problems import any_off


@dataclass(frozen=True)
class FiledClaim:
    """A claim as it was sent, with the batch and the interchange that it was in."""

    claim: ProfessionalClaim
    batch: ClaimBatch
    interchange: Interchange
    transaction: TransactionSet


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
    pairs = [(filed_claim, own) for filed_claim in filed if (own := _answers_to(filed_claim.claim, answered, filed))]
    if not pairs:
        _refuse(Refusal("remittance_of_another_claim", "the remittance answers no claim with this control number"))
    made = [(filed_claim, _unusable(filed_claim) or following(filed_claim.claim, own)) for filed_claim, own in pairs]
    sent = [(filed_claim, claim) for filed_claim, claim in made if isinstance(claim, ProfessionalClaim)]
    refused = [(filed_claim, claim) for filed_claim, claim in made if isinstance(claim, Refusal)]
    if not sent:
        _refuse(refused[0][1])
    for filed_claim, refusal in refused:
        print(f"claim {filed_claim.claim.id}: {refusal.reason}: {refusal.why}", file=sys.stderr)
    first = sent[0][0]
    return write_claims([claim for _, claim in sent], _envelope(first, sent[0][1])).decode("ascii")


def _unusable(filed: FiledClaim) -> Refusal | None:
    """Why nothing may follow from a claim of this file: the file is not in dollars, or part of it may be missing."""
    if any_off(filed.batch.problems):
        return Refusal("unbalanced", "the claim's file does not add up, or is not in US dollars")
    if any(problem.kind == "envelope" for problem in (*filed.interchange.problems, *filed.transaction.problems)):
        return Refusal("claim_incomplete", "the claim's file does not add up: part of it may be missing")
    return None


def _filed(path: str) -> list[FiledClaim]:
    """Every claim of the file.

    Raises UnreadableInputError: it holds no 837 claim.
    """
    claims = [
        FiledClaim(claim, transaction.content, interchange, transaction)
        for interchange in read_file(read_bytes(path)).interchanges
        for transaction in interchange.transactions
        if isinstance(transaction.content, ClaimBatch)
        for claim in transaction.content.claims
    ]
    if not claims:
        raise UnreadableInputError(f"{path} holds no 837 claim")
    return claims


def _answered(path: str) -> list[Answered]:
    """Every claim of every remittance of the file.

    Raises UnreadableInputError: it holds no 835.
    """
    file = read_file(read_bytes(path))
    sets = [transaction for interchange in file.interchanges for transaction in interchange.transactions]
    remittances = [transaction.content for transaction in sets if isinstance(transaction.content, Remittance)]
    if not remittances:
        raise UnreadableInputError(f"{path} holds no 835")
    whole = not any(problem.kind == "envelope" for problem in file.problems)
    return [
        Answered(claim, remittance, whole and not any(problem.kind == "envelope" for problem in remittance.problems))
        for remittance in remittances
        for claim in remittance.claims
    ]


def _answers_to(claim: ProfessionalClaim, answered: Sequence[Answered], filed: Sequence[FiledClaim]) -> list[Answered]:
    """The answers with the control number of `claim`; one mangled in case or padding counts if it is nobody else's."""
    exact = [answer for answer in answered if answer.claim.id == claim.id]
    if exact:
        return exact
    if sum(_key(filed_claim.claim.id) == _key(claim.id) for filed_claim in filed) > 1:
        return []
    return [answer for answer in answered if _key(answer.claim.id) == _key(claim.id) and _key(claim.id)]


def _key(control: str) -> str:
    return "".join(control.split()).upper().lstrip("0")


def _envelope(filed: FiledClaim, made: ProfessionalClaim) -> Envelope:
    """The envelope of the claim before with all ids that the partners agreed, under the next number and the present."""
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
        group_sender_id=filed.transaction.group_sender_id,
        group_receiver_id=filed.transaction.group_receiver_id,
        submitter_id=batch.submitter.id,
        claim_receiver_id=batch.receiver.id,
    )
    if not batch.contact_phone:
        return envelope
    return replace(envelope, contact_name=batch.contact_name, contact_phone=batch.contact_phone)


def _refuse(refusal: Refusal) -> NoReturn:
    raise RefusedError({"refused": True, "reason": refusal.reason, "why": refusal.why})
