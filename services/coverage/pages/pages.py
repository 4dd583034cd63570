"""The pages behind signed links. They work without JavaScript, and an answer that is sent twice is one answer.

A page reads the client's state, shows a form, and publishes what the client answered; handlers decide what follows.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Protocol, cast

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from services.coverage.pages import call_pages, plan_page, question_page, search_pages
from services.coverage.pages.page_view import View
from services.coverage.pages.page_words import FRAME
from services.coverage.settings import policy
from shared import log
from shared.events.types import Language
from shared.pages import links
from shared.pages.links import Purpose
from shared.pages.page_frame import chosen, style_sheet
from shared.pages.page_guard import HEADERS, FormTooLargeError, Guard, Limiter, TooOftenError, form_of
from shared.runtime.process import Process
from shared.runtime.transaction import Transaction


class Page(Protocol):
    """A page behind a signed link, as a module: `show` reads, `take` reads a form and publishes."""

    async def show(self, tx: Transaction, subject: Mapping[str, str]) -> View:
        """What a reader sees."""
        ...

    async def take(self, tx: Transaction, subject: Mapping[str, str], form: Mapping[str, str]) -> View:
        """What a reader sees after the form; the answer is published where nothing is wrong with it."""
        ...


PAGES: dict[Purpose, Page] = {
    "coordination": cast(Page, call_pages.COORDINATION),
    "recertification": cast(Page, call_pages.RECERTIFICATION),
    "question": cast(Page, question_page),
    "plan": cast(Page, plan_page),
}


def router(process: Process) -> APIRouter:
    """The routes of the pages and of the provider search."""
    routes = APIRouter()
    search_pages.add(routes, process)  # first, since routes are tried in turn and the search is asked most
    config = policy()
    guard = Guard(
        process.settings.link_key.get_secret_value(),
        Limiter(config.address_per_minute),
        Limiter(config.forgeries_per_minute),
    )
    answers = Limiter(config.answers_per_minute)
    for purpose in PAGES:
        _add(routes, process, guard, answers, purpose)

    @routes.get("/pages/style.css", include_in_schema=False)
    async def style() -> Response:
        return style_sheet()

    _ = style
    return routes


def _add(routes: APIRouter, process: Process, guard: Guard, answers: Limiter, purpose: Purpose) -> None:
    async def page(request: Request, token: str) -> Response:
        return await _answer(request, process, guard, answers, purpose, token)

    routes.add_api_route(f"/{purpose}/{{token}}", page, methods=["GET", "POST"], include_in_schema=False)


async def _answer(
    request: Request, process: Process, guard: Guard, answers: Limiter, purpose: Purpose, token: str
) -> Response:
    """The page, or the page that says in words what is wrong with the link."""
    asked, accepted = request.query_params.get("lang"), request.headers.get("accept-language", "")
    language = chosen(asked, accepted=accepted)
    try:
        subject = await guard.open(request.client.host if request.client is not None else "", purpose, token)
        form = None
        if request.method == "POST":
            await answers.take(token)
            form = await form_of(request.stream())
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
    language = chosen(asked, view.language, accepted)
    path = f"/{purpose}/{token}" + (f"?lang={language}" if asked == language else "")
    html = FRAME.render(view.template, language, policy(), {**view.facts, "path": path})
    return HTMLResponse(html, view.status, headers=HEADERS)


async def _view(process: Process, purpose: Purpose, subject: Mapping[str, str], form: Mapping[str, str] | None) -> View:
    page = PAGES[purpose]
    if form is None:
        async with process.transaction([]) as tx:  # reading takes no lock
            return await page.show(tx, subject)
    identity = hashlib.sha256(json.dumps([purpose, subject, sorted(form.items())]).encode()).hexdigest()
    async with process.transaction([subject["client_id"]], cause_id=f"page:{identity}") as tx:
        return await page.take(tx, subject, form)


def _problem(problem: str, status: int, language: Language) -> Response:
    return FRAME.problem(problem, status, language, policy())
