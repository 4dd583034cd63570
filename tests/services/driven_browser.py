"""A real browser, without JavaScript and 320 pixels wide, on pages that the running service serves.

Each page that it comes to is looked at: axe finds nothing, nothing runs over the edge, the language is as asked.
"""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from shutil import which
from typing import Any

import pytest
from playwright.async_api import Page, Response, async_playwright
from pydantic import SecretStr

from deploy.embedded.ports import Port
from shared.pages.page_frame import STYLE
from shared.process.process import Process
from shared.process.serving import served
from tests.harness import ServiceUnderTest

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = {"runOnly": {"type": "tag", "values": STANDARDS}, "resultTypes": ["violations"]}
OVER_THE_EDGE = "document.documentElement.scrollWidth > innerWidth + 1"
_CHROMIUM = which("chromium") or which("chromium-browser") or which("google-chrome")


@dataclass
class Reader:
    """Opens pages, types, presses buttons; every page that comes is looked at."""

    page: Page
    looking: Page
    site: str

    async def opens(self, address: str, says: str, status: int = 200) -> None:
        """Open a page that says this."""
        answer = await self.page.goto(f"{self.site}{address}")
        await self._looked_at(answer, says, status)

    async def presses(self, button: str, says: str, status: int = 200) -> None:
        """Press the button with this name, and come to a page that says this."""
        async with self.page.expect_navigation() as coming:
            await self.page.get_by_role("button", name=button).last.click()
        await self._looked_at(await coming.value, says, status)

    async def presses_enter_in(self, field: str, says: str, status: int = 200) -> None:
        """Press Enter in a field, and come to a page that says this."""
        async with self.page.expect_navigation() as coming:
            await self.page.locator(field).press("Enter")
        await self._looked_at(await coming.value, says, status)

    async def switches(self, says: str, status: int = 200) -> None:
        """Switch the language, by whichever way the page has, and come to a page that says this."""
        async with self.page.expect_navigation() as coming:
            await self.page.locator("header nav :is(a, button)").click()
        await self._looked_at(await coming.value, says, status)

    async def types(self, fields: dict[str, str]) -> None:
        """Fill in fields by their selectors."""
        for field, text in fields.items():
            await self.page.locator(field).fill(text)

    async def chooses(self, *labels: str) -> None:
        """Choose answers by their words."""
        for label in labels:
            await self.page.get_by_label(label).last.check()

    async def typed(self, *fields: str) -> list[str]:
        """What stands in fields now."""
        return [await self.page.locator(field).input_value() for field in fields]

    async def chosen(self) -> list[str]:
        """The values that are chosen on the page."""
        return [str(await one.get_attribute("value")) for one in await self.page.locator("input[checked]").all()]

    async def _looked_at(self, answer: Response | None, says: str, status: int) -> None:
        assert answer is not None
        content = await self.page.content()
        words = " ".join((await self.page.locator("body").inner_text()).split())
        assert (answer.status, says in words) == (status, True), (self.page.url[:60], answer.status, words)
        assert "<script" not in content
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        await self.looking.set_content(content)
        await self.looking.add_style_tag(content=STYLE.read_text())
        report = await self.looking.evaluate("rules => axe.run(rules)", RUN)
        wrong = [f"{rule['id']}: {node['html'][:120]}" for rule in report["violations"] for node in rule["nodes"]]
        assert wrong == [], words
        assert not await self.looking.evaluate(OVER_THE_EDGE), words


@contextlib.asynccontextmanager
async def reader_of(sut: ServiceUnderTest, key: str) -> AsyncIterator[Reader]:
    """A reader of the pages that the service serves on a port; skips the test where there is no browser."""
    if _CHROMIUM is None:
        pytest.skip("needs a Chromium on the machine")
    from axe_playwright_python.base import AXE_FILE_PATH

    operations, pages = Port(), Port()
    known: dict[str, Any] = {"link_key": SecretStr(key), "kafka_bootstrap_servers": "127.0.0.1:1"}
    ports: dict[str, Any] = {"http_port": operations.number, "pages_port": pages.number}
    process = Process(sut.service, sut.service.settings(database_url=SecretStr(sut.dsn), **known, **ports))
    process.pool = sut.pool
    async with served(process), async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        narrow: Any = {"viewport": {"width": 320, "height": 700}}
        reading = await browser.new_context(java_script_enabled=False, locale="en-US", **narrow)
        looking = await (await browser.new_context(**narrow)).new_page()
        await looking.add_script_tag(path=str(AXE_FILE_PATH))
        reading.set_default_timeout(90_000)
        yield Reader(await reading.new_page(), looking, f"http://127.0.0.1:{pages.number}")
        await browser.close()
    operations.release()
    pages.release()
