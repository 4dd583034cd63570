"""A claim goes out: it is built from the facts as they stand, numbered, sent and remembered."""

from dataclasses import replace
from datetime import timedelta
from typing import Literal

from services.claims.claim.claim_changes import move, named
from services.claims.claim.claim_state import Cause
from services.claims.claim.control_number import key, taken_apart
from services.claims.claim.kept_interchanges import keep_sent
from services.claims.claim.store import (
    claims_before,
    client_of,
    document_of,
    lines_on_file,
    next_interchange,
    session_of,
    standing_decisions,
)
from services.claims.claim.tables import (
    CONTROL_NUMBERS,
    DOCUMENTS,
    Claim,
    ControlNumber,
    Document,
    Session,
    prior_figures,
)
from services.claims.filing import professional_claim as documents
from services.claims.filing.claim_facts import (
    parties,
    patient_of,
    plan_facts,
    session_facts,
)
from services.claims.filing.watching_deadlines import no_longer_to_be_filed
from services.claims.settings import policy
from shared.events.claims import ClaimSubmitted
from shared.events.topics import PAYERS_OUTBOUND
from shared.runtime import interchange
from shared.runtime.transaction import Transaction
from shared.x12.claim_837.claim import ProfessionalClaim
from shared.x12.claim_837.writer import write_claims
from shared.x12.next_payer.next_claim import Refusal
from shared.x12.syntax.envelope_writer import Envelope

_FREQUENCIES: dict[str, Literal["1", "7", "8"]] = {"1": "1", "7": "7", "8": "8"}


async def build(
    tx: Transaction, session: Session, claim: Claim, prior: Claim | None, submission: int
) -> ProfessionalClaim | Refusal:
    """The 837P of a claim from the facts as they stand, as an original under the number of `submission`.

    Raises FactsAwaitedError, UnbillableSessionError.
    """
    assert session.cleared is not None
    assert session.confirmed is not None
    on = session.cleared.date_of_service
    plans = [await plan_facts(tx, session.client_id, plan, on) for plan in session.cleared.named]
    client = await client_of(tx, session.client_id)
    if prior is None:
        who = await parties(tx, client, session.cleared.provider_id)
        return documents.first_claim(session_facts(session.confirmed), who, plans, session.base, submission)
    original = await _decided_by(tx, session, prior)
    if isinstance(original, Refusal):
        return original
    patient = client.details and patient_of(client.details)
    place = next((place for place, plan in enumerate(plans) if plan.plan_id == prior.plan_id), None)
    if place is not None:
        original = documents.naming(original, plans, place, patient)
    decisions = await standing_decisions(tx, prior)
    if not decisions:
        return Refusal("prior_not_adjudicated", "no decision of the payer before stands")
    following = documents.later_claim(
        original,
        [claim for claim, _ in decisions],
        decisions[-1][1],
        session.base,
        submission,
        # Whether it was forwarded is settled before a claim is sent: the patience is over, or a person has asked.
        despite_forwarding=True,
    )
    return following if isinstance(following, Refusal) else documents.of_patient(following, patient)


async def _decided_by(tx: Transaction, session: Session, prior: Claim) -> ProfessionalClaim | Refusal:
    """The claim that the payer before has decided, as an original.

    Of one that another payer passed on we hold no copy: it is built as we would have sent it.
    """
    earlier = await claims_before(tx, session, prior)
    if prior.sent_on is None and earlier:
        return await build(tx, session, prior, earlier[-1], prior.submission + 1)
    return replace(await document_of(tx, prior), frequency="1", original_claim_id="")


async def submit(
    tx: Transaction, claim: Claim, document: ProfessionalClaim, cause: Cause, prior: Claim | None
) -> Claim:
    """Send `document`; the claim is with the payer from now on."""
    if claim.submission:
        document = await under_an_unused_number(tx, claim, document)
    number = await next_interchange(tx)
    value = write_claims([document], envelope(tx, number))
    _dispatch(tx, claim.payer_id, value, number)
    keep_sent(tx, claim.payer_id, number, value, document.id)
    session = await session_of(tx, claim.client_id, claim.session_id)
    tx.save(CONTROL_NUMBERS, await _submission(tx, session, claim, document, number))
    tx.save(DOCUMENTS, Document(claim.client_id, claim.session_id, document.id, document))
    claim = replace(
        claim,
        reason="sent",
        service_on=document.lines[0].service_from or claim.service_on,
        charge_cents=document.charge_cents,
        details_corrected=False,
        submission=_submission_of(document),
        control=document.id,
        responsibility=document.responsibility,
        lines=lines_on_file(document),
        sent_on=tx.today,
        answer=None,
        tries=claim.tries if claim.submission else 0,
        asked=0,
        asked_on=None,
    ).telling_of(prior)
    claim = await move(tx, claim, cause, f"{document.id} frequency {document.frequency}")
    await no_longer_to_be_filed(tx, session, claim, "it was sent")
    silence = timedelta(days=policy().unacknowledged_days)
    tx.schedule("chase", claim.client_id, claim.subject, tx.now + silence)
    tx.publish(
        ClaimSubmitted(
            **named(claim),
            frequency=_FREQUENCIES[document.frequency],
            charge_cents=document.charge_cents,
            date_of_service=claim.service_on,
            submitted_on=tx.today,
        )
    )
    return claim


async def _submission(
    tx: Transaction, session: Session, claim: Claim, document: ProfessionalClaim, interchange: int
) -> ControlNumber:
    """The submission as it is remembered: an answer to it is judged by the order and the figures that it carried."""
    before = await claims_before(tx, session, claim)
    return ControlNumber(
        client_id=claim.client_id,
        session_id=claim.session_id,
        level=claim.level,
        control=document.id,
        key=key(document.id),
        interchange=interchange,
        frequency=document.frequency,
        plan_order=None if session.cleared is None else tuple(plan.plan_id for plan in session.cleared.plans),
        built_on=tuple(figures for prior in before if (figures := prior_figures(prior)) is not None),
    )


async def under_an_unused_number(tx: Transaction, claim: Claim, document: ProfessionalClaim) -> ProfessionalClaim:
    """Claims that changed places share a level's letter, so the next number may be another's already."""
    while await tx.one(CONTROL_NUMBERS, claim.client_id, claim.session_id, document.id) is not None:
        stem = document.id.rstrip("0123456789")
        document = replace(document, id=f"{stem}{_submission_of(document) + 1}")
    return document


def _submission_of(document: ProfessionalClaim) -> int:
    """Which submission a claim's control number stands for, from 1."""
    number = taken_apart(document.id)
    assert number is not None, "our own control numbers have three parts"
    return number.submission


def envelope(tx: Transaction, number: int) -> Envelope:
    """The envelope of an interchange of ours."""
    who = policy()
    return Envelope(
        who.submitter_id,
        who.receiver_id,
        number,
        tx.now,
        submitter_name=who.billing_name,
        group_sender_id=who.group_sender_id,
        group_receiver_id=who.group_receiver_id,
        submitter_id=who.claim_submitter_id,
        claim_receiver_id=who.claim_receiver_id,
    )


def _dispatch(tx: Transaction, payer_id: str, value: bytes, number: int) -> None:
    topic = PAYERS_OUTBOUND.name
    tx.send(interchange.outgoing(topic, payer_id=payer_id, control=f"{number:09}", value=value, source="/claims"))
