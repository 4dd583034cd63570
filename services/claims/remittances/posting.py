"""Posting a remittance: the rules decide, the claim moves, and everybody hears what the payer said."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from services.claims.acknowledgments.questioning_coordination import our_side, question
from services.claims.acknowledgments.remedy import after_denial
from services.claims.acknowledgments.remedying import apply, hand_over
from services.claims.claim import posted_remittance as rules
from services.claims.claim.claim_changes import SENT, level_of, move, named
from services.claims.claim.claim_state import Cause, State
from services.claims.claim.store import claims_of, session_of, submission_answered
from services.claims.claim.tables import CLAIMS, DECISIONS, Claim, ControlNumber, Decision, Session, prior_figures
from services.claims.claim.work_queue import leave_to_a_person
from services.claims.codes.classification import Classification, classify
from services.claims.codes.crossover import Crossover
from services.claims.codes.crossover import crossover as signals
from services.claims.codes.payer_codes import AnswerClass
from services.claims.codes.remittance_answer import answer_of, undecided_lines
from services.claims.filing.advancing import advance
from services.claims.filing.correcting import prior_changed
from services.claims.filing.watching import ADJUDICATED_REVIEW, crossover_is_settled
from services.claims.remittances.matched_claim import Matched, matched
from shared.events.claims import ClaimAdjudicated, ClaimReversed, RemittanceReceived
from shared.runtime.transaction import Transaction
from shared.x12.remittance_835.line_pairing import pair_lines
from shared.x12.remittance_835.remittance import RemittanceHeader, RemittedClaim, RemittedLine
from shared.x12.syntax import adjustments as x12

_READ_IT = "The payment is posted and the next payer's claim waits: read the codes, then resolve with --answer."
_CODE = 20
"""How much of a code events carry: no code is as long, and what came stays with the decision."""
_QUESTIONS = (AnswerClass.CLIENT_MUST_CALL, AnswerClass.OTHER_PLAN_FIRST)


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


async def on_remittance_received(event: RemittanceReceived, tx: Transaction) -> None:
    """Post one claim of an 835 to the claim that it was matched to."""
    await post(matched(event, tx), tx)


async def post(one: Matched, tx: Transaction) -> None:
    """Post it, leave it to a person, or do nothing, as the rules say."""
    judged = await judge(one, tx)
    if judged is None:
        await _leave(tx, one, "remittance_of_unsent_claim", "We never sent this claim; look at who billed it.", "")
        return
    match judged.outcome:
        case rules.Ignore():
            return
        case rules.Queue(reason, why):
            await _leave(tx, one, reason.value, why, judged.identity)
        case rules.Post() as outcome:
            if outcome.posting.decided:
                _keep_decision(tx, one, judged)
            await _post(tx, judged, outcome)


async def judge(one: Matched, tx: Transaction) -> Judged | None:
    """What posting it would do; None where we never sent such a claim."""
    session = await session_of(tx, one.client_id, one.session_id)
    claim = await tx.one(CLAIMS, one.client_id, one.session_id, one.role)
    if claim is not None and not claim.control:
        claim = await _forwarded_copy(tx, claim)
    if claim is None or not claim.control:
        return None
    remitted, header = one.claim, one.header
    # By our own name of the payer: a clearinghouse may call it otherwise when it sends the 835 again.
    identity = rules.identity(claim.payer_id, header.trace, remitted, one.occurrence)
    answered = await submission_answered(tx, claim, remitted.id)
    side = our_side(session, claim, answered)
    classification = classify(answer_of(remitted, side))
    outcome = rules.post(
        remitted,
        identity,
        classification,
        {at: own for at, own in enumerate(pair_lines(claim.lines, remitted.lines)) if own is not None},
        [line.charge_cents for line in claim.lines],
        claim.postings,
        undecided_lines(remitted, side),
        refusal_counts=_is_newest(claim, answered) and claim.state in SENT,
    )
    if isinstance(outcome, rules.Post) and not remitted.reversal and _is_outdated(claim, answered):
        outcome = replace(outcome, cause=Cause.OUTDATED)
    header = dated(header, claim.service_on, one.received_on)
    return Judged(session, claim, remitted, header, identity, classification, answered, outcome)


def _is_newest(claim: Claim, answered: ControlNumber | None) -> bool:
    return answered is not None and answered.control == claim.control


def _is_outdated(claim: Claim, answered: ControlNumber | None) -> bool:
    """Whether a replacement of the submission that is answered is with the payer."""
    replaced = answered is not None and answered.role == claim.role and answered.control != claim.control
    return replaced and claim.state in SENT


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


def _keep_decision(tx: Transaction, one: Matched, judged: Judged) -> None:
    """Keep the decision as it came, without the reader's notes: the next payer's claim carries it."""
    claim = {name: value for name, value in one.stated.items() if name != "problems"}
    on = {"produced_on": judged.header.produced_on, "paid_on": judged.header.paid_on}
    header = one.payment | {name: day.isoformat() for name, day in on.items() if day is not None}
    tx.add(DECISIONS, Decision(one.client_id, one.session_id, judged.identity, claim, header))


async def _forwarded_copy(tx: Transaction, claim: Claim) -> Claim:
    """A forwarded claim that we did not send is the primary's, as the payer that forwarded it saw it."""
    primary = await tx.one(CLAIMS, claim.client_id, claim.session_id, 1)
    if primary is None:
        return claim
    return replace(claim, control=primary.control, responsibility=primary.responsibility, lines=primary.lines)


