"""Ports that are chosen free stay ours until their server listens."""

import asyncio
import socket

import pytest

from deploy.embedded.ports import Port


def test_a_held_port_is_given_to_nobody_who_asks_for_any():
    held = Port()

    others = [Port() for _ in range(200)]

    assert held.number not in {other.number for other in others}
    for port in (held, *others):
        port.release()


def test_a_held_port_is_refused_to_who_does_not_know_of_the_reservation():
    held = Port()

    with socket.socket() as stranger, pytest.raises(OSError, match="in use"):
        stranger.bind(("127.0.0.1", held.number))

    held.release()


async def test_its_server_listens_on_it_again_and_again_while_it_is_held():
    held = Port()
    assert not held.answers()

    for _ in range(3):
        server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", held.number)
        assert await asyncio.to_thread(held.answers)
        server.close()
        await server.wait_closed()

    held.release()
