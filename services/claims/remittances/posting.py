"""Posting a remittance: the rules decide, the claim moves, and everybody hears what the payer said."""

from dataclasses import replace
from datetime import date
from typing import Any

from services.claims.acknowledgments.questioning_coordination import question
from services.claims.acknowledgments.remedy import after_denial
from services.claims.acknowledgments.remedying import apply, hand_over
from services.claims.claim import posted_remittance as rules
from services.claims.claim.claim_changes import known_as, move, named, numbered
from services.claims.claim.claim_state import State
from services.claims.claim.level import MOST_LEVELS, level_name
from services.claims.claim.store import claims_before, claims_of, save_claim, session_of
from services.claims.claim.tables import (
    CLAIMS,
    DECISIONS,
    Claim,
    ControlNumber,
    Decision,
    Session,
    prior_figures,
)
from services.claims.claim.work_queue import leave_to_a_person, take_off
from services.claims.codes.classification import Classification
from services.claims.codes.crossover import Crossover
from services.claims.codes.crossover import crossover as signals
from services.claims.codes.payer_codes import AnswerClass
from services.claims.filing.advancing import advance
from services.claims.filing.correcting import prior_changed
from services.claims.filing.watching import ADJUDICATED_REVIEW, crossover_is_settled
from services.claims.remittances.claim_match import Unmatched
from services.claims.remittances.judging import Judged, judge
from services.claims.remittances.keeping_provider_adjustments import take_off_what_is_explained
from services.claims.remittances.matched_claim import Matched, matched
from services.claims.remittances.unposted import SUGGESTIONS
from services.claims.remittances.waiting_remittances import (
    back_in_their_places,
    cancels_out,
    leave,
    names_what_waits,
    waiting,
)
from shared.events.claims import ClaimAdjudicated, ClaimReversed, RemittanceReceived
from shared.events.types import Level
from shared.runtime.transaction import Transaction
from shared.x12.remittance_835.remittance import RemittedClaim, RemittedLine
from shared.x12.syntax import adjustments as x12

_READ_IT = "The payment is posted and the next payer's claim waits: read the codes, then resolve with --answer."
_CODE = 20
"""How much of a code events carry: no code is as long, and what came stays with the decision."""
_QUESTIONS = (AnswerClass.CLIENT_MUST_CALL, AnswerClass.OTHER_PLAN_FIRST)


async def on_remittance_received(event: RemittanceReceived, tx: Transaction) -> None:
    """Post one claim of an 835 to the claim that it was matched to."""
    await post(matched(event, tx), tx)


async def post(remitted: Matched, tx: Transaction) -> None:
    """Post it, leave it to a person, or do nothing, as the rules say; then look again at what waited for it."""
    remitted = await _where_its_claim_is(remitted, tx)
    if remitted.level > MOST_LEVELS:
        reason = f"unmatched_{Unmatched.FOURTH_PAYER.value}"
        await leave(tx, remitted, reason, SUGGESTIONS[reason], "")
        return
    judged = await judge(remitted, tx)
    if judged is None:
        await leave(tx, remitted, "remittance_of_unsent_claim", "We never sent this claim; look at who billed it.", "")
        return
    match judged.outcome:
        case rules.Ignore():
            return
        case rules.Queue(reason, why):
            if not await _cancels_out(tx, remitted, judged):
                await leave(tx, remitted, reason.value, why, judged.identity)
        case rules.Post() as outcome:
            if names_what_waits(remitted, judged.claim) and await _cancels_out(tx, remitted, judged):
                return
            await _accept(tx, remitted, judged, outcome)
            if not remitted.corrected:
                await _look_again(tx, remitted)
            await _go_on(tx, judged)


async def _cancels_out(tx: Transaction, remitted: Matched, judged: Judged) -> bool:
    cancelled = await cancels_out(tx, remitted, judged.claim, judged.identity)
    if cancelled:
        await take_off_what_is_explained(tx, remitted)
    return cancelled


async def _where_its_claim_is(remitted: Matched, tx: Transaction) -> Matched:
    """The order of plans may have been corrected since the match, and the claim have gone to another place."""
    claim = await tx.one(CLAIMS, remitted.client_id, remitted.session_id, remitted.level)
    if not remitted.plan_id or (claim is not None and claim.plan_id == remitted.plan_id):
        return remitted
    claims = await tx.under(CLAIMS, remitted.client_id, remitted.session_id)
    level = next((claim.level for claim in claims if claim.plan_id == remitted.plan_id), remitted.level)
    return replace(remitted, level=level)


