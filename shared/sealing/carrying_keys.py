"""Connections carry the opened data keys of their database to whoever reads and writes rows."""

from typing import Any

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from shared.sealing.data_keys import NO_KEYS, DataKeys

Connection = asyncpg.Connection | PoolConnectionProxy
"""A connection, taken from a pool or not."""


class KeyedConnection(asyncpg.Connection):
    """A connection with the data keys of its database."""

    data_keys: DataKeys = NO_KEYS


def keys_of(connection: Connection) -> DataKeys:
    """The data keys that a connection carries; none where it was given none."""
    carried: Any = getattr(connection, "data_keys", NO_KEYS)
    return carried


def give_keys(connection: Connection, keys: DataKeys) -> None:
    """Have the connection carry these keys."""
    assert isinstance(connection, KeyedConnection)
    connection.data_keys = keys
