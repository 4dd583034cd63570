"""A browser without a network: requests straight into an ASGI application, answers as text and headers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status_code: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode()


class Browser:
    """Gets pages and posts forms."""

    def __init__(self, application: Any) -> None:
        self.application = application
        self.address = "203.0.113.5"

    async def __aenter__(self) -> "Browser":
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def get(self, address: str) -> Answer:
        """GET a page."""
        return await self._send("GET", address, b"")

    async def post(self, address: str, data: Mapping[str, str] | None = None, content: bytes | None = None) -> Answer:
        """POST a form, or raw bytes."""
        body = content if content is not None else urlencode(data or {}).encode()
        answer = await self._send("POST", address, body)
        return await self.get(answer.headers["location"]) if answer.status_code == 303 else answer

    async def posts(self, address: str, data: Mapping[str, str]) -> Answer:
        """POST a form, and do not follow where the answer leads."""
        return await self._send("POST", address, urlencode(data).encode())

    async def head(self, address: str) -> Answer:
        """HEAD of a page."""
        return await self._send("HEAD", address, b"")

    async def method(self, method: str, address: str) -> Answer:
        """Any other method."""
        return await self._send(method, address, b"")

    async def _send(self, method: str, address: str, body: bytes) -> Answer:
        parts = urlsplit(address)
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "root_path": "",
            "headers": [(b"host", b"pages.test"), (b"content-type", b"application/x-www-form-urlencoded")],
            "client": (self.address, 40000),
            "server": ("pages.test", 80),
        }
        chunks = [body[at : at + 65_536] for at in range(0, len(body), 65_536)] or [b""]
        sent: list[Any] = []

        async def receive() -> Any:
            chunk = chunks.pop(0) if chunks else b""
            return {"type": "http.request", "body": chunk, "more_body": bool(chunks)}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.application(scope, receive, send)
        start = next(message for message in sent if message["type"] == "http.response.start")
        content = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
        headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        return Answer(start["status"], headers, content)
