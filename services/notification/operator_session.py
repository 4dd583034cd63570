"""The operator's way to the service's database: to read, and to act under the client's lock as a handler does."""

import asyncio
import contextlib
import getpass
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from datetime import date, datetime
from typing import Any

import asyncpg

from shared import clock, log, postgres, settings
from shared.command import RefusedError, UnreadableInputError
from shared.consume import finish
from shared.postgres import Connection
from shared.transaction import Cause, Transaction

VARIABLE = "DATABASE_URL_NOTIFICATION"


def refused(reason: str, detail: str) -> RefusedError:
    """The refusal, with its reason word and a sentence."""
    return RefusedError({"refused": True, "reason": reason, "detail": detail})


def operator() -> str:
    """Who types, for the record."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"


def answer(act: Callable[[Connection], Awaitable[Any]]) -> Any:
    """What `act` makes of the database. Raises UnreadableInputError: no database is named, or it does not answer."""
    from services.notification.settings import Settings

    log.configure("notification", "warning", "console")
    return asyncio.run(_answer(settings.load(Settings, "notification").database_url.get_secret_value(), act))


async def _answer(url: str, act: Callable[[Connection], Awaitable[Any]]) -> Any:
    try:
        connection = await asyncpg.connect(url, timeout=10)
        try:
            return await act(connection)
        finally:
            await connection.close()
    except asyncpg.UndefinedTableError:
        raise UnreadableInputError("the database has no tables yet: start the service once") from None
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise UnreadableInputError(f"the database of {VARIABLE} does not answer ({type(error).__name__})") from None


@contextlib.asynccontextmanager
async def acting(connection: Connection, clients: Iterable[str]) -> AsyncGenerator[Transaction]:
    """A transaction with the clients' locks; the running service publishes what it leaves in the outbox."""
    async with connection.transaction():
        await postgres.lock_clients(connection, clients)
        tx = Transaction(connection, "notification", clock.now())
        tx.caused_by(Cause(f"operator:{operator()}:{uuid.uuid4()}"))
        yield tx
        await finish(tx)


def plain(value: Any) -> Any:
    """A value of a row as JSON takes it."""
    return value.isoformat() if isinstance(value, date | datetime) else value
