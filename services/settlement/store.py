"""What settlement keeps.

| table | written by |
|---|---|
| sessions | handlers and timers |
| postings | handlers and timers, through `settling`; append only, the database refuses anything else |
| closings, controls | the nightly control |
| rates, refused_rates, provider_groups, payers | handlers of `directory` |
| payments_remitted | the handler of `payment.remitted`, the nightly control |
| deposits | the handler of a payer's answer |
| reviews | handlers, timers, the nightly control |
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from services.settlement.answers.adjudication import Level
from services.settlement.answers.session_facts import SessionFacts
from services.settlement.ledger.posting_rows import PostingRow
from services.settlement.money.estimate import Estimate
from services.settlement.money.progress import Step
from services.settlement.money.request_keys import session_name
from shared.events.claims import PaymentRemitted
from shared.events.coverage import SessionCleared
from shared.events.directory import RateAgreed
from shared.events.sessions import SessionCompleted
from shared.runtime.table import Table
from shared.runtime.timers import Timer
from shared.runtime.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Session:
    """One session's money. `facts` is all that is known; `told` names what was last published of its cost.

    `waits_for`: why nothing was charged yet (`rate`), or None. `pay_on` and `payout_cents`: the day of
    the payout, once scheduled, and what it comes to in all. `due_cents`: the balance that was announced, and
    `announcement` what became of the letter that tells it (None: announced by a version that did not look). `stopped`:
    the differences that the nightly control found; while there are any nothing is paid out or given back. `told_at`:
    when its cost was last told.
    """

    client_id: str
    session_id: str
    provider_id: str = ""
    date_of_service: date = date.min
    cleared: SessionCleared | None = None
    facts: SessionFacts = field(default_factory=SessionFacts)
    estimate: Estimate | None = None
    happened: dict[Step, date] = field(default_factory=dict[Step, date])
    waits_for: str | None = None
    primary_payer_id: str = ""
    edition: int = 0
    final_cost_cents: int | None = None
    told: str = ""
    pay_on: date | None = None
    payout_cents: int | None = None
    reviews: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()
    due_cents: int = 0
    announcement: str | None = None
    told_at: datetime | None = None

    @property
    def name(self) -> str:
        """What names the session in idempotency keys."""
        return session_name(self.client_id, self.session_id)

    @property
    def completed_on_another_day(self) -> bool:
        """Whether it was said to have taken place on another date than the confirmed one."""
        said = self.facts.completed_for
        return said is not None and self.cleared is not None and said != self.date_of_service

    def payer_at(self, level: Level | None) -> str | None:
        """The payer of a level by coverage's last decision; None where there is none."""
        plans = self.cleared.plans if self.cleared is not None else ()
        return next((plan.payer_id for plan in plans if plan.level == level), None)


@dataclass(frozen=True, slots=True)
class Rate:
    """One contracted rate; `holder` is the provider or the group."""

    payer_id: str
    holder: str
    procedure: str
    from_day: date
    rate: RateAgreed


@dataclass(frozen=True, slots=True)
class ProviderGroup:
    """The group that a provider belongs to."""

    provider_id: str
    group_id: str | None


@dataclass(frozen=True, slots=True)
class Payer:
    """A payer's name, and how it coordinates as secondary."""

    payer_id: str
    name: str
    method: str


@dataclass(frozen=True, slots=True)
class RemittedPayment:
    """A payment that a payer announced, what its deposits come to and why that is not the same."""

    payer_id: str
    trace: str
    payment: PaymentRemitted
    received_at: datetime
    deposited_cents: int | None = None
    difference: str | None = None


@dataclass(frozen=True, slots=True)
class DepositRow:
    """The part of a payment that is a session's."""

    client_id: str
    session_id: str
    deposit: str
    payer_id: str
    trace: str
    cents: int


@dataclass(frozen=True, slots=True)
class ControlRow:
    """What one nightly control looked at and found."""

    day: date
    ran_at: datetime
    sessions: int
    differences: int


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """Something about a session's money that waits for a person, until one closes it and says why."""

    client_id: str
    session_id: str
    reason: str
    evidence: str
    opened_at: datetime
    review_id: str
    closed_at: datetime | None = None
    closed_by: str | None = None
    closed_why: str | None = None


SESSIONS = Table("sessions", Session, key=("client_id", "session_id"))
POSTINGS = Table(
    "postings",
    PostingRow,
    key=("client_id", "session_id", "fact", "generation", "reverses", "ordinal"),
    append_only=True,
)
RATES = Table("rates", Rate, key=("payer_id", "holder", "procedure", "from_day"))
REFUSED_RATES = Table("refused_rates", Rate, key=RATES.key)
PROVIDER_GROUPS = Table("provider_groups", ProviderGroup, key=("provider_id",))
PAYERS = Table("payers", Payer, key=("payer_id",))
REVIEWS = Table("reviews", ReviewRow, key=("client_id", "session_id", "reason", "opened_at"))
PAYMENTS = Table("payments_remitted", RemittedPayment, key=("payer_id", "trace"))
DEPOSITS = Table("deposits", DepositRow, key=("client_id", "session_id", "deposit"))
CONTROLS = Table("controls", ControlRow, key=("day",))


