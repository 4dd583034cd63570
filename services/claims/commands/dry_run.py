"""`dry-run FILE.835`: what posting a remittance would do. The real handlers run, and everything is rolled back."""

import argparse
from collections import Counter
from hashlib import sha256
from typing import Any

from services.claims.claim.store import prefetch
from services.claims.claim.tables import WORK_QUEUE
from services.claims.commands.operator_session import answer
from services.claims.interchanges.receiving import split_by_topic
from shared import clock
from shared.commands.command import file_argument, read_bytes, refused
from shared.database.postgres import Connection
from shared.events import envelope
from shared.events.claims import (
    ClaimAdjudicated,
    ClaimReversed,
    ClaimSubmitted,
    CoordinationQuestioned,
    RemittanceReceived,
    SecondaryWithheld,
)
from shared.events.topics import PAYERS_OUTBOUND
from shared.events.types import Event
from shared.runtime.interchange import Interchange
from shared.runtime.rows import fetch
from shared.runtime.transaction import Cause, Transaction


def run(arguments: argparse.Namespace) -> Any:
    """What posting the file would do. Raises RefusedError: there is no remittance in it."""
    value = read_bytes(arguments.file)
    return answer(lambda connection: tried(connection, value))


async def tried(connection: Connection, value: bytes) -> dict[str, Any]:
    """What the service would do with this 835, read in the database as it stands; nothing is written.

    Raises RefusedError: nothing in it is a remittance.
    """
    identity = sha256(value).hexdigest()
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute("set local lock_timeout = '5s'")
        tx = Transaction(connection, "claims", clock.now())
        tx.caused_by(Cause(f"dry-run:{identity}"))
        opened = await _open_items(connection)
        await split_by_topic(Interchange(f"dry-run-{identity[:9]}", identity, value), tx)
        received = [event for event in _events(tx) if isinstance(event, RemittanceReceived)]
        await tx.rows.flush()
        if not received and await _open_items(connection) == opened:
            raise refused("no_remittance", "there is no claim of a remittance in it")
        await _handled(tx, received)
        await tx.rows.flush()
        waiting = await _new_items(connection, opened)
        return _document(received, _events(tx), waiting)
    finally:
        await transaction.rollback()


async def _handled(tx: Transaction, received: list[RemittanceReceived]) -> None:
    from services.claims.remittances.posting import on_remittance_received

    await prefetch(received, tx)
    for number, event in enumerate(received):
        tx.caused_by(Cause(f"dry-run:{number}"))
        await on_remittance_received(event, tx)


def _events(tx: Transaction) -> list[Event]:
    """What has been published so far; interchanges to payers are left out."""
    events: list[Event] = []
    for outgoing in tx.outgoing:
        if outgoing.topic == PAYERS_OUTBOUND.name:
            continue
        event = envelope.read(outgoing.value, outgoing.headers or _STRUCTURED).event
        if event is not None:
            events.append(event)
    return events


async def _open_items(connection: Connection) -> set[str]:
    return {row["item_id"] for row in await connection.fetch("select item_id from work_queue")}


async def _new_items(connection: Connection, before: set[str]) -> list[dict[str, Any]]:
    where = "where item_id <> all($1::text[]) order by opened_at, item_id"
    items = await fetch(connection, WORK_QUEUE, where, list(before))
    return [{"reason": item.reason, "session_id": item.session_id, "suggestion": item.suggestion} for item in items]


def _document(received: list[RemittanceReceived], events: list[Event], waiting: list[dict[str, Any]]) -> dict[str, Any]:
    """The dry run as JSON; what coverage, settlement and notification would do is what they are expected to."""
    posted = [event for event in events if isinstance(event, ClaimAdjudicated | ClaimReversed)]
    questions = [event for event in events if isinstance(event, CoordinationQuestioned)]
    calls = [event for event in questions if event.answer == "client_must_call"]
    withheld = [event for event in events if isinstance(event, SecondaryWithheld)]
    letters = Counter(_letters(posted, calls, withheld))
    return {
        "dry_run": True,
        "claims": len(received) + sum(1 for item in waiting if item["session_id"] is None),
        "postings": [_posting(event) for event in posted],
        "unchanged": len({event.session_id for event in received} - {event.session_id for event in posted}),
        "sent": [
            {"control": event.control, "level": event.level, "payer_id": event.payer_id, "frequency": event.frequency}
            for event in events
            if isinstance(event, ClaimSubmitted)
        ],
        "withheld": [
            {"session_id": event.session_id, "level": event.level, "reason": event.reason} for event in withheld
        ],
        "pauses": [
            {"client_id": event.client_id, "payer_id": event.payer_id, "codes": list(event.codes)} for event in calls
        ],
        "questions": [
            {"session_id": event.session_id, "answer": event.answer, "codes": list(event.codes)} for event in questions
        ],
        "queue": waiting,
        "letters": [{"letter": letter, "count": count} for letter, count in sorted(letters.items())],
    }


def _posting(event: ClaimAdjudicated | ClaimReversed) -> dict[str, Any]:
    reversal = isinstance(event, ClaimReversed)
    return {
        "control": event.control,
        "session_id": event.session_id,
        "level": event.level,
        "claim_status": event.claim_status,
        "paid_cents": event.paid_cents,
        "patient_responsibility_cents": event.patient_responsibility_cents,
        "answer": "reversal" if reversal else event.answer,
        "decides_benefits": False if reversal else event.decides_benefits,
    }


def _letters(
    posted: list[ClaimAdjudicated | ClaimReversed],
    calls: list[CoordinationQuestioned],
    withheld: list[SecondaryWithheld],
) -> list[str]:
    """A pause writes to the client and the providers, the last payer's decision to the client."""
    letters = [letter for _ in {call.client_id for call in calls} for letter in ("coordination-issue", _PROVIDERS)]
    last = {event.session_id for event in posted if isinstance(event, ClaimAdjudicated) and event.level != "primary"}
    last |= {event.session_id for event in withheld}
    return letters + ["cost-final" for _ in last]


_PROVIDERS = "provider-client-paused"

_STRUCTURED = [("content-type", envelope.CONTENT_TYPE.encode())]

set_up = file_argument
