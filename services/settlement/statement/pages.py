"""The client's statement behind its signed link. It reads, and nothing else; it works without JavaScript.

The same link shows the statement as it stands: what is awaited today, and once it is final, why it came out so.
"""

from collections.abc import Mapping
from typing import Any, cast

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from services.settlement import store
from services.settlement.settings import Settings
from services.settlement.statement import page_words
from services.settlement.statement.page_words import FRAME
from services.settlement.statement.statement_facts import known_of
from services.settlement.statement.statement_page import statement_of
from shared import log
from shared.events.types import Language
from shared.pages import links
from shared.pages.page_frame import chosen, style_sheet
from shared.pages.page_guard import HEADERS, Guard, Limiter, TooOftenError
from shared.runtime.process import Process

MOST_SESSIONS = 200


def router(process: Process) -> APIRouter:
    """The routes of the statement."""
    routes = APIRouter()
    config = cast(Settings, process.settings)
    guard = Guard(
        process.settings.link_key.get_secret_value(),
        Limiter(config.address_per_minute),
        Limiter(config.forgeries_per_minute),
    )

    @routes.get("/statement/style.css", include_in_schema=False)
    async def style() -> Response:
        return style_sheet()

    @routes.get("/statement/{token}", include_in_schema=False)
    async def statement(request: Request, token: str) -> Response:
        language = chosen(request.query_params.get("lang"), accepted=request.headers.get("accept-language", ""))
        address = request.client.host if request.client is not None else ""
        try:
            subject = await guard.open(address, "statement", token)
            facts = await _facts(process, subject["client_id"], language)
        except links.BadLinkError:
            return FRAME.problem("bad_link", 403, language, config)
        except links.ExpiredLinkError:
            return FRAME.problem("expired", 410, language, config)
        except TooOftenError:
            return FRAME.problem("too_often", 429, language, config)
        except Exception as error:  # a person must not see a traceback, whatever broke
            log.get().error("statement failed", reason=log.failure(error))
            return FRAME.problem("unavailable", 503, language, config)
        return HTMLResponse(FRAME.render("statement.html", language, config, facts), headers=HEADERS)

    _ = (style, statement)
    return routes


async def _facts(process: Process, client_id: str, language: Language) -> Mapping[str, Any]:
    async with process.transaction([]) as tx:  # reading takes no lock
        sessions = await store.sessions_of_client(tx, client_id, MOST_SESSIONS + 1)
        known = await known_of(tx, sessions)
        shown = [statement_of(session, known, tx.today, language) for session in sessions[:MOST_SESSIONS]]
        return {"sessions": shown, "more": len(sessions) > MOST_SESSIONS, "as_of": page_words.day(tx.today, language)}
