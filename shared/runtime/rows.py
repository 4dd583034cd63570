"""Rows as frozen dataclasses, read and written for a whole batch at once.

A `Table` ties a dataclass to its SQL table. `Rows` is what one transaction knows of the tables: it loads what a batch
needs in one statement for each table, hands the handlers the rows it holds, and writes their changes in one statement
for each table at the end. Handlers just `load`, `replace` and `save`; they pay no round trip for an event.
"""

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from operator import attrgetter
from types import UnionType
from typing import Annotated, Any, Generic, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import asyncpg
from pydantic import ConfigDict, TypeAdapter
from pydantic.fields import FieldInfo

from shared.runtime.postgres import Connection

R = TypeVar("R")
Key = tuple[Any, ...]
_Keys = dict[Key, None]

_UNIONS = (Union, UnionType)
_PLAIN: dict[type, str] = {
    str: "text",
    int: "bigint",
    bool: "boolean",
    date: "date",
    datetime: "timestamptz",
    bytes: "bytea",
    float: "float8",
}
_IN_JSON = {"bytea": "text"}


def _plain(hint: Any) -> type | None:
    """The type of a plain field, or of `plain | None`; None: the field is kept as jsonb."""
    options = [part for part in get_args(hint) if part is not type(None)] if get_origin(hint) in _UNIONS else [hint]
    plain = options[0] if len(options) == 1 and isinstance(options[0], type) else None
    return plain if plain is not None and (plain in _PLAIN or issubclass(plain, StrEnum)) else None


def _column(field: str, hint: Any) -> tuple[str, Any]:
    """The column that keeps a field, and the type of its values."""
    if get_origin(hint) is not Annotated:
        return field, hint
    kind, *notes = get_args(hint)
    alias = next((note.alias for note in notes if isinstance(note, FieldInfo) and note.alias), None)
    return (alias, kind) if alias else (field, hint)


class Table(Generic[R]):
    """A SQL table whose columns are the fields of the frozen dataclass `row`; `key` names the primary key's columns.

    Fields of str, StrEnum, int, bool, date, datetime, float and bytes (or None) are plain columns; anything else is a
    jsonb column, validated by pydantic when it is read. A field whose column, or whose key in a jsonb column, has
    another name says so: `level: Annotated[int, Field(alias="role")]`. `append_only`: a row is never replaced. Columns
    that the dataclass lacks are left alone, so that an older version keeps working on a newer schema.
    """

    def __init__(self, name: str, row: type[R], key: Sequence[str], *, append_only: bool = False) -> None:
        self.name, self.row, self.key, self.append_only = name, row, tuple(key), append_only
        self._under: dict[int, str] = {}
        hints = get_type_hints(row, include_extras=True)
        fields = {field.name: _column(field.name, hints[field.name]) for field in dataclasses.fields(cast(Any, row))}
        hints = dict(fields.values())
        self.columns = list(hints)
        self._field_of = {column: field for field, (column, _) in fields.items()}
        self._renamed = {column: field for column, field in self._field_of.items() if column != field}
        first, *others = (self._field_of[column] for column in self.key)
        getter = attrgetter(first, *others)
        self._key: Callable[[R], Key] = getter if others else lambda row: (getter(row),)
        plain = {column: _plain(hints[column]) for column in self.columns}
        self.types = {column: _PLAIN.get(kind, "text") if kind else "jsonb" for column, kind in plain.items()}
        self._enums = {c: kind for c, kind in plain.items() if kind is not None and issubclass(kind, StrEnum)}
        self._adapters = {c: TypeAdapter[Any](hints[c]) for c in self.columns if self.types[c] == "jsonb"}
        self._rows = TypeAdapter[list[R]](cast(Any, list)[row], config=ConfigDict(ser_json_bytes="hex"))

    def key_of(self, row: R) -> Key:
        """The primary key of `row`."""
        return self._key(row)

    def from_record(self, record: asyncpg.Record) -> R:
        """The row of a record that has all columns."""
        values = dict(record)
        for column, adapter in self._adapters.items():
            if (raw := values[column]) is not None:
                values[column] = adapter.validate_json(raw)
        for column, kind in self._enums.items():
            if (raw := values[column]) is not None:
                values[column] = kind(raw)
        for column, field in self._renamed.items():
            values[field] = values.pop(column)
        return self.row(**values)

    def decode(self, column: str, raw: Any) -> Any:
        """The value of a jsonb column as the database gave it."""
        return None if raw is None else self._adapters[column].validate_json(raw)

    def value(self, row: R, column: str) -> Any:
        """A field as asyncpg takes it."""
        value = getattr(row, self._field_of[column])
        adapter = self._adapters.get(column)
        return value if adapter is None or value is None else adapter.dump_json(value, by_alias=True).decode()

    def as_json(self, rows: list[R]) -> str:
        """The fields of `rows` as the statements below take them: one parameter costs half of an array a column."""
        return self._rows.dump_json(rows, by_alias=True).decode()

    @cached_property
    def select(self) -> str:
        """The statement that reads all columns, without its `where`."""
        return f"select {', '.join(self.columns)} from {self.name}"

    def under(self, length: int) -> str:
        """The rows whose primary keys begin with one of some tuples of that length, given as columns."""
        if length not in self._under:
            self._under[length] = self._select_under(self.key[:length])
        return self._under[length]

    def _select_under(self, first: Sequence[str]) -> str:
        if len(first) == 1:
            return f"{self.select} where {first[0]} = any($1::{self.types[first[0]]}[])"
        arrays = ", ".join(f"${n}::{self.types[column]}[]" for n, column in enumerate(first, 1))
        return f"{self.select} where ({', '.join(first)}) in (select * from unnest({arrays}))"

    @cached_property
    def upsert(self) -> str:
        """Insert or replace rows (append only: insert), given as JSON."""
        if self.append_only:
            return self._insert
        changed = ", ".join(f"{c} = excluded.{c}" for c in self.columns if c not in self.key)
        return f"{self._insert} on conflict ({', '.join(self.key)}) " + (
            f"do update set {changed}" if changed else "do nothing"
        )

    @cached_property
    def insert_new(self) -> str:
        """Insert rows whose keys are not there yet, given as JSON."""
        return f"{self._insert} on conflict do nothing"

    @cached_property
    def _insert(self) -> str:
        given = ", ".join(f"{column} {_IN_JSON.get(kind, kind)}" for column, kind in self.types.items())
        taken = ", ".join(f"decode({c}, 'hex')" if kind == "bytea" else c for c, kind in self.types.items())
        return (
            f"insert into {self.name} ({', '.join(self.columns)})"
            f" select {taken} from json_to_recordset($1::json) as given ({given})"
        )

    @cached_property
    def remove(self) -> str:
        """Delete the rows of some primary keys, given as columns."""
        arrays = ", ".join(f"${n}::{self.types[column]}[]" for n, column in enumerate(self.key, 1))
        return f"delete from {self.name} where ({', '.join(self.key)}) in (select * from unnest({arrays}))"


