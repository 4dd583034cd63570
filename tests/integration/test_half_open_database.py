"""A connection to PostgreSQL that died without a word costs one wait, not two."""

import asyncio
from collections.abc import AsyncGenerator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from shared.database import postgres
from tests.faults.causes.proxy import Proxy

PATIENCE_SECONDS = 1.5


@pytest.fixture
async def proxy(stack_environment: dict[str, str]) -> AsyncGenerator[Proxy]:
    proxy = Proxy(urlsplit(stack_environment["TEST_STACK"]).port or 5432)
    await proxy.start()
    yield proxy
    await proxy.cut()


@pytest.fixture
async def pool(
    proxy: Proxy, stack_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[asyncpg.Pool]:
    monkeypatch.setattr(postgres, "STATEMENT_SECONDS", PATIENCE_SECONDS)
    address = urlsplit(stack_environment["TEST_STACK"])
    user = address.netloc.rpartition("@")[0]
    url = urlunsplit(address._replace(netloc=f"{user}@127.0.0.1:{proxy.port}"))
    pool = await postgres.connect(url, size=2, application="half-open")
    yield pool
    pool.terminate()


@pytest.mark.parametrize("loss", ["lose", "stall"])
async def test_a_transaction_gives_up_after_one_wait_and_the_next_one_works(pool, proxy, loss):
    async def cut_off() -> None:
        async with pool.acquire() as connection, connection.transaction():
            await connection.fetchval("select 1")
            await getattr(proxy, loss)()
            await connection.fetchval("select 2")

    began = asyncio.get_running_loop().time()
    with pytest.raises((TimeoutError, asyncpg.InterfaceError)) as failure:
        await cut_off()
    waited = asyncio.get_running_loop().time() - began
    await proxy.go_on()

    assert postgres.passes(failure.value)
    assert await pool.fetchval("select 3") == 3
    assert waited < 2 * PATIENCE_SECONDS
