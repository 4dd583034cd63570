"""The command `migrate`: brings a service's tables up to date as their owner, and grants the service's role their rows.

For a job before the services start. A service whose own role owns the tables migrates when it starts instead.
"""

import argparse
import asyncio
from typing import Any

import asyncpg
from pydantic import ValidationError

from shared import settings
from shared.commands.command import UnreadableInputError, refused
from shared.database import granting, postgres, refusal
from shared.runtime.service import Service
from shared.settings import OwnerSettings


def set_up(parser: argparse.ArgumentParser) -> None:
    """Add the argument."""
    parser.add_argument("--role", help="the role that runs the service; the service's name without")


def run(service: Service, arguments: argparse.Namespace) -> Any:
    """What was applied, and to whom the rows were granted. Raises RefusedError: the database does not let us."""
    try:
        config = settings.read_owner(service.name)
    except ValidationError as error:
        raise UnreadableInputError(f"the settings cannot be used: {settings.words(error)}") from None
    return asyncio.run(_run(service, config, arguments.role or service.name))


async def _run(service: Service, config: OwnerSettings, role: str) -> Any:
    variable = f"DATABASE_OWNER_URL_{service.name.upper()}"
    try:
        connection = await asyncpg.connect(config.database_owner_url.get_secret_value(), timeout=10)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        why = refusal.in_words(error)
        raise refused("unreachable", f"{variable}: {why}") from None
    try:
        applied = await postgres.migrate(connection, postgres.RUNTIME_MIGRATIONS, service.migrations)
        await granting.grant(connection, role)
    except (postgres.MigrationsWaitError, postgres.MigrationChangedError) as error:
        raise refused("not_migrated", f"{variable}: {error}") from None
    except asyncpg.UndefinedObjectError:
        raise refused("no_such_role", f"there is no role {role}: make it (deploy/databases.sql), or name it") from None
    finally:
        await connection.close()
    return {"applied": applied, "granted_to": role}