async def post_what_is_back_in_place(tx: Transaction, session: Session) -> None:
    """Coverage has decided anew: post what came for plans that had lost their places and have them again."""
    for item, remitted in await back_in_their_places(tx, session):
        take_off(tx, item, "its plan is one of the first three again: looked at as any other")
        await post(remitted, tx)


async def _go_on(tx: Transaction, judged: Judged) -> None:
    """Do what follows, once all that waited is posted: a payment that is taken back at once sends no claim on."""
    session = await session_of(tx, judged.claim.client_id, judged.claim.session_id)
    await prior_changed(tx, session)
    await advance(tx, session)


async def _accept(tx: Transaction, remitted: Matched, judged: Judged, outcome: rules.Post) -> None:
    if outcome.posting.decided:
        _keep_decision(tx, remitted, judged)
    await _post(tx, judged, outcome)
    await take_off_what_is_explained(tx, remitted)


async def _look_again(tx: Transaction, posted: Matched) -> None:
    """Post what waited for this posting; each may be what another one waits for."""
    claim = await tx.one(CLAIMS, posted.client_id, posted.session_id, posted.level)
    if claim is None or not (claim.remittance_waits or posted.claim.reversal):
        return
    save_claim(tx, replace(claim, remittance_waits=False))
    for item, remitted in await waiting(tx, claim):
        judged = await judge(remitted, tx)
        match None if judged is None else judged.outcome:
            case rules.Post() as outcome:
                assert judged is not None
                take_off(tx, item, "what it waited for has come: posted")
                await _accept(tx, remitted, judged, outcome)
                await _look_again(tx, remitted)
                return
            case rules.Ignore(why):
                take_off(tx, item, why)
            case _:
                fresh = await tx.one(CLAIMS, posted.client_id, posted.session_id, posted.level)
                save_claim(tx, replace(fresh or claim, remittance_waits=True))


def _keep_decision(tx: Transaction, remitted: Matched, judged: Judged) -> None:
    """Keep the decision as it came, without the reader's notes: the next payer's claim carries it."""
    claim = {name: value for name, value in remitted.stated.items() if name != "problems"}
    on = {"produced_on": judged.header.produced_on, "paid_on": judged.header.paid_on}
    header = remitted.payment | {name: day.isoformat() for name, day in on.items() if day is not None}
    tx.add(DECISIONS, Decision(remitted.client_id, remitted.session_id, judged.identity, claim, header))


async def _post(tx: Transaction, judged: Judged, outcome: rules.Post) -> None:
    """Keep the posting, move the claim, and publish it."""
    session, claim, remitted, header = judged.session, judged.claim, judged.remitted, judged.header
    classification = judged.classification
    posting = outcome.posting
    crossover, forwarded_on = await _forwarding(tx, claim, remitted)
    if posting.decided:
        claim = await _as_told(tx, judged)
    claim = await move(
        tx,
        known_as(numbered(claim, _number(claim, posting)), posting.payer_claim_id),
        outcome.cause,
        f"CLP02 {remitted.status} {posting.identity[:12]}",
        postings=(*claim.postings, posting),
        complete=outcome.complete,
        answer=claim.answer if remitted.reversal else classification.answer.value,
        reason=None,
        decided_on=header.produced_on if posting.decided else claim.decided_on,
        crossover=crossover,
        forwarded_on=forwarded_on,
    )
    built_on = await _built_on(tx, judged)
    _publish(tx, claim, judged, outcome, built_on)
    if remitted.reversal or not posting.decided:
        await _refusal(tx, session, claim, classification, remitted)
    elif classification.answer in _QUESTIONS:
        question(tx, session, claim, classification)
    elif classification.answer is AnswerClass.REVIEW:
        await hand_over(tx, claim, ADJUDICATED_REVIEW, f"{classification.why} {_READ_IT}", classification)


