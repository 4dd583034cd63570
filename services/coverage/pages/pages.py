"""The pages behind signed links. They work without JavaScript, and an answer that is sent twice is one answer.

A page reads the client's state, shows a form, and publishes what the client answered; handlers decide what follows.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol, cast

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse

from services.coverage import store
from services.coverage.pages import call_pages, plan_page, question_page, search_pages
from services.coverage.pages.page_view import Seen, View
from services.coverage.pages.page_words import FRAME
from services.coverage.settings import policy
from shared import log
from shared.events.coverage import CoverageLinkRequested
from shared.pages import link_versions, signed_page
from shared.pages.links import ExpiredLinkError, Link, Purpose
from shared.pages.page_frame import LANGUAGES, style_sheet
from shared.pages.page_guard import HEADERS, Guard, Limiter
from shared.pages.public import in_words, public
from shared.pages.signed_page import METHODS, Asked, form_in, see_other
from shared.process.process import Process
from shared.runtime.transaction import Transaction


class Page(Protocol):
    """A page behind a signed link, as a module: `show` reads, `take` reads a form and publishes."""

    async def show(self, tx: Transaction, subject: Mapping[str, str], seen: Seen) -> View:
        """What a reader sees."""
        ...

    async def take(self, tx: Transaction, subject: Mapping[str, str], form: Mapping[str, str]) -> View:
        """Publish the answer and say so (`View.done`); or what a reader sees where something is wrong with the form."""
        ...


PAGES: dict[Purpose, Page] = {
    "coordination": cast(Page, call_pages.COORDINATION),
    "recertification": cast(Page, call_pages.RECERTIFICATION),
    "question": cast(Page, question_page),
    "plan": cast(Page, plan_page),
}


@dataclass(frozen=True)
class Door:
    """What stands before the pages: the process, the reading of links, how often one link may be answered."""

    process: Process
    guard: Guard
    answers: Limiter


def pages(process: Process) -> FastAPI:
    """What the service shows to anybody: the pages and the provider search."""
    return public("coverage", _routes(process), in_words(FRAME, policy))


def _routes(process: Process) -> APIRouter:
    routes = APIRouter()
    search_pages.add(routes, process)  # first, since routes are tried in turn and the search is asked most
    config = policy()
    guard = Guard(
        process.settings.link_keys(), Limiter(config.address_per_minute), Limiter(config.forgeries_per_minute)
    )
    door = Door(process, guard, Limiter(config.answers_per_minute))
    for purpose in PAGES:
        _add(routes, door, purpose)

    @routes.get("/pages/style.css", include_in_schema=False)
    async def style() -> Response:
        return style_sheet()

    _ = style
    return routes


def _add(routes: APIRouter, door: Door, purpose: Purpose) -> None:
    async def page(request: Request, token: str) -> Response:
        return await _answer(request, door, purpose, token)

    routes.add_api_route(f"/{purpose}/{{token}}", page, methods=METHODS, include_in_schema=False)


async def _answer(request: Request, door: Door, purpose: Purpose, token: str) -> Response:
    """The page, or the page that says in words why there is none."""
    asked = Asked.of(request, f"/{purpose}/{token}")
    try:
        try:
            return await _page(request, door, purpose, token, asked)
        except ExpiredLinkError as error:
            return await _ended(request, door.process, asked, error)
    except Exception as error:  # a person must not see a traceback, whatever broke
        word, status = signed_page.refusal(error)
        if word == "unavailable":
            log.get().error("page failed", reason=log.failure(error))
        return FRAME.problem(word, status, asked.in_language(), policy())


async def _page(request: Request, door: Door, purpose: Purpose, token: str, asked: Asked) -> Response:
    link = await door.guard.open(asked.address, purpose, token)
    form = None
    if request.method == "POST":
        await door.answers.take(token)
        form = await form_in(request)
    if form is not None and ("switch" in form or "step" in form):
        language = next((known for known in LANGUAGES if known == form.get("switch")), asked.language)
        asked = replace(asked, language=language, step=form.get("step", asked.step or "")[:40] or None)
        seen, form = Seen(asked.done, typed=form), None
    else:
        seen = Seen(asked.done)
    view = await _view(door.process, link, seen, form)
    if view.done is not None:
        return see_other(asked.to(done=view.done))
    language = asked.in_language(view.language)
    where = {"path": asked.here(), "switch_to": asked.switched(language), "step": asked.step}
    html = FRAME.render(view.template, language, policy(), {**view.facts, **where})
    return HTMLResponse(html, view.status, headers=HEADERS)


async def _view(process: Process, link: Link, seen: Seen, form: Mapping[str, str] | None) -> View:
    page = PAGES[link.purpose]
    if form is None:
        async with process.transaction([]) as tx:  # reading takes no lock
            await link_versions.check(tx, link)
            return await page.show(tx, link.subject, seen)
    content = [link.purpose, dict(link.subject), sorted(form.items())]
    identity = hashlib.sha256(json.dumps(content).encode()).hexdigest()
    async with process.transaction([link.client_id], cause_id=f"page:{identity}") as tx:
        await link_versions.check(tx, link)
        return await page.take(tx, link.subject, form)


async def _ended(request: Request, process: Process, asked: Asked, error: ExpiredLinkError) -> Response:
    """A link that was good once: a new one can be sent to the address on file."""
    link = error.link
    async with process.transaction([link.client_id]) as tx:
        details = (await store.client(tx, link.client_id)).details
        language = asked.in_language(details.language if details is not None else None)
        if request.method == "POST" and (await form_in(request)).get("renew") == "yes":
            signed_page.request_link(tx, CoverageLinkRequested, link)
            return see_other(asked.to(renewed="yes"))
    if asked.renewed:
        return FRAME.problem("renewed", 200, language, policy(), switch_to=asked.switched(language))
    return FRAME.problem("expired", 410, language, policy(), renew_at=asked.to())
