"""What the role of a service must not be able to do with its own database, tried: it reads and writes rows alone."""

import asyncpg
import pytest

from shared.database import granting, postgres
from tests.runtime_probe.service import SERVICE

FORBIDDEN = {
    "switch the ledger's guard off": "alter table postings disable trigger postings_are_never_changed",
    "drop the ledger's guard": "drop trigger postings_are_never_changed on postings",
    "replace the guard's function": "create or replace function refuse_change() returns trigger language plpgsql"
    " as $$ begin return new; end $$",
    "pretend to be a replica": "set session_replication_role = replica",
    "change a posting": "update postings set cents = 1",
    "delete a posting": "delete from postings",
    "empty the ledger": "truncate postings",
    "drop the ledger": "drop table postings",
    "change a closed day": "update closings set debit_cents = 0",
    "add a column": "alter table sessions add column mine text",
    "drop a table of rows": "drop table inbox",
    "forget a migration": "delete from migrations",
    "make a table": "create table mine ()",
    "make a temporary table": "create temporary table mine ()",
    "make a schema": "create schema mine",
    "become the owner": "set role settlement_owner",
    "take the database over": "alter database settlement owner to settlement",
    "read a file of the server": "select pg_read_file('postgresql.conf')",
    "run a program": "copy postings to program 'cat'",
    "end others' sessions": "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'postgres'",
}


@pytest.fixture
async def settlement(stack_environment):
    """A connection as the role that runs settlement."""
    connection = await asyncpg.connect(stack_environment["DATABASE_URL_SETTLEMENT"])
    yield connection
    await connection.close()


@pytest.mark.parametrize("statement", FORBIDDEN.values(), ids=FORBIDDEN)
async def test_the_services_role_cannot(settlement, statement: str):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await settlement.execute(statement)


@pytest.mark.parametrize("other", ["coverage", "claims", "notification", "payers"])
async def test_a_role_cannot_enter_another_services_database(stack_environment, other: str):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(stack_environment["DATABASE_URL_SETTLEMENT"].rsplit("/", 1)[0] + f"/{other}")


async def test_the_role_reads_and_writes_rows(settlement):
    for table in await settlement.fetch("select quote_ident(tablename) from pg_tables where schemaname = 'public'"):
        await settlement.fetch(f"select * from {table[0]} limit 1")
    transaction = settlement.transaction()
    await transaction.start()
    await settlement.execute("insert into stops (reason) values ('tried')")
    assert await settlement.execute("delete from stops where reason = 'tried'") == "DELETE 1"
    await transaction.rollback()


@pytest.fixture
async def two_roles(stack_environment, new_database):
    """A migrated database of its own: the address, and a connection as a role that owns nothing of it."""
    url = await new_database(SERVICE)
    owner = await asyncpg.connect(url)
    await granting.grant(owner, "claims")
    await owner.execute("set role claims")
    yield url, owner
    await owner.close()


async def test_tables_that_are_up_to_date_are_taken_as_they_are(two_roles):
    _, as_service = two_roles

    assert await postgres.migrate(as_service, postgres.RUNTIME_MIGRATIONS, SERVICE.migrations) == []


async def test_what_only_the_owner_may_apply_waits_for_the_owner(two_roles, tmp_path):
    url, as_service = two_roles
    folder = tmp_path / "probe" / "migrations"
    folder.mkdir(parents=True)
    (folder / "0009_later.sql").write_text("create table later (n int); insert into later values (1)")

    with pytest.raises(postgres.MigrationsWaitError, match="`migrate`"):
        await postgres.migrate(as_service, folder)
    owner = await asyncpg.connect(url)
    assert await postgres.migrate(owner, folder) == ["probe/0009_later"]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await as_service.fetchval("select n from later")
    await granting.grant(owner, "claims")
    await owner.close()

    assert await postgres.migrate(as_service, folder) == []
    assert await as_service.fetchval("select n from later") == 1
