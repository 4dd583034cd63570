"""Health, metrics and the description of a service's interfaces: what operators see, on a port of their own."""

from typing import Any, Protocol

from fastapi import FastAPI, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.runtime.service import Service
from shared.settings import ServiceSettings


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


def _verdict(answers: dict[str, bool]) -> JSONResponse:
    good = all(answers.values())
    return JSONResponse({"ok": good, "checks": answers}, status_code=200 if good else 503)


def operations(process: Running, public: FastAPI | None = None) -> FastAPI:
    """What operators of a running service see; `/docs` also describes the routes of its `public` pages."""
    app = FastAPI(title=process.service.name, version="1", redirect_slashes=False)
    if process.service.operator_pages is not None:
        app.include_router(process.service.operator_pages(process))

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

    def described() -> dict[str, Any]:
        routes = [*(public.routes if public is not None else ()), *app.routes]
        return get_openapi(title=app.title, version=app.version, routes=routes)

    app.openapi = described
    _ = (live, ready, started, metrics)
    return app
