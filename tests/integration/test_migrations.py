"""Migrations: forward only, once, whoever starts at the same time; an older version runs on a newer schema."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from shared.database import postgres
from shared.runtime.rows import Rows, Table
from tests.runtime_probe.service import SERVICE


@pytest.fixture
async def fresh(new_database):
    """The address of a database with the runtime's tables."""
    return await new_database(SERVICE)


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "letters" / "migrations").mkdir(parents=True)
    return tmp_path / "letters" / "migrations"


async def migrate(dsn: str, folder: Path) -> list[str]:
    connection = await asyncpg.connect(dsn)
    try:
        return await postgres.migrate(connection, folder)
    finally:
        await connection.close()


async def test_replicas_that_start_together_apply_each_migration_once(fresh, folder):
    for number in range(1, 4):
        (folder / f"000{number}_more.sql").write_text(f"create table more_{number} (n int); select pg_sleep(0.05);")

    applied = await asyncio.gather(*(migrate(fresh, folder) for _ in range(5)))

    assert sorted(applied) == [[], [], [], [], [f"letters/000{n}_more" for n in (1, 2, 3)]]


async def test_an_edited_migration_is_refused_by_name(fresh, folder):
    (folder / "0001_first.sql").write_text("create table first (n int)")
    await migrate(fresh, folder)
    (folder / "0001_first.sql").write_text("create table first (n bigint)")

    with pytest.raises(postgres.MigrationChangedError, match="letters/0001_first was edited"):
        await migrate(fresh, folder)


async def test_a_migration_that_fails_leaves_nothing_and_does_not_hold_the_lock(fresh, folder):
    (folder / "0001_good.sql").write_text("create table good (n int)")
    (folder / "0002_bad.sql").write_text("create table half (n int); select 1/0")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(fresh, folder)
    (folder / "0002_bad.sql").write_text("create table whole (n int)")

    assert await migrate(fresh, folder) == ["letters/0002_bad"]


@dataclass(frozen=True, slots=True)
class OldLetter:
    """As the version that runs knows it."""

    client_id: str
    letter_id: str
    sent: bool


@dataclass(frozen=True, slots=True)
class NewLetter(OldLetter):
    """As the next version knows it."""

    language: str | None


OLD = Table("letters", OldLetter, key=("client_id", "letter_id"))
NEW = Table("letters", NewLetter, key=("client_id", "letter_id"))


async def test_the_old_version_runs_on_the_expanded_schema_and_keeps_what_the_new_one_wrote(fresh, folder):
    (folder / "0001_letters.sql").write_text(
        "create table letters (client_id text, letter_id text, sent boolean, primary key (client_id, letter_id))"
    )
    await migrate(fresh, folder)
    (folder / "0002_expand.sql").write_text("alter table letters add column language text")
    connection = await asyncpg.connect(fresh)
    await save(connection, OLD, OldLetter("c", "before", sent=False))

    await migrate(fresh, folder)  # a new replica has started; the old one still runs
    await save(connection, NEW, NewLetter("c", "new", sent=False, language="es"))
    await save(connection, OLD, OldLetter("c", "old", sent=False))
    await save(connection, OLD, OldLetter("c", "new", sent=True))

    rows = await Rows(connection).under(NEW, ("c",))
    assert sorted(rows, key=lambda row: row.letter_id) == [
        NewLetter("c", "before", sent=False, language=None),
        NewLetter("c", "new", sent=True, language="es"),
        NewLetter("c", "old", sent=False, language=None),
    ]
    await connection.close()


async def save(connection, table, row) -> None:
    rows = Rows(connection)
    rows.save(table, row)
    await rows.flush()
