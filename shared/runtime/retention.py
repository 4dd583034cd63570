"""How long personal data is kept: what has served its purpose is forgotten, a bounded number of rows at a time.

Each service says in `retains` what it keeps and which of its settings says for how many days. The runtime's own tables
(the inbox, what was set aside unread) go the same way. Of several replicas one does it at a time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.runtime import deadletter, inbox
from shared.runtime.postgres import Connection
from shared.settings import ServiceSettings

LOCK = 0x4B455054


@dataclass(frozen=True, slots=True)
class Retained:
    """Something that is kept for as many days as the setting `days` says.

    `statement` forgets at most $2 rows of what ended before $1, and touches no others; its command tag counts them.
    """

    days: str
    statement: str
    at_a_time: int = 500


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
