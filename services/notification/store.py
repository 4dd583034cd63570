"""What notification keeps.

| table | written by |
|---|---|
| recipients, client_plans | handlers of `clients`; `suppressed` also by bounces and by an operator's `resend` |
| providers, payers | handlers of `directory`; `suppressed` as above |
| pauses, confirmations | handlers of `coverage` |
| last_words | handlers: with each letter, and where a fact leaves nothing to say |
| letters | handlers and `resend` (asked for), the sender (what became of it), bounces |
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from shared.database.postgres import Connection
from shared.events.clients import ClientDetails, PlansEntered
from shared.events.coverage import AccountUnpaused
from shared.events.directory import OpeningHours, ProviderListed
from shared.runtime.rows import fetch
from shared.runtime.table import Table
from shared.runtime.transaction import Transaction
from shared.sealing.carrying_keys import keys_of

R = TypeVar("R")
LOCKS = 0x1E77
"""The class of the locks that senders hold while they live, beside those of the outbox."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A client as letters know them. `lives_in` is a state, two letters.

    `suppressed`: the address that bounced; no letter goes there until it is another one. `link_version`: links of an
    earlier version do not open any more.
    """

    client_id: str
    first_name: str
    last_name: str
    email: str | None
    email_since: datetime
    language: str
    letters: str
    lives_in: str
    suppressed: str | None = None
    link_version: int = 0


@dataclass(frozen=True, slots=True)
class ClientPlan:
    """Which payer a client's plan is of, who holds it, and its place as entered; -1: entered no more."""

    client_id: str
    plan_id: str
    payer_id: str
    relation: str
    place: int


@dataclass(frozen=True, slots=True)
class Pause:
    """The client's last pause, whether it still holds, and whom the client is to call, as the event said."""

    client_id: str
    pause_id: str
    paused_on: date
    is_open: bool
    issues: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The day on which the client last gave us a payer's answer; `accepted_at`: when it came to count."""

    client_id: str
    payer_id: str
    confirmed_on: date
    accepted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LastWord:
    """The letter that says what is true of a matter now; none where a later fact left nothing to say."""

    client_id: str
    matter: str
    letter_id: str | None


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider of care, who gets one kind of letter."""

    provider_id: str
    name: str
    email: str | None
    email_since: datetime
    suppressed: str | None = None


@dataclass(frozen=True, slots=True)
class Payer:
    """A payer's public name and its line for members."""

    payer_id: str
    name: str
    phone: str | None
    hours: str | None
    opening: OpeningHours | None = None


@dataclass(frozen=True, slots=True)
class LetterRow:
    """One letter. `letter_id` comes from the business fact; `cause` is the event's name, `data` its fields.

    `state`: ready, sending (the sender `claimed_by` has it in hand), sent, failed, bounced, skipped. An operator who
    sends it again makes a new row, with the first one's id in `resend_of` and the words `why`. `traceparent` is the
    trace of the event that asked for it, `offered_at` when it was first offered to the mail server.
    """

    client_id: str
    letter_id: str
    letter: str
    provider_id: str | None
    urgent: bool
    cause: str
    data: dict[str, Any]
    asked_at: datetime
    state: str
    not_before: datetime
    attempts: int = 0
    perhaps_twice: bool = False
    template_version: str = ""
    message_id: str | None = None
    ended_at: datetime | None = None
    reason: str | None = None
    resend_of: str | None = None
    why: str | None = None
    claimed_by: int | None = None
    traceparent: str | None = None
    offered_at: datetime | None = None

    @property
    def session_id(self) -> str | None:
        """The session that it is about."""
        return self._about("session_id")

    @property
    def pause_id(self) -> str | None:
        """The pause that it is about."""
        return self._about("pause_id")

    def _about(self, name: str) -> str | None:
        said = self.data.get(name)
        return None if said is None else str(said)

    @property
    def waits(self) -> bool:
        """Whether nothing has become of it yet."""
        return self.state in ("ready", "sending")


RECIPIENTS = Table(
    "recipients", Recipient, key=("client_id",), sealed=("first_name", "last_name", "email", "suppressed")
)
CLIENT_PLANS = Table("client_plans", ClientPlan, key=("client_id", "plan_id"))
PAUSES = Table("pauses", Pause, key=("client_id",), sealed=("issues",))
CONFIRMATIONS = Table("confirmations", Confirmed, key=("client_id", "payer_id"))
LAST_WORDS = Table("last_words", LastWord, key=("client_id", "matter"))
PROVIDERS = Table("providers", Provider, key=("provider_id",), sealed=("name", "email", "suppressed"))
PAYERS = Table("payers", Payer, key=("payer_id",))
LETTERS = Table(
    "letters",
    LetterRow,
    key=("client_id", "letter_id"),
    sealed=("data", "why"),
    derived={"session_id": "text", "pause_id": "text"},
)


async def prefetch(events: Sequence[Any], tx: Transaction) -> None:
    """Read what a batch's handlers ask for, in a few statements."""
    about: list[tuple[Table[Any], type[Any]]] = [
        (RECIPIENTS, ClientDetails),
        (CLIENT_PLANS, PlansEntered),
        (PAUSES, AccountUnpaused),
    ]
    for table, model in about:
        clients = sorted({event.client_id for event in events if isinstance(event, model)})
        await tx.load_clients(table, clients)
    providers = {event.provider_id for event in events if isinstance(event, ProviderListed)}
    await tx.load(PROVIDERS, [(provider,) for provider in sorted(providers)])


_HELD = """select from pg_locks where locktype = 'advisory' and classid = $8 and objid = letters.claimed_by and granted
    and database = (select oid from pg_database where datname = current_database())"""
