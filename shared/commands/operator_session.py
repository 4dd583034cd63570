"""An operator's way to a service's database: to read, and to act under the clients' locks as a handler does."""

import asyncio
import contextlib
import os
import pwd
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from datetime import date, datetime
from typing import Any

import asyncpg
from pydantic import ValidationError

from shared import clock, log, settings
from shared.commands.command import UnreadableInputError
from shared.database import postgres, refusal
from shared.database.postgres import Connection
from shared.runtime.consume import finish
from shared.runtime.transaction import Cause, Transaction
from shared.sealing.carrying_keys import KeyedConnection, give_keys
from shared.sealing.data_keys import SealingError
from shared.sealing.wrappers import key_keeper
from shared.settings import ServiceSettings

_LONGEST_NAME = 100


def operator() -> str:
    """Who types, for the audit: `OPERATOR`, or the system's user where that is a person.

    Raises UnreadableInputError: nobody is known, as in a container, whose user has no name.
    """
    named = os.environ.get("OPERATOR", "").strip()
    if named:
        if len(named) > _LONGEST_NAME or not named.isprintable():
            raise UnreadableInputError(f"OPERATOR is no name of up to {_LONGEST_NAME} printable characters")
        return named
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        raise UnreadableInputError("nobody is known to act: say who you are with OPERATOR=name") from None


def answer(service: str, model: type[ServiceSettings], act: Callable[[Connection], Awaitable[Any]]) -> Any:
    """What `act` makes of the database that DATABASE_URL_<SERVICE> names.

    Raises UnreadableInputError: the settings are wrong, none is named, or it does not answer.
    """
    try:
        config = settings.read(model, service)
    except ValidationError as error:
        raise UnreadableInputError(f"the settings of {service} cannot be used: {settings.words(error)}") from None
    # To standard error, and by the allow-list: the answer is alone on standard output.
    log.configure(service, "warning", config.log_format)
    return asyncio.run(_answer(service, config, act))


async def _answer(service: str, config: ServiceSettings, act: Callable[[Connection], Awaitable[Any]]) -> Any:
    url, keeper = config.database_url.get_secret_value(), key_keeper(config, service)
    try:
        connection = await asyncpg.connect(url, timeout=10, connection_class=KeyedConnection)
        try:
            give_keys(connection, keeper.keys)
            await keeper.open(connection)
            return await act(connection)
        finally:
            await connection.close()
    except asyncpg.UndefinedTableError:
        raise UnreadableInputError("the database has no tables yet: start the service once") from None
    except asyncpg.UndefinedColumnError:
        raise UnreadableInputError("the database's tables are an earlier version's: start this one once") from None
    except SealingError as error:
        raise UnreadableInputError(str(error)) from None
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        why = refusal.in_words(error)
        said = f"the database of DATABASE_URL_{service.upper()} does not answer ({why})"
        raise UnreadableInputError(said) from None


@contextlib.asynccontextmanager
async def acting(
    connection: Connection, service: str, clients: Iterable[str], fact: str = ""
) -> AsyncGenerator[Transaction]:
    """A transaction with the clients' locks; the running service publishes what it leaves in the outbox.

    `fact` names what is done, so that doing it twice publishes the same events.
    """
    async with connection.transaction():
        await postgres.lock_clients(connection, [client for client in clients if client])
        tx = Transaction(connection, service, clock.now())
        tx.caused_by(Cause(f"operator:{operator()}:{fact or uuid.uuid4()}"))
        yield tx
        await finish(tx)


def plain(value: Any) -> Any:
    """A value of a row as JSON takes it."""
    return value.isoformat() if isinstance(value, date | datetime) else value
