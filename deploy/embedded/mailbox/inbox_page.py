"""The inbox's page: the letters newest first, one letter as HTML, as text and as it came; and its JSON for programs.

GET /letters.json[?to=address], DELETE /letters, GET /letters/N, /letters/N.html, /letters/N.txt, /letters/N.eml,
GET /faults, POST /faults (one fault, see `inbox.Fault`), DELETE /faults.
"""

from collections.abc import Awaitable, Callable
from html import escape

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from deploy.embedded.mailbox.inbox import Fault, Inbox, Letter

STYLE = """
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:62rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem}table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .6rem;
border-bottom:1px solid color-mix(in srgb,currentColor 25%,transparent);vertical-align:top}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{font-weight:600}dd{margin:0}
iframe{width:100%;height:70vh;border:1px solid color-mix(in srgb,currentColor 25%,transparent);background:#fff}
pre{white-space:pre-wrap;overflow-wrap:anywhere}nav a{margin-right:1rem}
"""
PAGE = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width,initial-scale=1">'
    "<title>{title}</title><style>{style}</style></head><body><main>{body}</main></body></html>"
)
# The letter's own HTML runs no script and loads nothing; its links open beside it.
SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
LETTER_POLICY = f"default-src 'none'; img-src data: https:; style-src 'unsafe-inline'; sandbox {SANDBOX}"
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'"


def page(inbox: Inbox) -> Starlette:
    """The page and its JSON, over these letters."""
    routes = [
        Route("/", _on(inbox, _list)),
        Route("/letters.json", _on(inbox, _json)),
        Route("/letters", _on(inbox, _clear), methods=["DELETE"]),
        Route("/letters/{number:int}.html", _on(inbox, _one(_html))),
        Route("/letters/{number:int}.txt", _on(inbox, _one(_text))),
        Route("/letters/{number:int}.eml", _on(inbox, _one(_raw))),
        Route("/letters/{number:int}", _on(inbox, _one(_letter))),
        Route("/faults", _on(inbox, _faults), methods=["GET"]),
        Route("/faults", _on(inbox, _forget), methods=["DELETE"]),
    ]

    async def set_fault(request: Request) -> Response:
        try:
            inbox.faults.append(Fault.model_validate_json(await request.body()))
        except ValidationError as error:
            return JSONResponse(error.errors(include_url=False, include_context=False), status_code=422)
        return _faults(inbox, request)

    routes.append(Route("/faults", set_fault, methods=["POST"]))
    # A page elsewhere must not read the letters through a name that it points at this machine.
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
    return Starlette(routes=routes, middleware=[hosts])


Answer = Callable[[Inbox, Request], Response]


def _on(inbox: Inbox, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:  # on the loop, as the SMTP side is: nothing is shared by threads
        return answer(inbox, request)

    return endpoint


def _one(show: Callable[[Letter], Response]) -> Answer:
    def answer(inbox: Inbox, request: Request) -> Response:
        number = request.path_params["number"]
        letter = next((letter for letter in inbox.letters if letter.number == number), None)
        return PlainTextResponse("no such letter\n", status_code=404) if letter is None else show(letter)

    return answer


def _written(title: str, body: str) -> Response:
    html = PAGE.format(title=escape(title), style=STYLE, body=body)
    return HTMLResponse(html, headers={"content-security-policy": PAGE_POLICY})


def _list(inbox: Inbox, request: Request) -> Response:
    rows = "".join(_row(letter) for letter in reversed(inbox.letters))
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Received (UTC)", "To", "Subject"))
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>" if rows else "<p>No letters yet.</p>"
    return _written("Inbox", f"<h1>Inbox: {len(inbox.letters)} letters</h1>{table}")


def _row(letter: Letter) -> str:
    subject = escape(str(letter.message.get("subject") or "(no subject)"))
    received, to = f"{letter.received_at:%H:%M:%S}", escape(", ".join(letter.recipients))
    return f'<tr><td>{received}</td><td>{to}</td><td><a href="/letters/{letter.number}">{subject}</a></td></tr>'


def _letter(letter: Letter) -> Response:
    about, here = letter.summary(), f"/letters/{letter.number}"
    received = f"{letter.received_at:%Y-%m-%d %H:%M:%S} UTC"
    fields = {"From": about["from"], "To": ", ".join(about["to"]), "Received": received}
    terms = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in fields.items())
    ways = {"/": "All letters", f"{here}.html": "HTML", f"{here}.txt": "Text", f"{here}.eml": "Raw"}
    links = "".join(f'<a href="{where}">{name}</a>' for where, name in ways.items())
    shown = f'<iframe title="The letter" sandbox="{SANDBOX}" src="{here}.html"></iframe>'
    if about["html"] is None:
        shown = f"<pre>{escape(about['text'] or '')}</pre>"
    subject = about["subject"] or "(no subject)"
    return _written(subject, f"<nav>{links}</nav><h1>{escape(subject)}</h1><dl>{terms}</dl>{shown}")


def _html(letter: Letter) -> Response:
    body = letter.body("html")
    if body is None:
        return PlainTextResponse("this letter has no HTML\n", status_code=404)
    return HTMLResponse(f'<base target="_blank">{body}', headers={"content-security-policy": LETTER_POLICY})


def _text(letter: Letter) -> Response:
    body = letter.body("plain")
    return PlainTextResponse("this letter has no text\n", status_code=404) if body is None else PlainTextResponse(body)


def _raw(letter: Letter) -> Response:
    return Response(letter.raw, media_type="text/plain; charset=utf-8", headers={"x-content-type-options": "nosniff"})


def _json(inbox: Inbox, request: Request) -> Response:
    to = request.query_params.get("to", "").lower()
    letters = [letter for letter in reversed(inbox.letters) if not to or to in map(str.lower, letter.recipients)]
    return JSONResponse([letter.summary() for letter in letters])


def _clear(inbox: Inbox, request: Request) -> Response:
    inbox.clear()
    return Response(status_code=204)


def _faults(inbox: Inbox, request: Request) -> Response:
    return JSONResponse([fault.model_dump() for fault in inbox.faults])


def _forget(inbox: Inbox, request: Request) -> Response:
    inbox.faults.clear()
    return Response(status_code=204)