async def prefetch(events: Sequence[Any], tx: Transaction) -> None:
    """Read what a batch's handlers ask for, in a few statements."""
    keys = [key for event in events if (key := _about(event)) is not None]
    await tx.load(SESSIONS, keys)
    await load_postings(tx, keys)
    await tx.load(PAYMENTS, [(event.payer_id, event.trace) for event in events if isinstance(event, PaymentRemitted)])
    agreed = [rate_row(event) for event in events if isinstance(event, RateAgreed)]
    for table in (RATES, REFUSED_RATES):
        await tx.load_under(table, [(row.payer_id, row.holder) for row in agreed])
    cleared = [event for event in events if isinstance(event, SessionCleared)]
    completed = [await session_of(tx, e.client_id, e.session_id) for e in events if isinstance(e, SessionCompleted)]
    await _load_rates_for(tx, [*cleared, *(session.cleared for session in completed if session.cleared is not None)])
    await _load_unsettled(tx, {(event.client_id, event.rate_payer_id) for event in cleared}, keys)


def _about(event: Any) -> tuple[str, str] | None:
    """The session of an event or a timer; what a timer is about is in its data, or its subject."""
    if isinstance(event, Timer):
        return event.client_id, event.data.get("session_id", event.subject)
    session_id = getattr(event, "session_id", None)
    return None if session_id is None else (event.client_id, session_id)


async def load_postings(tx: Transaction, keys: Iterable[tuple[str, str]]) -> None:
    """Read the postings of sessions in one statement; `postings_of` then finds them."""
    await tx.load_under(POSTINGS, keys)


async def postings_of(tx: Transaction, client_id: str, session_id: str) -> list[PostingRow]:
    """The session's postings, those of this transaction included."""
    return await tx.under(POSTINGS, client_id, session_id)


def append(tx: Transaction, rows: Sequence[PostingRow]) -> None:
    """Add postings; each entry whole."""
    for row in rows:
        tx.save(POSTINGS, row)


def rate_row(rate: RateAgreed) -> Rate:
    """The row of a contracted rate, whoever holds it."""
    holder = rate.provider_id or rate.group_id
    assert holder is not None
    return Rate(rate.payer_id, holder, rate.procedure, rate.from_day, rate)


async def rates_of(
    tx: Transaction, payer_id: str, holders: Sequence[str], procedures: Sequence[str]
) -> list[RateAgreed]:
    """The rates of a payer with these holders for these procedures, whenever in force."""
    await tx.load_under(RATES, [(payer_id, holder) for holder in holders])
    rows = [row for holder in holders for row in await tx.under(RATES, payer_id, holder)]
    return [row.rate for row in rows if row.procedure in procedures]


async def _load_rates_for(tx: Transaction, cleared: Sequence[SessionCleared]) -> None:
    await tx.load(PROVIDER_GROUPS, [(event.provider_id,) for event in cleared])
    wanted = [(event.rate_payer_id, event.provider_id) for event in cleared]
    for event in cleared:
        provider = await tx.one(PROVIDER_GROUPS, event.provider_id)
        wanted += [(event.rate_payer_id, provider.group_id)] if provider is not None and provider.group_id else []
    await tx.load_under(RATES, wanted)


_UNSETTLED = (
    "(client_id, primary_payer_id) in (select * from unnest($1::text[], $2::text[])) and final_cost_cents is null"
)


async def unsettled(tx: Transaction, client_id: str, payer_id: str) -> list[Session]:
    """The client's sessions under this primary whose cost is still open."""
    known = tx.notes.get(("unsettled", client_id, payer_id))
    if known is None:
        return await tx.find(SESSIONS, _UNSETTLED, [client_id], [payer_id])
    rows = [await tx.one(SESSIONS, *key) for key in known]
    return [row for row in rows if row and row.primary_payer_id == payer_id and row.final_cost_cents is None]


async def _load_unsettled(tx: Transaction, wanted: set[tuple[str, str]], handled: Sequence[tuple[str, str]]) -> None:
    """Read open sessions in one statement. Those that the batch is about, `handled`, may open or close on the way."""
    if not wanted:
        return
    of_client: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for key in handled:
        of_client[key[0]].add(key)
    for client_id, payer_id in wanted:
        tx.notes["unsettled", client_id, payer_id] = of_client[client_id].copy()
    columns = [list(column) for column in zip(*sorted(wanted), strict=True)]
    for row in await tx.find(SESSIONS, _UNSETTLED, *columns):
        tx.notes["unsettled", row.client_id, row.primary_payer_id].add((row.client_id, row.session_id))


async def session_of(tx: Transaction, client_id: str, session_id: str) -> Session:
    """The session's row, a new one where nothing is known yet."""
    return await tx.one(SESSIONS, client_id, session_id) or Session(client_id, session_id)


async def sessions_of_client(tx: Transaction, client_id: str, most: int, only: str | None = None) -> list[Session]:
    """The client's sessions that coverage has decided on, the latest first; `only` one of them."""
    where = "client_id = $1 and cleared is not null and ($3::text is null or session_id = $3)"
    return await tx.find(SESSIONS, f"{where} order by date_of_service desc, session_id limit $2", client_id, most, only)


async def sessions_of_days(tx: Transaction, client_id: str, days: Sequence[date]) -> list[Session]:
    """The client's sessions of these days that coverage has decided on."""
    where = "client_id = $1 and cleared is not null and date_of_service = any($2::date[])"
    return await tx.find(SESSIONS, where, client_id, list(days))


async def payers_of(tx: Transaction, payer_ids: Sequence[str]) -> dict[str, Payer]:
    """What the directory says of these payers."""
    return {row.payer_id: row for row in await tx.find(PAYERS, "payer_id = any($1::text[])", list(payer_ids))}
