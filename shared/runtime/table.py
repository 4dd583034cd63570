"""A SQL table and the frozen dataclass that is its row: the statements, and what goes into columns and comes out."""

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from operator import attrgetter
from types import UnionType
from typing import Annotated, Any, Generic, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import asyncpg
from pydantic import ConfigDict, TypeAdapter
from pydantic.fields import FieldInfo
from typing_extensions import TypedDict

from shared.sealing.data_keys import NO_KEYS, DataKeys
from shared.sealing.sealed_columns import SealedColumns

R = TypeVar("R")
Key = tuple[Any, ...]

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
_CONFIG = ConfigDict(ser_json_bytes="hex")


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


def _rows_of(kinds: Mapping[str, Any]) -> TypeAdapter[list[dict[str, Any]]]:
    """What writes rows by column, with values of these kinds."""
    row: Any = cast(Any, TypedDict)("Row", dict(kinds))
    return TypeAdapter[list[dict[str, Any]]](cast(Any, list)[row], config=_CONFIG)


class Table(Generic[R]):
    """A SQL table whose columns are the fields of the frozen dataclass `row`; `key` names the primary key's columns.

    Fields of str, StrEnum, int, bool, date, datetime, float and bytes (or None) are plain columns; anything else is a
    jsonb column, validated by pydantic when it is read. A field whose column, or whose key in a jsonb column, has
    another name says so: `level: Annotated[int, Field(alias="role")]`. `append_only`: a row is never replaced. Columns
    that the dataclass lacks are left alone, so that an older version keeps working on a newer schema.

    What the columns `sealed` hold is personal: it is sealed when it is written and opened when it is read, by the data
    keys that the connection carries. No SQL looks inside them. Empty texts, lists and objects are left as they are.
    What SQL must find of a sealed value is a property of the row, `derived` with its SQL type: written, and never read.
    """

    def __init__(
        self,
        name: str,
        row: type[R],
        key: Sequence[str],
        *,
        append_only: bool = False,
        sealed: Sequence[str] = (),
        derived: Mapping[str, str] | None = None,
    ) -> None:
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
        self._rows = TypeAdapter[list[R]](cast(Any, list)[row], config=_CONFIG)
        dumps = {c: functools.partial(adapter.dump_json, by_alias=True) for c, adapter in self._adapters.items()}
        self.sealed = SealedColumns(name, self.key, {column: self.types[column] for column in sealed}, dumps)
        self._hints = hints | dict.fromkeys(derived or (), Any)
        self._written_types = {**self.types, **(derived or {})}
        self._field_of |= {column: column for column in derived or ()}
        assert not (sealed and {"timestamptz", "float8"} & {self.types[column] for column in self.key}), name

    def key_of(self, row: R) -> Key:
        """The primary key of `row`."""
        return self._key(row)

    def from_record(self, record: asyncpg.Record, keys: DataKeys = NO_KEYS) -> R:
        """The row of a record that has all columns. Raises SealingError: not with these keys."""
        values = dict(record)
        self.sealed.open_row(values, keys)
        for column, adapter in self._adapters.items():
            if (raw := values[column]) is not None:
                values[column] = adapter.validate_json(raw)
        for column, kind in self._enums.items():
            if (raw := values[column]) is not None:
                values[column] = kind(raw)
        for column, field in self._renamed.items():
            values[field] = values.pop(column)
        return self.row(**values)

    def decode(self, column: str, raw: Any, key: Sequence[Any] = (), keys: DataKeys = NO_KEYS) -> Any:
        """The value of a jsonb column as the database gave it; `key` is the row's. Raises SealingError."""
        if column in self.sealed.types:
            raw = self.sealed.opened(column, raw, key, keys)
        return None if raw is None else self._adapters[column].validate_json(raw)

    def as_json(self, rows: list[R], keys: DataKeys) -> str:
        """The fields of `rows` as the statements below take them: one parameter costs half of an array a column."""
        if self._written_types.keys() == self.types.keys() and not self.sealed.closing(keys):
            return self._rows.dump_json(rows, by_alias=True).decode()
        closed = [self.sealed.close_row(self._by_column(row), self._key(row), keys) for row in rows]
        adapter = self._written if keys.number is None else self._sealed
        return adapter.dump_json(closed, by_alias=True).decode()

    @functools.cached_property
    def _written(self) -> TypeAdapter[list[dict[str, Any]]]:
        return _rows_of(self._hints)

    @functools.cached_property
    def _sealed(self) -> TypeAdapter[list[dict[str, Any]]]:
        return _rows_of(self._hints | dict.fromkeys(self.sealed.types, Any))

    def _by_column(self, row: R) -> dict[str, Any]:
        return {column: getattr(row, field) for column, field in self._field_of.items()}

    @functools.cached_property
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

    @functools.cached_property
    def upsert(self) -> str:
        """Insert or replace rows (append only: insert), given as JSON."""
        if self.append_only:
            return self._insert
        changed = ", ".join(f"{c} = excluded.{c}" for c in self._written_types if c not in self.key)
        return f"{self._insert} on conflict ({', '.join(self.key)}) " + (
            f"do update set {changed}" if changed else "do nothing"
        )

    @functools.cached_property
    def insert_new(self) -> str:
        """Insert rows whose keys are not there yet, given as JSON."""
        return f"{self._insert} on conflict do nothing"

    @functools.cached_property
    def _insert(self) -> str:
        given = ", ".join(f"{column} {_IN_JSON.get(kind, kind)}" for column, kind in self._written_types.items())
        taken = ", ".join(f"decode({c}, 'hex')" if kind == "bytea" else c for c, kind in self._written_types.items())
        form = "jsonb" if self._adapters else "json"  # jsonb reads what is nested once, json twice
        return (
            f"insert into {self.name} ({', '.join(self._written_types)})"
            f" select {taken} from {form}_to_recordset($1::{form}) as given ({given})"
        )

    @functools.cached_property
    def remove(self) -> str:
        """Delete the rows of some primary keys, given as columns."""
        arrays = ", ".join(f"${n}::{self.types[column]}[]" for n, column in enumerate(self.key, 1))
        return f"delete from {self.name} where ({', '.join(self.key)}) in (select * from unnest({arrays}))"
