"""What a service shows to anybody: its pages, and no more. A wrong address gets a page that says so.

The API descriptions are on the operators' port. No redirect names a host: the one that a request
claims may be anybody's.
"""

from collections.abc import Callable

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.pages.page_frame import Brand, Frame, chosen

Problem = Callable[[Request, str, int], Response]
"""The page that says why there is none: by the request, the word of the problem, and the status."""


def in_words(frame: Frame, brand: Callable[[], Brand]) -> Problem:
    """Problems as pages of `frame`, in the reader's language."""

    def problem(request: Request, word: str, status: int) -> Response:
        language = chosen(request.query_params.get("lang"), accepted=request.headers.get("accept-language", ""))
        return frame.problem(word, status, language, brand())

    return problem


def for_programs(_: Request, word: str, status: int) -> Response:
    """Problems of a service whose public interface is for programs alone."""
    return JSONResponse({"detail": word}, status)


def public(title: str, routes: APIRouter, problem: Problem) -> FastAPI:
    """The routes for anybody. Unknown paths and methods that a path does not take are answered by `problem`."""
    app = FastAPI(title=title, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.include_router(routes)

    async def unknown_path(scope: Scope, receive: Receive, send: Send) -> None:
        await problem(Request(scope), "not_found", 404)(scope, receive, send)

    async def other_method(request: Request, _: Exception) -> Response:
        return problem(request, "bad_request", 405)

    app.router.default = unknown_path
    app.add_exception_handler(405, other_method)
    app.add_middleware(HeadAsGet)
    return app


class HeadAsGet:
    """HEAD is answered as GET is, without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app({**scope, "method": "GET"}, receive, without_body)
