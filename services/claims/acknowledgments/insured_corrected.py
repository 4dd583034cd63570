"""A payer refused a claim that states the patient or the insured otherwise than the client does now: it goes again.

What the payer has judged is no longer true. The usual case is a member id that was misread from a card.
"""

from services.claims.acknowledgments.remedy import AUTOMATIC_TRIES
from services.claims.claim.claim_changes import frequency_of_refused
from services.claims.claim.claim_state import State
from services.claims.claim.store import client_of, document_of, session_of
from services.claims.claim.tables import CLAIMS, PLANS, Claim
from services.claims.claim.work_queue import is_about_a_refusal, open_items, take_off
from services.claims.codes.payer_codes import AnswerClass
from services.claims.filing.claim_facts import patient_of, subscriber_of
from services.claims.filing.correcting import send_again
from services.claims.filing.professional_claim import insured
from shared.runtime.transaction import Transaction
from shared.x12.claim_837.claim import Person, Subscriber

WHY = "what it states of the insured has been corrected since"
_MAY_COME_OF_IT = [AnswerClass.NOT_COVERED, AnswerClass.FIX_AND_RESEND, AnswerClass.REVIEW]
"""Answers that a wrong name, birth date or member id may explain."""


async def goes_again_corrected(tx: Transaction, claim: Claim) -> bool:
    """Whether a refused claim is sent again because the client has corrected what it states of the insured."""
    plan = await tx.one(PLANS, claim.client_id, claim.plan_id)
    details = (await client_of(tx, claim.client_id)).details
    if plan is None or details is None or claim.sent_on is None or claim.tries >= AUTOMATIC_TRIES:
        return False
    sent, patient = await document_of(tx, claim), patient_of(details)
    member = insured(plan.plan.subscriber.relation, subscriber_of(plan.plan, claim.service_on), patient)
    return _stated(sent.subscriber, sent.patient_person) != _stated(member, patient)


def _stated(member: Subscriber, patient: Person) -> tuple[object, ...]:
    """By what a payer finds its member."""
    people = (member.person, patient)
    return member.member_id, *((person.last_name, person.first_name, person.birth_date) for person in people)


async def send_refused_again(tx: Transaction, client_id: str) -> None:
    """The client's details or plans were stated anew: what was refused with the former ones goes again."""
    refused = "client_id = $1 and state = any($2::text[]) and answer = any($3::text[])"
    for claim in await tx.find(CLAIMS, refused, client_id, [State.DENIED, State.REJECTED], _MAY_COME_OF_IT):
        session = await session_of(tx, client_id, claim.session_id)
        if session.cancelled or not await goes_again_corrected(tx, claim):
            continue
        for item in await open_items(tx, claim):
            if is_about_a_refusal(item):
                take_off(tx, item, f"sent again: {WHY}")
        await send_again(tx, session, claim, frequency_of_refused(claim), WHY)