async def _leave(tx: Transaction, one: Matched, reason: str, why: str, identity: str) -> None:
    """Leave it to a person: once, however often its 835 comes, unless it was a person who sent it here."""
    again = identity
    if one.match == "person" or not identity:
        again = f"{tx.cause.id}|{one.claim.id}|{one.occurrence}"
    await leave_to_a_person(
        tx,
        one.client_id,
        one.session_id,
        reason,
        why,
        again,
        level=level_of(one.role),
        occurrence=one.occurrence,
        claim=one.stated,
        header=one.payment,
    )


async def _post(tx: Transaction, judged: Judged, outcome: rules.Post) -> None:
    """Keep the posting, move the claim, publish it, and do what follows."""
    session, claim, remitted, header = judged.session, judged.claim, judged.remitted, judged.header
    classification = judged.classification
    posting = outcome.posting
    crossover, forwarded_on = await _forwarding(tx, claim, remitted)
    if posting.decided and claim.sent_on is None:
        claim = await _unasked(tx, session, claim)
    claim = await move(
        tx,
        claim,
        outcome.cause,
        f"CLP02 {remitted.status} {posting.identity[:12]}",
        postings=(*claim.postings, posting),
        payer_claim_id=remitted.payer_claim_id or claim.payer_claim_id,
        complete=outcome.complete,
        answer=claim.answer if remitted.reversal else classification.answer.value,
        reason=None,
        decided_on=header.produced_on if posting.decided else claim.decided_on,
        crossover=crossover,
        forwarded_on=forwarded_on,
    )
    built_on = await _built_on(tx, judged)
    _publish(tx, claim, remitted, header, classification, outcome, built_on)
    if remitted.reversal or not posting.decided:
        await _refusal(tx, session, claim, classification, remitted)
    elif classification.answer in _QUESTIONS:
        question(tx, session, claim, classification)
    elif classification.answer is AnswerClass.REVIEW:
        await hand_over(tx, claim, ADJUDICATED_REVIEW, f"{classification.why} {_READ_IT}", classification)
    await prior_changed(tx, session)
    await advance(tx, session)


async def _built_on(tx: Transaction, judged: Judged) -> tuple[dict[str, Any], ...] | None:
    """The decisions that the answered claim carried; a claim that another payer forwarded carries that payer's."""
    claims, answered = await claims_of(tx, judged.session), judged.answered
    if answered is None or answered.role != judged.claim.role:
        before = [claim for claim in claims if claim.role < judged.claim.role]
        known = tuple(figures for claim in before if (figures := prior_figures(claim)) is not None)
    elif answered.built_on is None:
        return None
    else:
        known = answered.built_on
    levels = {claim.plan_id: level_of(claim.role) for claim in claims}
    return tuple(
        {
            "plan_id": figures.plan_id,
            "level": levels[figures.plan_id],
            "adjudication_ids": figures.identities,
            "paid_cents": figures.paid_cents,
            "patient_responsibility_cents": figures.patient_responsibility_cents,
        }
        for figures in known
        if figures.plan_id in levels
    )


