"""The rows of a batch, read and written at once.

`Rows` is what one transaction knows of the tables: it loads what a batch needs in one statement for each table, hands
the handlers the rows it holds, and writes their changes in one statement for each table at the end. Handlers just
`load`, `replace` and `save`; they pay no round trip for an event.
"""

import dataclasses
from collections.abc import Iterable
from typing import Any, Generic, TypeVar

import asyncpg

from shared.database.postgres import Connection
from shared.runtime.table import Key, Table
from shared.sealing.carrying_keys import keys_of

R = TypeVar("R")


async def fetch(connection: Connection, table: Table[R], rest: str, *arguments: Any) -> list[R]:
    """The rows that `table.select` and the SQL after it give."""
    keys = keys_of(connection)
    records = await connection.fetch(f"{table.select} {rest}", *arguments)
    return [table.from_record(record, keys) for record in records]


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
        self.connection, self.keys = connection, keys_of(connection)
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
            row = table.from_record(record, self.keys)
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
            await self.connection.execute(table.insert_new, table.as_json(rows, self.keys))
        if not held.changed:
            return
        changed, held.changed = sorted(held.changed, key=_in_order), set()
        rows = [row for key in changed if (row := held.rows[key]) is not None]
        gone = [key for key in changed if held.rows[key] is None]
        if rows:
            await self.connection.execute(table.upsert, table.as_json(rows, self.keys))
        if gone:
            await self.connection.execute(table.remove, *[list(column) for column in zip(*gone, strict=True)])


def _in_order(key: Key) -> Key:
    """Keys in an order that all replicas share, so that no two wait for each other's rows; None comes first."""
    return tuple((part is not None, part) for part in key)
