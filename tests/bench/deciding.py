"""A cleared session becomes an estimate and a charge, with settlement's own handler and without the frame.

`python -m tests.bench.deciding bare|plain`. The handler and its rules are the service's; what the frame does for it
is done here by hand, for this one event: `bare` polls with aiokafka, reads and writes a poll's sessions in one
transaction and sends in batches; `plain` is what people write, a FastStream subscriber with one transaction and one
send a message. Neither has an outbox: both send before they commit, so that a crash repeats events, and loses none.
"""

import json
import uuid
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter

from services.settlement.handlers import on_session_cleared
from services.settlement.ledger.posting_rows import PostingRow
from services.settlement.store import ProviderGroup, Session, rate_row
from shared.database.postgres import Connection
from shared.events.coverage import SessionCleared
from shared.events.directory import RateAgreed
from shared.runtime.transaction import Cause
from tests.bench.contenders import INBOX, Send, contend


def _arrays(columns: dict[str, str]) -> str:
    return ", ".join(f"${n}::{kind}[]" for n, kind in enumerate(columns.values(), 1))


IDS = uuid.UUID("6f1c1f2e-5f0a-5c57-9d0b-6f0b1a7f5c11")
PAIRS = "in (select * from unnest($1::text[], $2::text[]))"
KNOWN = f"select 1 from sessions where (client_id, session_id) {PAIRS}"
POSTED = f"select 1 from postings where (client_id, session_id) {PAIRS}"
OPEN = f"select 1 from sessions where (client_id, primary_payer_id) {PAIRS} and final_cost_cents is null"
GROUPS = "select provider_id, group_id from provider_groups where provider_id = any($1::text[])"
RATES = f"select payer_id, holder, rate from rates where (payer_id, holder) {PAIRS}"
CLIENTS = "select count(pg_advisory_xact_lock(hashtextextended(client, 0))) from unnest($1::text[]) as one (client)"
COLUMNS = {
    **dict.fromkeys(("client_id", "session_id", "provider_id", "waits_for", "primary_payer_id", "told"), "text"),
    **dict.fromkeys(("cleared", "facts", "estimate", "happened", "reviews", "stopped"), "jsonb"),
    **dict.fromkeys(("edition", "final_cost_cents", "payout_cents", "due_cents"), "bigint"),
    **dict.fromkeys(("date_of_service", "pay_on"), "date"),
}
AS_JSON = {name: TypeAdapter[Any](Session.__annotations__[name]) for name, kind in COLUMNS.items() if kind == "jsonb"}
SAVE = (
    f"insert into sessions ({', '.join(COLUMNS)}) select * from unnest({_arrays(COLUMNS)})"
    f" on conflict (client_id, session_id) do update set {', '.join(f'{c} = excluded.{c}' for c in COLUMNS)}"
)
POSTING = {
    **dict.fromkeys(("client_id", "session_id", "fact", "kind", "debit", "credit", "cause"), "text"),
    **dict.fromkeys(("generation", "ordinal", "size", "cents"), "bigint"),
    "reverses": "boolean",
    "posted_at": "timestamptz",
}
POST = f"insert into postings ({', '.join(POSTING)}) select * from unnest({_arrays(POSTING)})"
TIMERS = (
    "insert into timers (client_id, name, subject, due_at, data)"
    " select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::jsonb[])"
    " on conflict (client_id, name, subject) do update set due_at = excluded.due_at, data = excluded.data"
)
NO_TIMERS = (
    "delete from timers where (client_id, name, subject) in (select * from unnest($1::text[], $2::text[], $3::text[]))"
)


