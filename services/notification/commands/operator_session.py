"""The operator's way to notification's database."""

import contextlib
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from shared.commands import operator_session
from shared.database.postgres import Connection
from shared.runtime.transaction import Transaction


def answer(act: Callable[[Connection], Awaitable[Any]]) -> Any:
    """What `act` makes of the database. Raises UnreadableInputError: it does not answer."""
    from services.notification.settings import Settings

    return operator_session.answer("notification", Settings, act)


def acting(connection: Connection, clients: Iterable[str]) -> contextlib.AbstractAsyncContextManager[Transaction]:
    """A transaction of notification with the clients' locks."""
    return operator_session.acting(connection, "notification", clients)
