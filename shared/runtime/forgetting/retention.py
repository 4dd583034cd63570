"""How long personal data is kept: what has served its purpose is forgotten, a bounded number of rows at a time.

Each service says in `retains` what it keeps and which of its settings says for how many days. The runtime's own tables
(the inbox, what was set aside unread) go the same way. Of several replicas one does it at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.database.postgres import Connection
from shared.runtime import deadletter, inbox
from shared.settings import ServiceSettings

LOCK = 0x4B455054
_IDLE = """
with gone as (
    select distinct key as client_id from latest_fact as old
    where time < $1 and not exists (select from latest_fact as newer where newer.key = old.key and newer.time >= $1)
        and not exists (select from {last} as kept where kept.client_id = old.key)
    limit $2
)
"""


@dataclass(frozen=True, slots=True)
class Retained:
    """Something that is kept for as many days as the setting `days` says.

    `statement` forgets at most $2 rows of what ended before $1, and touches no others; its command tag counts them.
    """

    days: str
    statement: str
    at_a_time: int = 500


def with_dependents(
    days: str, chosen: str, *, of: str, key: Sequence[str], tables: Sequence[str], at_a_time: int = 500
) -> Retained:
    """The rows of the table `of` that the select `chosen` names by their `key`, and the rows of `tables` under it."""
    ends = f"delete from {of} using gone where {_same(of, key)}"
    return Retained(days, f"with gone as ({chosen}), {_deleted(tables, key)} {ends}", at_a_time)


def of_idle_clients(days: str, tables: Sequence[str], last: str) -> Retained:
    """What `tables` hold of clients of whom nothing was heard for so long, and of whom `last` holds nothing any more.

    `last` is a table, or a select of `client_id` in parentheses.

    A client whose details came before their times were noted (`latest_fact`) is kept until they come again.
    """
    whose = _IDLE.format(last=last).rstrip()
    ends = "delete from latest_fact using gone where latest_fact.key = gone.client_id"
    return Retained(days, f"{whose}, {_deleted(tables, ['client_id'])} {ends}")


def _deleted(tables: Sequence[str], key: Sequence[str]) -> str:
    return ", ".join(f"of_{table} as (delete from {table} using gone where {_same(table, key)})" for table in tables)


def _same(table: str, key: Sequence[str]) -> str:
    return " and ".join(f"{table}.{column} = gone.{column}" for column in key)


async def forget(
    connection: Connection, retained: Sequence[Retained], settings: ServiceSettings, now: datetime
) -> bool:
    """Forget some of what is kept for long enough; whether there may be more.

    In the caller's transaction: its end gives the ownership back. Nothing is done where another replica has it.
    """
    if not await connection.fetchval("select pg_try_advisory_xact_lock($1)", LOCK):
        return False
    more = await inbox.purge(connection, timedelta(days=settings.inbox_days))
    more |= await deadletter.purge(connection, timedelta(days=settings.set_aside_days))
    for kept in retained:
        before = now - timedelta(days=getattr(settings, kept.days))
        done = await connection.execute(kept.statement, before, kept.at_a_time)
        more |= int(done.rsplit(" ", 1)[1]) >= kept.at_a_time
    return more
