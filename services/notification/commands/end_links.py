"""The operators' command `end-links`: the links in a client's older letters do not open any more."""

import argparse
import dataclasses
import functools
from typing import Any

from services.notification.commands.operator_session import acting, answer
from services.notification.store import RECIPIENTS
from shared import log
from shared.commands.command import reason, refused
from shared.commands.operator_session import operator
from shared.database.postgres import Connection
from shared.events.notification import LinksEnded


def set_up_end_links(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `end-links`."""
    parser.add_argument("--client", metavar="CLIENT_ID", required=True)
    parser.add_argument("--why", required=True, help="for the record, such as `phone lost`; no names")


def run_end_links(arguments: argparse.Namespace) -> Any:
    """Take back every link sent to the client so far. Raises RefusedError: there is no such client."""
    why = reason(arguments.why)
    return answer(functools.partial(_end, client_id=arguments.client, why=why))


async def _end(connection: Connection, client_id: str, why: str) -> dict[str, Any]:
    async with acting(connection, [client_id]) as tx:
        client = await tx.one(RECIPIENTS, client_id)
        if client is None:
            raise refused("unknown_client", "no client has this id")
        version = client.link_version + 1
        tx.save(RECIPIENTS, dataclasses.replace(client, link_version=version))
        tx.caused_by_fact(f"links:{client_id}:{version}")
        tx.publish(LinksEnded(client_id=client_id, version=version, reason="staff"))
    log.get().info("links ended", client_id=client_id, reason=f"{operator()}: {why}")
    return {"client_id": client_id, "version": version, "why": why}
