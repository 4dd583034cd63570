"""The pages behind signed links. They work without JavaScript, and an answer that is sent twice is one answer.

A page reads the client's state, shows a form, and publishes what the client answered; handlers decide what follows.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import Annotated, Protocol, cast

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi import Path as FromPath
from fastapi.responses import HTMLResponse

from services.coverage import (
    page_calls,
    page_plan,
    page_question,
    provider_search,
    search_answer,
    search_view,
)
from services.coverage.page_view import View
from services.coverage.page_words import FRAME
from services.coverage.provider_search import MOST_PLANS, PAGE, BadCursorError, ProviderSearch, Wanted
from services.coverage.search_answer import PlanFound, SearchAnswer, WhatIf
from services.coverage.settings import policy
from shared import clock, links, log
from shared.events.types import Language
from shared.links import Purpose
from shared.page_frame import chosen, style_sheet
from shared.page_guard import HEADERS, FormTooLargeError, Guard, Limiter, TooOftenError, form_of
from shared.postgres import Connection
from shared.process import Process
from shared.transaction import Transaction

Plans = Annotated[
    list[str], Query(min_length=1, max_length=MOST_PLANS, description="Plan ids; every one must be billable.")
]
StateCode = Annotated[str, Query(pattern=r"^[A-Z]{2}$", description="Where the client is, two letters.")]
Day = Annotated[date | None, Query(description="The date of the session; today without it.")]
Name = Annotated[str, Query(max_length=100, description="The beginning of a first or last name.")]
Cursor = Annotated[str | None, Query(max_length=300, description="`next` of the page before.")]
Chosen = Annotated[str | None, Query(alias="lang", max_length=2)]


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
    "plan": cast(Page, page_plan),
}
_SEARCH: list[str | Enum] = ["provider search"]


def router(process: Process) -> APIRouter:
    """The routes of the pages and of the provider search."""
    routes = APIRouter()
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

    _add_search(routes, process)
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
        subject = guard.open(request.client.host if request.client is not None else "", purpose, token)
        form = None
        if request.method == "POST":
            answers.take(token)
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


def _add_search(routes: APIRouter, process: Process) -> None:
    """The provider search, as JSON for programs and as a page for people."""
    searching = ProviderSearch()

    @routes.get("/plans", tags=_SEARCH)
    async def plans(q: Annotated[str, Query(min_length=1, max_length=100)]) -> list[PlanFound]:
        """The plans whose name holds what is typed."""
        async with process.pool.acquire() as connection:
            found = await provider_search.look_up(connection, q.strip())
        return search_answer.plans_found(found, clock.today())

    @routes.get("/providers", tags=_SEARCH)
    async def providers(
        plan: Plans, state: StateCode, on: Day = None, q: Name = "", cursor: Cursor = None
    ) -> SearchAnswer:
        """The providers who can bill every plan given, and what each plan alone would give."""
        async with process.pool.acquire() as connection:
            wanted = await _wanted(searching, connection, plan, state, on, q)
            try:
                found = await searching.search(connection, wanted, cursor, PAGE)
            except BadCursorError as error:
                raise HTTPException(400, str(error)) from None
            each = await searching.alone(connection, wanted) if cursor is None else []
        return search_answer.search_answer(wanted, found, each)

    @routes.get("/providers/{provider_id}/billing", tags=_SEARCH)
    async def billing(
        provider_id: Annotated[str, FromPath(max_length=100)], plan: Plans, state: StateCode, on: Day = None
    ) -> list[WhatIf]:
        """What would be billed for one provider with the first plan alone, and with each further one added."""
        async with process.pool.acquire() as connection:
            wanted = await _wanted(searching, connection, plan, state, on, "")
            if await provider_search.provider(connection, provider_id) is None:
                raise HTTPException(404, f"no provider {provider_id!r} is listed")
            return [
                search_answer.what_if(*one) for one in await provider_search.what_if(connection, provider_id, wanted)
            ]

    @routes.get("/search", include_in_schema=False)
    async def search(request: Request, lang: Chosen = None) -> Response:
        """The page for people: choose plans, state and date; see who can bill them."""
        asked = search_view.Asked.of(request.query_params.multi_items(), clock.today())
        async with process.pool.acquire() as connection:
            facts = await search_view.facts(searching, connection, asked)
        language = chosen(lang, accepted=request.headers.get("accept-language", ""))
        html = FRAME.render("search.html", language, policy(), facts)
        return HTMLResponse(html, headers={**HEADERS, "Cache-Control": "no-cache"})

    _ = (plans, providers, billing, search)


async def _wanted(
    searching: ProviderSearch, connection: Connection, plans: list[str], state: str, on: date | None, name: str
) -> Wanted:
    """What is searched for, with the plans as they are listed. Raises HTTPException: a plan is not listed."""
    listed = await searching.plans(connection, plans)
    missing = [plan for plan in plans if plan not in listed]
    if missing:
        raise HTTPException(400, f"no plan {missing[0]!r} is listed: look plans up with /plans?q=")
    chosen = tuple(listed[plan] for plan in dict.fromkeys(plans))
    return Wanted(chosen, state, on or clock.today(), name.strip())
