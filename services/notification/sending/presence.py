"""A sender shows that it is alive by a lock in the database, which ends with its connection, not after a set time.

What a sender has in hand is then its own for as long as it takes: neither a mail server that is slow nor a clock that
jumps gives a letter to two. Only where the sender is gone, and its claim has run out too, does another one take over.
"""

import asyncio
import contextlib
import secrets

import asyncpg

from services.notification.store import LOCKS
from shared import log
from shared.database.postgres import KEPT_ALIVE

_LOOK_EVERY_SECONDS = 5.0


class Presence:
    """The lock of one sender. `number` names it; use as `async with`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.number = secrets.randbelow(2**31 - 1) + 1
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None

    async def __aenter__(self) -> "Presence":
        await self._try()
        self._keeping = asyncio.create_task(self._keep())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._keeping.cancel()
        await asyncio.gather(self._keeping, return_exceptions=True)
        if self._connection is not None:
            self._connection.terminate()

    async def _keep(self) -> None:
        """Hold the lock anew where its connection was lost; the claims' time covers the moment in between."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_SECONDS)
            if self._connection is None or not await self._answers(self._connection):
                await self._try()

    async def _answers(self, connection: "asyncpg.Connection[asyncpg.Record]") -> bool:
        try:
            return bool(await connection.fetchval("select true", timeout=_LOOK_EVERY_SECONDS))
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False

    async def _try(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
        self._connection = None
        try:
            connection = await asyncpg.connect(self._url, timeout=10, server_settings=KEPT_ALIVE)
        except (OSError, TimeoutError, asyncpg.PostgresError) as error:
            log.get().warning("sender not announced", reason=log.failure(error))
            return
        self._connection = connection
        with contextlib.suppress(OSError, asyncpg.PostgresError):
            await connection.execute("select pg_advisory_lock($1::int, $2::int)", LOCKS, self.number)
