"""The command `backed-up`: the last step of a back-up job; it lets an alert see that back-ups happen."""

import argparse
from typing import Any

from shared.commands import operator_session
from shared.commands.operator_session import operator
from shared.database import backups
from shared.database.postgres import Connection
from shared.runtime.service import Service


def run(service: Service, _: argparse.Namespace) -> Any:
    """Note that the service's database has been backed up."""
    who = operator()

    async def act(connection: Connection) -> dict[str, str]:
        await backups.note(connection, who)
        return {"noted_by": who}

    return operator_session.answer(service.name, service.settings, act)
