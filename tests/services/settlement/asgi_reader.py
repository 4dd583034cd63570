"""Reads pages without a network: GET requests straight into an ASGI application."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str


async def get(application: Any, address: str, language: str = "") -> Answer:
    """GET a page, as a browser that prefers `language`."""
    parts = urlsplit(address)
    headers = [(b"host", b"pages.test")] + ([(b"accept-language", language.encode())] if language else [])
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": headers,
        "client": ("203.0.113.5", 40000),
        "server": ("pages.test", 80),
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await application(scope, receive, send)
    start = next(message for message in sent if message["type"] == "http.response.start")
    content = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    answered = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], answered, content.decode())