class Hands:
    """What this handler asks of a transaction, in dictionaries."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)
        self.today = self.now.date()
        self.notes: dict[Any, Any] = defaultdict(list)
        self.held: dict[Any, Any] = {}
        self.rows_under: dict[Any, list[Any]] = defaultdict(list)
        self.postings: list[PostingRow] = []
        self.timers: dict[Any, Any] = {}
        self.no_timers: dict[Any, None] = {}
        self.messages: list[tuple[bytes, bytes]] = []
        self.cause, self.ordinal = Cause(""), 0

    async def one(self, table: Any, *key: str) -> Any:
        """A row that was read or saved."""
        return self.held.get((table.name, *key))

    async def load_under(self, table: Any, beginnings: Any) -> None:
        """All is read already."""

    async def under(self, table: Any, *beginning: str) -> list[Any]:
        """The rows whose keys begin so, read or saved."""
        return self.rows_under[table.name, *beginning]

    def save(self, table: Any, row: Any) -> None:
        """Written at the end."""
        if isinstance(row, PostingRow):
            self.postings.append(row)
            self.rows_under[table.name, row.client_id, row.session_id].append(row)
        else:
            self.held[table.name, row.client_id, row.session_id] = row

    def schedule(self, name: str, client_id: str, subject: str, due_at: datetime, **data: Any) -> None:
        """Written at the end."""
        self.timers[client_id, name, subject] = (client_id, name, subject, due_at, json.dumps(data))

    def unschedule(self, name: str, client_id: str, subject: str) -> None:
        """Written at the end."""
        self.no_timers[client_id, name, subject] = None

    def publish(self, event: Any) -> None:
        """Sent at the end."""
        self.ordinal += 1
        kind = event.wire_type()
        envelope = {
            "specversion": "1.0",
            "id": str(uuid.uuid5(IDS, f"/settlement|{self.cause.id}|{kind}|{event.client_id}|{self.ordinal}")),
            "source": "/settlement",
            "type": kind,
            "subject": event.client_id,
            "time": self.now.isoformat(),
            "datacontenttype": "application/json",
            "correlationid": self.cause.id,
            "causationid": self.cause.id,
            "data": event.model_dump(mode="json"),
        }
        self.messages.append((event.client_id.encode(), json.dumps(envelope).encode()))


async def read(connection: Connection, hands: Hands, cleared: list[SessionCleared]) -> None:
    """What the handler needs of the database."""
    keys = [[event.client_id for event in cleared], [event.session_id for event in cleared]]
    payers = [event.rate_payer_id for event in cleared]
    for statement, columns in ((KNOWN, keys), (POSTED, keys), (OPEN, [keys[0], payers])):
        assert not await connection.fetch(statement, *columns), "each session of the race is a new one"
    hands.notes |= {("unsettled", *pair): set[Any]() for pair in zip(keys[0], payers, strict=True)}
    for row in await connection.fetch(GROUPS, sorted({event.provider_id for event in cleared})):
        hands.held["provider_groups", row["provider_id"]] = ProviderGroup(row["provider_id"], row["group_id"])
    pairs = sorted({(event.rate_payer_id, event.provider_id) for event in cleared})
    for row in await connection.fetch(RATES, *[list(column) for column in zip(*pairs, strict=True)]):
        rate = rate_row(RateAgreed.model_validate_json(row["rate"]))
        hands.rows_under["rates", rate.payer_id, rate.holder].append(rate)


async def write(connection: Connection, hands: Hands) -> None:
    """What the handler decided."""
    rows = [row for row in hands.held.values() if isinstance(row, Session)]
    await connection.execute(SAVE, *[[_value(row, name) for row in rows] for name in COLUMNS])
    if hands.postings:
        await connection.execute(POST, *[[getattr(row, name) for row in hands.postings] for name in POSTING])
    await connection.execute(TIMERS, *[list(column) for column in zip(*hands.timers.values(), strict=True)])
    await connection.execute(NO_TIMERS, *[list(column) for column in zip(*hands.no_timers, strict=True)])


def _value(row: Session, name: str) -> Any:
    value = getattr(row, name)
    return value if value is None or name not in AS_JSON else AS_JSON[name].dump_json(value).decode()


async def handle(connection: Connection, events: list[dict[str, Any]], send: Send) -> None:
    """The reads, decisions, writes and sends of these events."""
    async with connection.transaction():
        await connection.execute(CLIENTS, sorted({event["subject"] for event in events}))
        columns = [[event[name] for event in events] for name in ("subject", "source", "id")]
        new = {row["id"] for row in await connection.fetch(INBOX, *columns)}
        todo = [(e["id"], SessionCleared.model_validate(e["data"])) for e in events if e["id"] in new]
        if not todo:
            return
        hands: Any = Hands()
        await read(connection, hands, [event for _, event in todo])
        for cause, event in todo:
            hands.cause, hands.ordinal = Cause(cause), 0
            await on_session_cleared(event, hands)
        await write(connection, hands)
        await send("settlement", hands.messages)


if __name__ == "__main__":
    contend("coverage", handle)