async def _unasked(tx: Transaction, session: Session, claim: Claim) -> Claim:
    """Another payer forwarded the claim: keep by which of its figures it was decided, should they change."""
    await crossover_is_settled(tx, claim)
    before = [each for each in await claims_of(tx, session) if each.role < claim.role and each.postings]
    return replace(claim, told=(*before[-1].told, before[-1].figures)) if before else claim


async def _forwarding(tx: Transaction, claim: Claim, remitted: RemittedClaim) -> tuple[str, date | None]:
    """Whether the payer passed the claim on, and when it last did; signals that disagree are for a person."""
    if remitted.reversal or rules.is_supplement(remitted):
        return claim.crossover, claim.forwarded_on
    said = signals(remitted)
    if said.crossover is Crossover.DISAGREEMENT:
        await leave_to_a_person(
            tx,
            claim.client_id,
            claim.session_id,
            "crossover_in_disagreement",
            "Ask the payer whether it forwarded the claim; release or bill the next claim accordingly.",
            claim.role,
            level=level_of(claim.role),
            speaking=list(said.speaking),
            against=list(said.against),
        )
    return said.crossover.value, tx.today if said.crossover is Crossover.FORWARDED else claim.forwarded_on


async def _refusal(
    tx: Transaction, session: Session, claim: Claim, classification: Classification, remitted: RemittedClaim
) -> None:
    """A denial that says nothing about benefits: ask coverage, put it right, or hand it over."""
    if remitted.reversal or claim.state is not State.DENIED:
        return
    remedy = after_denial(classification, claim.tries, claim.role > 1, claim.payer_claim_id)
    await apply(tx, session, claim, remedy, classification)


def _publish(
    tx: Transaction,
    claim: Claim,
    remitted: RemittedClaim,
    header: RemittanceHeader,
    classification: Classification,
    outcome: rules.Post,
    built_on: tuple[dict[str, Any], ...] | None,
) -> None:
    """Publish the posting as the 835 states it."""
    posting = outcome.posting
    said: dict[str, Any] = {
        **named(claim),
        "control": remitted.id[:50],
        "adjudication_id": posting.identity,
        "number": len(claim.postings),
        "payer_claim_id": remitted.payer_claim_id[:80],
        "trace": header.trace[:80],
        "claim_status": remitted.status[:_CODE],
        "adjudicated_on": header.produced_on,
        "charge_cents": remitted.charge_cents,
        "paid_cents": remitted.paid_cents,
        "patient_responsibility_cents": posting.patient_responsibility_cents,
        "lines": tuple(_line(line) for line in remitted.lines),
        "adjustments": _adjustments(remitted.adjustments),
        "remarks": _codes(remitted.remarks),
    }
    if remitted.reversal:
        taken_back = {"reverses": posting.reverses, "also_reverses": posting.also_reverses}
        tx.publish(ClaimReversed.model_validate({**said, **taken_back}))
        return
    said |= {
        "answer": classification.answer.value,
        "decides_benefits": posting.decided,
        "complete": outcome.complete,
        "forwarded": claim.crossover == Crossover.FORWARDED.value,
        "built_on": built_on,
    }
    tx.publish(ClaimAdjudicated.model_validate(said))


def _line(line: RemittedLine) -> dict[str, Any]:
    return {
        "control": line.control[:50],
        "procedure": line.procedure[:_CODE],
        "modifiers": _codes(line.modifiers),
        "charge_cents": line.charge_cents,
        "paid_cents": line.paid_cents,
        "allowed_cents": line.allowed_cents if abs(line.allowed_cents or 0) <= rules.MOST_CENTS else None,
        "adjustments": _adjustments(line.adjustments),
        "remarks": _codes(line.remarks),
    }


def _adjustments(found: tuple[x12.Adjustment, ...]) -> tuple[dict[str, Any], ...]:
    return tuple(
        {"group": one.group[:_CODE], "reason": one.reason[:_CODE], "amount_cents": one.amount_cents} for one in found
    )


def _codes(said: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code[:_CODE] for code in said)
