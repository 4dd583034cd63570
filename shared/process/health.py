"""Health, metrics and a service's own pages over HTTP."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Generator
from typing import Protocol

import uvicorn
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.runtime.service import Service
from shared.settings import ServiceSettings


class PortTakenError(Exception):
    """The address for health, metrics and pages is taken, or is not this machine's."""


class Running(Protocol):
    """What health and metrics ask of a running process."""

    service: Service
    settings: ServiceSettings
    started: bool

    def alive(self) -> dict[str, bool]:
        """What liveness looks at."""
        ...

    async def ready(self) -> dict[str, bool]:
        """What readiness looks at."""
        ...

    async def measure(self) -> None:
        """Set the metrics that no event sets."""
        ...


class _Server(uvicorn.Server):
    """A server that leaves the signals to the process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Do nothing."""
        yield


def _verdict(answers: dict[str, bool]) -> JSONResponse:
    good = all(answers.values())
    return JSONResponse({"ok": good, "checks": answers}, status_code=200 if good else 503)


def application(process: Running) -> FastAPI:
    """The routes of a running service."""

    app = FastAPI(title=process.service.name, version="1")
    if process.service.pages is not None:  # before ours: routes are tried in turn, and people wait for the pages
        app.include_router(process.service.pages(process))

    @app.get("/health/live", tags=["operations"])
    async def live() -> Response:
        """Whether the process should be left running: its loops turn."""
        return _verdict(process.alive())

    @app.get("/health/ready", tags=["operations"])
    async def ready() -> Response:
        """Whether work can be done: database, migrations, consumers."""
        return _verdict(await process.ready())

    @app.get("/health/started", tags=["operations"])
    async def started() -> Response:
        """Whether the start is over."""
        return _verdict({"started": process.started})

    @app.get("/metrics", tags=["operations"])
    async def metrics() -> Response:
        """Prometheus metrics."""
        await process.measure()
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    _ = (live, ready, started, metrics)
    return app


def _listen(host: str, port: int) -> socket.socket:
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
        raise PortTakenError(f"HTTP_HOST {host} and HTTP_PORT {port} cannot be had: {error.strerror}") from None


@contextlib.asynccontextmanager
async def served(process: Running) -> AsyncGenerator[None]:
    """Serve while the block runs. Raises PortTakenError."""
    listening = _listen(process.settings.http_host, process.settings.http_port)
    config = uvicorn.Config(
        application(process),
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=3,
        forwarded_allow_ips=process.settings.forwarded_allow_ips,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving
