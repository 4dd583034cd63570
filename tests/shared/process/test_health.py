"""What is served beside the handlers: whose address a page sees."""

import asyncio
import urllib.request
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import APIRouter, Request

from deploy.embedded.ports import Port
from shared.process.health import served


def whose(_: Any) -> APIRouter:
    """A page that says whom it takes for its reader."""
    routes = APIRouter()

    @routes.get("/whose")
    async def page(request: Request) -> str:
        return "" if request.client is None else request.client.host

    _ = page
    return routes


@pytest.mark.parametrize(
    ("believed", "address"), [("127.0.0.1,::1", "203.0.113.9"), ("192.0.2.1", "127.0.0.1")], ids=["proxy", "stranger"]
)
async def test_a_page_believes_the_proxies_that_it_is_told_of_and_nobody_else(believed: str, address: str):
    port = Port()
    settings = SimpleNamespace(http_host="127.0.0.1", http_port=port.number, forwarded_allow_ips=believed)
    process: Any = SimpleNamespace(settings=settings, service=SimpleNamespace(name="probe", pages=whose))
    asked = urllib.request.Request(f"http://127.0.0.1:{port.number}/whose", headers={"X-Forwarded-For": "203.0.113.9"})
    port.release()

    async with served(process):
        answer = await asyncio.to_thread(lambda: urllib.request.urlopen(asked, timeout=5).read())

    assert answer.decode() == f'"{address}"'
