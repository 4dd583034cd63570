"""What notification keeps.

| table | written by |
|---|---|
| recipients, client_plans | handlers of `clients`; `suppressed` also by bounces and by an operator's `resend` |
| providers, payers | handlers of `directory`; `suppressed` as above |
| pauses, confirmations | handlers of `coverage` |
| letters | handlers and `resend` (asked for), the sender (what became of it), bounces |
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from shared.events.clients import ClientDetails, PlansEntered
from shared.events.coverage import AccountUnpaused
from shared.events.directory import ProviderListed
from shared.runtime.postgres import Connection
from shared.runtime.rows import Table
from shared.runtime.transaction import Transaction

R = TypeVar("R")
_PAYER_FIELDS = ("payer_id", "primary_payer_id", "awaited_payer_id", "named_by")


@dataclass(frozen=True, slots=True)
class Recipient:
    """A client as letters know them. `lives_in` is a state, two letters.

    `suppressed`: the address that bounced; no letter goes there until it is another one.
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
    """The client's last pause, and whether it still holds."""

    client_id: str
    pause_id: str
    paused_on: date
    is_open: bool


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The day on which the client last gave us a payer's answer."""

    client_id: str
    payer_id: str
    confirmed_on: date


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


@dataclass(frozen=True, slots=True)
class LetterRow:
    """One letter. `letter_id` comes from the business fact; `cause` is the event's name, `data` its fields.

    `state`: ready, sending (claimed by a sender until `not_before`), sent, failed, bounced, skipped. An operator who
    sends it again makes a new row, with the first one's id in `resend_of` and the words `why`.
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

    @property
    def waits(self) -> bool:
        """Whether nothing has become of it yet."""
        return self.state in ("ready", "sending")


@dataclass(frozen=True)
class Known:
    """What is known of the people and payers of a letter, and when an earlier letter on the same cost went out.

    `confirmed` is the day of the client's last answer to each payer.
    """

    recipient: Recipient | None
    plans: Mapping[str, ClientPlan]
    payers: Mapping[str, Payer]
    provider: Provider | None
    corrects_letter_of: date | None
    pause: Pause | None = None
    confirmed: Mapping[str, date] = field(default_factory=dict[str, date])


RECIPIENTS = Table("recipients", Recipient, key=("client_id",))
CLIENT_PLANS = Table("client_plans", ClientPlan, key=("client_id", "plan_id"))
PAUSES = Table("pauses", Pause, key=("client_id",))
CONFIRMATIONS = Table("confirmations", Confirmed, key=("client_id", "payer_id"))
PROVIDERS = Table("providers", Provider, key=("provider_id",))
PAYERS = Table("payers", Payer, key=("payer_id",))
LETTERS = Table("letters", LetterRow, key=("client_id", "letter_id"))


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


_DUE = "select client_id, letter_id from letters where state in ('ready', 'sending')"
_CLAIM = f"""
with first as ({_DUE} and urgent and not_before <= $1 order by not_before limit $2 for update skip locked),
then_others as (
    {_DUE} and not urgent and not_before <= $1 and not $4 order by not_before
    limit $2 - (select count(*) from first) for update skip locked
)
update letters set state = 'sending', not_before = $1 + $3::interval, attempts = attempts + 1,
    perhaps_twice = perhaps_twice or state = 'sending'
from (select * from first union all select * from then_others) as due
where letters.client_id = due.client_id and letters.letter_id = due.letter_id
returning {", ".join(f"letters.{column}" for column in LETTERS.columns)}
"""


async def claim(
    connection: Connection, now: datetime, limit: int, lease: timedelta, *, urgent_only: bool = False
) -> list[LetterRow]:
    """Take letters whose time has come for this sender alone, until the lease is over; urgent ones first.

    A letter that is still `sending` after its lease was left by a sender that died: it may have gone out.
    """
    records = await connection.fetch(_CLAIM, now, limit, lease, urgent_only)
    rows = [LETTERS.from_record(record) for record in records]
    return sorted(rows, key=lambda row: (not row.urgent, row.asked_at))


async def end_unrecorded(connection: Connection, row: LetterRow) -> None:
    """End a letter whose outcome cannot be written with its event, lest it be sent again and again."""
    await connection.execute(
        "update letters set state = 'failed', reason = 'not_recorded' where client_id = $1 and letter_id = $2",
        row.client_id,
        row.letter_id,
    )


async def letter_named(connection: Connection, letter_id: str) -> LetterRow | None:
    """The letter of an id."""
    record = await connection.fetchrow(f"{LETTERS.select} where letter_id = $1", letter_id)
    return None if record is None else LETTERS.from_record(record)


async def letter_of_message(connection: Connection, message_id: str) -> LetterRow | None:
    """The letter that went out under a Message-ID."""
    record = await connection.fetchrow(f"{LETTERS.select} where message_id = $1", message_id)
    return None if record is None else LETTERS.from_record(record)


async def letters_of(connection: Connection, client_id: str, limit: int) -> list[LetterRow]:
    """A client's letters, the oldest first."""
    return await _all(connection, LETTERS, "client_id = $1 order by asked_at, letter_id limit $2", client_id, limit)


