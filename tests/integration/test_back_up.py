"""The back-up of the operators' page: a dump, and what comes of it; and the note by which an alert knows of it."""

import asyncio
import subprocess
from pathlib import Path

import asyncpg
import pytest

from deploy.embedded.postgres import programs
from services.settlement.app import SERVICE
from shared.database import backups, granting, postgres


async def run(program: str, *words: str) -> None:
    done = await asyncio.to_thread(
        subprocess.run, [str(programs() / program), *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


async def test_a_dump_brings_back_rows_guards_and_rights(new_database, tmp_path: Path):
    url, dump = await new_database(SERVICE), str(tmp_path / "settlement.dump")
    there = await asyncpg.connect(url)
    await granting.grant(there, "settlement")
    await there.execute("insert into stops (reason) values ('before the dump')")
    await run("pg_dump", "--format=custom", f"--file={dump}", url)
    await there.execute("delete from stops; insert into stops (reason) values ('after it')")

    await run("pg_restore", "--clean", "--if-exists", f"--dbname={url}", dump)

    assert await postgres.migrate(there, postgres.RUNTIME_MIGRATIONS, SERVICE.migrations) == []
    assert await there.fetchval("select string_agg(reason, ',') from stops") == "before the dump"
    await there.execute("set role settlement")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await there.execute("delete from postings")
    await there.close()


async def test_the_age_of_the_last_back_up_is_known_also_where_there_was_none(new_database):
    connection = await asyncpg.connect(await new_database(SERVICE))
    await connection.execute("update migrations set applied_at = now() - interval '3 days'")
    assert await backups.age_seconds(connection) == pytest.approx(3 * 86_400, abs=600)

    await backups.note(connection, "somebody")

    assert 0 <= await backups.age_seconds(connection) < 600
    assert await backups.archive_fails(connection) is False
    for _ in range(101):
        await backups.note(connection, "somebody")
    assert await connection.fetchval("select count(*) from backups") == 100
    await connection.close()
