"""The tables of coverage, and every statement on them.

| table | written by |
|---|---|
| client | incoming/clients.py |
| inquiry | benefits/asking_payers.py, incoming/benefits.py |
| benefits, named_numbers, unmatched_answer | incoming/benefits.py |
| statement | incoming/coordination_questioned.py |
| coordination | incoming/coordinating_plans.py |
| session | sessions/clearing.py, incoming/sessions.py |
| pause, issue | pauses/pausing.py, pauses/unpausing.py, incoming/confirming.py |
| confirmation | incoming/confirming.py, pauses/recertifying.py |
| named_plan | pauses/naming_plans.py |
| told | `tell_once` |
| erasure | incoming/erasing.py |
| payer, provider, credential | incoming/directory.py |
| refused_fact | incoming/refused_facts.py |
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from services.coverage import still_open
from services.coverage.plans.eligibility import Benefits, Client, Inquiry
from services.coverage.plans.situation import Confirmation, PayerStatement, Situation
from services.coverage.rows import Credential, Directory, Issue, Pause, Session
from shared.events.coverage import BenefitsReported
from shared.events.directory import PayerListed, ProviderListed
from shared.events.sessions import SessionConfirmed
from shared.events.types import ClientEvent
from shared.runtime.table import Table
from shared.runtime.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Coordination:
    """A decision on the order of benefits. `kind`: ordered, undetermined or disputed; `plans` is the order to use."""

    client_id: str
    number: int
    decided_at: datetime
    from_day: date
    kind: str
    plans: tuple[str, ...]
    rule: str
    sources: tuple[str, ...] = ()
    replaced: tuple[str, ...] | None = None
    missing: str | None = None
    question: str | None = None
    facts: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Told:
    """Something that the client is told once."""

    client_id: str
    subject: str
    told_on: date


@dataclass(frozen=True, slots=True)
class NamedPlan:
    """A plan that an insurer names and the client never entered. `answered_on`: when the client said what it is."""

    client_id: str
    named_by: str
    subject: str
    name: str
    payer_id: str | None
    role: str | None
    answered_on: date | None = None


@dataclass(frozen=True, slots=True)
class NamedNumbers:
    """The member ids under which the answer to one inquiry names other plans, in the order in which it names them."""

    client_id: str
    trace: str
    member_ids: tuple[str | None, ...]
    named_at: datetime


@dataclass(frozen=True, slots=True)
class Erasure:
    """A client who asked to be forgotten. `waits_for`: the open sessions that upstream was told of."""

    client_id: str
    requested_at: datetime
    passed_on_at: datetime | None = None
    waits_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Payer:
    """A payer as upstream lists it."""

    payer_id: str
    listed: PayerListed


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider as upstream lists them."""

    provider_id: str
    listed: ProviderListed


@dataclass(frozen=True, slots=True)
class CredentialRow:
    """When, and in which state, a provider may bill a payer."""

    provider_id: str
    payer_id: str
    state: str
    from_day: date
    to_day: date | None = None


CLIENT = Table(
    "client",
    Client,
    key=("client_id",),
    sealed=("details", "plans", "stated", "former"),
    derived={"payer_ids": "jsonb"},
)
INQUIRY = Table("inquiry", Inquiry, key=("client_id", "trace"))
BENEFITS = Table("benefits", Benefits, key=("client_id", "plan_id", "date_of_service"), sealed=("report",))
STATEMENT = Table("statement", PayerStatement, key=("client_id", "plan_id"))
COORDINATION = Table("coordination", Coordination, key=("client_id", "number"), sealed=("facts", "question"))
SESSION = Table("session", Session, key=("client_id", "session_id"), sealed=("confirmed",))
PAUSE = Table("pause", Pause, key=("client_id", "pause_id"))
ISSUE = Table("issue", Issue, key=("client_id", "pause_id", "payer_id"), sealed=("reference_number", "representative"))
CONFIRMATION = Table("confirmation", Confirmation, key=("client_id", "payer_id"), sealed=("reference_number",))
NAMED_PLAN = Table("named_plan", NamedPlan, key=("client_id", "named_by", "subject"), sealed=("name",))
NAMED_NUMBERS = Table("named_numbers", NamedNumbers, key=("client_id", "trace"), sealed=("member_ids",))
ERASURE = Table("erasure", Erasure, key=("client_id",))
TOLD = Table("told", Told, key=("client_id", "subject"))
PAYER = Table("payer", Payer, key=("payer_id",))
PROVIDER = Table("provider", Provider, key=("provider_id",))
CREDENTIAL = Table("credential", CredentialRow, key=("provider_id", "payer_id", "state", "from_day"))

