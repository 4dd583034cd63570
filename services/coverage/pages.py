"""The pages behind signed links. They work without JavaScript, and an answer that is sent twice is one answer.

A page reads the client's state, shows a form, and publishes what the client answered; handlers decide what follows.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, cast

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse

from services.coverage import page_calls, page_question, page_words, search_pages
from services.coverage.page_guard import HEADERS, FormTooLargeError, Guard, Limiter, TooOftenError, form_of
from services.coverage.page_view import View
from services.coverage.settings import policy
from shared import links, log
from shared.links import Purpose
from shared.process import Process
from shared.transaction import Transaction


class Page(Protocol):
    """A page behind a signed link, as a module: `show` reads, `take` reads a form and publishes."""

    async def show(self, tx: Transaction, subject: Mapping[str, str]) -> View:
        """What a reader sees."""
        ...

    async def take(self, tx: Transaction, subject: Mapping[str, str], form: Mapping[str, str]) -> View:
        """What a reader sees after the form; the answer is published where nothing is wrong with it."""
        ...


PAGES: dict[Purpose, Page] = {
    "coordination": cast(Page, page_calls.COORDINATION),
    "recertification": cast(Page, page_calls.RECERTIFICATION),
    "question": cast(Page, page_question),
}
_STYLE = Path(__file__).parent / "pages" / "style.css"


def router(process: Process) -> APIRouter:
    """The routes of the pages and of the provider search."""
    routes = APIRouter()
    config = policy()
    guard = Guard(
        process.settings.link_key.get_secret_value(),
        Limiter(config.address_per_minute),
        Limiter(config.answers_per_minute),
        Limiter(config.forgeries_per_minute),
    )
    for purpose in PAGES:
        _add(routes, process, guard, purpose)

    @routes.get("/pages/style.css", include_in_schema=False)
    async def style() -> Response:
        return FileResponse(_STYLE, media_type="text/css", headers={"Cache-Control": "public, max-age=3600"})

    routes.include_router(search_pages.router(process))
    _ = style
    return routes


def _add(routes: APIRouter, process: Process, guard: Guard, purpose: Purpose) -> None:
    async def page(request: Request, token: str) -> Response:
        return await _answer(request, process, guard, purpose, token)

    routes.add_api_route(f"/{purpose}/{{token}}", page, methods=["GET", "POST"], include_in_schema=False)


async def _answer(request: Request, process: Process, guard: Guard, purpose: Purpose, token: str) -> Response:
    """The page, or the page that says in words what is wrong with the link."""
    language = request.query_params.get("lang")
    try:
        subject = guard.open(request, purpose, token)
        form = None
        if request.method == "POST":
            guard.answer(token)
            form = await form_of(request)
        view = await _view(process, purpose, subject, form)
    except links.BadLinkError:
        return _problem("bad_link", 403, language)
    except links.ExpiredLinkError:
        return _problem("expired", 410, language)
    except TooOftenError:
        return _problem("too_often", 429, language)
    except FormTooLargeError:
        return _problem("too_large", 413, language)
    except Exception as error:  # a person must not see a traceback, whatever broke
        log.get().error("page failed", reason=log.failure(error))
        return _problem("unavailable", 503, language)
    chosen = page_words.chosen(language, view.language)
    path = f"/{purpose}/{token}" + (f"?lang={chosen}" if language == chosen else "")
    return _html(view.template, chosen, {**view.facts, "path": path}, view.status)


async def _view(process: Process, purpose: Purpose, subject: Mapping[str, str], form: Mapping[str, str] | None) -> View:
    page = PAGES[purpose]
    if form is None:
        async with process.transaction([]) as tx:  # reading takes no lock
            return await page.show(tx, subject)
    identity = hashlib.sha256(json.dumps([purpose, subject, sorted(form.items())]).encode()).hexdigest()
    async with process.transaction([subject["client_id"]], cause_id=f"page:{identity}") as tx:
        return await page.take(tx, subject, form)


def _problem(problem: str, status: int, language: str | None) -> Response:
    response = _html("problem.html", page_words.chosen(language, None), {"problem": problem}, status)
    if status == 429:
        response.headers["Retry-After"] = "60"
    return response


def _html(template: str, language: str, facts: Mapping[str, object], status: int) -> Response:
    return HTMLResponse(page_words.render(template, language, policy(), facts), status, headers=HEADERS)
