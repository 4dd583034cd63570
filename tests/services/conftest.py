"""A real browser for letters and pages; without one on the machine their tests say so and are skipped."""

from collections.abc import Iterator
from shutil import which
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_CHROMIUM = which("chromium") or which("chromium-browser") or which("google-chrome")
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    """One browser for all tests of a file."""
    if _CHROMIUM is None:
        pytest.skip("needs a Chromium on the machine")
    from playwright.sync_api import sync_playwright  # the other tests need not wait for it to be imported

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def page(chromium: "Browser") -> "Page":
    """One page for all tests of a file, with axe in it, which stays while the page's content changes."""
    from axe_playwright_python.base import AXE_FILE_PATH

    page = chromium.new_page()
    page.add_script_tag(path=str(AXE_FILE_PATH))
    return page