def _number(claim: Claim, posting: rules.Posting) -> str:
    """The number by which the payer knows the claim once `posting` is posted, and which a replacement names.

    A reversal gives none: where it takes back what bears the claim's number, an answer that still stands does.
    """
    if posting.reverses is None:
        return posting.payer_claim_id or claim.payer_claim_id
    gone = {earlier.payer_claim_id for earlier in claim.postings if earlier.identity in posting.taken_back}
    stands = [earlier.payer_claim_id for earlier in rules.standing_postings((*claim.postings, posting))]
    return stands[-1] if stands and claim.payer_claim_id in gone else claim.payer_claim_id


async def _built_on(tx: Transaction, judged: Judged) -> tuple[dict[str, Any], ...] | None:
    """The decisions that the answered claim carried; a claim that another payer forwarded carries that payer's."""
    claims, answered = await claims_of(tx, judged.session), judged.answered
    if answered is None or answered.level != judged.claim.level:
        before = [claim for claim in claims if claim.level < judged.claim.level]
        known = tuple(figures for claim in before if (figures := prior_figures(claim)) is not None)
    elif answered.built_on is None:
        return None
    else:
        known = answered.built_on
    levels = {claim.plan_id: level_name(claim.level) for claim in claims}
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


async def _as_told(tx: Transaction, judged: Judged) -> Claim:
    """The claim with the figures by which its payer has decided, where another payer passed it on."""
    session, claim, answered = judged.session, judged.claim, judged.answered
    if claim.sent_on is None:
        await crossover_is_settled(tx, claim)
    elif answered is None or answered.level == claim.level:
        return claim
    before = [earlier for earlier in await claims_before(tx, session, claim) if earlier.postings]
    then = await _before_it_then(tx, judged)
    if then is not None and [earlier.plan_id for earlier in then] != [earlier.plan_id for earlier in before]:
        # It was passed on in an order that has been corrected since.
        told, told_by = tuple(earlier.figures for earlier in then), tuple(earlier.plan_id for earlier in then)
        return replace(claim, told=told, told_by=told_by)
    return claim.telling_of(before[-1]) if before and claim.sent_on is None else claim


async def _before_it_then(tx: Transaction, judged: Judged) -> list[Claim] | None:
    """The claims to the plans that came before, by the order of the submission that is answered; None: not known."""
    claim, answered = judged.claim, judged.answered
    if answered is None or answered.plan_order is None or claim.plan_id not in answered.plan_order:
        return None
    earlier = answered.plan_order[: answered.plan_order.index(claim.plan_id)]
    claims = {other.plan_id: other for other in await claims_of(tx, judged.session) if other.postings}
    return [claims[plan_id] for plan_id in earlier if plan_id in claims]


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
            claim.level,
            level=level_name(claim.level),
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
    remedy = after_denial(classification, claim.tries, claim.level > 1, claim.payer_claim_id)
    await apply(tx, session, claim, remedy, classification)


def _publish(
    tx: Transaction,
    claim: Claim,
    judged: Judged,
    outcome: rules.Post,
    built_on: tuple[dict[str, Any], ...] | None,
) -> None:
    """Publish the posting as the 835 states it."""
    posting, remitted, header = outcome.posting, judged.remitted, judged.header
    said: dict[str, Any] = {
        **named(claim),
        "control": remitted.id[:50],
        "adjudication_id": posting.identity,
        "number": len(claim.postings),
        "sent_level": _sent_level(claim, judged.answered),
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
        "answer": judged.classification.answer.value,
        "decides_benefits": posting.decided,
        "complete": outcome.complete,
        "forwarded": claim.crossover == Crossover.FORWARDED.value,
        "built_on": built_on,
    }
    tx.publish(ClaimAdjudicated.model_validate(said))


def _sent_level(claim: Claim, answered: ControlNumber | None) -> Level | None:
    """The place in which its payer got the claim, where we sent it ourselves and kept the order of that day."""
    if answered is None or answered.level != claim.level or answered.plan_order is None:
        return None
    return level_name(answered.plan_order.index(claim.plan_id) + 1) if claim.plan_id in answered.plan_order else None


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


def _adjustments(adjustments: tuple[x12.Adjustment, ...]) -> tuple[dict[str, Any], ...]:
    return tuple(
        {
            "group": adjustment.group[:_CODE],
            "reason": adjustment.reason[:_CODE],
            "amount_cents": adjustment.amount_cents,
        }
        for adjustment in adjustments
    )


def _codes(said: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code[:_CODE] for code in said)