_DUE = f"""select client_id, letter_id from letters
    where (state = 'ready' or (state = 'sending' and case when claimed_by = $7 then letter_id <> all($9)
        else not exists ({_HELD}) end))"""
_ITS_TIME = """not_before <= case when attempts = 0 and letter = any($6)
    then $1::timestamptz - $5::interval else $1::timestamptz end"""
_CLAIM = f"""
with first as ({_DUE} and urgent and {_ITS_TIME} order by not_before limit $2 for update skip locked),
then_others as (
    {_DUE} and not urgent and {_ITS_TIME} and not $4 order by not_before
    limit $2 - (select count(*) from first) for update skip locked
)
update letters set state = 'sending', not_before = $1 + $3::interval, attempts = attempts + 1, claimed_by = $7,
    perhaps_twice = perhaps_twice or state = 'sending'
from (select * from first union all select * from then_others) as due
where letters.client_id = due.client_id and letters.letter_id = due.letter_id
returning {", ".join(f"letters.{column}" for column in LETTERS.columns)}
"""


@dataclass(frozen=True, slots=True)
class Claiming:
    """How letters are claimed: by which sender, for how long at the least, whether only urgent ones go.

    `in_hand` are the sender's own letters that are not written down yet. Those in `gathered` must be `gather` old: what
    follows them within that time may make them untrue.
    """

    lease: timedelta
    gather: timedelta
    urgent_only: bool = False
    gathered: Collection[str] = ()
    sender: int | None = None
    in_hand: Collection[str] = ()


async def claim(connection: Connection, now: datetime, limit: int, how: Claiming) -> list[LetterRow]:
    """Take letters whose time has come for this sender alone; urgent ones first.

    A letter that is `sending` after its lease, and whose sender does not live any more, may have gone out.
    """
    terms = (how.lease, how.urgent_only, how.gather, sorted(how.gathered), how.sender, LOCKS, sorted(how.in_hand))
    records = await connection.fetch(_CLAIM, now, limit, *terms)
    keys = keys_of(connection)
    rows = [LETTERS.from_record(record, keys) for record in records]
    return sorted(rows, key=lambda row: (not row.urgent, row.asked_at))


_STILL_WAITING = """
select letter_id from letters where state in ('ready', 'sending')
    and (client_id, letter_id) in (select * from unnest($1::text[], $2::text[]))
"""


async def still_waiting(connection: Connection, letters: Sequence[tuple[str, str]]) -> set[str]:
    """Those of the letters (client, letter) of which nothing has become yet, by letter id."""
    clients, ids = [client for client, _ in letters], [letter for _, letter in letters]
    return {record["letter_id"] for record in await connection.fetch(_STILL_WAITING, clients, ids)}


async def end_unrecorded(connection: Connection, row: LetterRow) -> None:
    """End a letter whose outcome cannot be written with its event, lest it be sent again and again."""
    await connection.execute(
        "update letters set state = 'failed', reason = 'not_recorded' where client_id = $1 and letter_id = $2",
        row.client_id,
        row.letter_id,
    )


async def letter_named(connection: Connection, letter_id: str) -> LetterRow | None:
    """The letter of an id."""
    return next(iter(await rows_where(connection, LETTERS, "letter_id = $1", letter_id)), None)


async def letter_of_message(connection: Connection, message_id: str) -> LetterRow | None:
    """The letter that went out under a Message-ID."""
    return next(iter(await rows_where(connection, LETTERS, "message_id = $1", message_id)), None)


async def letters_of(connection: Connection, client_id: str, limit: int) -> list[LetterRow]:
    """A client's letters, the oldest first."""
    where = "client_id = $1 order by asked_at, letter_id limit $2"
    return await rows_where(connection, LETTERS, where, client_id, limit)


async def undelivered(connection: Connection, since: datetime, but_not: Collection[str], limit: int) -> list[LetterRow]:
    """The letters that did not arrive since then, unless for a reason in `but_not` or sent again with success."""
    return await rows_where(
        connection,
        LETTERS,
        "state in ('failed', 'skipped', 'bounced') and ended_at >= $1"
        " and not coalesce(reason = any($2::text[]), false) and not exists"
        " (select from letters again where again.resend_of = letters.letter_id and again.state = 'sent')"
        " order by urgent desc, ended_at, letter_id limit $3",
        since,
        sorted(but_not),
        limit,
    )


async def rows_where(connection: Connection, table: Table[R], where: str, *arguments: Any) -> list[R]:
    """The rows for which the SQL `where` holds."""
    return await fetch(connection, table, f"where {where}", *arguments)


_UNREACHED = """
select count(distinct l.client_id) from letters l
join pauses p on p.client_id = l.client_id and p.is_open and p.pause_id = l.pause_id
where l.urgent and l.state in ('failed', 'skipped', 'bounced')
    and not coalesce(l.reason = any($1::text[]), false) and not exists (
    select from letters later where later.client_id = l.client_id and later.urgent and later.state = 'sent'
        and later.pause_id = p.pause_id and later.ended_at > l.ended_at
)
"""


async def unreached(connection: Connection, but_not: Collection[str]) -> int:
    """How many clients are paused and have not been reached by the last letter that says so.

    Letters that were not sent for a reason in `but_not` need not have reached anybody.
    """
    return await connection.fetchval(_UNREACHED, sorted(but_not)) or 0


async def waiting(connection: Connection, now: datetime) -> tuple[int, float]:
    """How many letters are due and not sent, those in hand too, and for how many seconds the oldest of them."""
    record = await connection.fetchrow(
        "select count(*) as letters, min(asked_at) as oldest from letters"
        " where state = 'sending' or (state = 'ready' and not_before <= $1)",
        now,
    )
    assert record is not None
    return record["letters"], (now - record["oldest"]).total_seconds() if record["oldest"] else 0.0
