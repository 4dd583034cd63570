"""The database keeps the ledger whole by itself, whoever writes to it."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import astuple, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

import services.settlement
from services.settlement.ledger.ledger import Account, Entry, Kind, Posting
from services.settlement.ledger.posting_rows import PostingRow, entries_of, rows_of
from shared.runtime.service import Service
from shared.settings import ServiceSettings

MIGRATIONS = Path(str(services.settlement.__file__)).parent / "migrations"
MOMENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PAID = Entry(Kind.CHARGE_SUCCEEDED, "payment:c", (Posting(Account.CASH, Account.CLIENT_RECEIVABLE, 3000),))
SERVICE = Entry(
    Kind.SERVICE_COMPLETED,
    "service",
    (
        Posting(Account.PAYER_RECEIVABLE_PRIMARY, Account.PROVIDER_PAYABLE, 15000),
        Posting(Account.PAYER_RECEIVABLE_PRIMARY, Account.CONTRACTUAL_ADJUSTMENT, 7000),
    ),
)


@pytest.fixture
async def database(new_database: Callable[[Service], Awaitable[str]]) -> AsyncGenerator[asyncpg.Connection]:
    connection = await asyncpg.connect(await new_database(Service("settlement", ServiceSettings, MIGRATIONS, {})))
    yield connection
    await connection.close()


def rows(*entries: Entry, at: datetime = MOMENT, client: str = "client-1") -> list[PostingRow]:
    return [row for entry in entries for row in rows_of(entry, client, "session-1", at, "message-1")]


async def insert(database: asyncpg.Connection, rows: Sequence[PostingRow]) -> None:
    values = ", ".join(f"({', '.join(f'${13 * n + m}' for m in range(1, 14))})" for n in range(len(rows)))
    await database.execute(f"insert into postings values {values}", *[v for row in rows for v in astuple(row)])


async def test_what_is_stored_is_read_back_as_it_was(database: asyncpg.Connection) -> None:
    await insert(database, rows(PAID, SERVICE))
    await insert(database, rows(PAID.reversal(), at=MOMENT + timedelta(seconds=1)))

    stored = await database.fetch("select * from postings")

    assert entries_of(PostingRow(**dict(row)) for row in stored) == [PAID, SERVICE, PAID.reversal()]


@pytest.mark.parametrize(
    "refused",
    [
        pytest.param(rows(SERVICE)[:1], id="half an entry"),
        pytest.param([replace(rows(PAID)[0], size=2)], id="an entry said to be larger"),
        pytest.param([replace(row, size=1) for row in rows(SERVICE)], id="an entry said to be smaller"),
        pytest.param([replace(rows(PAID)[0], credit=None)], id="a posting with one side"),
        pytest.param([replace(rows(PAID)[0], credit="cash")], id="a posting from an account to itself"),
        pytest.param([replace(rows(PAID)[0], credit="pocket")], id="an unknown account"),
        pytest.param([replace(rows(PAID)[0], cents=0)], id="nothing"),
        pytest.param([replace(rows(PAID)[0], cents=-3000)], id="less than nothing"),
        pytest.param([replace(rows(PAID)[0], cents=10**12)], id="an absurd amount"),
        pytest.param(rows(PAID, PAID), id="the same fact twice"),
        pytest.param(rows(PAID.reversal()), id="a reversal of nothing"),
        pytest.param(
            [*rows(PAID), replace(rows(PAID.reversal())[0], cents=2999)], id="a reversal that isn't the mirror image"
        ),
    ],
)
async def test_an_entry_that_is_not_whole_is_refused(
    database: asyncpg.Connection, refused: Sequence[PostingRow]
) -> None:
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await insert(database, refused)

    assert await database.fetchval("select count(*) from postings") == 0


@pytest.mark.parametrize(
    "change",
    [
        "update postings set cents = cents + 1",
        "update postings set kind = kind",
        "delete from postings",
        "truncate postings",
        "insert into postings select * from postings on conflict (client_id, session_id, fact, generation, reverses,"
        " ordinal) do update set cents = 1",
        "set session_replication_role = origin; delete from postings",
        "delete from closings",
        "truncate closings",
    ],
)
async def test_nothing_stored_is_ever_changed(database: asyncpg.Connection, change: str) -> None:
    await insert(database, rows(PAID))
    await database.execute("insert into closings values ('2026-03-01', 'cash', 0, 0)")

    with pytest.raises(asyncpg.PostgresError, match="append only"):
        await database.execute(change)

    assert await database.fetchval("select sum(cents) from postings") == 3000


async def test_a_posting_cannot_be_added_to_an_entry_later(database: asyncpg.Connection) -> None:
    await insert(database, rows(PAID))

    with pytest.raises(asyncpg.CheckViolationError):
        await insert(database, [replace(rows(PAID)[0], ordinal=2, size=2)])


async def test_balances_are_those_of_any_moment(database: asyncpg.Connection) -> None:
    await insert(database, rows(PAID))
    await insert(database, rows(SERVICE, at=MOMENT + timedelta(days=1)))
    await insert(database, rows(PAID.reversal(), at=MOMENT + timedelta(days=2)))
    await insert(database, rows(PAID, at=MOMENT, client="client-2"))

    async def balances(at: datetime, session: str | None) -> dict[str, int]:
        rows = await database.fetch("select * from balances_of('client-1', $1, $2)", session, at)
        return {row["account"]: row["cents"] for row in rows}

    assert await balances(MOMENT - timedelta(seconds=1), None) == {}
    assert await balances(MOMENT, "session-1") == {"cash": 3000, "client_receivable": -3000}
    assert await balances(MOMENT + timedelta(days=2), None) == {
        "payer_receivable_primary": 22000,
        "provider_payable": -15000,
        "contractual_adjustment": -7000,
    }
    assert await balances(MOMENT, "session-2") == {}


async def test_a_trial_balance_adds_up_with_and_without_closed_days(database: asyncpg.Connection) -> None:
    await insert(database, rows(PAID))
    await insert(database, rows(SERVICE, at=MOMENT + timedelta(days=1)))

    async def trial(at: datetime) -> dict[str, tuple[int, int]]:
        rows = await database.fetch("select * from trial_balance($1)", at)
        return {row["account"]: (row["debit_cents"], row["credit_cents"]) for row in rows}

    expected = {
        "cash": (3000, 0),
        "client_receivable": (0, 3000),
        "payer_receivable_primary": (22000, 0),
        "provider_payable": (0, 15000),
        "contractual_adjustment": (0, 7000),
    }
    assert await trial(MOMENT + timedelta(days=1)) == expected
    assert await trial(MOMENT) == {"cash": (3000, 0), "client_receivable": (0, 3000)}

    await database.execute("insert into closings select date '2026-03-02', * from trial_balance($1)", MOMENT)

    assert await trial(MOMENT + timedelta(days=1)) == expected
    assert await trial(MOMENT) == {"cash": (3000, 0), "client_receivable": (0, 3000)}
