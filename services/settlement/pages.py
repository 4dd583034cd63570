"""The client's statement behind its signed link. It reads, and nothing else; it works without JavaScript.

The same link shows the statement as it stands: what is awaited today, and once it is final, why it came out so.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse

from services.settlement import page_words, store
from services.settlement.page_guard import HEADERS, Limiter, TooOftenError
from services.settlement.settings import Settings
from services.settlement.statement_facts import known_of
from services.settlement.statement_page import statement_of
from shared import links, log
from shared.events.types import Language
from shared.process import Process

_STYLE = Path(__file__).parent / "pages" / "style.css"
MOST_SESSIONS = 200


def router(process: Process) -> APIRouter:
    """The routes of the statement."""
    routes = APIRouter()
    config = cast(Settings, process.settings)
    addresses, forgeries = Limiter(config.address_per_minute), Limiter(config.forgeries_per_minute)

    @routes.get("/statement/style.css", include_in_schema=False)
    async def style() -> Response:
        return FileResponse(_STYLE, media_type="text/css", headers={"Cache-Control": "public, max-age=3600"})

    @routes.get("/statement/{token}", include_in_schema=False)
    async def statement(request: Request, token: str) -> Response:
        language = page_words.chosen(request.query_params.get("lang"), request.headers.get("accept-language", ""))
        address = request.client.host if request.client is not None else ""
        try:
            addresses.take(address)
            subject = _subject(process, token, forgeries, address)
            facts = await _facts(process, subject["client_id"], language)
        except links.BadLinkError:
            return _problem("bad_link", 403, language, config)
        except links.ExpiredLinkError:
            return _problem("expired", 410, language, config)
        except TooOftenError:
            return _problem("too_often", 429, language, config)
        except Exception as error:  # a person must not see a traceback, whatever broke
            log.get().error("statement failed", reason=log.failure(error))
            return _problem("unavailable", 503, language, config)
        return _html("statement.html", 200, language, config, facts)

    _ = (style, statement)
    return routes


def _subject(process: Process, token: str, forgeries: Limiter, address: str) -> dict[str, str]:
    """Whose statement it is. Raises BadLinkError, ExpiredLinkError, TooOftenError."""
    try:
        subject = links.read("statement", token, process.settings.link_key.get_secret_value())
    except links.BadLinkError:
        forgeries.take(address)
        raise
    if "client_id" not in subject:
        raise links.BadLinkError("the link names no client")
    return subject


async def _facts(process: Process, client_id: str, language: Language) -> Mapping[str, Any]:
    async with process.transaction([]) as tx:  # reading takes no lock
        sessions = await store.sessions_of_client(tx, client_id, MOST_SESSIONS + 1)
        known = await known_of(tx, sessions)
        shown = [statement_of(session, known, tx.today, language) for session in sessions[:MOST_SESSIONS]]
        return {"sessions": shown, "more": len(sessions) > MOST_SESSIONS, "as_of": page_words.day(tx.today, language)}


def _problem(problem: str, status: int, language: Language, config: Settings) -> Response:
    response = _html("problem.html", status, language, config, {"problem": problem})
    if status == 429:
        response.headers["Retry-After"] = "60"
    return response


def _html(template: str, status: int, language: Language, config: Settings, facts: Mapping[str, Any]) -> Response:
    brand = {
        "product": config.brand_product_name,
        "support_address": config.brand_support_address,
        "support_phone": config.brand_support_phone,
    }
    html = page_words.render(template, language, {"brand": brand, **facts})
    return HTMLResponse(html, status, headers=HEADERS)
