"""Many sessions that have run their course: copies, in SQL, of a few that really did, in every service's tables.

The few are played under the run name `TEMPLATE`, which their clients, sessions and member numbers contain. A copy has
another name in its place in each plain column, and a suffix on every other number or id that an index holds. Moments
that an index holds are a second later from copy to copy, as they rise in tables that fill by themselves. What is inside
documents stays as it is, since nobody looks there.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import asyncpg

from deploy.embedded.stack import SERVICES, Stack

TEMPLATE = "tmpl"
TEMPLATES = 50
_AT_A_TIME = 200
_LEFT_OUT = frozenset({"outbox", "positions", "migrations", "set_aside"})
_HOURS = 3 * 3600.0

_COLUMNS = """
select attname as name, format_type(atttypid, atttypmod) as kind, exists (
    select from pg_index where indrelid = attrelid and attnum = any(indkey::int2[])
) as indexed
from pg_attribute
where attrelid = $1::regclass and attnum > 0 and not attisdropped and attidentity = '' and attgenerated = ''
order by attnum
"""
_TABLES = "select relname from pg_stat_user_tables order by relname"


@dataclass(frozen=True)
class Column:
    """A column of a table. `own` says that every template has a value of its own in it, which an index holds."""

    name: str
    kind: str
    own: bool

    def copied(self) -> str:
        """The expression of a copy's value, in a statement where `copy` is the copy's number, of $3 copies."""
        named = f"replace({self.name}, '{TEMPLATE}', 't' || copy)"
        match self.kind, self.own:
            case "text", True:
                of_the_run = f"{self.name} = '' or {self.name} like '%{TEMPLATE}%'"
                return f"case when {of_the_run} then {named} else {self.name} || '-' || copy end"
            case "text", False:
                return named
            case "timestamp with time zone", True:
                return f"{self.name} - ($3 - copy) * interval '1 second'"
            case _:
                return self.name


async def fill(stack: Stack, sessions: int) -> int:
    """Copy the templates until there are about so many sessions; return how many rows that took."""
    counts = await asyncio.gather(*[_fill_service(stack, service, sessions // TEMPLATES) for service in SERVICES])
    return sum(counts)


async def _fill_service(stack: Stack, service: str, copies: int) -> int:
    assert stack.database_admin_url is not None
    connection = await asyncpg.connect(f"{stack.database_admin_url.rsplit('/', 1)[0]}/{service}")
    try:
        await connection.execute("set session_replication_role = replica; set synchronous_commit = off")
        written = 0
        for table in [row["relname"] for row in await connection.fetch(_TABLES)]:
            if table not in _LEFT_OUT:
                written += await _fill_table(connection, table, copies)
        await connection.execute("vacuum (analyze)", timeout=_HOURS)
        return written
    finally:
        await connection.close()


async def _fill_table(connection: asyncpg.Connection, table: str, copies: int) -> int:
    """Copy the templates' rows; a table that none of them is in stays as it is."""
    columns = await _columns(connection, table)
    names = [column.name for column in columns if column.kind == "text"]
    if not names:
        return 0
    mine = " or ".join(f"{name} like '%{TEMPLATE}%'" for name in names)
    await connection.execute(f"create temp table template as select * from {table} where {mine}")
    try:
        if not (templates := await connection.fetchval("select count(*) from template")):
            return 0
        columns = [await _with_own(connection, column) for column in columns]
        statement = (
            f"insert into {table} ({_listed(column.name for column in columns)})"
            f" select {_listed(column.copied() for column in columns)}"
            " from generate_series($1::int, $2::int) as copy, template where copy <= $3::int order by copy"
        )
        for first in range(1, copies + 1, _AT_A_TIME):
            await connection.execute(statement, first, first + _AT_A_TIME - 1, copies, timeout=_HOURS)
        return templates * copies
    finally:
        await connection.execute("drop table template")


async def _columns(connection: asyncpg.Connection, table: str) -> list[Column]:
    rows = await connection.fetch(_COLUMNS, table)
    return [Column(row["name"], row["kind"], row["indexed"]) for row in rows]


async def _with_own(connection: asyncpg.Connection, column: Column) -> Column:
    """The column as the templates use it: an id or a number is nearly as often another one as there are templates."""
    if not (column.kind == "text" and column.own):
        return column
    values = await connection.fetchval(f"select count(distinct {column.name}) from template")
    return replace(column, own=values > TEMPLATES // 2)


async def rows_read_in_whole(stack: Stack) -> Counter[str]:
    """By table, how many rows were read so far by reading the whole table: few, or an index is missing."""
    read = Counter[str]()
    for service in SERVICES:
        connection = await asyncpg.connect(stack.database_url(service))
        for row in await connection.fetch("select relname, seq_tup_read from pg_stat_user_tables"):
            read[f"{service}.{row['relname']}"] = row["seq_tup_read"]
        await connection.close()
    return read


def _listed(expressions: Iterable[str]) -> str:
    return ", ".join(expressions)
