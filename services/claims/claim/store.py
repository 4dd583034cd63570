"""Reading and keeping what claims knows of a session."""

from collections.abc import Iterable, Sequence, Set
from typing import Any

from services.claims.claim import control_number
from services.claims.claim.level import MOST_LEVELS
from services.claims.claim.line_on_file import LineOnFile
from services.claims.claim.posted_remittance import standing_postings
from services.claims.claim.statements import CLAIM, HEADER
from services.claims.claim.tables import (
    ANSWERS_AWAITED,
    CLAIMS,
    CLIENTS,
    CONTROL_NUMBERS,
    DECISIONS,
    DOCUMENTS,
    PAYERS,
    PLANS,
    SESSIONS,
    Claim,
    Client,
    ControlNumber,
    Session,
)
from shared.database.postgres import Connection
from shared.events.claims import AcknowledgmentReceived, RemittanceReceived
from shared.events.coverage import SessionCleared
from shared.runtime.timers import Timer
from shared.runtime.transaction import Transaction
from shared.x12.claim_837.claim import ProfessionalClaim
from shared.x12.remittance_835.remittance import RemittanceHeader, RemittedClaim

_TOUCHED = "sessions touched"
_TAKEN = "bases taken"
_ANSWERS = (RemittanceReceived, AcknowledgmentReceived)


async def prefetch(events: Sequence[Any], tx: Transaction) -> None:
    """Read what a batch's handlers ask for, in a few statements."""
    of_sessions = [event for event in events if hasattr(event, "session_id")]
    first = {event.client_id for event in of_sessions if not isinstance(event, _ANSWERS)}
    others = {event.client_id for event in events if hasattr(event, "client_id") and not hasattr(event, "session_id")}
    keys = {(event.client_id, event.session_id) for event in of_sessions}
    await load_sessions(tx, keys | {_about(event) for event in events if isinstance(event, Timer)}, first, others)
    await _load_payers(tx, [event for event in events if isinstance(event, SessionCleared)], keys)
    await tx.load_clients(PLANS, sorted(first))
    remitted = {(event.client_id, event.session_id) for event in events if isinstance(event, RemittanceReceived)}
    await load_for_next_claims(tx, remitted)


def _about(timer: Timer) -> tuple[str, str]:
    """The session of a timer: its subject is that, or that and a level."""
    return timer.client_id, timer.subject.rpartition("/")[0] or timer.subject


async def _load_payers(tx: Transaction, cleared: Sequence[SessionCleared], keys: Iterable[tuple[str, str]]) -> None:
    """Read what the directory says of the payers of sessions, those that are being cleared included."""
    known = [row.cleared for key in keys if (row := await tx.one(SESSIONS, *key)) is not None and row.cleared]
    await tx.load(PAYERS, [(plan.payer_id,) for said in (*cleared, *known) for plan in said.plans])


async def load_sessions(
    tx: Transaction, sessions: Iterable[tuple[str, str]], first: Set[str] = frozenset(), others: Set[str] = frozenset()
) -> None:
    """Read sessions (client, session) with their claims, and those clients that their handlers ask for.

    A payer's answer brings about no first claim, and where its plan is the only one, nothing but its own posting. Of
    the clients in `first` something else came, and of those in `others` something that is about no session.
    """
    keys = sorted(sessions)
    await tx.load(SESSIONS, keys)
    await tx.load_under(CLAIMS, keys)
    await tx.load(ANSWERS_AWAITED, keys)
    sent = [claim for key in keys for claim in await _claims_at(tx, *key) if claim.control]
    await tx.load(CONTROL_NUMBERS, [(claim.client_id, claim.session_id, claim.control) for claim in sent])
    later = {client for client, session in keys if client not in first and await _has_later_plans(tx, client, session)}
    await tx.load(CLIENTS, [(client,) for client in sorted(first | later | others)])
    await _look_up_bases(tx, [session for client, session in keys if await tx.one(SESSIONS, client, session) is None])


async def load_for_next_claims(tx: Transaction, remitted: Iterable[tuple[str, str]]) -> None:
    """Read what the next payer's claim is made of, for those remitted sessions that have a next payer."""
    keys = [key for key in sorted(remitted) if await _has_later_plans(tx, *key)]
    sent = [claim for key in keys for claim in await _claims_at(tx, *key) if claim.control]
    cleared = [(client, row.cleared) for client, session in keys if (row := await tx.one(SESSIONS, client, session))]
    await tx.load_under(DECISIONS, keys)
    await tx.load(DOCUMENTS, [(claim.client_id, claim.session_id, claim.control) for claim in sent])
    await tx.load(PLANS, [(client, plan.plan_id) for client, said in cleared if said for plan in said.named])


async def _look_up_bases(tx: Transaction, session_ids: Iterable[str]) -> None:
    """Find out in one statement which of the new sessions' bases are taken."""
    bases = sorted({control_number.base(session_id) for session_id in session_ids})
    if bases:
        rows = await tx.connection.fetch("select base from sessions where base = any($1::text[])", bases)
        tx.notes.setdefault(_TAKEN, {}).update(dict.fromkeys(bases, False) | {row["base"]: True for row in rows})


async def _is_taken(tx: Transaction, base: str) -> bool:
    """Whether another session has this base; another client's session may have the same id."""
    known = tx.notes.get(_TAKEN, {}).get(base)
    if known is not None:
        return known
    return await tx.connection.fetchval("select exists (select from sessions where base = $1)", base)


