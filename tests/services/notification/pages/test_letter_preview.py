"""The pages that show every letter to whoever writes or approves one."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI

from services.notification.letters.branding import Branding
from services.notification.letters.letter_kinds import LETTERS
from services.notification.pages.preview import routes

APP = FastAPI()
APP.include_router(routes(Branding()))


def get(path: str, query: str = "") -> tuple[int, dict[str, str], str]:
    """Status, headers and body of a GET, without a network."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": query.encode(), "headers": [], "root_path": "",
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    asyncio.run(APP(scope, receive, send))  # type: ignore[arg-type]
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(part.get("body", b"") for part in sent[1:]).decode()


def test_the_list_links_every_letter_in_both_languages_as_letter_text_and_raw_message():
    status, headers, page = get("/letters")

    assert status == 200
    assert "script" not in headers["content-security-policy"]
    for name in LETTERS:
        for language in ("en", "es"):
            for form in ("html", "text", "eml"):
                assert f'href="/letters/{name}?language={language}&amp;format={form}"' in page


@pytest.mark.parametrize(
    ("form", "kind", "holds"),
    [
        ("html", "text/html; charset=utf-8", '<html lang="es"'),
        ("text", "text/plain; charset=utf-8", "Hola, Sam:"),
        ("subject", "text/plain; charset=utf-8", "Necesitamos su ayuda"),
        ("eml", "text/plain; charset=utf-8", "Content-Type: multipart/alternative"),
    ],
)
def test_a_letter_is_shown_in_each_form(form: str, kind: str, holds: str):
    status, headers, page = get("/letters/coordination-issue", f"language=es&format={form}")

    assert (status, headers["content-type"]) == (200, kind)
    assert holds in page


def test_a_shown_letter_may_load_and_run_nothing():
    _, headers, _ = get("/letters/coordination-issue")

    assert headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/letters/coordination-isue", "", 404),
        ("/letters/layout", "", 404),
        ("/letters/plan-unknown", "language=fr", 422),
        ("/letters/plan-unknown", "format=exe", 422),
    ],
)
def test_what_is_not_there_is_said(path: str, query: str, status: int):
    assert get(path, query)[0] == status
