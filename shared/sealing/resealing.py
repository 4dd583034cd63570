"""Sealing what is stored plain, or with an earlier data key, a few rows at a time and beside the running service.

A row is read and written under its lock, and one that is locked is left for the next round: no change of the service is
lost, and nothing waits.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import asyncpg

from shared.sealing.carrying_keys import Connection, keys_of
from shared.sealing.data_keys import DataKeys, begins_with
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

    def left(self, number: int) -> str:
        """The SQL condition under which something of a row is not sealed with this data key."""
        begins = begins_with(number).decode()
        return " or ".join(_left(column, kind, begins) for column, kind in self.columns.types.items())


def _left(column: str, kind: str, begins: str) -> str:
    match kind:
        case "jsonb":
            as_text = f"{column} #>> '{{}}'"
            return (
                f"({column} not in ('{{}}', '[]', 'null')"
                f" and (jsonb_typeof({column}) <> 'string' or not starts_with({as_text}, '{begins}')))"
            )
        case "bytea":
            head = f"substring({column} from 1 for {len(begins)})"
            return f"(octet_length({column}) > 0 and {head} <> '{begins}'::bytea)"
        case _:
            return f"({column} <> '' and not starts_with({column}, '{begins}'))"


async def seal_some(
    connection: Connection, rows: SealedRows, after: Sequence[object] | None
) -> tuple[int, Sequence[object] | None]:
    """Seal some rows, those after the key `after`; return how many, and the last one's key: None where none is left.

    Raises SealingError: a value cannot be opened.
    """
    keys = keys_of(connection)
    assert keys.number is not None
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
    """How many rows hold something that is not sealed with the present data key."""
    number = keys_of(connection).number
    assert number is not None
    return await connection.fetchval(f"select count(*) from {rows.table} where {rows.left(number)}")
