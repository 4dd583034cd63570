"""The proxy cuts, stalls and loses connections as a network does."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from tests.faults.causes.proxy import Proxy


@pytest.fixture
async def proxy() -> AsyncGenerator[Proxy]:
    """In front of a server that says again what it hears."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(100):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    proxy = Proxy(server.sockets[0].getsockname()[1])
    await proxy.start()
    yield proxy
    await proxy.cut()
    server.close()


class Client:
    """A connection through the proxy."""

    async def connect(self, proxy: Proxy) -> "Client":
        """Connect, and see that it works."""
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        assert await self.says(b"hello") == b"hello"
        return self

    async def says(self, data: bytes) -> bytes:
        """What comes back; empty where the connection has ended."""
        self.writer.write(data)
        try:
            return await asyncio.wait_for(self.reader.read(100), 20)
        except ConnectionError:
            return b""


async def test_a_cut_ends_every_connection_and_new_ones_work(proxy: Proxy):
    client = await Client().connect(proxy)

    assert await proxy.cut() == 1

    assert await client.says(b"are you there") == b""
    await Client().connect(proxy)


async def test_what_is_stalled_comes_when_it_goes_on(proxy: Proxy):
    client = await Client().connect(proxy)
    await proxy.stall()
    answer = asyncio.create_task(client.says(b"late"))

    done, _ = await asyncio.wait([answer], timeout=0.2)
    assert not done
    await proxy.go_on()

    assert await answer == b"late"


async def test_a_lost_connection_stays_open_and_silent(proxy: Proxy):
    client = await Client().connect(proxy)

    assert await proxy.lose() == 1
    answer = asyncio.create_task(client.says(b"are you there"))

    done, _ = await asyncio.wait([answer], timeout=0.2)
    assert not done, "neither an answer nor the end"
    answer.cancel()
    await Client().connect(proxy)
