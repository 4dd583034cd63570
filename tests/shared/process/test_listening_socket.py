"""The socket on which both ports are served."""

import asyncio
import contextlib
import socket

import pytest

from shared.process import serving


async def test_an_answer_is_sent_at_once_on_a_kept_connection():
    accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    listening = serving._listen("127.0.0.1", 0)
    async with await asyncio.start_server(answer, sock=listening):
        _, writer = await asyncio.open_connection(*listening.getsockname())
        assert await accepted
        writer.close()


def test_a_port_that_is_taken_is_named():
    with contextlib.closing(serving._listen("127.0.0.1", 0)) as first:
        port = first.getsockname()[1]
        with pytest.raises(serving.PortTakenError, match=f"HTTP_PORT {port} cannot be had"):
            serving._listen("127.0.0.1", port)
