"""The operator's way to the service's database: to read, and to act under the client's lock as a handler does."""

import asyncio
import contextlib
import getpass
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import date, datetime
from typing import Any

import asyncpg

from services.claims.settings import Settings
from services.claims.store import CLAIMS, CONTROL_NUMBERS, Claim, ControlNumber
from shared import clock, postgres, settings
from shared.command import RefusedError, UnreadableInputError
from shared.consume import finish
from shared.postgres import Connection
from shared.transaction import Cause, Transaction


class UnknownClaimError(RefusedError):
    """No claim has this number."""

    def __init__(self, name: str) -> None:
        super().__init__(refused("unknown_claim", f"no claim {name}: give a control number or SESSION/LEVEL"))


def refused(reason: str, detail: str) -> dict[str, Any]:
    """The document of a refusal."""
    return {"refused": True, "reason": reason, "detail": detail}


def operator() -> str:
    """Who types, for the audit."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"


def database_url() -> str:
    """The database that DATABASE_URL_CLAIMS names. Ends the process with one line where the settings are wrong."""
    return settings.load(Settings, "claims").database_url.get_secret_value()


def answer(act: Callable[[Connection], Awaitable[Any]]) -> Any:
    """What `act` makes of the database. Raises UnreadableInputError: the database does not answer."""
    return asyncio.run(_answer(database_url(), act))


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
        said = type(error).__name__
        raise UnreadableInputError(f"the database of DATABASE_URL_CLAIMS does not answer ({said})") from None


@contextlib.asynccontextmanager
async def acting(connection: Connection, *clients: str, fact: str = "") -> AsyncGenerator[Transaction]:
    """A transaction with the clients' locks; `fact` names what is done, so that twice publishes the same events."""
    async with connection.transaction():
        await postgres.lock_clients(connection, [client for client in clients if client])
        tx = Transaction(connection, "claims", clock.now())
        tx.caused_by(Cause(f"operator:{operator()}:{fact or uuid.uuid4()}"))
        yield tx
        await finish(tx)


async def claim_named(connection: Connection, name: str) -> Claim:
    """The claim that `name` means: a control number of any submission, however spelt, or `<session>/<level>`.

    Raises UnknownClaimError; RefusedError where it means several.
    """
    from services.claims.claim_changes import LEVELS
    from services.claims.control_number import key

    session_id, _, level = name.rpartition("/")
    if session_id and level in LEVELS:
        where, arguments = "session_id = $1 and role = $2", (session_id, LEVELS.index(level) + 1)
    else:
        where = "(client_id, session_id, role) in (select client_id, session_id, role from control_numbers"
        where, arguments = f"{where} where key = $1)", (key(name),)
    found = [CLAIMS.from_record(each) for each in await connection.fetch(f"{CLAIMS.select} where {where}", *arguments)]
    if not found:
        raise UnknownClaimError(name)
    if len(found) > 1:
        raise RefusedError(refused("ambiguous_claim", f"{name} means {len(found)} claims"))
    return found[0]


async def submissions(connection: Connection, claim: Claim) -> list[ControlNumber]:
    """How often the claim went out, in order."""
    records = await connection.fetch(
        f"{CONTROL_NUMBERS.select} where client_id = $1 and session_id = $2 and role = $3 order by interchange",
        claim.client_id,
        claim.session_id,
        claim.role,
    )
    return [CONTROL_NUMBERS.from_record(record) for record in records]


def plain(value: Any) -> Any:
    """A value of a row as JSON takes it."""
    return value.isoformat() if isinstance(value, date | datetime) else value


def name_of(claim: Claim) -> str:
    """How an operator names the claim: its last control number, or session and level where it was never sent."""
    from services.claims.claim_changes import level_of

    if claim.document is not None and claim.sent_on is not None:
        return claim.document.id
    return f"{claim.session_id}/{level_of(claim.role)}"
