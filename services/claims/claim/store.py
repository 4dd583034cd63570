"""What claims keeps.

| table | written by |
|---|---|
| sessions, clients, plans | handlers of `sessions`, `clients`, `coverage` |
| payers, providers | handlers of `directory` |
| claims, history | `billing` (what goes out), `posting` and `acknowledging` (what comes in) |
| control_numbers, documents | `billing`: one row a submission |
| decisions | `posting`: one row a decision, in full |
| work_queue | whoever leaves something to a person; resolved by operators |
"""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter

from services.claims.claim import control_number
from services.claims.claim.claim_state import State
from services.claims.claim.line_on_file import LineOnFile
from services.claims.claim.posted_remittance import Posting, standing_postings
from shared.events.claims import AcknowledgmentReceived, RemittanceReceived
from shared.events.clients import ClientRegistered, EnteredPlan
from shared.events.coverage import ClearedPlan, SessionCleared
from shared.events.directory import PayerListed, ProviderListed
from shared.events.sessions import SessionConfirmed
from shared.runtime.postgres import Connection
from shared.runtime.rows import Table
from shared.runtime.transaction import Transaction
from shared.x12.claim_837.claim import ProfessionalClaim
from shared.x12.claim_status_277.status import ClaimStatus
from shared.x12.remittance_835.remittance import RemittanceHeader, RemittedClaim


@dataclass(frozen=True, slots=True)
class Clearance:
    """What claims keeps of coverage's decision on a session; `decision` is its number, `plans` come in their order."""

    decision: int
    provider_id: str
    date_of_service: date
    plans: tuple[ClearedPlan, ...]
    marked: str | None = None

    @classmethod
    def of(cls, event: SessionCleared) -> "Clearance":
        """The part of the event that decides about claims."""
        return cls(event.decision, event.provider_id, event.date_of_service, event.plans, event.marked)


@dataclass(frozen=True, slots=True)
class Session:
    """One session as far as it is known. `base` begins all its control numbers."""

    client_id: str
    session_id: str
    base: str
    confirmed: SessionConfirmed | None = None
    completed: bool = False
    cancelled: bool = False
    cleared: Clearance | None = None
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """A client: who they are, whether the account is paused, since when the order of the plans is unknown."""

    client_id: str
    details: ClientRegistered | None = None
    pause_id: str | None = None
    paused_on: date | None = None
    undetermined_since: date | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as the client entered it."""

    client_id: str
    plan_id: str
    plan: EnteredPlan


@dataclass(frozen=True, slots=True)
class Payer:
    """A payer of the directory."""

    payer_id: str
    listed: PayerListed


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider of the directory."""

    provider_id: str
    listed: ProviderListed


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim at one payer level: `role` 1 is the primary's.

    `control` is the number of its last submission, empty before the first; `responsibility` (SBR01) and `lines` are as
    that went out. A claim that another payer forwarded has those of the claim that was forwarded. `changes` counts its
    rows of history. `told` are the figures of the payers before that it carried: (paid, patient responsibility) in
    cents, one pair each.
    """

    client_id: str
    session_id: str
    role: int
    plan_id: str
    payer_id: str
    state: State
    service_on: date
    charge_cents: int
    reason: str | None = None
    submission: int = 0
    control: str = ""
    responsibility: str = ""
    lines: tuple[LineOnFile, ...] = ()
    payer_claim_id: str = ""
    postings: tuple[Posting, ...] = ()
    answer: str | None = None
    crossover: str = "not_forwarded"
    complete: bool = False
    told: tuple[tuple[int, int], ...] = ()
    sent_on: date | None = None
    decided_on: date | None = None
    forwarded_on: date | None = None
    tries: int = 0
    asked: int = 0
    asked_on: date | None = None
    changes: int = 0


@dataclass(frozen=True, slots=True)
class ControlNumber:
    """One submission of a claim: its number, and the interchange it went out with."""

    client_id: str
    session_id: str
    role: int
    control: str
    key: str
    interchange: int
    frequency: str


@dataclass(frozen=True, slots=True)
class Document:
    """The 837P of one submission."""

    client_id: str
    session_id: str
    control: str
    document: ProfessionalClaim


@dataclass(frozen=True, slots=True)
class Decision:
    """A payer's decision in full, as its fact carried it: what the next payer's claim is built from.

    `identity` is that of its posting; `claim` and `header` are the reader's records.
    """

    client_id: str
    session_id: str
    identity: str
    claim: dict[str, Any]
    header: dict[str, Any]


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One change of a claim."""

    client_id: str
    session_id: str
    role: int
    number: int
    before: str
    cause: str
    after: str
    arrival: str
    at: datetime
    message_id: str
    detail: str


@dataclass(frozen=True, slots=True)
class QueueItem:
    """Something that waits for a person. `client_id` is empty where nobody knows whose it is."""

    client_id: str
    item_id: str
    session_id: str | None
    reason: str
    suggestion: str
    evidence: dict[str, Any]
    opened_at: datetime
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    resolved_why: str | None = None


