"""Rows of a batch: read and written together, seen by the transaction that changed them."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from shared.runtime.rows import Rows, _in_order
from shared.runtime.table import Table
from tests.runtime_probe.service import SERVICE


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


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


def unreachable(rows: Any) -> None:
    """Whatever the rows would read now fails."""
    rows.connection = None


@pytest.fixture
async def connection(new_database):
    connection = await asyncpg.connect(await new_database(SERVICE))
    await connection.execute(CREATE)
    yield connection
    await connection.close()


async def stored(connection) -> list[Note]:
    return sorted(await Rows(connection).find(NOTES, "true"), key=lambda note: (note.client_id, note.number))


async def test_what_is_saved_is_read_back_whole(connection):
    rows = Rows(connection)
    for note in (OTHER, SECOND, FIRST):
        rows.save(NOTES, note)
    await rows.flush()

    assert await stored(connection) == [FIRST, SECOND, OTHER]


@dataclass(frozen=True, slots=True)
class Every:
    client_id: str
    state: Colour
    count: int
    known: bool
    day: date
    at: datetime
    raw: bytes
    share: float
    parts: dict[str, tuple[int, ...]]
    perhaps: str | None
    nothing: dict[str, int] | None


EVERY = Table("every_kind", Every, key=("client_id",))
CREATE_EVERY = (
    "create temp table every_kind (client_id text primary key, state text, count bigint, known boolean, day date,"
    " at timestamptz, raw bytea, share float8, parts jsonb, perhaps text, nothing jsonb)"
)
MOMENT = datetime(2026, 3, 2, 9, 0, 0, 123456, UTC)


@pytest.mark.parametrize(
    "row",
    [
        Every("a", Colour.RED, 2**62, True, date.min, MOMENT, b"\x00\xff\\", 0.1, {"x": (1, 2)}, None, None),
        Every('a "b"\\\n\t', Colour.BLUE, -1, False, date.max, MOMENT, b"", 1e300, {}, "", {}),
        Every("ñ 雪 🙂 null", Colour.RED, 0, True, MOMENT.date(), MOMENT, b"\\x41", -0.0, {'"': ()}, "null", {"": 0}),
    ],
    ids=["extremes", "signs that JSON escapes", "other alphabets"],
)
async def test_a_field_of_every_kind_is_read_back_as_it_was(connection, row):
    await connection.execute(CREATE_EVERY)
    rows = Rows(connection)
    rows.save(EVERY, row)
    await rows.flush()

    assert await Rows(connection).one(EVERY, row.client_id) == row
    if row.nothing is None:
        assert await connection.fetchval("select nothing is null from every_kind"), "None is SQL's null, not JSON's"


async def test_a_transaction_sees_its_own_changes_whichever_way_it_asks(connection):
    rows = Rows(connection)
    rows.save(NOTES, FIRST)
    changed = replace(FIRST, text="changed")
    assert await rows.under(NOTES, ("a",)) == [FIRST]
    rows.save(NOTES, changed)
    rows.save(NOTES, SECOND)

    assert await rows.one(NOTES, "a", 1) == changed
    assert await rows.under(NOTES, ("a",)) == [changed, SECOND]
    assert await rows.find(NOTES, "text = 'changed'") == [changed]
    rows.delete(NOTES, "a", 1)
    assert await rows.one(NOTES, "a", 1) is None
    assert await rows.under(NOTES, ("a",)) == [SECOND]
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


async def test_what_is_held_under_a_beginning_is_not_read_again(connection):
    before = Rows(connection)
    for note in (FIRST, SECOND, OTHER):
        before.save(NOTES, note)
    await before.flush()
    rows = Rows(connection)
    await rows.load_under(NOTES, [("a",), ("c",)])
    unreachable(rows)

    assert await rows.under(NOTES, ("a",)) == [FIRST, SECOND]
    assert await rows.under(NOTES, ("a", 2)) == [SECOND]
    assert await rows.under(NOTES, ("c",)) == []
    assert await rows.one(NOTES, "a", 3) is None
    rows.add(NOTES, replace(FIRST, number=3))
    rows.delete(NOTES, "a", 1)
    assert await rows.under(NOTES, ("a",)) == [SECOND, replace(FIRST, number=3)]


async def test_some_rows_of_clients_are_read_at_once_and_what_is_saved_since_is_among_them(connection):
    before = Rows(connection)
    for note in (FIRST, SECOND, OTHER):
        before.save(NOTES, note)
    await before.flush()
    rows, where = Rows(connection), "text = $2"
    await rows.load_some(NOTES, where, ["a", "b"], "one")
    unreachable(rows)
    assert await rows.some(NOTES, where, "a", "one") == [FIRST]
    assert await rows.some(NOTES, where, "b", "one") == []

    rows.save(NOTES, replace(OTHER, text="one"))
    rows.save(NOTES, replace(FIRST, text="changed"))
    assert await rows.some(NOTES, where, "b", "one") == [replace(OTHER, text="one")]
    assert await rows.some(NOTES, where, "a", "one") == [replace(FIRST, text="changed")]
    rows.connection = connection
    await rows.flush()
    assert await rows.some(NOTES, where, "b", "one") == [replace(OTHER, text="one")]


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

    assert len([statement for statement in statements if "notes" in statement]) == 2


@given(st.lists(st.tuples(st.text(), st.none() | st.integers(), st.none() | st.text()), unique=True), st.randoms())
def test_keys_are_written_in_one_order_whatever_they_are(keys, chance):
    shuffled = [*keys]
    chance.shuffle(shuffled)

    assert sorted(keys, key=_in_order) == sorted(shuffled, key=_in_order)


@dataclass(frozen=True, slots=True)
class Part:
    place: Annotated[int, Field(alias="number")]


@dataclass(frozen=True, slots=True)
class Renamed:
    client_id: str
    place: Annotated[int, Field(alias="number")]
    text: str | None = None
    parts: tuple[Part, ...] = ()


RENAMED = Table("notes", Renamed, key=("client_id", "number"))


async def test_a_field_is_kept_under_the_name_that_its_column_has_always_had(connection):
    row = Renamed("a", 2, "two", (Part(7),))
    rows = Rows(connection)
    rows.save(RENAMED, row)
    rows.save(RENAMED, Renamed("a", 3))
    rows.delete(RENAMED, "a", 3)
    await rows.flush()

    fresh = Rows(connection)
    assert await fresh.one(RENAMED, "a", 2) == row
    assert await fresh.under(RENAMED, ("a",)) == [row]
    assert await connection.fetchval("select parts::text from notes") == '[{"number": 7}]'