@dataclasses.dataclass
class _Held(Generic[R]):
    """What a transaction knows of one table. A key held with None is known not to be there."""

    rows: dict[Key, R | None] = dataclasses.field(default_factory=dict[Key, R | None])
    under: dict[Key, dict[Key, R]] = dataclasses.field(default_factory=dict[Key, dict[Key, R]])
    """All rows of a key's beginning, such as a client's."""
    lengths: set[int] = dataclasses.field(default_factory=set[int])
    some: dict[str, dict[str, dict[Key, None]]] = dataclasses.field(
        default_factory=dict[str, dict[str, dict[Key, None]]]
    )
    """For each client and condition the rows for which it held when they were read, and what was saved since."""
    changed: set[Key] = dataclasses.field(default_factory=set[Key])
    added: dict[Key, R] = dataclasses.field(default_factory=dict[Key, R])

    def knows(self, key: Key) -> bool:
        """Whether it is known if there is such a row, and which."""
        return key in self.rows or any(key[:length] in self.under for length in self.lengths)

    def put(self, key: Key, row: R | None) -> None:
        """Hold the row, or that there is none."""
        self.rows[key] = row
        for length in self.lengths:
            beside = self.under.get(key[:length])
            if beside is not None:
                if row is None:
                    beside.pop(key, None)
                else:
                    beside[key] = row


