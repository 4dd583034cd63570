"""What the rules say of a remitted claim, beside the claim of ours that it answers."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from services.claims.acknowledgments.questioning_coordination import our_side
from services.claims.claim import posted_remittance as rules
from services.claims.claim.claim_changes import SENT
from services.claims.claim.claim_state import Cause
from services.claims.claim.line_on_file import LineOnFile
from services.claims.claim.store import document_of, lines_on_file, session_of, submission_answered
from services.claims.claim.tables import CLAIMS, Claim, ControlNumber, Session
from services.claims.codes.classification import Classification, classify
from services.claims.codes.remittance_answer import answer_of, undecided_lines
from services.claims.remittances.matched_claim import Matched
from shared.runtime.transaction import Transaction
from shared.x12.remittance_835.line_pairing import pair_lines
from shared.x12.remittance_835.remittance import RemittanceHeader, RemittedClaim


@dataclass(frozen=True, slots=True)
class Judged:
    """A remitted claim beside the claim of ours that it answers, with what the rules say of it."""

    session: Session
    claim: Claim
    remitted: RemittedClaim
    header: RemittanceHeader
    identity: str
    classification: Classification
    answered: ControlNumber | None
    outcome: rules.Post | rules.Queue | rules.Ignore


async def judge(matched: Matched, tx: Transaction) -> Judged | None:
    """What posting it would do; None where we never sent such a claim."""
    session = await session_of(tx, matched.client_id, matched.session_id)
    claim = await tx.one(CLAIMS, matched.client_id, matched.session_id, matched.level)
    if claim is not None and not claim.control:
        claim = await _forwarded_copy(tx, claim)
    if claim is None or not claim.control:
        return None
    remitted, header = matched.claim, matched.header
    # By our own name of the payer: a clearinghouse may call it otherwise when it sends the 835 again.
    identity = rules.identity(claim.payer_id, header.trace, remitted, matched.occurrence)
    answered = await submission_answered(tx, claim, remitted.id)
    lines = await _lines_answered(tx, claim, answered)
    side = our_side(session, claim, answered)
    classification = classify(answer_of(remitted, side))
    pairs = {at: own for at, own in enumerate(pair_lines(lines, remitted.lines)) if own is not None}
    answer = rules.Answer(remitted, identity, classification, pairs, undecided_lines(remitted, side))
    refusal_counts = _is_newest(claim, answered) and claim.state in SENT
    charges_cents = [line.charge_cents for line in lines]
    billed = rules.Billed(charges_cents, claim.postings, refusal_counts, claim.other_payer_keys)
    outcome = rules.post(answer, billed)
    if isinstance(outcome, rules.Post) and await _is_outdated(tx, claim, answered):
        outcome = replace(outcome, cause=Cause.OUTDATED)
    header = dated(header, claim.service_on, matched.received_on)
    return Judged(session, claim, remitted, header, identity, classification, answered, outcome)


async def _lines_answered(tx: Transaction, claim: Claim, answered: ControlNumber | None) -> tuple[LineOnFile, ...]:
    """The lines of the submission that is answered: the session's details may have been corrected since."""
    if answered is None or answered.control == claim.control or answered.level != claim.level:
        return claim.lines
    return lines_on_file(await document_of(tx, replace(claim, control=answered.control)))


def _is_newest(claim: Claim, answered: ControlNumber | None) -> bool:
    return answered is not None and answered.control == claim.control


async def _is_outdated(tx: Transaction, claim: Claim, answered: ControlNumber | None) -> bool:
    """Whether a replacement of what is answered is with the payer: of our submission, or of a forwarded copy, too.

    A copy that another payer forwarded stands for our first claim to this payer, and not for one that replaces it.
    """
    if answered is None or answered.control == claim.control or claim.state not in SENT:
        return False
    newest = await submission_answered(tx, claim, claim.control)
    return answered.level == claim.level or (newest is not None and newest.frequency == "7")


_AHEAD = timedelta(days=31)


def dated(header: RemittanceHeader, service_on: date, received_on: date) -> RemittanceHeader:
    """The header with dates on which the claim can have been decided; without one, that on which the 835 came.

    A slip in a date would end, or open for years, the time that the next payer gives us.
    """
    possible = [day for day in (header.produced_on, header.paid_on) if day is not None]
    possible = [day for day in possible if service_on <= day <= received_on + _AHEAD]
    if len(possible) == 2:
        return header
    fallback = possible[0] if possible else received_on
    return replace(
        header,
        produced_on=header.produced_on if header.produced_on in possible else fallback,
        paid_on=header.paid_on if header.paid_on in possible else fallback,
    )


async def _forwarded_copy(tx: Transaction, claim: Claim) -> Claim:
    """A forwarded claim that we did not send is the primary's, as the payer that forwarded it saw it."""
    primary = await tx.one(CLAIMS, claim.client_id, claim.session_id, 1)
    if primary is None:
        return claim
    return replace(claim, control=primary.control, responsibility=primary.responsibility, lines=primary.lines)
