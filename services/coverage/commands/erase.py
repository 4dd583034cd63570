"""The command `erase`: a client asks to be forgotten, and an operator begins it."""

import argparse
from typing import Any

from services.coverage import store
from services.coverage.incoming import erasing
from services.coverage.settings import Settings
from shared import clock, log
from shared.commands import operator_session
from shared.commands.command import reason, refused
from shared.commands.operator_session import operator
from shared.database.postgres import Connection
from shared.runtime.forgetting.erasing import is_erased


def set_up(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("client_id", metavar="CLIENT_ID")
    parser.add_argument("--why", required=True, help="for the record, such as a ticket's number; no names")


def run(arguments: argparse.Namespace) -> Any:
    """The JSON document of `erase`: what is still open, or that the other services have their turn.

    Raises UnreadableInputError: no reason, nobody known to act, no database. Raises RefusedError: no such client.
    """
    why = reason(arguments.why)

    async def act(connection: Connection) -> Any:
        return await erased(connection, arguments.client_id, why)

    return operator_session.answer("coverage", Settings, act)


async def erased(connection: Connection, client_id: str, why: str) -> dict[str, Any]:
    """Begin to forget the client, or say how far it has come; doing it again looks again. Raises RefusedError."""
    if await is_erased(connection, client_id):
        return {"client_id": client_id, "state": "erased", "waits_for": []}
    async with operator_session.acting(connection, "coverage", [client_id], f"erase:{client_id}:{clock.now()}") as tx:
        if await tx.one(store.CLIENT, client_id) is None:
            raise refused("unknown_client", "no client has this id")
        asked = await erasing.begin(tx, client_id)
    log.get().warning("a client is to be forgotten", client_id=client_id, reason=f"{operator()}: {why}")
    state = "waits" if asked.waits_for else "passed_on"
    return {"client_id": client_id, "state": state, "waits_for": list(asked.waits_for)}
