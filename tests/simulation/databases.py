"""Fresh databases for each group of worlds, cloned from migrated ones."""

import contextlib
import os
import uuid
from collections.abc import AsyncGenerator
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from shared.database import postgres
from tests.simulation.stage import SERVICES, Stage


class Databases:
    """Makes databases on the server of `admin_url`, whose user may create them."""

    def __init__(self, admin_url: str) -> None:
        self._admin_url = admin_url
        self._templates: dict[str, str] = {}

    @contextlib.asynccontextmanager
    async def stage(self, data_key: str | None = None) -> AsyncGenerator[Stage]:
        """A stage on fresh databases, which go with it; sealed with `data_key`, or with the environment's DATA_KEY."""
        names = {service.name: await self._clone(service.name) for service in SERVICES}
        urls = {service: self._url(name) for service, name in names.items()}
        stage = await Stage.open(urls, data_key or os.environ.get("DATA_KEY"))
        try:
            yield stage
        finally:
            await stage.close()
            await self._drop(*names.values())

    async def close(self) -> None:
        """Drop the templates."""
        await self._drop(*self._templates.values())

    async def _clone(self, service: str) -> str:
        if not self._templates:
            await self._make_templates()
        name = f"simulation_{uuid.uuid4().hex[:12]}"
        await self._admin(f'create database "{name}" template "{self._templates[service]}"')
        return name

    async def _make_templates(self) -> None:
        for service in SERVICES:
            name = f"simulation_{service.name}_{uuid.uuid4().hex[:8]}"
            await self._admin(f'create database "{name}"')
            connection = await asyncpg.connect(self._url(name))
            await postgres.migrate(connection, postgres.RUNTIME_MIGRATIONS, service.migrations)
            await connection.close()
            self._templates[service.name] = name

    async def _drop(self, *names: str) -> None:
        await self._admin(*(f'drop database if exists "{name}" with (force)' for name in names))

    async def _admin(self, *statements: str) -> None:
        connection = await asyncpg.connect(self._url("postgres"))
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    def _url(self, database: str) -> str:
        return urlunsplit(urlsplit(self._admin_url)._replace(path=f"/{database}"))
