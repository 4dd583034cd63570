"""The provider search over HTTP: as JSON for programs, and as a page for people."""

from enum import Enum
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi import Path as FromPath
from fastapi.responses import HTMLResponse

from services.coverage.pages import search_view
from services.coverage.pages.page_words import FRAME
from services.coverage.search import plan_look_up, provider_search, search_answer
from services.coverage.search.provider_search import PAGE, BadCursorError, ProviderSearch, Wanted
from services.coverage.search.search_answer import PlanFound, Refusal, SearchAnswer, WhatIf
from services.coverage.search.search_guard import Plans, QueryRoute, SearchQuery, StateCode, Typed
from services.coverage.settings import policy
from shared import clock, log
from shared.database.postgres import Connection
from shared.events.directory import PayerListed
from shared.events.types import Day
from shared.pages.page_frame import chosen
from shared.pages.page_guard import HEADERS
from shared.process.process import Process

_TAGS: list[str | Enum] = ["provider search"]
_REFUSED: dict[str, Any] = {"model": Refusal, "description": "A plan is not listed, or a cursor is not ours."}
_NOBODY: dict[str, Any] = {"model": Refusal, "description": "No such provider is listed."}


def add(routes: APIRouter, process: Process) -> None:
    """Add the search's routes."""
    searching = ProviderSearch()

    async def providers(query: Annotated[SearchQuery, Query()]) -> Response:
        """The providers who can bill every plan given, and what each plan alone would give."""
        async with process.pool.acquire() as connection:
            listed = await _listed(searching, connection, query.plan)
            wanted = Wanted(listed, query.state, query.on or clock.today(), query.q.strip())
            try:
                page = await searching.search(connection, wanted, query.cursor, PAGE)
            except BadCursorError as error:
                raise HTTPException(400, str(error)) from None
            counts = await searching.alone(connection, wanted) if not query.cursor else []
        return Response(search_answer.search_answer(wanted, page, counts), media_type="application/json")

    routes.add_api_route(
        "/providers",
        providers,
        route_class_override=QueryRoute,
        responses={200: {"model": SearchAnswer}, 400: _REFUSED},
        response_class=Response,
        tags=_TAGS,
    )
    _add_others(routes, process, searching)


def _add_others(routes: APIRouter, process: Process, searching: ProviderSearch) -> None:
    @routes.get("/plans", tags=_TAGS)
    async def plans(q: Annotated[Typed, Query(min_length=1, max_length=100)]) -> list[PlanFound]:
        """The plans whose name holds what is typed."""
        async with process.pool.acquire() as connection:
            plans_listed = await plan_look_up.look_up(connection, q.strip())
        return search_answer.plans_found(plans_listed, clock.today())

    @routes.get("/providers/{provider_id}/billing", tags=_TAGS, responses={400: _REFUSED, 404: _NOBODY})
    async def billing(
        provider_id: Annotated[Typed, FromPath(max_length=100)],
        plan: Annotated[Plans, Query()],
        state: Annotated[StateCode, Query()],
        on: Annotated[Day | None, Query(description="The date of the session; today without it.")] = None,
    ) -> list[WhatIf]:
        """What would be billed for one provider with the first plan alone, and with each further one added."""
        async with process.pool.acquire() as connection:
            wanted = Wanted(await _listed(searching, connection, plan), state, on or clock.today())
            if await provider_search.provider(connection, provider_id) is None:
                raise HTTPException(404, f"no provider {provider_id!r} is listed")
            steps = await provider_search.what_if(connection, provider_id, wanted)
        return [search_answer.what_if(*step) for step in steps]

    @routes.get("/search", include_in_schema=False)
    async def search(request: Request, lang: str | None = None, switch: str | None = None) -> Response:
        """The page for people: choose plans, state and date; see who can bill them. `switch` is a language."""
        language = chosen(switch or lang, accepted=request.headers.get("accept-language", ""))
        asked = search_view.Asked.of(request.query_params.multi_items(), clock.today(), language)
        try:
            async with process.pool.acquire() as connection:
                facts = await search_view.facts(searching, connection, asked)
        except Exception as error:  # a person must not see a traceback, whatever broke
            log.get().error("search failed", reason=log.failure(error))
            return FRAME.problem("unavailable", 503, language, policy())
        html = FRAME.render("search.html", language, policy(), facts)
        return HTMLResponse(html, headers={**HEADERS, "Cache-Control": "no-cache"})

    _ = (plans, billing, search)


async def _listed(searching: ProviderSearch, connection: Connection, plans: list[str]) -> tuple[PayerListed, ...]:
    """The plans as they are listed, each once. Raises HTTPException: a plan is not listed."""
    listed = await searching.plans(connection, plans)
    missing = [plan for plan in plans if plan not in listed]
    if missing:
        raise HTTPException(400, f"no plan {missing[0]!r} is listed: look plans up with /plans?q=")
    return tuple(listed[plan] for plan in dict.fromkeys(plans))