SESSIONS = Table("sessions", Session, key=("client_id", "session_id"))
CLIENTS = Table("clients", Client, key=("client_id",))
PLANS = Table("plans", Plan, key=("client_id", "plan_id"))
PAYERS = Table("payers", Payer, key=("payer_id",))
PROVIDERS = Table("providers", Provider, key=("provider_id",))
CLAIMS = Table("claims", Claim, key=("client_id", "session_id", "role"))
CONTROL_NUMBERS = Table("control_numbers", ControlNumber, key=("client_id", "session_id", "control"))
DOCUMENTS = Table("documents", Document, key=("client_id", "session_id", "control"))
DECISIONS = Table("decisions", Decision, key=("client_id", "session_id", "identity"), append_only=True)
HISTORY = Table("history", HistoryRow, key=("client_id", "session_id", "role", "number"), append_only=True)
WORK_QUEUE = Table("work_queue", QueueItem, key=("client_id", "item_id"))

CLAIM: TypeAdapter[RemittedClaim] = TypeAdapter(RemittedClaim)
HEADER: TypeAdapter[RemittanceHeader] = TypeAdapter(RemittanceHeader)
REPORT: TypeAdapter[ClaimStatus] = TypeAdapter(ClaimStatus)
"""A remitted claim, its payment, and a claim's status as JSON, in facts, decisions and evidence."""


def dump(adapter: TypeAdapter[Any], value: Any) -> dict[str, Any]:
    """A record of the reader as JSON."""
    return adapter.dump_python(value, mode="json", exclude_defaults=True)


_MOST_LEVELS = 3
_ANSWERS = (RemittanceReceived, AcknowledgmentReceived)


async def prefetch(events: Sequence[Any], tx: Transaction) -> None:
    """Read what a batch's handlers ask for, in a few statements."""
    of_sessions = [event for event in events if hasattr(event, "session_id")]
    first = {event.client_id for event in of_sessions if not isinstance(event, _ANSWERS)}
    others = {event.client_id for event in events if hasattr(event, "client_id") and not hasattr(event, "session_id")}
    await load_sessions(tx, {(event.client_id, event.session_id) for event in of_sessions}, first, others)
    await tx.load_clients(PLANS, sorted(first))


async def load_sessions(
    tx: Transaction, sessions: Iterable[tuple[str, str]], first: Set[str] = frozenset(), others: Set[str] = frozenset()
) -> None:
    """Read sessions (client, session) with their claims, and those clients that their handlers ask for.

    A payer's answer brings about no first claim, and where its plan is the only one, nothing but its own posting. Of
    the clients in `first` something else came, and of those in `others` something that is about no session.
    """
    keys = sorted(sessions)
    await tx.load(SESSIONS, keys)
    await tx.load(CLAIMS, [(*key, role) for key in keys for role in range(1, _MOST_LEVELS + 1)])
    later = {client for client, session in keys if client not in first and await _has_later_plans(tx, client, session)}
    await tx.load(CLIENTS, [(client,) for client in sorted(first | later | others)])


async def _has_later_plans(tx: Transaction, client_id: str, session_id: str) -> bool:
    session = await tx.one(SESSIONS, client_id, session_id)
    return session is not None and session.cleared is not None and len(session.cleared.plans) > 1


async def session_of(tx: Transaction, client_id: str, session_id: str) -> Session:
    """The session's row, a new one where nothing is known yet; no other session has the same `base`."""
    found = await tx.one(SESSIONS, client_id, session_id)
    if found is not None:
        return found
    for salt in range(10):
        base = control_number.base(session_id, salt)
        # Another client's session may have the same id: it is taken, too.
        if not await tx.connection.fetchval("select exists (select from sessions where base = $1)", base):
            return Session(client_id, session_id, base)
    raise AssertionError("ten hashes of one session id are taken")


async def client_of(tx: Transaction, client_id: str) -> Client:
    """The client's row, a new one where nothing is known yet."""
    return await tx.one(CLIENTS, client_id) or Client(client_id)


async def claims_of(tx: Transaction, session: Session) -> list[Claim]:
    """The session's claims, the primary's first."""
    found = [await tx.one(CLAIMS, session.client_id, session.session_id, role) for role in range(1, _MOST_LEVELS + 1)]
    return [claim for claim in found if claim is not None]


async def document_of(tx: Transaction, claim: Claim) -> ProfessionalClaim:
    """The 837P of the claim's last submission; the claim was sent, or forwarded to its payer."""
    found = await tx.one(DOCUMENTS, claim.client_id, claim.session_id, claim.control)
    assert found is not None, "a submission's 837P is kept with its control number"
    return found.document


async def standing_decisions(tx: Transaction, claim: Claim) -> list[tuple[RemittedClaim, RemittanceHeader]]:
    """The payer's decisions on benefits that no reversal took back, in the order of their posting."""
    standing = [posting.identity for posting in standing_postings(claim.postings) if posting.decided]
    key = (claim.client_id, claim.session_id)
    await tx.load(DECISIONS, [(*key, identity) for identity in standing])
    found = [await tx.one(DECISIONS, *key, identity) for identity in standing]
    return [(CLAIM.validate_python(one.claim), HEADER.validate_python(one.header)) for one in found if one is not None]


async def open_sessions(tx: Transaction, client_id: str) -> list[Session]:
    """The client's sessions that still have, or may get, a claim to send."""
    return await tx.find(SESSIONS, "client_id = $1 and not cancelled", client_id)


async def next_interchange(connection: Connection) -> int:
    """A new interchange control number (ISA13)."""
    number: Any = await connection.fetchval("select nextval('interchange_numbers')")
    return int(number)


def lines_on_file(document: ProfessionalClaim) -> tuple[LineOnFile, ...]:
    """The service lines of a claim as they tell one from another."""
    return tuple(LineOnFile(line.control, line.procedure, line.modifiers, line.charge_cents) for line in document.lines)
