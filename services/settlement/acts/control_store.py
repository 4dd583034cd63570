"""What the nightly control and the operators' commands ask of the tables: whole books, not one client's rows."""

import json
from datetime import date, datetime

from services.settlement.store import (
    DEPOSITS,
    PAYMENTS,
    REVIEWS,
    SESSIONS,
    DepositRow,
    RemittedPayment,
    ReviewRow,
    Session,
)
from shared.database.postgres import Connection
from shared.runtime.transaction import Transaction


async def is_controlled(connection: Connection, day: date) -> bool:
    """Whether the books of that day, or of a later one, were controlled."""
    return bool(await connection.fetchval("select exists (select from controls where day >= $1)", day))


async def try_lock(connection: Connection, number: int) -> bool:
    """Take a lock for as long as the connection lives, or say that another has it."""
    return bool(await connection.fetchval("select pg_try_advisory_lock($1)", number))


async def unlock(connection: Connection, number: int) -> None:
    """Give the lock back."""
    await connection.execute("select pg_advisory_unlock($1)", number)


async def close_books(connection: Connection, day: date, end: datetime) -> None:
    """Write the sums of all postings before `end`; a day that is closed stays as it is."""
    await connection.execute(
        "insert into closings (day, account, debit_cents, credit_cents)"
        " select $1, account, debit_cents, credit_cents from trial_balance($2::timestamptz - interval '1 microsecond')"
        " on conflict do nothing",
        day,
        end,
    )


async def last_control(connection: Connection) -> datetime | None:
    """When the books were controlled last."""
    return await connection.fetchval("select max(ran_at) from controls")


async def sessions_moved(connection: Connection, since: datetime | None) -> list[tuple[str, str]]:
    """The sessions whose money moved since then (None: ever), and those that are stopped."""
    rows = await connection.fetch(
        "select client_id, session_id from postings where $1::timestamptz is null or posted_at >= $1"
        " union select client_id, session_id from sessions where stopped <> '[]'",
        since,
    )
    return [(row["client_id"], row["session_id"]) for row in rows]


async def open_payments(tx: Transaction, before: datetime) -> list[RemittedPayment]:
    """The payments announced before then that were not compared yet, or differ."""
    where = "received_at <= $1 and (deposited_cents is null or difference is not null) order by received_at limit 10000"
    return await tx.find(PAYMENTS, where, before)


async def deposits_of_payment(tx: Transaction, payer_id: str, trace: str) -> list[DepositRow]:
    """What sessions got of a payment.

    A payer may sign its 835 with another id than the one its claims are sent to: deposits of the same trace that no
    announced payment of their own payer explains are this one's too.
    """
    where = (
        "trace = $2 and (payer_id = $1 or not exists (select from payments_remitted as own"
        " where own.payer_id = deposits.payer_id and own.trace = deposits.trace))"
    )
    return await tx.find(DEPOSITS, where, payer_id, trace)


async def session_by_id(tx: Transaction, session_id: str) -> Session | None:
    """The session of that id, whoever the client is."""
    sessions = await tx.find(SESSIONS, "session_id = $1 order by client_id limit 1", session_id)
    return sessions[0] if sessions else None


async def sessions_waiting(tx: Transaction, confirmed_until: date, most: int) -> list[Session]:
    """Completed sessions confirmed by then whose cost is open, or final only because the 90 days are over."""
    where = (
        "(final_cost_cents is null or facts @> '{\"deadline_passed\": true}') and facts @> '{\"completed\": true}'"
        " and not facts @> '{\"cancelled\": true}' and (happened ->> 'confirmed')::date <= $1"
        " order by happened ->> 'confirmed', client_id, session_id limit $2"
    )
    return await tx.find(SESSIONS, where, confirmed_until, most)


async def sessions_stopped(tx: Transaction, most: int) -> list[Session]:
    """The sessions whose payouts and refunds are stopped."""
    return await tx.find(SESSIONS, "stopped <> '[]' order by client_id, session_id limit $1", most)


async def reviews_of(tx: Transaction, session: Session) -> list[ReviewRow]:
    """What was laid before a person about a session, the latest first."""
    where = "client_id = $1 and session_id = $2 order by opened_at desc, reason"
    return await tx.find(REVIEWS, where, session.client_id, session.session_id)


async def reviews_since(tx: Transaction, since: datetime, most: int, *, closed: bool) -> list[ReviewRow]:
    """What was laid before a person since then and waits (or was closed too), the latest first."""
    where = (
        "opened_at >= $1 and ($3 or closed_at is null) order by opened_at desc, client_id, session_id, reason limit $2"
    )
    return await tx.find(REVIEWS, where, since, most, closed)


async def review_named(tx: Transaction, review_id: str) -> ReviewRow | None:
    """The review of an id."""
    reviews = await tx.find(REVIEWS, "review_id = $1", review_id)
    return reviews[0] if reviews else None


async def payments_that_differ(tx: Transaction, most: int) -> list[RemittedPayment]:
    """The payments that do not come to their deposits, the oldest first."""
    return await tx.find(PAYMENTS, "difference is not null order by received_at, payer_id, trace limit $1", most)


async def erasures_waiting(tx: Transaction, most: int) -> list[tuple[str, list[str]]]:
    """The clients who asked to be forgotten and whose money is open, with what each waits for."""
    rows = await tx.connection.fetch(
        "select client_id, data->'told' as told from timers where name = 'erasure' order by due_at limit $1", most
    )
    return [(row["client_id"], json.loads(row["told"])) for row in rows]
