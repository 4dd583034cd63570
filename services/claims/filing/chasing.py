"""Asking a payer what became of a claim: the 276."""

from dataclasses import replace

from services.claims.claim.kept_interchanges import keep_sent
from services.claims.claim.store import document_of, next_interchange
from services.claims.claim.tables import CONTROL_NUMBERS, Claim, Session
from services.claims.filing.submitting import envelope
from shared.events.topics import PAYERS_OUTBOUND
from shared.runtime import interchange
from shared.runtime.transaction import Transaction
from shared.x12.claim_837.claim import SELF, ProfessionalClaim
from shared.x12.claim_status_277.status import StatusInquiry
from shared.x12.claim_status_277.writer import write_status_inquiries
from shared.x12.syntax.parties import Party, Person, Provider


async def ask(tx: Transaction, session: Session, claim: Claim) -> None:
    """Send a 276 about the claim as it last went out.

    It goes behind the interchange that carried the claim, under that one's key. Read before it, the payer would know
    no such claim (D0), and we would send it a second time.
    """
    document = await document_of(tx, claim)
    sent = await tx.one(CONTROL_NUMBERS, claim.client_id, claim.session_id, claim.control)
    assert sent is not None, "a claim that is asked about was sent"
    number = await next_interchange(tx)
    value = write_status_inquiries([inquiry(claim, document)], envelope(tx, number))
    keep_sent(tx, claim.payer_id, number, value, claim.control)
    topic = PAYERS_OUTBOUND.name
    asking = interchange.outgoing(topic, payer_id=claim.payer_id, control=f"{number:09}", value=value, source="/claims")
    tx.send(replace(asking, key=interchange.key(claim.payer_id, f"{sent.interchange:09}")))


def inquiry(claim: Claim, document: ProfessionalClaim) -> StatusInquiry:
    """The question about one claim, under its own control number, so that the 277 finds it."""
    holder, patient = document.subscriber.person, document.patient
    dependent = patient if document.relation != SELF else None
    return StatusInquiry(
        id=document.id,
        payer=Party(document.payer.name, id=document.payer.id, id_kind=document.payer.id_kind),
        receiver=_organisation(document.billing),
        provider=_organisation(document.billing),
        subscriber=Party(holder.last_name, holder.first_name, document.subscriber.member_id, "MI"),
        birth_date=holder.birth_date,
        sex=holder.sex,
        dependent=None if dependent is None else _named(dependent),
        dependent_birth_date=None if dependent is None else dependent.birth_date,
        payer_claim_id=claim.payer_claim_id,
        charge_cents=document.charge_cents,
        service_from=claim.service_on,
    )


def _organisation(provider: Provider) -> Party:
    return Party(provider.name, provider.first_name, provider.npi, "XX")


def _named(person: Person) -> Party:
    return Party(person.last_name, person.first_name)
