"""Finding our claims by what an 835, a 277 or a 999 states of them, thousands in one statement."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from services.claims.claim import control_number
from services.claims.claim.tables import CLAIMS, CLIENTS, CONTROL_NUMBERS, DOCUMENTS, PLANS, ControlNumber
from services.claims.remittances.claim_match import ClaimOnFile
from shared.database.postgres import Connection
from shared.runtime.rows import fetch
from shared.sealing.carrying_keys import keys_of
from shared.sealing.data_keys import DataKeys
from shared.x12.claim_837.claim import ProfessionalClaim
from shared.x12.remittance_835.remittance import RemittedClaim

_PAYER_CLAIM_KEY = "ltrim(upper(regexp_replace(payer_claim_id, '[^A-Za-z0-9]', '', 'g')), '0')"
"""`control_number.key` of the payer's number, as an index of claims has it."""

_ON_FILE = (
    "select c.client_id, c.session_id, c.role, c.plan_id, c.control, c.payer_id, c.payer_claim_id,"
    " c.other_payer_keys, c.service_on, c.charge_cents, c.lines, k.details, p.plan,"
    " case when k.details is null or p.plan is null then (select document"
    " from documents d where d.client_id = c.client_id and d.session_id = c.session_id and d.control = c.control)"
    " end as document,"
    " (select coalesce(array_agg(control), '{}') from control_numbers n where n.client_id = c.client_id"
    "  and n.session_id = c.session_id and n.role = c.role) as controls"
    " from claims c left join clients k on k.client_id = c.client_id"
    " left join plans p on p.client_id = c.client_id and p.plan_id = c.plan_id where (c.client_id, c.session_id) in ("
)


async def numbered(connection: Connection, payer_id: str, claims: Sequence[RemittedClaim]) -> list[ClaimOnFile]:
    """Our claims that share a control number, or this payer's claim number, with one of the remitted."""
    records = await connection.fetch(
        _ON_FILE + "select client_id, session_id from control_numbers where key = any($1::text[])"
        f" union select client_id, session_id from claims where payer_id = $2 and payer_claim_id <> ''"
        f" and {_PAYER_CLAIM_KEY} = any($3::text[])"
        " union select client_id, session_id from claims"
        " where payer_id = $2 and other_payer_keys <> '[]' and other_payer_keys ?| $3::text[])",
        [control_number.key(claim.id) for claim in claims],
        payer_id,
        [key for claim in claims if (key := control_number.key(claim.payer_claim_id))],
    )
    return [_claim_on_file(record, keys_of(connection)) for record in records]


async def of_their_days(connection: Connection, claims: Sequence[RemittedClaim]) -> list[ClaimOnFile]:
    """Our claims of the same day and charge as one of the remitted, whose numbers were lost."""
    records = await connection.fetch(
        _ON_FILE + "select client_id, session_id from claims"
        " join unnest($1::date[], $2::bigint[]) as said (day, cents) on (service_on, charge_cents) = (day, cents))",
        *_days_and_charges(claims),
    )
    return [_claim_on_file(record, keys_of(connection)) for record in records]


async def as_sent(connection: Connection, claims: Sequence[ClaimOnFile], control: str) -> list[ClaimOnFile]:
    """The claims with the patient, the member ids and the charge of the submission `control`, where it is theirs.

    A payer answers what it was sent, whatever was corrected since; another payer to whom it was forwarded does, too.
    """
    records = await connection.fetch(
        "select d.client_id, d.session_id, d.control, d.document from documents d"
        " join control_numbers n using (client_id, session_id, control) where n.key = $1",
        control_number.key(control),
    )
    keys, documents = keys_of(connection), dict[tuple[str, str], ProfessionalClaim]()
    for record in records:
        of = (record["client_id"], record["session_id"], record["control"])
        documents[of[:2]] = DOCUMENTS.decode("document", record["document"], of, keys)
    return [_as_in(documents.get((claim.client_id, claim.session_id)), claim) for claim in claims]


def _as_in(document: ProfessionalClaim | None, claim: ClaimOnFile) -> ClaimOnFile:
    if document is None:
        return claim
    members = {other.payer.id: other.subscriber.member_id for other in document.other_payers}
    members[document.payer.id] = document.subscriber.member_id
    return replace(
        claim,
        patient_last_name=document.patient_person.last_name,
        patient_first_name=document.patient_person.first_name,
        member_id=members.get(claim.payer_id, claim.member_id),
        charge_cents=document.charge_cents,
    )


def _days_and_charges(claims: Sequence[RemittedClaim]) -> tuple[list[date], list[int]]:
    """The dates and charges of remitted claims, for those whose number was lost."""
    pairs = {
        (day, abs(claim.charge_cents))
        for claim in claims
        for day in (claim.service_from, *(line.service_from for line in claim.lines))
        if day is not None
    }
    return [pair[0] for pair in sorted(pairs)], [pair[1] for pair in sorted(pairs)]


def _claim_on_file(record: Any, keys: DataKeys) -> ClaimOnFile:
    """The claim with the patient's name and member id: as stated last, or as sent where the client was forgotten."""
    client_id, session_id = record["client_id"], record["session_id"]
    details = CLIENTS.decode("details", record["details"], (client_id,), keys)
    plan = PLANS.decode("plan", record["plan"], (client_id, record["plan_id"]), keys)
    sent = DOCUMENTS.decode("document", record["document"], (client_id, session_id, record["control"]), keys)
    person = details or (sent and sent.patient_person)
    member_id = plan.member_id if plan is not None else sent.subscriber.member_id if sent is not None else ""
    return ClaimOnFile(
        client_id=client_id,
        session_id=session_id,
        level=record["role"],
        controls=tuple(record["controls"]),
        payer_id=record["payer_id"],
        patient_last_name=person.last_name if person is not None else "",
        patient_first_name=person.first_name if person is not None else "",
        member_id=member_id or "",
        service_on=record["service_on"],
        charge_cents=record["charge_cents"],
        payer_claim_id=record["payer_claim_id"],
        lines=CLAIMS.decode("lines", record["lines"]),
        other_payer_keys=CLAIMS.decode("other_payer_keys", record["other_payer_keys"]),
        plan_id=record["plan_id"],
    )


async def sent_as(connection: Connection, keys: Sequence[str]) -> dict[str, ControlNumber]:
    """Which claims went out under these control numbers, by key."""
    return {row.key: row for row in await fetch(connection, CONTROL_NUMBERS, "where key = any($1::text[])", list(keys))}


async def sent_with(connection: Connection, interchanges: Sequence[int]) -> list[ControlNumber]:
    """Which claims went out with these interchanges."""
    return await fetch(connection, CONTROL_NUMBERS, "where interchange = any($1::bigint[])", list(interchanges))
