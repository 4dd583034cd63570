"""What a 999, 277CA or 277 does: the claim moves, coverage is asked, the claim is put right or left to a person.

It never pauses an account and never settles a cost: the first is coverage's, the second follows from an 835 alone.
"""

from dataclasses import replace

from services.claims.acknowledgments.acknowledgment import Acknowledged, acknowledge
from services.claims.acknowledgments.questioning_coordination import our_side, question
from services.claims.acknowledgments.remedy import after_not_found, after_rejection, after_syntax_rejection
from services.claims.acknowledgments.remedying import apply, hand_over
from services.claims.claim.claim_changes import known_as, move, named, numbered
from services.claims.claim.claim_state import Cause, State
from services.claims.claim.statements import REPORT
from services.claims.claim.store import save_claim, session_of
from services.claims.claim.tables import CLAIMS, CONTROL_NUMBERS, Claim, ControlNumber, Session
from services.claims.codes.classification import Classification
from services.claims.codes.payer_codes import AnswerClass
from services.claims.filing.advancing import advance
from services.claims.filing.correcting import DISPUTED, put_right
from services.claims.filing.watching import watch
from shared import log
from shared.events.claims import AcknowledgmentReceived, ClaimRejected
from shared.runtime.transaction import Transaction

_MOST_CODES = 20


async def on_acknowledgment_received(event: AcknowledgmentReceived, tx: Transaction) -> None:
    """Take one acknowledgment of one claim; what it says of an earlier submission is history."""
    session = await session_of(tx, event.client_id, event.session_id)
    sent = await tx.one(CONTROL_NUMBERS, event.client_id, event.session_id, event.control)
    claim = sent and await tx.one(CLAIMS, event.client_id, event.session_id, sent.level)
    if claim is None or claim.control != event.control:
        if claim is not None and event.report is not None:
            save_claim(tx, known_as(claim, REPORT.validate_python(event.report).payer_claim_id))
        log.get().info("acknowledgment of an earlier submission", session_id=event.session_id, set=event.set)
        return
    if event.report is None:
        await _syntax(tx, session, claim, accepted=event.accepted is not False)
    else:
        await _status(tx, session, claim, sent, event)


async def _syntax(tx: Transaction, session: Session, claim: Claim, *, accepted: bool) -> None:
    """A 999: the set was taken, or never received at all."""
    if accepted:
        await move(tx, claim, Cause.SYNTAX_ACCEPTED)
        return
    before, claim = claim.state, await move(tx, claim, Cause.SYNTAX_REJECTED)
    if claim.state is State.REJECTED and before is not State.REJECTED:
        await _rejected(tx, claim, "review", (), "999")
        await apply(tx, session, claim, after_syntax_rejection(claim.tries), None)


async def _status(
    tx: Transaction, session: Session, claim: Claim, sent: ControlNumber | None, event: AcknowledgmentReceived
) -> None:
    """A 277CA or 277: the payer has it, will not have it, or is thinking about it."""
    report = REPORT.validate_python(event.report)
    said = acknowledge(report, our_side(session, claim, sent))
    if report.payer_claim_id and said.cause is not Cause.REFUSED:
        claim = numbered(claim, report.payer_claim_id)
        save_claim(tx, claim)
    if said.cause is None:
        await _unanswered(tx, claim, said.classification)
        return
    if said.not_found and event.set == "277" and not claim.asked:
        log.get().info("not found, and accepted since we asked", session_id=claim.session_id)
        return
    before = claim
    if said.cause is Cause.ACCEPTED:
        claim = replace(claim, asked=0, asked_on=None)
    claim = await move(tx, claim, said.cause, _codes(said) if said.cause in (Cause.REFUSED, Cause.PENDED) else "")
    if claim.state is State.REJECTED and before.state is not State.REJECTED:
        await _refused(tx, session, claim, said)
    elif claim.state is State.PENDING:
        await _pended(tx, session, claim, said.classification)
    if claim.payer_claim_id:
        await put_right(tx, session)
        await advance(tx, session)


def _codes(said: Acknowledged) -> str:
    return " ".join(dict.fromkeys(f"{code.system} {code.code}" for code in said.classification.codes))


async def _refused(tx: Transaction, session: Session, claim: Claim, said: Acknowledged) -> None:
    """Never adjudicated: say so, and do what can be done about it."""
    classification = said.classification
    claim = replace(claim, answer=classification.answer.value)
    save_claim(tx, claim)
    codes = tuple(dict.fromkeys(code.code[:20] for code in classification.codes))[:_MOST_CODES]
    await _rejected(tx, claim, classification.answer.value, codes, classification.why)
    if said.not_found and classification.answer.value not in DISPUTED:
        remedy = after_not_found(claim.tries)
    else:
        remedy = after_rejection(classification, claim.tries, claim.level > 1)
    await apply(tx, session, claim, remedy, classification)


async def _rejected(tx: Transaction, claim: Claim, answer: str, codes: tuple[str, ...], detail: str) -> None:
    tx.publish(
        ClaimRejected.model_validate(
            {
                **named(claim),
                "answer": answer,
                "codes": codes,
                "detail": detail[:2000],
            }
        )
    )
    await watch(tx, claim)


async def _pended(tx: Transaction, session: Session, claim: Claim, classification: Classification) -> None:
    """In the payer's hands, or waiting for information; what is about coordination goes to coverage once."""
    answer = classification.answer.value
    if claim.answer == answer:
        return
    save_claim(tx, replace(claim, answer=answer))
    if answer in DISPUTED:
        question(tx, session, claim, classification)
    elif classification.answer in (AnswerClass.REVIEW, AnswerClass.FIX_AND_RESEND):
        await hand_over(tx, claim, f"pended_{answer}", classification.why, classification)


async def _unanswered(tx: Transaction, claim: Claim, classification: Classification) -> None:
    """E0 to E4: the payer could not take our question. It is asked again by the chase, so nothing is lost."""
    log.get().info("status inquiry not answered", session_id=claim.session_id, count=len(classification.codes))