SEALED = (CLIENT, BENEFITS, COORDINATION, SESSION, ISSUE, CONFIRMATION, NAMED_PLAN, NAMED_NUMBERS)
"""The tables with personal values."""

_TRACES = "questions by trace"
_OF_CLIENT: tuple[Table[Any], ...] = (CLIENT, INQUIRY, BENEFITS, STATEMENT, COORDINATION, PAUSE, ISSUE, CONFIRMATION)


async def prefetch(events: Sequence[Any], tx: Transaction) -> None:
    """Read what the batch's clients need, in one statement a table."""
    about = [event for event in events if isinstance(event, ClientEvent)]
    if not about:
        return
    clients = {event.client_id for event in about}
    for table in _OF_CLIENT:
        await tx.load_clients(table, clients)
    confirming = {event.client_id for event in about if isinstance(event, SessionConfirmed)}
    if confirming:
        await tx.load_clients(ERASURE, confirming)
    naming = [event for event in about if isinstance(event, BenefitsReported) and event.other_payers]
    if naming:
        await tx.load(NAMED_NUMBERS, [(event.client_id, event.trace) for event in naming])
    await tx.load_some(SESSION, still_open.UNDECIDED.where, clients, still_open.UNDECIDED.since(tx.today))
    about_all_sessions = {event.client_id for event in about if getattr(event, "session_id", None) is None}
    if about_all_sessions:
        since = still_open.ANSWERED.since(tx.today)
        await tx.load_some(SESSION, still_open.ANSWERED.where, about_all_sessions, since)
    sessions = [
        (event.client_id, session_id)
        for event in about
        if (session_id := getattr(event, "session_id", None)) is not None
    ]
    if sessions:
        await tx.load(SESSION, sessions)
    providers = {provider_id for event in about if (provider_id := getattr(event, "provider_id", None)) is not None}
    if providers:
        await tx.load(PROVIDER, [(provider_id,) for provider_id in providers])


async def client(tx: Transaction, client_id: str) -> Client:
    """The client, empty where nothing is known yet."""
    return await tx.one(CLIENT, client_id) or Client(client_id)


async def situation(tx: Transaction, client_id: str, fresh_days: int) -> Situation:
    """Everything that the client's order of benefits depends on."""
    known = await client(tx, client_id)
    plans = [*(known.plans or ()), *(former.plan for former in known.former)]
    payers = await payers_of(tx, {payer_id for plan in plans for payer_id in plan.payer_ids})
    benefits = await tx.all(BENEFITS, client_id)
    named = {
        other.payer_id for answer in benefits for other in answer.report.other_payers if other.payer_id is not None
    }
    payers |= await payers_of(tx, named)
    return Situation(
        client=known,
        benefits=tuple(benefits),
        inquiries=tuple(await tx.all(INQUIRY, client_id)),
        statements=tuple(await tx.all(STATEMENT, client_id)),
        confirmations=tuple(await tx.all(CONFIRMATION, client_id)),
        names={payer.payer_id: payer.name for payer in payers.values()},
        fresh_days=fresh_days,
        kinds={payer.payer_id: payer.kind for payer in payers.values()},
        today=tx.today,
    )


async def payers_of(tx: Transaction, payer_ids: Iterable[str]) -> dict[str, PayerListed]:
    """The listed ones of these payers."""
    wanted = sorted(set(payer_ids))
    if wanted:
        await tx.load(PAYER, [(payer_id,) for payer_id in wanted])
    payers = [await tx.one(PAYER, payer_id) for payer_id in wanted]
    return {payer.payer_id: payer.listed for payer in payers if payer is not None}


async def directory(tx: Transaction, provider_id: str, payer_ids: Iterable[str]) -> Directory:
    """What is listed of a session's provider and the client's payers."""
    wanted = sorted(set(payer_ids))
    provider = await tx.one(PROVIDER, provider_id)
    await tx.load_under(CREDENTIAL, [(provider_id, payer_id) for payer_id in wanted])
    rows = [row for payer_id in wanted for row in await tx.under(CREDENTIAL, provider_id, payer_id)]
    return Directory(
        payers=await payers_of(tx, wanted),
        provider=None if provider is None else provider.listed,
        credentials=[Credential(row.payer_id, row.state, row.from_day, row.to_day) for row in rows],
    )


async def undecided_sessions(tx: Transaction, client_id: str) -> list[Session]:
    """The client's sessions whose decision may still change, oldest first; refused ones for a while."""
    return await _may_change(tx, client_id, still_open.UNDECIDED)


async def answered_sessions(tx: Transaction, client_id: str) -> list[Session]:
    """The client's sessions of the last year whose primary has answered, oldest first."""
    return await _may_change(tx, client_id, still_open.ANSWERED)


