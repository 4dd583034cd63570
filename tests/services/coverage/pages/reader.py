"""The pages as a client reaches them: the running service without Kafka, a browser, the link in a letter."""

from datetime import timedelta
from typing import Any

from pydantic import SecretStr

from services.coverage.app import SERVICE
from services.coverage.pages.pages import pages
from shared.events.coverage import (
    AccountPaused,
)
from shared.pages import links
from shared.process.health import operations
from shared.process.process import Process
from tests.harness import ServiceUnderTest
from tests.services.coverage.asgi_browser import Browser
from tests.services.coverage.coverage_events import (
    CLIENT,
    OWN,
    SPOUSES,
    WRONG_ORDER,
    questioned,
    ready,
    reported,
)

KEY = "a key of the tests"


def running(sut: ServiceUnderTest) -> Process:
    """The service as a process, without Kafka."""
    settings = SERVICE.settings(
        database_url=SecretStr(sut.dsn), link_key=SecretStr(KEY), kafka_bootstrap_servers="127.0.0.1:1"
    )
    process = Process(SERVICE, settings)
    process.pool = sut.pool
    return process


def browser(sut: ServiceUnderTest) -> Browser:
    """The service's pages as a browser reaches them."""
    return Browser(pages(running(sut)))


def operators_browser(sut: ServiceUnderTest) -> Browser:
    """What operators see."""
    process = running(sut)
    return Browser(operations(process, pages(process)))


def link(sut: ServiceUnderTest, purpose: Any, key: str = KEY, days: int = 14, **subject: str) -> str:
    """A signed link as a letter carries it."""
    token = links.sign(purpose, {"client_id": "c1", **subject}, (key,), sut.clock.now + timedelta(days=days))
    return links.page("", purpose, token)


async def paused(make: Any) -> tuple[ServiceUnderTest, str]:
    """An account that P1 has paused, and the link in its letter."""
    sut = await ready(make, CLIENT, WRONG_ORDER, reported(OWN), reported(SPOUSES))
    await sut.receives(questioned())
    pause_id = sut.only(AccountPaused).pause_id
    await sut.given()
    return sut, link(sut, "coordination", pause_id=pause_id)
