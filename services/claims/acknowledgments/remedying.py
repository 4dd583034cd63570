"""Doing what the remedy for a refused claim says: by machine where it can be, else a person hears of it."""

from datetime import timedelta
from typing import Any

from services.claims.acknowledgments.insured_corrected import WHY, goes_again_corrected
from services.claims.acknowledgments.questioning_coordination import question
from services.claims.acknowledgments.remedy import Action, Remedy
from services.claims.claim.claim_changes import frequency_of_refused
from services.claims.claim.level import level_name
from services.claims.claim.store import sessions_alike
from services.claims.claim.tables import Claim, Session
from services.claims.claim.work_queue import leave_to_a_person
from services.claims.codes.classification import Classification
from services.claims.filing.correcting import send_again
from shared.runtime.transaction import Transaction

_MAY_COME_OF_THE_INSURED = (Action.CHECK_ELIGIBILITY, Action.HAND_OVER)
_RESEND_LATER = timedelta(days=7)


async def apply(
    tx: Transaction, session: Session, claim: Claim, remedy: Remedy, classification: Classification | None
) -> None:
    """Do what `remedy` says about a refused claim, by machine where it can be, else a person hears of it.

    What may come of the insured's details, and states others than the client does now, goes again with these first.
    """
    if (
        remedy.action in _MAY_COME_OF_THE_INSURED
        and classification is not None
        and await goes_again_corrected(tx, claim)
    ):
        remedy = Remedy(Action.REBUILD_AND_RESEND, WHY, frequency_of_refused(claim))
    state = claim.state.value
    answer = "syntax" if classification is None else classification.answer.value
    match remedy.action:
        case Action.REBUILD_AND_RESEND:
            await send_again(tx, session, claim, remedy.frequency or "1", remedy.why)
        case Action.RESEND_WHEN_FINAL:
            subject, due = claim.subject, tx.now + _RESEND_LATER
            tx.schedule(
                "resend", claim.client_id, subject, due, frequency=remedy.frequency, submission=claim.submission
            )
        case Action.ASK_COVERAGE if classification is not None:
            question(tx, session, claim, classification)
        case Action.CHECK_ELIGIBILITY if classification is not None:
            question(tx, session, claim, classification)
            await hand_over(tx, claim, f"{state}_{answer}", f"Check eligibility: {remedy.why}", classification)
        case Action.AWAIT_OTHER_REMITTANCE:
            await _name_the_other_session(tx, claim, classification)
        case Action.APPEAL_OR_WRITE_OFF:
            why = f"Appeal with the proof of timely filing, or write it off: {remedy.why}"
            await hand_over(tx, claim, f"{state}_{answer}", why, classification)
        case _:
            await hand_over(tx, claim, f"{state}_{answer}", remedy.why, classification)


async def _name_the_other_session(tx: Transaction, claim: Claim, classification: Classification | None) -> None:
    """A payer takes the second session of a day for a copy of the first; else the other claim's remittance comes."""
    others = await sessions_alike(tx.connection, claim)
    if not others:
        return
    why = (
        f"The payer takes it for a duplicate of our session {', '.join(others)} of the same day. Where both took place"
        f" send it again with modifier 59 (distinct service) or 76 (repeated by the same provider)."
    )
    await hand_over(tx, claim, f"{claim.state.value}_duplicate", why, classification, sessions=others)


async def hand_over(
    tx: Transaction, claim: Claim, reason: str, why: str, classification: Classification | None, **evidence: Any
) -> None:
    """Leave a refused claim to a person, with the payer's codes; once for each submission and reason."""
    codes = [] if classification is None else [f"{code.system} {code.code}" for code in classification.codes]
    await leave_to_a_person(
        tx,
        claim.client_id,
        claim.session_id,
        reason,
        why,
        claim.level,
        claim.submission,
        level=level_name(claim.level),
        control=claim.control,
        codes=codes,
        **evidence,
    )
