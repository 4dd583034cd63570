"""How fast the ledger is: sessions settled on a core, postings stored with every constraint on, balances read back."""

import asyncio
import os
import random
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as dt_time
from itertools import chain
from pathlib import Path
from typing import Any

import asyncpg

from deploy.embedded.stack import Stack
from services.settlement.acts import control_store
from services.settlement.answers.adjudication import Adjudication, Level
from services.settlement.answers.payment_answer import Moved, PaymentAnswer
from services.settlement.answers.session_facts import ChargeRequest, Deposit, SessionFacts
from services.settlement.app import SERVICE
from services.settlement.ledger.ledger import Entry, entries_to
from services.settlement.ledger.posting_rows import rows_of
from services.settlement.money.request_keys import estimate_key, session_name
from services.settlement.money.settle import settle
from services.settlement.store import POSTINGS
from shared.database import postgres
from shared.events import envelope
from shared.events.types import Event
from shared.runtime.consume import Consumer
from shared.runtime.deadletter import Incoming
from shared.runtime.rows import Rows
from shared.x12.remittance_835.remittance import RemittedClaim
from shared.x12.syntax.adjustments import Adjustment
from tests.services.settlement.settlement_events import COMPLETED, PRIMARY, RATE, SECONDARY, cleared, paid

MIGRATIONS = Path(__file__).parents[2] / "services" / "settlement" / "migrations"
SETTLED_A_SECOND = 2_000
POSTINGS_A_SECOND = 10_000
BALANCE_WITHIN_MS = 20.0
MANY_POSTINGS = int(os.environ.get("BENCH_POSTINGS", "10000000"))
TRIAL_BALANCE_WITHIN_MS = 1_000.0
EVENTS_A_SECOND = 300
HANDLED_SESSIONS = 400
STORY = (cleared(), paid(3000), COMPLETED, PRIMARY, SECONDARY)
BATCH, BATCHES, SECONDS = 500, 40, 1.0
MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def run() -> Iterator[dict[str, Any]]:
    """One line a figure."""
    entries, settled = _settled()
    yield _line("sessions_settled", round(settled), "settlements/s/core", SETTLED_A_SECOND, settled / SETTLED_A_SECOND)
    with Stack.start(kafka=False, inbox=False, environ={}) as stack:
        yield from asyncio.run(_on_database(stack.owner_url("settlement"), entries))
        yield from asyncio.run(_handled(stack.owner_url("settlement")))


def _line(name: str, value: float, unit: str, floor: float, ratio: float, **more: Any) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "floor": floor, "ratio": round(ratio, 2), **more}


def _answer(level: Level, status: str, paid: int, *adjustments: Adjustment) -> Adjudication:
    claim = RemittedClaim("SES-1", status, 22000, paid, payer_claim_id=f"ICN-{status}", adjustments=adjustments)
    return Adjudication(f"adjudication-{status}", level, claim, adjudicated_on=date(2026, 3, int(status)))


def _facts() -> SessionFacts:
    """A session with two payers, all of it done but the refund's answer."""
    primary = _answer(Level.PRIMARY, "1", 12000, Adjustment("CO", "45", 7000), Adjustment("PR", "2", 3000))
    secondary = _answer(Level.SECONDARY, "2", 2400, Adjustment("OA", "23", 19000), Adjustment("PR", "2", 600))
    return SessionFacts(
        charge_cents=22000,
        rate_cents=15000,
        expected=frozenset({Level.PRIMARY, Level.SECONDARY}),
        completed=True,
        charges={"charge-1": ChargeRequest(3000)},
        refunds={"refund-1": 2400},
        payment_answers={"charge-1": PaymentAnswer(Moved.SUCCEEDED, 3000)},
        answers={answer.id: answer for answer in (primary, secondary)},
        deposits={"trace-1": Deposit(Level.PRIMARY, 12000), "trace-2": Deposit(Level.SECONDARY, 2400)},
        payouts={"payout-1": 15000},
    )


def _settled() -> tuple[list[Entry], float]:
    """A session's entries, and how many times a second one core works out what such a session's ledger should be."""
    facts = _facts()
    entries = entries_to(settle("session-1", facts).entries, [])
    done, started = 0, time.process_time()
    while time.process_time() - started < SECONDS:
        for _ in range(50):
            assert not entries_to(settle("session-1", facts).entries, entries)
        done += 50
    return entries, done / (time.process_time() - started)


async def _on_database(url: str, entries: list[Entry]) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(url)
    try:
        await postgres.migrate(connection, postgres.RUNTIME_MIGRATIONS, MIGRATIONS)
        stored = await _store(connection, entries)
        await _fill(connection, MANY_POSTINGS)
        total = await connection.fetchval("select reltuples::bigint from pg_class where relname = 'postings'")
        trial = await _trial_balances(connection)
        session = await _read(connection, "select * from balances_of($1, $2, $3)", with_session=True)
        client = await _read(connection, "select * from balances_of($1, null, $2)", with_session=False)
    finally:
        await connection.close()
    return [
        _line("postings_stored", round(stored), "postings/s", POSTINGS_A_SECOND, stored / POSTINGS_A_SECOND),
        _line("session_balance_p99", session, "ms", BALANCE_WITHIN_MS, BALANCE_WITHIN_MS / session, postings=total),
        _line(
            "trial_balance_p99", trial, "ms", TRIAL_BALANCE_WITHIN_MS, TRIAL_BALANCE_WITHIN_MS / trial, postings=total
        ),
        _line("client_balance_p99", client, "ms", BALANCE_WITHIN_MS, BALANCE_WITHIN_MS / client, postings=total),
    ]