async def undelivered(connection: Connection, since: datetime, but_not: str, limit: int) -> list[LetterRow]:
    """The letters that did not arrive since then, unless for the reason `but_not` or sent again with success."""
    return await _all(
        connection,
        LETTERS,
        "state in ('failed', 'skipped', 'bounced') and ended_at >= $1 and reason is distinct from $2 and not exists"
        " (select from letters again where again.resend_of = letters.letter_id and again.state = 'sent')"
        " order by urgent desc, ended_at, letter_id limit $3",
        since,
        but_not,
        limit,
    )


async def known_of(connection: Connection, rows: Sequence[LetterRow]) -> dict[str, Known]:
    """What is known of the people and payers of each letter, by letter id."""
    clients = sorted({row.client_id for row in rows})
    if not clients:
        return {}
    people = {person.client_id: person for person in await _all(connection, RECIPIENTS, "client_id = any($1)", clients)}
    plans = await _all(connection, CLIENT_PLANS, "client_id = any($1) order by place", clients)
    pauses = {pause.client_id: pause for pause in await _all(connection, PAUSES, "client_id = any($1)", clients)}
    answers = await _all(connection, CONFIRMATIONS, "client_id = any($1)", clients)
    named, providing = payer_ids(rows, plans), sorted({row.provider_id for row in rows if row.provider_id})
    payers = {payer.payer_id: payer for payer in await _all(connection, PAYERS, "payer_id = any($1)", named)}
    providers = {
        provider.provider_id: provider
        for provider in await _all(connection, PROVIDERS, "provider_id = any($1)", providing)
    }
    earlier = await _earlier(connection, rows)
    return {
        row.letter_id: Known(
            recipient=people.get(row.client_id),
            plans={plan.plan_id: plan for plan in plans if plan.client_id == row.client_id},
            payers=payers,
            provider=providers.get(row.provider_id or ""),
            corrects_letter_of=earlier.get(row.letter_id),
            pause=pauses.get(row.client_id),
            confirmed={answer.payer_id: answer.confirmed_on for answer in answers if answer.client_id == row.client_id},
        )
        for row in rows
    }


def payer_ids(rows: Sequence[LetterRow], plans: Sequence[ClientPlan]) -> list[str]:
    """Every payer that the letters may name."""
    named = {str(row.data.get(field)) for row in rows for field in _PAYER_FIELDS}
    issues = {
        issue["payer_id"] for row in rows for issue in [*row.data.get("issues", []), row.data.get("issue")] if issue
    }
    return sorted(named | issues | {plan.payer_id for plan in plans})


async def _all(connection: Connection, table: Table[R], where: str, *arguments: Any) -> list[R]:
    return [table.from_record(record) for record in await connection.fetch(f"{table.select} where {where}", *arguments)]


async def _earlier(connection: Connection, rows: Sequence[LetterRow]) -> dict[str, date]:
    """For letters on a corrected cost: the day of the last letter on the same session's cost."""
    corrected = [row for row in rows if row.letter.startswith("cost-final") and row.data.get("edition", 1) > 1]
    sent_on: dict[str, date] = {}
    for row in corrected:
        at = await connection.fetchval(
            "select max(ended_at) from letters where client_id = $1 and state = 'sent' and letter like 'cost-final-%'"
            " and data ->> 'session_id' = $2 and letter_id <> $3",
            row.client_id,
            row.data["session_id"],
            row.letter_id,
        )
        if at is not None:
            sent_on[row.letter_id] = at.date()
    return sent_on


_UNREACHED = """
select count(distinct l.client_id) from letters l
join pauses p on p.client_id = l.client_id and p.is_open and p.pause_id = l.data ->> 'pause_id'
where l.urgent and l.state in ('failed', 'skipped', 'bounced') and not exists (
    select from letters later where later.client_id = l.client_id and later.urgent and later.state = 'sent'
        and later.data ->> 'pause_id' = p.pause_id and later.ended_at > l.ended_at
)
"""


async def unreached(connection: Connection) -> int:
    """How many clients are paused and have not been reached by the last letter that says so."""
    return await connection.fetchval(_UNREACHED) or 0


async def waiting(connection: Connection, now: datetime) -> tuple[int, float]:
    """How many letters are due and not sent, and for how many seconds the oldest of them."""
    record = await connection.fetchrow(
        "select count(*) as letters, min(asked_at) as oldest from letters"
        " where state in ('ready', 'sending') and not_before <= $1",
        now,
    )
    assert record is not None
    return record["letters"], (now - record["oldest"]).total_seconds() if record["oldest"] else 0.0