class Rows:
    """The rows that one transaction has read or changed."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._held: dict[str, tuple[Table[Any], _Held[Any]]] = {}

    def _of(self, table: Table[R]) -> _Held[R]:
        of_table = self._held.get(table.name)
        if of_table is None:
            of_table = self._held[table.name] = (table, _Held())
        return of_table[1]

    async def load_under(self, table: Table[R], beginnings: Iterable[Key]) -> None:
        """Read all rows whose primary keys begin so (all of one length) in one statement, unless they are held."""
        held = self._of(table)
        wanted = sorted({key for key in beginnings if not any(key[:length] in held.under for length in held.lengths)})
        if not wanted:
            return
        await self.flush(table)
        length = len(wanted[0])
        held.lengths.add(length)
        for beginning in wanted:
            held.under[beginning] = {}
        columns = [list(column) for column in zip(*wanted, strict=True)]
        self._hold(table, await self.connection.fetch(table.under(length), *columns))

    async def load_keys(self, table: Table[R], keys: Iterable[Key]) -> None:
        """Read the rows of these primary keys in one statement, unless they are held already."""
        held = self._of(table)
        wanted = [key for key in dict.fromkeys(keys) if not held.knows(key)]
        if not wanted:
            return
        if held.added:
            await self.flush(table)
        for key in wanted:
            held.rows[key] = None
        columns = [list(column) for column in zip(*wanted, strict=True)]
        self._hold(table, await self.connection.fetch(table.under(len(table.key)), *columns))

    def _hold(self, table: Table[R], records: Iterable[asyncpg.Record]) -> list[R]:
        """Take over what was read, except where this transaction knows better."""
        held, rows = self._of(table), list[R]()
        for record in records:
            row = table.from_record(record)
            key = table.key_of(row)
            if key in held.changed:
                current = held.rows[key]
                if current is not None:
                    rows.append(current)
                continue
            held.put(key, row)
            rows.append(row)
        return rows

    async def under(self, table: Table[R], beginning: Key) -> list[R]:
        """The rows whose primary keys begin so, in the order they were read or saved."""
        await self.load_under(table, [beginning])
        held = self._of(table)
        known = next(held.under[beginning[:n]] for n in held.lengths if beginning[:n] in held.under)
        return [row for key, row in known.items() if key[: len(beginning)] == beginning]

    async def load_some(self, table: Table[R], where: str, clients: Iterable[str], *arguments: Any) -> None:
        """Read those rows of clients for which the SQL `where` holds, in one statement; its arguments begin at $2."""
        held = self._of(table)
        wanted = sorted({client for client in clients if where not in held.some.get(client, ())})
        if not wanted:
            return
        await self.flush(table)
        for client in wanted:
            held.some.setdefault(client, {})[where] = {}
        statement = f"{table.select} where {table.key[0]} = any($1::text[]) and {where}"
        for row in self._hold(table, await self.connection.fetch(statement, wanted, *arguments)):
            key = table.key_of(row)
            held.some[key[0]][where][key] = None

    async def some(self, table: Table[R], where: str, client_id: str, *arguments: Any) -> list[R]:
        """The client's rows for which `where` held when they were read, and all that were saved since."""
        await self.load_some(table, where, [client_id], *arguments)
        held = self._of(table)
        rows = [held.rows.get(key) for key in held.some[client_id][where]]
        return [row for row in rows if row is not None]

    async def one(self, table: Table[R], *key: Any) -> R | None:
        """The row of this primary key, or None."""
        held = self._of(table)
        if not held.knows(key):
            await self.load_keys(table, [key])
        return held.rows.get(key)

    async def find(self, table: Table[R], where: str, *arguments: Any) -> list[R]:
        """The rows for which the SQL `where` holds, this transaction's own changes included."""
        await self.flush(table)
        return self._hold(table, await self.connection.fetch(f"{table.select} where {where}", *arguments))

    def save(self, table: Table[R], row: R) -> None:
        """Insert or replace `row` when the transaction ends."""
        held, key = self._of(table), table.key_of(row)
        held.put(key, row)
        held.changed.add(key)
        for keys in held.some.get(key[0], {}).values():
            keys[key] = None

    def add(self, table: Table[R], row: R) -> None:
        """Insert `row` when the transaction ends, unless a row of its key is there already: no read is needed."""
        held, key = self._of(table), table.key_of(row)
        if not held.knows(key):
            held.added.setdefault(key, row)
        elif held.rows.get(key) is None:
            self.save(table, row)

    def delete(self, table: Table[R], *key: Any) -> None:
        """Delete the row of this primary key when the transaction ends."""
        held = self._of(table)
        held.put(key, None)
        held.changed.add(key)

    async def forget(self, client_id: str) -> None:
        """Write what was changed so far, and hold no rows of the client any more: they are deleted by statements."""
        await self.flush()
        for _, held in self._held.values():
            held.some.pop(client_id, None)
            for beginning in [beginning for beginning in held.under if beginning[0] == client_id]:
                del held.under[beginning]
            for key in [key for key in held.rows if key[0] == client_id]:
                del held.rows[key]

    async def flush(self, table: Table[Any] | None = None) -> None:
        """Write what was saved and deleted: at most two statements a table."""
        for changed, held in list(self._held.values()):
            if table is None or changed is table:
                await self._write(changed, held)

    async def _write(self, table: Table[Any], held: _Held[Any]) -> None:
        if held.added:
            added, held.added = held.added, {}
            rows = [added[key] for key in sorted(added, key=_in_order)]
            await self.connection.execute(table.insert_new, table.as_json(rows))
        if not held.changed:
            return
        changed, held.changed = sorted(held.changed, key=_in_order), set()
        rows = [row for key in changed if (row := held.rows[key]) is not None]
        gone = [key for key in changed if held.rows[key] is None]
        if rows:
            await self.connection.execute(table.upsert, table.as_json(rows))
        if gone:
            await self.connection.execute(table.remove, *[list(column) for column in zip(*gone, strict=True)])


def _in_order(key: Key) -> Key:
    """Keys in an order that all replicas share, so that no two wait for each other's rows; None comes first."""
    return tuple((part is not None, part) for part in key)
