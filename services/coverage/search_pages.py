"""The provider search over HTTP: as JSON for programs, and as a page for people."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from services.coverage import page_words, provider_search, search_view
from services.coverage.page_guard import HEADERS
from services.coverage.provider_search import MOST_PLANS, PAGE, BadCursorError, ProviderSearch, Wanted
from services.coverage.settings import policy
from shared import clock
from shared.postgres import Connection
from shared.process import Process

Plans = Annotated[
    list[str], Query(min_length=1, max_length=MOST_PLANS, description="Plan ids; every one must be billable.")
]
StateCode = Annotated[str, Query(pattern=r"^[A-Z]{2}$", description="Where the client is, two letters.")]
Day = Annotated[date | None, Query(description="The date of the session; today without it.")]
Name = Annotated[str, Query(max_length=100, description="The beginning of a first or last name.")]
Cursor = Annotated[str | None, Query(max_length=300, description="`next` of the page before.")]
Language = Annotated[str | None, Query(alias="lang", max_length=2)]


class PlanAlone(BaseModel):
    """What one plan alone would give. `providers` counts up to 100; `more` says that there are more."""

    plan: str
    name: str
    in_network: bool
    providers: int
    more: bool


class ProviderFound(BaseModel):
    """A provider who can bill every plan given."""

    provider_id: str
    first_name: str
    last_name: str
    npi: str
    taxonomy: str
    city: str
    states: tuple[str, ...]


class SearchAnswer(BaseModel):
    """A page of providers in the order of their ids; `next` is the cursor of the next page, null on the last."""

    state: str
    on: date
    plans: list[PlanAlone]
    providers: list[ProviderFound]
    next: str | None = Field(description="A page may be short and still have a next one.")


class PlanFound(BaseModel):
    """A plan by name."""

    plan: str
    name: str
    in_network: bool


class Unbilled(BaseModel):
    """A plan that would get no claim, and why."""

    plan: str
    reason: str


class WhatIf(BaseModel):
    """What would be billed with these plans, in this order of benefits. `refusal`: the session could not take place."""

    plans: tuple[str, ...]
    billed: tuple[str, ...]
    unbilled: list[Unbilled]
    refusal: str | None


def router(process: Process) -> APIRouter:
    """The routes of the search."""
    routes = APIRouter(tags=["provider search"])
    searching = ProviderSearch()

    @routes.get("/plans")
    async def plans(q: Annotated[str, Query(min_length=1, max_length=100)]) -> list[PlanFound]:
        """The plans whose name holds what is typed."""
        async with process.pool.acquire() as connection:
            found = await provider_search.look_up(connection, q.strip())
        today = clock.today()
        return [
            PlanFound(plan=one.payer_id, name=one.name, in_network=provider_search.in_network(one, today))
            for one in found
        ]

    @routes.get("/providers")
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
        return _search_answer(wanted, found, each)

    @routes.get("/providers/{provider_id}/billing")
    async def billing(
        provider_id: Annotated[str, Path(max_length=100)], plan: Plans, state: StateCode, on: Day = None
    ) -> list[WhatIf]:
        """What would be billed for one provider with the first plan alone, and with each further one added."""
        async with process.pool.acquire() as connection:
            wanted = await _wanted(searching, connection, plan, state, on, "")
            if await provider_search.provider(connection, provider_id) is None:
                raise HTTPException(404, f"no provider {provider_id!r} is listed")
            return [_what_if(*one) for one in await provider_search.what_if(connection, provider_id, wanted)]

    @routes.get("/search", include_in_schema=False)
    async def search(request: Request, lang: Language = None) -> Response:
        """The page for people: choose plans, state and date; see who can bill them."""
        asked = search_view.Asked.of(request.query_params.multi_items(), clock.today())
        async with process.pool.acquire() as connection:
            facts = await search_view.facts(searching, connection, asked)
        language = page_words.chosen(lang, request.headers.get("accept-language", "")[:2])
        html = page_words.render("search.html", language, policy(), facts)
        return HTMLResponse(html, headers={**HEADERS, "Cache-Control": "no-cache"})

    _ = (plans, providers, billing, search)
    return routes


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


def _search_answer(wanted: Wanted, found: provider_search.Found, each: list[provider_search.Alone]) -> SearchAnswer:
    return SearchAnswer(
        state=wanted.state,
        on=wanted.on,
        plans=[
            PlanAlone(
                plan=one.plan.payer_id,
                name=one.plan.name,
                in_network=one.in_network,
                providers=one.providers,
                more=one.providers >= provider_search.COUNTED,
            )
            for one in each
        ],
        providers=[
            ProviderFound(
                provider_id=one.provider_id,
                first_name=one.first_name,
                last_name=one.last_name,
                npi=one.npi,
                taxonomy=one.taxonomy,
                city=one.address.city,
                states=one.states,
            )
            for one in found.providers
        ],
        next=found.following,
    )


def _what_if(plans: tuple[str, ...], billing: provider_search.Billing) -> WhatIf:
    return WhatIf(
        plans=plans,
        billed=billing.billed,
        unbilled=[Unbilled(plan=one.id, reason=one.reason.value) for one in billing.unbilled],
        refusal=None if billing.refusal is None else billing.refusal.value,
    )
