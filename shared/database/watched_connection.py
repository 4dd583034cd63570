"""A connection that is given up once nothing comes back on it.

A network can lose a connection without a word. The kernel finds that out by itself where it is told to ask; a proxy
that stalls answers the kernel all the same, and there a statement that takes too long is the only sign.
"""

import asyncio
import functools
import socket
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, cast

import asyncpg

from shared.sealing.carrying_keys import KeyedConnection

STATEMENT_SECONDS = 60
"""How long a statement may take."""

_PROBES = {"TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 2, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 15_000}
"""After five silent seconds the kernel asks three times, two seconds apart. What it sends it repeats for 15 seconds
(here in milliseconds). An operating system may lack some of them."""

Statement = TypeVar("Statement", bound=Callable[..., Coroutine[Any, Any, Any]])


def _ending(statement: Statement) -> Statement:
    """The statement, with which the connection ends where it takes too long."""

    @functools.wraps(statement)
    async def ended_in_time(connection: asyncpg.Connection, *said: Any, **options: Any) -> Any:
        try:
            return await statement(connection, *said, **options)
        except TimeoutError:
            connection.terminate()
            raise

    return cast("Statement", ended_in_time)


class WatchedConnection(KeyedConnection):
    """A connection that ends with a statement that took too long.

    A rollback would wait as long again for an answer that does not come, and so would whoever gets the connection next.
    """

    def __init__(self, protocol: Any, transport: asyncio.Transport, *more: Any) -> None:
        super().__init__(protocol, transport, *more)
        _probe(transport.get_extra_info("socket"))

    execute = _ending(KeyedConnection.execute)
    executemany = _ending(KeyedConnection.executemany)
    fetch = _ending(KeyedConnection.fetch)
    fetchval = _ending(KeyedConnection.fetchval)
    fetchrow = _ending(KeyedConnection.fetchrow)
    copy_records_to_table = _ending(KeyedConnection.copy_records_to_table)


def _probe(connected: socket.socket) -> None:
    if connected.family not in (socket.AF_INET, socket.AF_INET6):
        return
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _PROBES.items():
        if (option := getattr(socket, name, None)) is not None:
            connected.setsockopt(socket.IPPROTO_TCP, option, value)
