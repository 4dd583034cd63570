"""`python -m tests.bench.search_server DATABASE_URL PORT`: coverage's pages in their own process, without Kafka."""

import asyncio
import gc
import sys

from pydantic import SecretStr

from services.coverage.app import SERVICE
from shared.database import postgres
from shared.process.process import Process
from shared.process.serving import served


async def serve(url: str, port: int) -> None:
    """Serve until the process is ended."""
    settings = SERVICE.settings(database_url=SecretStr(url), http_port=0, pages_port=port)
    process = Process(SERVICE, settings)
    process.pool = await postgres.connect(url, size=settings.database_connections, application="bench")
    gc.freeze()
    async with served(process):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
