"""The client's statement behind its signed link. It reads, and takes the wish for a link; it works without JavaScript.

A letter's link shows the visit that the letter is about, as it stands: what is awaited today, and once it is final, why
it came out so. All visits are shown by a link of their own, which is sent to the address on file.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse

from services.settlement import store
from services.settlement.settings import Settings
from services.settlement.statement import page_words
from services.settlement.statement.page_words import FRAME
from services.settlement.statement.statement_facts import known_of
from services.settlement.statement.statement_page import statement_of
from shared import log
from shared.events.settlement import SettlementLinkRequested
from shared.events.types import Language
from shared.pages import link_versions, signed_page
from shared.pages.links import ExpiredLinkError, Link
from shared.pages.page_frame import style_sheet
from shared.pages.page_guard import HEADERS, Guard, Limiter
from shared.pages.public import in_words, public
from shared.pages.signed_page import METHODS, Asked, form_in, see_other
from shared.process.process import Process
from shared.runtime.transaction import Transaction

MOST_SESSIONS = 200


def pages(process: Process) -> FastAPI:
    """What the service shows to anybody: the statement."""
    config = cast(Settings, process.settings)
    return public("settlement", _routes(process, config), in_words(FRAME, lambda: config))


def _routes(process: Process, config: Settings) -> APIRouter:
    routes = APIRouter()
    guard = Guard(config.link_keys(), Limiter(config.address_per_minute), Limiter(config.forgeries_per_minute))

    @routes.get("/statement/style.css", include_in_schema=False)
    async def style() -> Response:
        return style_sheet()

    @routes.api_route("/statement/{token}", methods=METHODS, include_in_schema=False)
    async def statement(request: Request, token: str) -> Response:
        asked = Asked.of(request, f"/statement/{token}")
        try:
            try:
                link = await guard.open(asked.address, "statement", token)
                return await _answer(request, process, link, asked)
            except ExpiredLinkError as error:
                return await _ended(request, process, asked, error.link)
        except Exception as error:  # a person must not see a traceback, whatever broke
            word, status = signed_page.refusal(error)
            if word == "unavailable":
                log.get().error("statement failed", reason=log.failure(error))
            return FRAME.problem(word, status, asked.in_language(), config)

    _ = (style, statement)
    return routes


async def _answer(request: Request, process: Process, link: Link, asked: Asked) -> Response:
    config = cast(Settings, process.settings)
    language = asked.in_language(link.subject.get("lang"))
    if request.method == "POST":
        form = await form_in(request)
        async with process.transaction([link.client_id]) as tx:
            await link_versions.check(tx, link)
            if form.get("renew") == "yes":
                signed_page.request_link(tx, SettlementLinkRequested, _of_all(link))
        return see_other(asked.to(renewed="yes"))
    async with process.transaction([]) as tx:  # reading takes no lock
        await link_versions.check(tx, link)
        if asked.renewed:
            return FRAME.problem("renewed", 200, language, config, switch_to=asked.switched(language))
        facts = await _facts(tx, link, language)
    return HTMLResponse(
        FRAME.render("statement.html", language, config, {**facts, "path": asked.to()}), headers=HEADERS
    )


async def _ended(request: Request, process: Process, asked: Asked, link: Link) -> Response:
    """A link that was good once: a new one can be sent to the address on file."""
    config, language = cast(Settings, process.settings), asked.in_language(link.subject.get("lang"))
    if request.method == "POST" and (await form_in(request)).get("renew") == "yes":
        async with process.transaction([link.client_id]) as tx:
            signed_page.request_link(tx, SettlementLinkRequested, link)
        return see_other(asked.to(renewed="yes"))
    if asked.renewed:
        return FRAME.problem("renewed", 200, language, config, switch_to=asked.switched(language))
    return FRAME.problem("expired", 410, language, config, renew_at=asked.to())


def _of_all(link: Link) -> Link:
    """The link to all visits."""
    return replace(link, subject={"client_id": link.client_id})


async def _facts(tx: Transaction, link: Link, language: Language) -> Mapping[str, Any]:
    only = link.subject.get("session_id")
    sessions = await store.sessions_of_client(tx, link.client_id, MOST_SESSIONS + 1, only)
    known = await known_of(tx, sessions)
    shown = [statement_of(session, known, tx.today, language) for session in sessions[:MOST_SESSIONS]]
    return {
        "sessions": shown,
        "more": len(sessions) > MOST_SESSIONS,
        "as_of": page_words.day(tx.today, language),
        "one_visit": only is not None,
    }
