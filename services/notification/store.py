"""What notification keeps.

| table | written by |
|---|---|
| recipients, client_plans | handlers of `clients`; `suppressed` also by bounces |
| providers, payers | handlers of `directory` |
| letters | handlers (asked for), the sender (what became of it), bounces |
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from shared.postgres import Connection
from shared.rows import Table
from shared.transaction import Transaction

R = TypeVar("R")
_PAYER_FIELDS = ("payer_id", "primary_payer_id", "awaited_payer_id", "named_by")


@dataclass(frozen=True, slots=True)
class Recipient:
    """A client as letters know them. `suppressed`: the address that bounced; letters wait for another."""

    client_id: str
    first_name: str
    last_name: str
    email: str | None
    language: str
    letters: str
    suppressed: str | None = None


@dataclass(frozen=True, slots=True)
class ClientPlan:
    """Which payer a client's plan is of."""

    client_id: str
    plan_id: str
    payer_id: str


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider of care, who gets one kind of letter."""

    provider_id: str
    name: str
    email: str | None
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

    `state`: ready, sending (claimed by a sender until `not_before`), sent, failed, bounced, skipped.
    """

    client_id: str
    letter_id: str
    letter: str
    provider_id: str | None
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


@dataclass(frozen=True)
class Known:
    """What is known of the people and payers of a letter, and when an earlier letter on the same cost went out."""

    recipient: Recipient | None
    plans: Mapping[str, ClientPlan]
    payers: Mapping[str, Payer]
    provider: Provider | None
    corrects_letter_of: date | None


RECIPIENTS = Table("recipients", Recipient, key=("client_id",))
CLIENT_PLANS = Table("client_plans", ClientPlan, key=("client_id", "plan_id"))
PROVIDERS = Table("providers", Provider, key=("provider_id",))
PAYERS = Table("payers", Payer, key=("payer_id",))
LETTERS = Table("letters", LetterRow, key=("client_id", "letter_id"))


async def prefetch(events: Sequence[Any], tx: Transaction) -> None:
    """Read what a batch's handlers ask for, in a few statements."""
    clients = {event.client_id for event in events if hasattr(event, "client_id")}
    await tx.load(RECIPIENTS, [(client,) for client in sorted(clients)])


async def claim(connection: Connection, now: datetime, limit: int, lease: timedelta) -> list[LetterRow]:
    """Take letters whose time has come for this sender alone, until the lease is over.

    A letter that is still `sending` after its lease was left by a sender that died: it may have gone out.
    """
    records = await connection.fetch(
        "update letters set state = 'sending', not_before = $1 + $3::interval, attempts = attempts + 1,"
        " perhaps_twice = perhaps_twice or state = 'sending'"
        " where (client_id, letter_id) in (select client_id, letter_id from letters"
        "  where state in ('ready', 'sending') and not_before <= $1 order by not_before limit $2"
        "  for update skip locked)"
        f" returning {', '.join(LETTERS.columns)}",
        now,
        limit,
        lease,
    )
    return [LETTERS.from_record(record) for record in records]


async def letter_of_message(connection: Connection, message_id: str) -> LetterRow | None:
    """The letter that went out under a Message-ID."""
    record = await connection.fetchrow(f"{LETTERS.select} where message_id = $1", message_id)
    return None if record is None else LETTERS.from_record(record)


async def known_of(connection: Connection, rows: Sequence[LetterRow]) -> dict[str, Known]:
    """What is known of the people and payers of each letter, by letter id."""
    clients = sorted({row.client_id for row in rows})
    if not clients:
        return {}
    people = {one.client_id: one for one in await _all(connection, RECIPIENTS, "client_id = any($1)", clients)}
    plans = await _all(connection, CLIENT_PLANS, "client_id = any($1)", clients)
    named, providing = payer_ids(rows, plans), sorted({row.provider_id for row in rows if row.provider_id})
    payers = {one.payer_id: one for one in await _all(connection, PAYERS, "payer_id = any($1)", named)}
    providers = {one.provider_id: one for one in await _all(connection, PROVIDERS, "provider_id = any($1)", providing)}
    earlier = await _earlier(connection, rows)
    return {
        row.letter_id: Known(
            recipient=people.get(row.client_id),
            plans={plan.plan_id: plan for plan in plans if plan.client_id == row.client_id},
            payers=payers,
            provider=providers.get(row.provider_id or ""),
            corrects_letter_of=earlier.get(row.letter_id),
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
    return [table.from_record(one) for one in await connection.fetch(f"{table.select} where {where}", *arguments)]


async def _earlier(connection: Connection, rows: Sequence[LetterRow]) -> dict[str, date]:
    """For letters on a corrected cost: the day of the last letter on the same session's cost."""
    corrected = [row for row in rows if row.letter.startswith("cost-final") and row.data.get("edition", 1) > 1]
    found: dict[str, date] = {}
    for row in corrected:
        at = await connection.fetchval(
            "select max(ended_at) from letters where client_id = $1 and state = 'sent' and letter like 'cost-final-%'"
            " and data ->> 'session_id' = $2 and letter_id <> $3",
            row.client_id,
            row.data["session_id"],
            row.letter_id,
        )
        if at is not None:
            found[row.letter_id] = at.date()
    return found
