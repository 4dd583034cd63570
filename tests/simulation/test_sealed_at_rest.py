"""One story with a mark in everything personal, its databases sealed: no table of any service shows the mark.

Then the data keys are replaced, and every value is sealed anew and still opened.
"""

import re
from base64 import b64decode
from dataclasses import replace
from unittest import mock

import pytest

from services.claims.claim.copies import COPIES_OF_0_1_0
from services.claims.claim.kept_interchanges import INTERCHANGES
from services.claims.claim.tables import CLIENTS, DECISIONS, DOCUMENTS, PLANS
from services.coverage import store as coverage
from services.notification.store import LETTERS, RECIPIENTS
from shared.commands import seal
from shared.commands.command import RefusedError
from shared.runtime.rows import fetch
from shared.sealing.data_keys import SEALED, SEALED_TEXT, DataKeys, NotOpenedError
from shared.sealing.keeping_keys import KeyKeeper, plain_left
from shared.sealing.key_encryption import KeyEncryptionKey
from shared.sealing.wrappers import wrappers
from tests.simulation import running, world
from tests.simulation.databases import Databases
from tests.simulation.marked import MarkedFacts, marks, stored
from tests.simulation.stage import Stage
from tests.simulation.test_nothing_personal_gets_out import Seen, SeenWorld, databases, story

WORDS = re.compile("samqzx|doeqzx|kimqzx|royqzx|patqzx|f41qzx|ref-qzx|qzxville|qzx01|qzx@example", re.IGNORECASE)
KEY = "0f5c55b2e9d14c7aa86b3f0e12d97c44"
HELD = {
    "claims": (CLIENTS, PLANS, DOCUMENTS, DECISIONS, INTERCHANGES),
    "coverage": coverage.SEALED,
    "notification": (RECIPIENTS, LETTERS),
}
__all__ = ["databases"]


async def play(stage: Stage) -> None:
    SeenWorld.seen = Seen()
    with mock.patch.object(world, "Facts", MarkedFacts), mock.patch.object(running, "World", SeenWorld):
        await running.run(stage, [story()])


def seen(value: object) -> list[str]:
    """Where the mark is seen in a value. Chance puts three letters into what is sealed: there it takes whole words."""
    if isinstance(value, bytes):
        return WORDS.findall(value.decode("latin-1")) if value.startswith(SEALED) else marks(value.decode("latin-1"))
    text = str(value).strip('"')
    if not text.startswith(SEALED_TEXT):
        return marks(text)
    return WORDS.findall(b64decode(text.rpartition(":")[2], validate=True).decode("latin-1"))


async def shown(stage: Stage) -> dict[str, list[str]]:
    """Where the mark is seen in the databases, by table."""
    found: dict[str, list[str]] = {}
    for name, performer in stage.performers.items():
        for table in await performer.pool.fetch("select tablename from pg_tables where schemaname = 'public'"):
            rows = await performer.pool.fetch(f"select * from {table['tablename']}")
            if where := [mark for row in rows for value in row.values() for mark in seen(value)]:
                found[f"{name}.{table['tablename']}"] = where
    return found


async def held(stage: Stage) -> dict[str, list[object]]:
    """What the services read of their sealed tables."""
    rows: dict[str, list[object]] = {}
    for service, tables in HELD.items():
        async with stage.performers[service].pool.acquire() as connection:
            for table in tables:
                rows[f"{service}.{table.name}"] = await fetch(connection, table, f"order by {', '.join(table.key)}")
    return rows


async def sealed(stage: Stage, service: str, *, new_key: bool = False) -> dict[str, object]:
    performer = stage.performers[service]
    config = performer.service.settings.model_validate({"database_url": "postgresql://a:b@h/d", "data_key": KEY})
    async with performer.pool.acquire() as connection:
        return await seal.seal(connection, performer.service, config, new_key)


async def test_no_table_shows_anything_personal_and_a_new_data_key_replaces_the_old(databases: Databases) -> None:
    async with databases.stage(KEY) as stage:
        await play(stage)

        assert await shown(stage) == {}
        before = await held(stage)
        assert all(before[name] for name in ("claims.documents", "claims.decisions", "coverage.issue")), "all was told"
        assert marks(str(before)), "and the services read it"

        for name, performer in stage.performers.items():
            await sealed(stage, name, new_key=True)
            await performer.pool.execute("update data_keys set seals_from = clock_timestamp()")
            async with performer.pool.acquire() as connection:
                await performer.keeper.open(connection)
            done = await sealed(stage, name)
            assert (done["data_key"], done["left"]) == (2, {})
            again = await sealed(stage, name)
            assert (again["sealed"], again["left"]) == ({}, {})
        assert await held(stage) == before
        for name in stage.performers:
            assert "sealed:1:" not in str(await stored(stage, name))

        await _swap_two_letters(stage)
        with pytest.raises(NotOpenedError, match=r"letters\.data holds a sealed value that was changed, or belongs"):
            await held(stage)


async def _swap_two_letters(stage: Stage) -> None:
    pool = stage.performers["notification"].pool
    await pool.execute(
        "update letters set data = (select data from letters as other where other.letter_id <> letters.letter_id"
        " and data <> '{}' limit 1) where data <> '{}'"
    )


async def test_what_was_stored_plain_is_sealed_beside_the_services(databases: Databases) -> None:
    async with databases.stage() as stage:
        await play(stage)
        before = await held(stage)
        assert {"claims.documents", "coverage.client", "notification.recipients"} <= (await shown(stage)).keys()

        for name, performer in stage.performers.items():
            keeper = replace(performer.keeper, wrappers=[KeyEncryptionKey(KEY)])
            async with performer.pool.acquire() as connection:
                await keeper.open(connection)
                with pytest.raises(RefusedError, match="not_yet"):
                    await sealed(stage, name)
                await connection.execute("update data_keys set seals_from = clock_timestamp()")
                await keeper.open(connection)
            assert (await sealed(stage, name))["left"] == {}

        assert await held(stage) == before
        assert await shown(stage) == {}
        assert await stage.performers["claims"].pool.execute(COPIES_OF_0_1_0, 10) == "UPDATE 0"

        for name, performer in stage.performers.items():
            await _unsealed(stage, name, performer.keeper)
        assert await held(stage) == before
        assert not [name for name in stage.performers if "sealed:" in str(await stored(stage, name))]


async def _unsealed(stage: Stage, service: str, keeper: KeyKeeper) -> None:
    """What is sealed is stored plain once the settings no longer seal, and the key is no longer needed."""
    performer = stage.performers[service]
    settings = {"database_url": "postgresql://a:b@h/d", "data_key": "none", "data_key_before": KEY}
    config = performer.service.settings.model_validate(settings)
    async with performer.pool.acquire() as connection:
        assert not await plain_left(connection), "all was sealed"
        await replace(keeper, wrappers=wrappers(config), seals=False).open(connection)
        await connection.execute("delete from outbox")
        done = await seal.unseal(connection, performer.service, config)
        assert done["left"] == {}
        await replace(keeper, wrappers=[], seals=False, keys=DataKeys()).open(connection)
