"""What the running service serves: to operators every letter to look at, to mail servers the door for bounces."""

import functools
import secrets
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Header, HTTPException, Request

from services.notification.letters.branding import Branding
from services.notification.pages import preview
from services.notification.sending.bounced import take_notice
from services.notification.sending.bounces import LARGEST_NOTICE
from shared.pages.public import for_programs, public
from shared.process.process import Process


def operator_pages(_: Process) -> APIRouter:
    """`GET /letters` and `GET /letters/{name}`."""
    return preview.routes(Branding())


def pages(process: Process) -> FastAPI:
    """`POST /bounces`, where BOUNCE_SECRET is set."""
    settings: Any = process.settings
    secret = settings.bounce_secret
    routes = APIRouter() if secret is None else _bounces(process, secret.get_secret_value())
    return public("notification", routes, for_programs)


def _bounces(process: Process, secret: str) -> APIRouter:
    routes = APIRouter(tags=["bounces"])

    @routes.post("/bounces")
    async def bounces(  # pyright: ignore[reportUnusedFunction]
        request: Request, x_bounce_secret: Annotated[str, Header()] = ""
    ) -> dict[str, int]:
        """A mail that came back (message/rfc822), as the mail server pipes it. Other mail is counted as ignored."""
        if not secrets.compare_digest(x_bounce_secret.encode(), secret.encode()):
            raise HTTPException(403, "the header X-Bounce-Secret is missing or wrong")
        raw = await _body(request)
        async with process.pool.acquire() as connection:
            taken = await take_notice(raw, connection, functools.partial(process.transaction, cause_id="bounce"))
        bounced = sum(notice.outcome == "bounced" for notice in taken)
        return {"bounced": bounced, "ignored": len(taken) - bounced if taken else 1}

    return routes


async def _body(request: Request) -> bytes:
    """The whole mail. Raises HTTPException: larger than any notice, or empty."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_NOTICE:
            raise HTTPException(413, f"a notice has at most {LARGEST_NOTICE} bytes")
    if not body:
        raise HTTPException(400, "the body must be the mail that came back (message/rfc822)")
    return bytes(body)
