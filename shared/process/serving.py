"""The two ports of a process: one for operators, and one for the pages that anybody may open.

A request that does not come whole in the time that any connection needs is cut off, wherever it stops.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Generator
from typing import Any

import h11
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from shared.process.health import Running, operations
from shared.settings import ServiceSettings

HEADER_SECONDS = 10.0
REQUEST_SECONDS = 30.0
"""For headers and body together; longer than a page gives to its form, so that its reader is told in words."""
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class PortTakenError(Exception):
    """An address of ours is taken, or is not this machine's."""


class _Server(uvicorn.Server):
    """A server that leaves the signals to the process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Do nothing."""
        yield


class PatientFor(H11Protocol):
    """HTTP for requests that come whole within `REQUEST_SECONDS`, their headers within `HEADER_SECONDS`."""

    _waits_for: Any = None
    _limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """A connection on which nothing comes is cut off too."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Each piece counts for the same request until that is whole."""
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is awaited any more."""
        self._stop_watching()
        super().connection_lost(exc)

    def _watch(self) -> None:
        """Wait for the rest of the headers, or of the body; the limit on either stands from when it was begun."""
        awaited = self.conn.their_state
        if awaited is self._waits_for:
            return
        self._stop_watching()
        if awaited in (h11.IDLE, h11.SEND_BODY):
            seconds = HEADER_SECONDS if awaited is h11.IDLE else REQUEST_SECONDS - HEADER_SECONDS
            self._waits_for = awaited
            self._limit = self.loop.call_later(seconds, self._cut_off)

    def _stop_watching(self) -> None:
        self._waits_for = None
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None

    def _cut_off(self) -> None:
        if self.cycle is None or self.cycle.response_complete:  # pyright: ignore[reportUnnecessaryComparison]
            self.transport.write(_TOO_SLOW)
        self.transport.close()


def _listen(host: str, port: int, setting: str = "HTTP_PORT") -> socket.socket:
    """A listening socket. It names its protocol: asyncio only then sends what is written at once (TCP_NODELAY), and an
    answer on a kept connection would otherwise wait 40 ms for the reader's delayed acknowledgement.
    """
    listening = socket.socket(
        socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP
    )
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if listening.family is socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind((host, port))
        listening.listen()
        return listening
    except OSError as error:
        listening.close()
        raise PortTakenError(f"HTTP_HOST {host} and {setting} {port} cannot be had: {error.strerror}") from None


@contextlib.asynccontextmanager
async def _serving(app: FastAPI, listening: socket.socket, settings: ServiceSettings) -> AsyncGenerator[None]:
    config = uvicorn.Config(
        app,
        http=PatientFor,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=3,
        forwarded_allow_ips=settings.forwarded_allow_ips,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


@contextlib.asynccontextmanager
async def served(process: Running) -> AsyncGenerator[None]:
    """Serve while the block runs: operators on HTTP_PORT, the public on PAGES_PORT. Raises PortTakenError."""
    settings, build = process.settings, process.service.pages
    public = build(process) if build is not None else None
    async with contextlib.AsyncExitStack() as stack:
        sockets = [(operations(process, public), _listen(settings.http_host, settings.http_port))]
        stack.callback(sockets[0][1].close)
        if public is not None:
            sockets.append((public, _listen(settings.http_host, settings.pages_port, "PAGES_PORT")))
        for app, listening in sockets:
            await stack.enter_async_context(_serving(app, listening, settings))
        yield
