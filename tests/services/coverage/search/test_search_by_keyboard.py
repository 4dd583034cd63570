"""The search page in a real browser without a mouse: Tab goes through it as it is read, and is always seen."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from services.coverage.pages.page_words import FRAME
from services.coverage.settings import policy
from shared.pages.page_frame import STYLE
from shared.pages.page_guard import HEADERS
from tests.services.coverage.pages.test_pages_accessible import SEARCH, VIEWS

pytestmark = pytest.mark.browser

ADDRESS = "http://pages.test/search"
FRESH: dict[str, Any] = {**SEARCH, "errors": [], "results": None}
FOUND: dict[str, Any] = {**SEARCH, "errors": []}
DATE = ["Date of the visit"] * 4  # month, day, year, and the calendar's button
FORM = [
    "Your plan",
    "Your second plan (optional)",
    "Your third plan (optional)",
    "Where you are during the visit",
    *DATE,
    "Name of a provider (optional)",
    "Search",
]
LEADS_ON = ["+1-800-555-0120", "Book a visit (Ann Lee)", "About this provider (Ann Lee)"]
RESULTS = ["Which plans would get a claim? (Ann Lee)", *LEADS_ON, "Next page", "Plan One"]
ERRORS = [FRAME.words["en"]["error_plan_several"], FRAME.words["en"]["error_state_missing"]]
SKIP, SWITCH, HELP = "Skip to the content", "Español", policy().brand_support_address

MOST = 40  # far more than there is: whoever is caught never sees the end

DRAWN = "() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
# What has the focus: its name, where it begins, whether it is in sight with the line around it, and that line.
FOCUSED = """async () => {
    await (DRAWN)()
    const one = document.activeElement
    const box = one.getBoundingClientRect(), style = getComputedStyle(one)
    const name = (one.labels?.[0] ?? one).innerText.replace(/\\s+/g, " ").trim()
    const down = box.top >= 5 && box.bottom <= innerHeight - 5, across = box.left >= 5 && box.right <= innerWidth - 5
    const seen = box.width > 0 && down && across
    return {name, top: box.top + scrollY, seen, line: `${style.outlineStyle} ${style.outlineWidth}`}
}""".replace("DRAWN", DRAWN)


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page that nobody has walked through."""
    page = chromium.new_page()
    yield page
    page.close()


def opened(page: Page, facts: dict[str, Any], address: str = ADDRESS) -> None:
    """Open the search page as the service serves it."""
    html = FRAME.render("search.html", "en", policy(), facts)

    def answer(route: Route) -> None:
        if route.request.url.endswith(".css"):
            route.fulfill(body=STYLE.read_text(), content_type="text/css")
        else:
            route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=HEADERS)

    page.route("**/*", answer)
    page.goto(address)
    page.evaluate(DRAWN)
    if facts["errors"]:
        page.wait_for_function("document.activeElement.role === 'alert'")


def walked(page: Page, key: str = "Tab", last: str = HELP) -> list[dict[str, Any]]:
    """What gets the focus one after the other, until the last of the page has it."""
    stops: list[dict[str, Any]] = []
    while len(stops) < MOST and (not stops or stops[-1]["name"] != last):
        page.keyboard.press(key)
        stops.append(page.evaluate(FOCUSED))
    return stops


def names(stops: list[dict[str, Any]]) -> list[str]:
    """What was focused, by name."""
    return [stop["name"] for stop in stops]


@pytest.mark.parametrize(("size", "scheme"), VIEWS, ids=["phone", "desktop"])
@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (FRESH, [SKIP, SWITCH, *FORM, HELP]),
        (FOUND, [SKIP, SWITCH, *FORM, *RESULTS, HELP]),
        (SEARCH, [*ERRORS, *FORM, *RESULTS, HELP]),
    ],
    ids=["fresh", "with results", "with errors"],
)
def test_tab_goes_through_the_page_as_it_is_read_to_its_end(
    page: Page, facts: dict[str, Any], expected: list[str], size: Any, scheme: Any
):
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme)
    opened(page, facts)

    stops = walked(page)

    assert names(stops) == expected
    tops = [stop["top"] for stop in stops if stop["name"] != SKIP]
    assert tops == sorted(tops), "down the page"
    assert [stop for stop in stops if not stop["seen"] or stop["line"] != "solid 3px"] == []


def test_tab_goes_back_the_same_way(page: Page):
    opened(page, FOUND)
    there = names(walked(page))

    assert names(walked(page, "Shift+Tab", last=SKIP)) == there[-2::-1]


def test_the_skip_link_leads_past_the_head_of_the_page(page: Page):
    opened(page, FOUND)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert names(walked(page))[: len(FORM)] == FORM


def test_nothing_has_a_place_of_its_own_in_the_order(page: Page):
    opened(page, SEARCH)

    assert set(page.evaluate("[...document.querySelectorAll('[tabindex]')].map(part => part.tabIndex)")) == {-1}


@pytest.mark.parametrize(
    ("part", "expected"), [("found", [*RESULTS, HELP]), ("what-if", [*RESULTS, HELP])], ids=["page", "provider"]
)
def test_a_link_to_results_begins_at_them_and_not_at_the_form(page: Page, part: str, expected: list[str]):
    opened(page, FOUND, f"{ADDRESS}#{part}")

    assert names(walked(page)) == expected
