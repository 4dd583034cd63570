"""The two ports of a process on real sockets: who sees what, and what becomes of requests that do not come whole."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import APIRouter, Request, Response

from deploy.embedded.ports import Port
from shared.pages import page_guard, signed_page
from shared.pages.public import for_programs, public
from shared.process import serving

WHOLE = b"GET /whose HTTP/1.1\r\nhost: pages.test\r\n\r\n"
SLOW_HEADERS = b"GET /whose HTTP/1.1\r\nhost: pages.test\r\n"
SLOW_BODY = b"POST /form HTTP/1.1\r\nhost: pages.test\r\ncontent-length: 100\r\n\r\n"
UNREAD_BODY = b"GET /whose HTTP/1.1\r\nhost: pages.test\r\ncontent-length: 100\r\n\r\n"
AT_THE_MOST_SECONDS = 20


def whose(_: Any) -> Any:
    """A page that says whom it takes for its reader, and one that reads a form."""
    routes = APIRouter()

    @routes.get("/whose")
    async def page(request: Request) -> str:
        return "" if request.client is None else request.client.host

    @routes.post("/form")
    async def form(request: Request) -> Response:
        try:
            await signed_page.form_in(request)
        except page_guard.FormTooSlowError:
            return Response("in words", 408)
        return Response("taken")

    _ = (page, form)
    return public("probe", routes, for_programs)


@contextlib.asynccontextmanager
async def running(believed: str = "127.0.0.1") -> AsyncGenerator[tuple[int, int]]:
    """A process with both ports: the operators' and the public one."""
    ports = Port(), Port()
    settings = SimpleNamespace(
        http_host="127.0.0.1", http_port=ports[0].number, pages_port=ports[1].number, forwarded_allow_ips=believed
    )
    service = SimpleNamespace(name="probe", pages=whose, operator_pages=None)
    process: Any = SimpleNamespace(settings=settings, service=service, started=True, alive=dict)
    for port in ports:
        port.release()
    async with serving.served(process):
        yield ports[0].number, ports[1].number


async def answer(port: int, request: bytes) -> bytes:
    """All that comes back until the other side hangs up."""
    async with asyncio.timeout(AT_THE_MOST_SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        try:
            return await reader.read()
        finally:
            writer.close()


async def status(port: int, path: str, method: str = "GET") -> int:
    """The status of an answer."""
    said = await answer(port, f"{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".encode())
    return int(said.split()[1])


@pytest.mark.parametrize(
    ("believed", "address"), [("127.0.0.1,::1", "203.0.113.9"), ("192.0.2.1", "127.0.0.1")], ids=["proxy", "stranger"]
)
async def test_a_page_believes_the_proxies_that_it_is_told_of_and_nobody_else(believed: str, address: str):
    async with running(believed) as (_, pages):
        request = WHOLE.replace(b"\r\n\r\n", b"\r\nx-forwarded-for: 203.0.113.9\r\nconnection: close\r\n\r\n")
        said = await answer(pages, request)

    assert said.endswith(f'"{address}"'.encode())


async def test_what_operators_see_is_not_on_the_public_port_and_pages_are_not_on_theirs():
    private = ("/metrics", "/docs", "/redoc", "/openapi.json", "/health/live", "/health/ready", "/health/started")
    async with running() as (operators, pages):
        shown = {path: await status(pages, path) for path in private}
        own = [await status(operators, path) for path in ("/health/started", "/docs", "/openapi.json")]
        swapped = [await status(pages, "/whose"), await status(operators, "/whose")]

    assert shown == dict.fromkeys(private, 404)
    assert (own, swapped) == ([200, 200, 200], [200, 404])


async def test_a_slash_too_many_redirects_nowhere_whatever_host_is_claimed():
    async with running() as (operators, pages):
        assert [await status(port, "/whose/") for port in (operators, pages)] == [404, 404]


@pytest.mark.parametrize("sent", [b"", SLOW_HEADERS, UNREAD_BODY], ids=["nothing", "headers", "unread body"])
async def test_a_request_that_does_not_come_whole_is_cut_off(monkeypatch: pytest.MonkeyPatch, sent: bytes):
    monkeypatch.setattr(serving, "HEADER_SECONDS", 0.2)
    monkeypatch.setattr(serving, "REQUEST_SECONDS", 0.4)
    async with running() as ports:
        said = [await answer(port, sent) for port in ports]

    assert all(b"408 Request Timeout" in one for one in said)


async def test_headers_that_trickle_in_get_no_longer_for_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(serving, "HEADER_SECONDS", 0.5)
    async with running() as (_, pages), asyncio.timeout(AT_THE_MOST_SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", pages)
        writer.write(SLOW_HEADERS)
        while not reader.at_eof():
            with contextlib.suppress(ConnectionError):
                writer.write(b"x-slow: 1\r\n")
                await writer.drain()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(reader.read(), 0.05)
        writer.close()


async def test_a_slow_form_is_answered_in_words_before_its_connection_is_cut(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(page_guard, "FORM_SECONDS", 0.1)
    monkeypatch.setattr(serving, "HEADER_SECONDS", 0.5)
    monkeypatch.setattr(serving, "REQUEST_SECONDS", 1.5)
    async with running() as (_, pages):
        said = await answer(pages, SLOW_BODY + b"a=1")

    assert said.startswith(b"HTTP/1.1 408")
    assert b"in words" in said


async def test_a_connection_that_is_kept_serves_more_requests_than_one_limit_is_long(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(serving, "HEADER_SECONDS", 1.0)
    monkeypatch.setattr(serving, "REQUEST_SECONDS", 2.0)
    async with running() as (_, pages), asyncio.timeout(AT_THE_MOST_SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", pages)
        for _ in range(6):
            writer.write(WHOLE)
            assert (await reader.readuntil(b'"127.0.0.1"')).startswith(b"HTTP/1.1 200")
            await asyncio.sleep(0.3)
        writer.close()
