"""Many sessions that have run their course: copies, in SQL, of a few that really did, in every service's tables.

The few are played under the run name `TEMPLATE`, which their clients, sessions and member numbers contain. A copy has
another name in its place in each plain column, and a suffix on every other number or id that an index holds. Moments
that an index holds are a second later from copy to copy, as they rise in tables that fill by themselves. What is inside
documents stays as it is. Those that PostgreSQL keeps outside the row, and X12 interchanges, are empty in copies: nobody
reads them, and a million sessions take up 50 GB without them.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
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
_TABLES = "select relname from pg_stat_user_tables where schemaname = 'public' order by relname"
_SET_INDEXES_ASIDE = "update pg_index set indisvalid = false, indisready = false where indrelid = $1::regclass"
_READ_IN_WHOLE = "select relname, seq_tup_read from pg_stat_user_tables where schemaname = 'public'"
_TRIGGERS = "select tgname from pg_trigger where tgrelid = $1::regclass and tgenabled = 'A'"


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
                renamed = f"{self.name} = '' or {self.name} like '%{TEMPLATE}%'"
                return f"case when {renamed} then {named} else {self.name} || '-' || copy end"
            case "text", False:
                return named
            case "timestamp with time zone", True:
                return f"{self.name} - ($3 - copy) * interval '1 second'"
            case "bytea", _:
                return "''"
            case "jsonb", _:
                return f"case when pg_column_toast_chunk_id({self.name}) is null then {self.name} else '[]' end"
            case _:
                return self.name


async def keep_templates(stack: Stack) -> None:
    """Copy what the templates' run has left in the tables into a schema of its own; nobody else has played yet."""
    for service in SERVICES:
        async with _administrator(stack, service) as connection:
            await connection.execute("create schema template")
            for table in [row["relname"] for row in await connection.fetch(_TABLES)]:
                if table not in _LEFT_OUT:
                    mine = _of_the_run(table, await _columns(connection, table))
                    await connection.execute(
                        f"create table template.{table} as select * from public.{table} where {mine}"
                    )


def _of_the_run(table: str, columns: Iterable[Column]) -> str:
    """The condition of the templates' rows: they hold the run's name, or a table of many rows never holds it."""
    named = " or ".join(f"{column.name} like '%{TEMPLATE}%'" for column in columns if column.kind == "text") or "false"
    many = f"(select count(*) from {table}) >= {TEMPLATES}"
    return f"{named} or {many} and not exists (select from {table} where {named})"


async def fill(stack: Stack, sessions: int) -> int:
    """Copy the templates until there are about so many sessions; return how many rows that took.

    Nobody may use the tables meanwhile: they have no indexes until they are full.
    """
    counts = await asyncio.gather(*[_fill_service(stack, service, sessions // TEMPLATES) for service in SERVICES])
    return sum(counts)


async def _fill_service(stack: Stack, service: str, copies: int) -> int:
    async with _administrator(stack, service) as connection:
        await connection.execute("set session_replication_role = replica; set synchronous_commit = off")
        await connection.execute("set maintenance_work_mem = '512MB'")
        tables = [row["relname"] for row in await connection.fetch(_TABLES) if row["relname"] not in _LEFT_OUT]
        return sum([await _fill_table(connection, table, copies) for table in tables])


async def _fill_table(connection: asyncpg.Connection, table: str, copies: int) -> int:
    """Copy the templates' rows; a table that holds nothing of theirs stays as it is."""
    if not (templates := await connection.fetchval(f"select count(*) from template.{table}")):
        return 0
    columns = [await _with_own(connection, table, column) for column in await _columns(connection, table)]
    statement = (
        f"insert into {table} ({_listed(column.name for column in columns)})"
        f" select {_listed(column.copied() for column in columns)} from generate_series($1::int, $2::int) as copy,"
        f" template.{table} where copy <= $3::int order by copy"
    )
    async with _rows_alone(connection, table):
        for first in range(1, copies + 1, _AT_A_TIME):
            await connection.execute(statement, first, first + _AT_A_TIME - 1, copies, timeout=_HOURS)
            await connection.execute(f"vacuum {table}", timeout=_HOURS)  # while the rows are still in memory
    return templates * copies


@asynccontextmanager
async def _rows_alone(connection: asyncpg.Connection, table: str) -> AsyncIterator[None]:
    """Within, only the table's rows are written: no trigger runs, and its indexes are made anew at the end."""
    triggers = [row["tgname"] for row in await connection.fetch(_TRIGGERS, table)]
    for trigger in triggers:
        await connection.execute(f"alter table {table} disable trigger {trigger}")
    await connection.execute(_SET_INDEXES_ASIDE, table)
    yield
    await connection.execute(f"reindex table {table}", timeout=_HOURS)
    for trigger in triggers:
        await connection.execute(f"alter table {table} enable always trigger {trigger}")
    await connection.execute(f"analyze {table}", timeout=_HOURS)


@asynccontextmanager
async def _administrator(stack: Stack, service: str) -> AsyncIterator[asyncpg.Connection]:
    assert stack.database_admin_url is not None
    connection = await asyncpg.connect(f"{stack.database_admin_url.rsplit('/', 1)[0]}/{service}")
    try:
        yield connection
    finally:
        await connection.close()


async def _columns(connection: asyncpg.Connection, table: str) -> list[Column]:
    rows = await connection.fetch(_COLUMNS, table)
    return [Column(row["name"], row["kind"], row["indexed"]) for row in rows]


async def _with_own(connection: asyncpg.Connection, table: str, column: Column) -> Column:
    """The column as the templates use it: an id or a number is nearly as often another one as there are templates."""
    if not (column.kind == "text" and column.own):
        return column
    values = await connection.fetchval(f"select count(distinct {column.name}) from template.{table}")
    return replace(column, own=values > TEMPLATES // 2)


async def rows_read_in_whole(stack: Stack) -> Counter[str]:
    """By table, how many rows were read so far by reading the whole table: few, or an index is missing."""
    read = Counter[str]()
    for service in SERVICES:
        connection = await asyncpg.connect(stack.database_url(service))
        for row in await connection.fetch(_READ_IN_WHOLE):
            read[f"{service}.{row['relname']}"] = row["seq_tup_read"]
        await connection.close()
    return read


def _listed(expressions: Iterable[str]) -> str:
    return ", ".join(expressions)
