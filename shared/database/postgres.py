"""PostgreSQL: the pool, the migrations, the clients' locks, and which failures pass by themselves."""

import asyncio
import hashlib
from collections.abc import Iterable
from pathlib import Path

import asyncpg

from shared.database.refusal import refusal
from shared.database.watched_connection import STATEMENT_SECONDS, WatchedConnection
from shared.sealing.carrying_keys import Connection, give_keys
from shared.sealing.data_keys import NO_KEYS, DataKeys, SealingError

RUNTIME_MIGRATIONS = Path(__file__).parents[1] / "runtime" / "migrations"
_MIGRATION_LOCK = 0x0C0B
_MIGRATIONS = (
    "create table if not exists migrations (name text primary key, checksum text not null,"
    " applied_at timestamptz not null default clock_timestamp())"
)

TRANSIENT = (
    OSError,
    asyncio.TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,
)
"""Failures of the database or the way to it. A killed session raises InternalClientError, which is no PostgresError."""


def passes(error: BaseException) -> bool:
    """Whether `error` is a failure of the database or the network: tried again, never the message's fault.

    A value that a column can't hold is an InterfaceError too, and a file that isn't there an OSError: those don't pass.
    """
    about_a_file = isinstance(error, OSError) and error.filename is not None
    return isinstance(error, TRANSIENT) and not isinstance(error, ValueError) and not about_a_file


_OUR_CLASSES = frozenset({"26", "3F", "42", "55", "58", "F0", "XX"})
"""Classes of SQLSTATEs that no message is to blame for: a right, a table, a column or a function is missing, a pooler
does not keep prepared statements, the server's files are broken (PostgreSQL, appendix A)."""


class FaultOfOursError(Exception):
    """The database lacks or refuses what we need, or holds what we cannot open; an operator has to correct that."""


def ours(error: BaseException) -> FaultOfOursError | None:
    """What to stop with where `error` is our fault, or None. PostgreSQL's words name tables and columns, no values."""
    if isinstance(error, SealingError):
        return FaultOfOursError(str(error))
    if not isinstance(error, asyncpg.PostgresError) or passes(error):
        return None
    if (error.sqlstate or "")[:2] not in _OUR_CLASSES:
        return None
    return FaultOfOursError(f"the database refuses what this version needs: {str(error).splitlines()[0][:200]}")


class MigrationChangedError(Exception):
    """A migration that was applied has been edited since: add a new one instead."""


class MigrationsWaitError(Exception):
    """The tables lack a migration that this role may not apply: the owner's role does, by the command `migrate`."""


KEPT_ALIVE = {"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "2", "tcp_keepalives_count": "3"}
"""The server drops a client whose machine is gone, and with it its locks, within about ten seconds."""


_PLANNED = {"jit": "off", "random_page_cost": "1.1"}
"""Nearly all rows are asked for by key, a few hundred at a time, of tables on solid disks or in memory: at the default,
made for turning ones, the planner rather reads a whole table of some ten thousand rows."""


async def _as_it_is(_: Connection) -> None:
    """Nothing is left of a transaction that would have to be reset: save the round trip."""


async def connect(url: str, *, size: int, application: str, keys: DataKeys = NO_KEYS) -> asyncpg.Pool:
    """A pool of up to `size` connections that carry `keys` and give up on a statement after 60 seconds.

    Raises DatabaseRefusesError: TLS, a certificate or the address is wrong, and waiting does not mend it.
    """

    async def carry(connection: Connection) -> None:
        give_keys(connection, keys)

    try:
        return await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=size,
            command_timeout=STATEMENT_SECONDS,
            timeout=10,
            reset=_as_it_is,
            init=carry,
            connection_class=WatchedConnection,
            server_settings={"application_name": application, **_PLANNED, **KEPT_ALIVE},
        )
    except Exception as error:
        if (refused := refusal(error)) is not None:
            raise refused from None
        raise


async def migrate(connection: Connection, *folders: Path) -> list[str]:
    """Apply what is new of each folder's `NNNN_*.sql`, in order, each in a transaction; return their names.

    Forward only. Several replicas may start at once: they wait for each other. Where nothing is new, no right but to
    read is needed. Raises MigrationChangedError: an applied file's text is no longer what was applied;
    MigrationsWaitError: another role owns the tables.
    """
    await connection.execute("select pg_advisory_lock($1)", _MIGRATION_LOCK)
    try:
        waiting = [(name, path) for name, path in _listed(folders) if not await _applied(connection, name, path)]
        for name, path in waiting:
            await _apply(connection, name, path)
        return [name for name, _ in waiting]
    except asyncpg.InsufficientPrivilegeError:
        raise MigrationsWaitError(
            "the tables are older than this version: their owner brings them up to date, by the command `migrate`"
        ) from None
    finally:
        await connection.execute("select pg_advisory_unlock($1)", _MIGRATION_LOCK)


def _listed(folders: Iterable[Path]) -> list[tuple[str, Path]]:
    """The migrations by name. The runtime's keep the name that they had in 0.1.0, wherever their folder is now."""
    owners = {folder: "shared" if folder == RUNTIME_MIGRATIONS else folder.parent.name for folder in folders}
    return [(f"{owner}/{path.stem}", path) for folder, owner in owners.items() for path in sorted(folder.glob("*.sql"))]


async def _applied(connection: Connection, name: str, path: Path) -> bool:
    if not await connection.fetchval("select to_regclass('migrations') is not null"):
        return False
    names = [name, name.replace("shared/", "runtime/", 1)]  # as versions between 0.1.0 and 0.2.0 wrote them
    applied = await connection.fetchval("select checksum from migrations where name = any($1::text[])", names)
    if applied is not None and applied != _checksum(path):
        raise MigrationChangedError(f"{name} was edited after it was applied: add a new migration instead")
    return applied is not None


async def _apply(connection: Connection, name: str, path: Path) -> None:
    async with connection.transaction():
        await connection.execute(_MIGRATIONS)
        await connection.execute(path.read_text())
        await connection.execute("insert into migrations (name, checksum) values ($1, $2)", name, _checksum(path))


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_text().encode()).hexdigest()


def as_lines(names: Iterable[str]) -> str:
    """Names without line ends as one text, which asyncpg sends many times faster than an array of them.

    Each begins a line of its own: so a single empty name is not the same as none. `of_lines` reads it.
    """
    return "".join(f"\n{name}" for name in names)


def of_lines(parameter: str) -> str:
    """The SQL array of the names that `as_lines` has put into `parameter`, such as "$1"."""
    return f"(string_to_array({parameter}, E'\\n'))[2:]"


async def lock_clients(connection: Connection, clients: Iterable[str]) -> None:
    """Take the locks of `clients` until the transaction ends, always in the same order, so that no two deadlock."""
    await connection.execute(
        "select count(pg_advisory_xact_lock(hashtextextended(client, 0)))"
        f" from unnest({of_lines('$1')}) as named (client)",
        as_lines(sorted(set(clients))),
    )


async def lock_free_clients(connection: Connection, clients: Iterable[str]) -> set[str]:
    """Take the locks of those `clients` that nobody else holds, and return these: never waits, so never deadlocks."""
    rows = await connection.fetch(
        f"select client from unnest({of_lines('$1')}) as named (client)"
        " where pg_try_advisory_xact_lock(hashtextextended(client, 0))",
        as_lines(sorted(set(clients))),
    )
    return {row["client"] for row in rows}