async def _handled(url: str) -> list[dict[str, Any]]:
    """Whole sessions through the service's own consumer: events and postings a second, in batches of 500."""
    pool = await postgres.connect(url, size=2, application="bench")
    try:
        consumer = Consumer(SERVICE, pool, attempts=1, wake=lambda: None)
        await consumer.batch([_message(RATE, 0)])
        before = await pool.fetchval("select count(*) from postings where client_id like 'live-%'")
        sessions = [[event.model_copy(update=_whose(n, event)) for event in STORY] for n in range(HANDLED_SESSIONS)]
        messages = [_message(event, number) for number, event in enumerate(chain.from_iterable(sessions), 1)]
        started = time.perf_counter()
        for first in range(0, len(messages), BATCH):
            await consumer.batch(messages[first : first + BATCH])
        seconds = time.perf_counter() - started
        posted = await pool.fetchval("select count(*) from postings where client_id like 'live-%'") - before
    finally:
        await pool.close()
    events, postings = len(messages) / seconds, posted / seconds
    return [
        _line("settlement_events_handled", round(events), "events/s", EVENTS_A_SECOND, events / EVENTS_A_SECOND),
        _line(
            "settlement_postings_handled", round(postings), "postings/s", EVENTS_A_SECOND, postings / EVENTS_A_SECOND
        ),
    ]


def _whose(number: int, event: Event) -> dict[str, str]:
    """Each session is of a client of its own; its charge is answered under its own key."""
    whose = {"client_id": f"live-{number}", "session_id": f"live-{number}"}
    key = {"idempotency_key": estimate_key(session_name(*whose.values()))}
    return whose | (key if "idempotency_key" in type(event).model_fields else {})


def _message(event: Event, number: int) -> Incoming:
    enveloped = envelope.first(event, id=f"bench-{number}", source="/bench", now=MORNING)
    headers = (("content-type", envelope.CONTENT_TYPE.encode()),)
    return Incoming(event.topic, event.key(), enveloped.to_bytes(), headers, f"{event.topic}/0/{number}")


async def _trial_balances(connection: asyncpg.Connection) -> float:
    """The 99th percentile in milliseconds of trial balances at random moments, each night's books being closed."""
    last = MORNING + timedelta(seconds=MANY_POSTINGS // 10)
    days = [(MORNING + timedelta(days=n)).date() for n in range((last - MORNING).days + 1)]
    for day in days:
        await control_store.close_books(connection, day, datetime.combine(day + timedelta(days=1), dt_time(), UTC))
    chance = random.Random(2)
    taken: list[float] = []
    for _ in range(200):
        moment = MORNING + timedelta(seconds=chance.randrange(MANY_POSTINGS // 10))
        started = time.perf_counter()
        rows = await connection.fetch("select * from trial_balance($1)", moment)
        taken.append(time.perf_counter() - started)
        assert sum(row["debit_cents"] for row in rows) == sum(row["credit_cents"] for row in rows)
    return round(sorted(taken)[int(len(taken) * 0.99)] * 1000, 2)


async def _store(connection: asyncpg.Connection, entries: list[Entry]) -> float:
    """Postings a second, in transactions of a batch each, as the service stores them; each is committed."""
    size = sum(len(entry.postings) for entry in entries)
    sessions = iter(range(10**9))
    count, started = 0, time.perf_counter()
    for _ in range(BATCHES):
        async with connection.transaction():
            rows = Rows(connection)
            for number in (next(sessions) for _ in range(BATCH // size)):
                for entry in entries:
                    for row in rows_of(entry, f"new-{number % 97}", f"new-{number}", MORNING, "message-1"):
                        rows.save(POSTINGS, row)
                        count += 1
            await rows.flush()
    return count / (time.perf_counter() - started)


FILL = """
insert into postings
select 'client-' || s % 20000, 'session-' || s, 'fact-' || e, 0, false, o, 2, 'claim_adjudicated',
    case o when 1 then 'cash' else 'client_receivable' end,
    case o when 1 then 'payer_receivable_primary' else 'contractual_adjustment' end,
    100 + s % 1000, $3::timestamptz + s * interval '1 second', 'message-' || s
from generate_series($1::bigint, $2::bigint - 1) as s, generate_series(1, 5) as e, generate_series(1, 2) as o
"""


async def _fill(connection: asyncpg.Connection, postings: int) -> None:
    """That many postings in the table: ten a session, of 20,000 clients."""
    step = 20_000
    for first in range(0, postings // 10, step):
        await connection.execute(FILL, first, min(first + step, postings // 10), MORNING, timeout=600)
    await connection.execute("vacuum analyze postings", timeout=600)


async def _read(connection: asyncpg.Connection, statement: str, *, with_session: bool) -> float:
    """The 99th percentile in milliseconds of balances of random sessions or clients, at random past moments."""
    chance = random.Random(1)
    taken: list[float] = []
    for _ in range(2_000):
        session = chance.randrange(max(1, MANY_POSTINGS // 10))
        moment = MORNING + timedelta(seconds=chance.randrange(session, MANY_POSTINGS // 10 + 1))
        where = [f"client-{session % 20000}", *([f"session-{session}"] if with_session else []), moment]
        started = time.perf_counter()
        rows = await connection.fetch(statement, *where)
        taken.append(time.perf_counter() - started)
        assert rows, "the session has balances"
    return round(sorted(taken)[int(len(taken) * 0.99)] * 1000, 2)
