"""One claim of an 835 on its way to the claim of ours that it answers: as records here, as a fact on the topic."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from services.claims.claim.level import level_name, level_number
from services.claims.claim.statements import CLAIM, HEADER
from shared.events.claims import MatchedBy, RemittanceReceived
from shared.runtime.transaction import Transaction
from shared.x12.remittance_835.remittance import RemittanceHeader, RemittedClaim


@dataclass(frozen=True, slots=True)
class Matched:
    """One claim of an 835, and the claim of ours (client, session, payer level) that it was matched to.

    `plan_id` is that claim's, "" where it is not known: its place may be another by the time of posting.
    `match`, `confidence`, `payer_id` and `corrected` are as in the fact that it may become; `stated` and `payment` are
    `claim` and `header` as JSON.
    """

    client_id: str
    session_id: str
    level: int
    match: MatchedBy
    confidence: int
    payer_id: str
    occurrence: int
    received_on: date
    claim: RemittedClaim
    header: RemittanceHeader
    stated: dict[str, Any]
    payment: dict[str, Any]
    corrected: bool = False
    plan_id: str = ""


def as_fact(remitted: Matched) -> RemittanceReceived:
    """The fact that goes round by the topic."""
    return RemittanceReceived(
        client_id=remitted.client_id,
        session_id=remitted.session_id,
        level=level_name(remitted.level),
        plan_id=remitted.plan_id or None,
        match=remitted.match,
        confidence=remitted.confidence,
        payer_id=remitted.payer_id,
        occurrence=remitted.occurrence,
        received_on=remitted.received_on,
        claim=remitted.stated,
        header=remitted.payment,
        corrected=remitted.corrected,
    )


def matched(event: RemittanceReceived, tx: Transaction) -> Matched:
    """The fact with its records read."""
    return Matched(
        client_id=event.client_id,
        session_id=event.session_id,
        level=level_number(event.level),
        match=event.match,
        confidence=event.confidence,
        payer_id=event.payer_id,
        occurrence=event.occurrence,
        received_on=event.received_on,
        claim=CLAIM.validate_python(event.claim),
        header=_header(tx, event),
        stated=event.claim,
        payment=event.header,
        corrected=event.corrected,
        plan_id=event.plan_id or "",
    )


def _header(tx: Transaction, event: RemittanceReceived) -> RemittanceHeader:
    """The payment that the claim is part of: the facts of one 835 come together and share it."""
    said, header = tx.notes.get("header", (None, None))
    if header is None or said != event.header:
        header = HEADER.validate_python(event.header)
        tx.notes["header"] = (event.header, header)
    return header