async def _has_later_plans(tx: Transaction, client_id: str, session_id: str) -> bool:
    session = await tx.one(SESSIONS, client_id, session_id)
    return session is not None and session.cleared is not None and len(session.cleared.plans) > 1


def save_session(tx: Transaction, session: Session) -> None:
    """Keep the session, and remember that whose answers are awaited may have changed."""
    tx.save(SESSIONS, session)
    _touch(tx, session.client_id, session.session_id)


def save_claim(tx: Transaction, claim: Claim) -> None:
    """Keep the claim, and remember that whose answers are awaited may have changed."""
    tx.save(CLAIMS, claim)
    _touch(tx, claim.client_id, claim.session_id)


def _touch(tx: Transaction, client_id: str, session_id: str) -> None:
    tx.notes.setdefault(_TOUCHED, {})[client_id, session_id] = None


def touched_sessions(tx: Transaction) -> list[tuple[str, str]]:
    """The sessions (client, session) of which something was saved since this was last asked."""
    return list(tx.notes.pop(_TOUCHED, {}))


async def session_of(tx: Transaction, client_id: str, session_id: str) -> Session:
    """The session's row, a new one where nothing is known yet; no other session has the same `base`."""
    session = await tx.one(SESSIONS, client_id, session_id)
    if session is not None:
        return session
    for salt in range(10):
        base = control_number.base(session_id, salt)
        if not await _is_taken(tx, base):
            return Session(client_id, session_id, base)
    raise AssertionError("ten hashes of one session id are taken")


async def client_of(tx: Transaction, client_id: str) -> Client:
    """The client's row, a new one where nothing is known yet."""
    return await tx.one(CLIENTS, client_id) or Client(client_id)


async def claims_of(tx: Transaction, session: Session) -> list[Claim]:
    """The session's claims, the primary's first."""
    return await _claims_at(tx, session.client_id, session.session_id)


async def claims_before(tx: Transaction, session: Session, claim: Claim) -> list[Claim]:
    """The session's claims to the plans billed before this one's, the primary's first."""
    if claim.level == 1 or session.cleared is None:
        return []
    billed = {plan.plan_id for plan in session.cleared.plans if plan.billable}
    claims = await claims_of(tx, session)
    return [earlier for earlier in claims if earlier.level < claim.level and earlier.plan_id in billed]


async def _claims_at(tx: Transaction, client_id: str, session_id: str) -> list[Claim]:
    claims = [claim for claim in await tx.under(CLAIMS, client_id, session_id) if claim.level <= MOST_LEVELS]
    return sorted(claims, key=lambda claim: claim.level)


async def submission_answered(tx: Transaction, claim: Claim, control: str) -> ControlNumber | None:
    """The submission that an answer under the control number `control` is about, however the payer spells it.

    An unknown number stands for the newest submission. None: we never sent the claim.
    """
    newest = await tx.one(CONTROL_NUMBERS, claim.client_id, claim.session_id, claim.control)
    key = control_number.key(control)
    if newest is not None and newest.key == key:
        return newest
    where = "client_id = $1 and session_id = $2 and key = $3"
    rows = await tx.find(CONTROL_NUMBERS, where, claim.client_id, claim.session_id, key)
    return rows[0] if rows else newest


async def sessions_alike(connection: Connection, claim: Claim) -> list[str]:
    """The client's other sessions of the same day that were billed to the same payer."""
    rows = await connection.fetch(
        "select session_id from claims where client_id = $1 and payer_id = $2 and service_on = $3 and session_id <> $4"
        " and sent_on is not null order by session_id",
        claim.client_id,
        claim.payer_id,
        claim.service_on,
        claim.session_id,
    )
    return [row["session_id"] for row in rows]


async def document_of(tx: Transaction, claim: Claim) -> ProfessionalClaim:
    """The 837P of the claim's last submission; the claim was sent, or forwarded to its payer."""
    row = await tx.one(DOCUMENTS, claim.client_id, claim.session_id, claim.control)
    assert row is not None, "a submission's 837P is kept with its control number"
    return row.document


async def standing_decisions(tx: Transaction, claim: Claim) -> list[tuple[RemittedClaim, RemittanceHeader]]:
    """The payer's decisions on benefits that no reversal took back, in the order of their posting."""
    standing = [posting.identity for posting in standing_postings(claim.postings) if posting.decided]
    key = (claim.client_id, claim.session_id)
    await tx.load(DECISIONS, [(*key, identity) for identity in standing])
    decisions = [await tx.one(DECISIONS, *key, identity) for identity in standing]
    return [
        (CLAIM.validate_python(decision.claim), HEADER.validate_python(decision.header))
        for decision in decisions
        if decision is not None
    ]


async def open_sessions(tx: Transaction, client_id: str) -> list[Session]:
    """The client's sessions that still have, or may get, a claim to send."""
    return await tx.find(SESSIONS, "client_id = $1 and not cancelled", client_id)


async def next_interchange(tx: Transaction) -> int:
    """A new interchange control number (ISA13)."""
    return await tx.next_number("interchange_numbers")


def lines_on_file(document: ProfessionalClaim) -> tuple[LineOnFile, ...]:
    """The service lines of a claim as they tell one from another."""
    return tuple(LineOnFile(line.control, line.procedure, line.modifiers, line.charge_cents) for line in document.lines)