async def _may_change(tx: Transaction, client_id: str, kind: still_open.Kind) -> list[Session]:
    since = kind.since(tx.today)
    sessions = await tx.some(SESSION, kind.where, client_id, since)
    return still_open.oldest_first(session for session in sessions if kind.holds(session, since))


async def sessions_not_ended(tx: Transaction, client_id: str, since: date) -> list[str]:
    """The client's sessions from a day on that wait, or that no payer has decided on."""
    where = (
        "client_id = $1 and state in ('waiting', 'cleared') and not final and confirmed is not null"
        " and date_of_service >= $2 order by session_id"
    )
    return [session.session_id for session in await tx.find(SESSION, where, client_id, since)]


async def open_pause(tx: Transaction, client_id: str) -> Pause | None:
    """The pause of the account, where there is one now."""
    return next((pause for pause in await tx.all(PAUSE, client_id) if pause.unpaused_at is None), None)


async def issues_of(tx: Transaction, pause: Pause) -> list[Issue]:
    """The issues of a pause, in the order in which they were opened."""
    issues = [issue for issue in await tx.all(ISSUE, pause.client_id) if issue.pause_id == pause.pause_id]
    return sorted(issues, key=lambda issue: (issue.opened_on, issue.payer_id))


async def last_coordination(tx: Transaction, client_id: str) -> Coordination | None:
    """The present decision on the order of benefits."""
    return max(await tx.all(COORDINATION, client_id), key=lambda coordination: coordination.number, default=None)


async def tell_once(tx: Transaction, client_id: str, subject: str) -> bool:
    """Whether the client has not been told this yet; from now on they have."""
    if await tx.one(TOLD, client_id, subject) is not None:
        return False
    tx.save(TOLD, Told(client_id, subject, tx.today))
    return True


async def inquiries_by_trace(tx: Transaction, traces: Iterable[str]) -> dict[str, Inquiry]:
    """Our questions that have these traces; asked for a whole batch first, later ones cost nothing."""
    known: dict[str, Inquiry | None] = tx.notes.setdefault(_TRACES, {})
    wanted = set(traces)
    if missing := sorted(wanted - known.keys()):
        known.update(dict.fromkeys(missing))
        inquiries = await tx.find(INQUIRY, "trace = any($1::text[])", missing)
        known.update({inquiry.trace: inquiry for inquiry in inquiries})
    return {trace: inquiry for trace in wanted if (inquiry := known[trace]) is not None}


async def keep_unmatched(tx: Transaction, interchange_id: str, trace: str) -> None:
    """Keep an answer to no question of ours for a person."""
    await tx.connection.execute(
        "insert into unmatched_answer (interchange_id, trace, received_at) values ($1, $2, $3) on conflict do nothing",
        interchange_id,
        trace[:100],
        tx.now,
    )


async def next_control(tx: Transaction) -> int:
    """The next interchange control number (ISA13)."""
    return await tx.next_number("interchange_control")


async def clients_with_open_sessions(tx: Transaction, *, provider_id: str | None, payer_id: str | None) -> list[str]:
    """The clients with undecided sessions of a provider, or with a plan (present or former) of a payer; and those where
    the payer has a plan behind a primary that has answered. Read without their locks.
    """
    rows = await tx.connection.fetch(
        "select s.client_id from session s where not s.final and s.state in ('waiting', 'cleared', 'refused')"
        " and ($1::text is null or s.provider_id = $1)"
        " and ($2::text is null or exists (select 1 from client c where c.client_id = s.client_id"
        " and c.payer_ids ? $2::text))"
        " union select s.client_id from session s where s.final and s.state = 'cleared' and s.date_of_service >= $3"
        " and ($1::text is null or s.provider_id = $1)"
        " and s.cleared->'plans' @> jsonb_build_array(jsonb_build_object('payer_id', $2::text))"
        " and s.cleared->'plans'->0->>'payer_id' <> $2::text",
        provider_id,
        payer_id,
        still_open.ANSWERED.since(tx.today),
    )
    return [row["client_id"] for row in rows]


async def sessions_around(tx: Transaction, client_id: str, since: date) -> list[Session]:
    """The client's confirmed sessions from a day on that were not cancelled, oldest first."""
    where = (
        "client_id = $1 and date_of_service >= $2 and confirmed is not null and state <> 'cancelled'"
        " order by date_of_service, session_id"
    )
    return await tx.find(SESSION, where, client_id, since)


async def credentials_of(tx: Transaction, provider_id: str, payer_id: str, state: str) -> list[CredentialRow]:
    """The spans of a provider with a payer in a state."""
    where = "provider_id = $1 and payer_id = $2 and state = $3 order by from_day"
    return await tx.find(CREDENTIAL, where, provider_id, payer_id, state)
