"""Sealing what is stored plain, or with an earlier data key, a few rows at a time and beside the running service; or
opening what is sealed, where no data key seals any more.

A row is read and written under its lock, and one that is locked is left for the next round: no change of the service is
lost, and nothing waits.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import asyncpg

from shared.sealing.carrying_keys import Connection, keys_of
from shared.sealing.data_keys import SEALED_TEXT, DataKeys, begins_with
from shared.sealing.sealed_columns import SealedColumns

_ROWS, _ROWS_OF_BYTES = 200, 5
"""Rows in a transaction; a row of bytes may be a file of 10 MB."""


@dataclass(frozen=True)
class SealedRows:
    """The rows of a SQL table with sealed columns; `key` is the primary key."""

    table: str
    key: Sequence[str]
    columns: SealedColumns

    @property
    def at_a_time(self) -> int:
        """How many rows a transaction takes."""
        return _ROWS_OF_BYTES if "bytea" in self.columns.types.values() else _ROWS

    def left(self, number: int | None) -> str:
        """The SQL condition under which something of a row is not sealed with this data key; without one: is sealed."""
        if number is None:
            return " or ".join(_begins(column, kind, SEALED_TEXT) for column, kind in self.columns.types.items())
        begins = begins_with(number).decode()
        return " or ".join(
            f"({_is_filled(column, kind)} and not {_begins(column, kind, begins)})"
            for column, kind in self.columns.types.items()
        )


def _is_filled(column: str, kind: str) -> str:
    match kind:
        case "jsonb":
            return f"{column} not in ('{{}}', '[]', 'null')"
        case "bytea":
            return f"octet_length({column}) > 0"
        case _:
            return f"{column} <> ''"


def _begins(column: str, kind: str, text: str) -> str:
    match kind:
        case "jsonb":
            return f"(jsonb_typeof({column}) = 'string' and starts_with({column} #>> '{{}}', '{text}'))"
        case "bytea":
            return f"(substring({column} from 1 for {len(text)}) = '{text}'::bytea)"
        case _:
            return f"starts_with({column}, '{text}')"


async def seal_some(
    connection: Connection, rows: SealedRows, after: Sequence[object] | None
) -> tuple[int, Sequence[object] | None]:
    """Seal (or open) some rows, those after the key `after`; return how many, and the last one's key.

    The key is None where no row is left. Raises SealingError: a value cannot be opened.
    """
    keys = keys_of(connection)
    columns, key = rows.columns, ", ".join(rows.key)
    read = ", ".join(dict.fromkeys([*rows.key, *columns.key, *columns.types]))
    later = f"and ({key}) > ({_numbered(1, len(rows.key))})" if after is not None else ""
    async with connection.transaction():
        records = await connection.fetch(
            f"select {read} from {rows.table} where ({rows.left(keys.number)}) {later}"
            f" order by {key} limit {rows.at_a_time} for update skip locked",
            *(after or ()),
        )
        places = [f"{column} = ${n}" for n, column in enumerate(columns.types, 1)]
        where = f"({key}) = ({_numbered(len(places) + 1, len(rows.key))})"
        await connection.executemany(
            f"update {rows.table} set {', '.join(places)} where {where}",
            [[*_resealed(record, columns, keys), *(record[column] for column in rows.key)] for record in records],
        )
    return len(records), [records[-1][column] for column in rows.key] if records else None


def _resealed(record: asyncpg.Record, columns: SealedColumns, keys: DataKeys) -> Iterator[object]:
    about = [record[column] for column in columns.key]
    for column in columns.types:
        yield columns.resealed(column, record[column], about, keys)


def _numbered(first: int, count: int) -> str:
    return ", ".join(f"${n}" for n in range(first, first + count))


async def count_left(connection: Connection, rows: SealedRows) -> int:
    """How many rows hold something that is not sealed with the present data key, or without one is sealed."""
    return await connection.fetchval(f"select count(*) from {rows.table} where {rows.left(keys_of(connection).number)}")
