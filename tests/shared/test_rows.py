"""Rows of a batch: read and written together, seen by the transaction that changed them."""

import asyncio
from dataclasses import dataclass, replace

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.rows import Rows, Table, _in_order
from tests.runtime_probe.service import SERVICE


@dataclass(frozen=True, slots=True)
class Note:
    client_id: str
    number: int
    text: str | None
    parts: tuple[str, ...]


NOTES = Table("notes", Note, key=("client_id", "number"))
CREATE = (
    "create temp table notes (client_id text, number bigint, text text, parts jsonb, primary key (client_id, number))"
)
FIRST, SECOND, OTHER = Note("a", 1, "one", ("x",)), Note("a", 2, None, ()), Note("b", 1, "other", ("y", "z"))


@pytest.fixture
async def connection(new_database):
    one = await asyncpg.connect(await new_database(SERVICE))
    await one.execute(CREATE)
    yield one
    await one.close()


async def stored(connection) -> list[Note]:
    return sorted(await Rows(connection).find(NOTES, "true"), key=lambda note: (note.client_id, note.number))


async def test_what_is_saved_is_read_back_whole(connection):
    rows = Rows(connection)
    for note in (OTHER, SECOND, FIRST):
        rows.save(NOTES, note)
    await rows.flush()

    assert await stored(connection) == [FIRST, SECOND, OTHER]


async def test_a_transaction_sees_its_own_changes_whichever_way_it_asks(connection):
    rows = Rows(connection)
    rows.save(NOTES, FIRST)
    changed = replace(FIRST, text="changed")
    assert await rows.all(NOTES, "a") == [FIRST]
    rows.save(NOTES, changed)
    rows.save(NOTES, SECOND)

    assert await rows.one(NOTES, "a", 1) == changed
    assert await rows.all(NOTES, "a") == [changed, SECOND]
    assert await rows.find(NOTES, "text = 'changed'") == [changed]
    rows.delete(NOTES, "a", 1)
    assert await rows.one(NOTES, "a", 1) is None
    assert await rows.all(NOTES, "a") == [SECOND]
    assert await rows.find(NOTES, "true") == [SECOND]


@pytest.mark.parametrize("known", [True, False], ids=["after a reading", "without a reading"])
async def test_what_is_added_stands_only_where_nothing_stood(connection, known):
    before = Rows(connection)
    before.save(NOTES, FIRST)
    await before.flush()
    rows = Rows(connection)
    if known:
        await rows.load_keys(NOTES, [("a", 1), ("b", 1)])

    rows.add(NOTES, replace(FIRST, text="again"))
    rows.add(NOTES, OTHER)
    rows.add(NOTES, replace(OTHER, text="again"))

    assert await rows.one(NOTES, "b", 1) == OTHER
    await rows.flush()
    assert await stored(connection) == [FIRST, OTHER]


async def test_a_batch_is_read_and_written_in_a_statement_each(connection):
    statements = []
    connection.add_query_logger(lambda record: statements.append(record.query))
    rows = Rows(connection)
    await rows.load_keys(NOTES, [("a", n) for n in range(100)])
    for number in range(100):
        assert await rows.one(NOTES, "a", number) is None
        rows.save(NOTES, replace(FIRST, number=number))
    await rows.flush()
    await rows.flush()
    await asyncio.sleep(0)  # the logger is called in the next round of the loop

    assert len([one for one in statements if "notes" in one]) == 2


@given(st.lists(st.tuples(st.text(), st.none() | st.integers(), st.none() | st.text()), unique=True), st.randoms())
def test_keys_are_written_in_one_order_whatever_they_are(keys, chance):
    shuffled = [*keys]
    chance.shuffle(shuffled)

    assert sorted(keys, key=_in_order) == sorted(shuffled, key=_in_order)
