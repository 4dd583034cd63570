"""The statement in a real browser: axe finds nothing, on a phone and a desktop, in light and dark, and it prints."""

from typing import Any

import pytest
from playwright.sync_api import Page

from services.settlement.settings import policy
from services.settlement.statement.page_words import FRAME
from shared.pages.page_frame import STYLE

pytestmark = pytest.mark.browser

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OVER_THE_EDGE = """[...document.body.querySelectorAll('*:not(.skip)')]
    .filter(part => part.getBoundingClientRect().right > innerWidth + 1).map(part => part.outerHTML.slice(0, 120))"""


def visit(number: int, payer: str) -> dict[str, Any]:
    """A session as the page shows it."""
    line = {"words": "Your coinsurance: your share of the cost.", "amount": "$30.00", "yours": True}
    plan = {"name": f"{payer} (pays first)", "charge": "$220.00", "paid": "$120.00", "left": "$30.00", "lines": [line]}
    return {
        "id": f"visit-{number}",
        "title": f"Visit of March {number}, 2026",
        "headline": "Your final cost is $6.00.",
        "refunds": ["$24.00 went back to you on March 3, 2026."],
        "awaited": f"Next: {payer} answers.",
        "why": "Your other plan paid a part of what your first plan had left to you.",
        "estimated": "What you paid is an estimate.",
        "plans": [plan, plan],
        "sum": [
            {"words": "You paid", "amount": "$30.00", "total": False},
            {"words": "Your final cost", "amount": "$6.00", "total": True},
        ],
        "day": "Today is day 12 of 90.",
        "steps": [{"words": "Your provider confirmed the visit.", "on": "March 2, 2026"}],
    }


AROUND = {"as_of": "March 2, 2026", "one_visit": True, "path": "/statement/x"}


def statement(payer: str = "Plan One", language: Any = "en") -> str:
    facts = {"sessions": [visit(1, payer), visit(2, payer)], "more": True, **AROUND}
    return FRAME.render("statement.html", language, policy(), facts)


SHOWN = {
    "statement": statement,
    "statement in Spanish": lambda: statement(language="es"),
    "nothing yet": lambda: FRAME.render("statement.html", "en", policy(), {"sessions": [], "more": False, **AROUND}),
    "problem": lambda: FRAME.render("problem.html", "en", policy(), {"problem": "expired", "renew_at": "/statement/x"}),
}


def show(page: Page, html: str, width: int, scheme: Any = "light") -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme, media="screen")
    page.set_content(html)
    page.add_style_tag(path=str(STYLE))


def shortcomings(page: Page) -> list[str]:
    rules = {"type": "tag", "values": STANDARDS}
    report: dict[str, Any] = page.evaluate("rules => axe.run({runOnly: rules, resultTypes: ['violations']})", rules)
    return [f"{rule['id']}: {node['html'][:120]}" for rule in report["violations"] for node in rule["nodes"]]


@pytest.mark.parametrize("html", SHOWN.values(), ids=SHOWN.keys())
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")])
def test_axe_finds_no_shortcoming_and_nothing_runs_over_the_edge(page: Page, html: Any, width: int, scheme: str):
    show(page, html(), width, scheme)

    assert shortcomings(page) == []
    assert page.evaluate(OVER_THE_EDGE) == []


def test_a_name_of_300_characters_runs_over_no_edge_at_320_pixels(page: Page):
    show(page, statement("W" * 300), 320)

    assert page.evaluate(OVER_THE_EDGE) == []


def test_the_printed_statement_is_dark_on_white_without_what_only_a_screen_needs(page: Page):
    show(page, statement(), 800, "dark")
    page.emulate_media(media="print", color_scheme="dark")

    style = "getComputedStyle(document.body)"
    assert page.evaluate(f"[{style}.color, {style}.backgroundColor]") == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    assert not page.locator("header nav").is_visible()
    assert page.locator("h1").is_visible()


def test_axe_would_find_a_colour_that_cannot_be_read(page: Page):
    """The check itself is checked."""
    show(page, statement(), 390)
    page.add_style_tag(content=".say p { color: #b8c0c0 !important; }")

    assert any(shortcoming.startswith("color-contrast") for shortcoming in shortcomings(page))
