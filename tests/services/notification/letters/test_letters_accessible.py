"""Every letter and page in a real browser: axe finds nothing, on a phone and a desktop, in light and in dark."""

from typing import Any, Literal

import pytest
from playwright.sync_api import Page, ViewportSize

from services.notification.letters.branding import Branding
from services.notification.letters.language import LANGUAGES, Language
from services.notification.letters.letter_kinds import LETTERS
from services.notification.letters.render import render
from services.notification.pages.preview import index_page

pytestmark = pytest.mark.browser

BRAND = Branding()
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ON_SIGHT = ["color-contrast", "target-size", "link-in-text-block"]  # what depends on the screen and its colours
# A letter's sheet hides what runs over it, so the page's own width would tell nothing.
OVER_THE_EDGE = """[...document.body.querySelectorAll('*')]
    .filter(part => part.getBoundingClientRect().right > innerWidth + 1).map(part => part.outerHTML.slice(0, 120))"""
PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
View = tuple[ViewportSize, Literal["light", "dark"], list[str] | None]
# By every rule first, then again by those that could come out differently. The colours are the same in both languages,
# so that the two of them share the four views of a letter.
VIEWS: dict[str, list[View]] = {
    "en": [(PHONE, "light", None), (DESKTOP, "dark", ON_SIGHT)],
    "es": [(PHONE, "dark", None), (DESKTOP, "light", ON_SIGHT)],
}


def shortcomings(page: Page, only: list[str] | None = None) -> list[str]:
    """What axe finds on the page as it is shown now, by every rule of the standards or by some of them."""
    rules = {"type": "rule", "values": only} if only else {"type": "tag", "values": STANDARDS}
    report: dict[str, Any] = page.evaluate("rules => axe.run({runOnly: rules, resultTypes: ['violations']})", rules)
    return [f"{rule['id']}: {node['html'][:120]}" for rule in report["violations"] for node in rule["nodes"]]


def look(page: Page, html: str, views: list[View]) -> None:
    """Find nothing wrong with what is shown, in each of the views."""
    page.set_content(html)
    for size, scheme, rules in views:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        assert shortcomings(page, rules) == [], (size, scheme)
        assert page.evaluate(OVER_THE_EDGE) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", LETTERS)
def test_axe_finds_no_shortcoming_in_a_letter(page: Page, name: str, language: Language):
    look(page, render(name, LETTERS[name].sample_in(language), language, BRAND).html, VIEWS[language])


def test_axe_finds_no_shortcoming_in_the_list_of_letters(page: Page):
    look(page, index_page(BRAND), [view for views in VIEWS.values() for view in views])


@pytest.mark.parametrize("name", LETTERS)
def test_a_300_character_word_runs_over_no_edge_at_320_pixels(page: Page, name: str):
    long = {field: "W" * 300 for field in LETTERS[name].sample if field.endswith("_name")}
    calls = {"calls": [{"payer_name": "W" * 300, "member_phone": "1" * 60, "member_hours": "h" * 200}]}
    facts = {**LETTERS[name].sample, **long, **(calls if "calls" in LETTERS[name].sample else {})}

    page.set_viewport_size({"width": 320, "height": 600})
    page.set_content(render(name, facts, "en", BRAND).html)

    assert page.evaluate(OVER_THE_EDGE) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_would_find_a_colour_that_cannot_be_read(page: Page, scheme: str):
    """The check itself is checked: a letter that is spoilt does not pass."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    html = render("plan-unknown", LETTERS["plan-unknown"].sample, "en", BRAND).html
    page.set_content(html.replace("</style>", ".words p { color: #808890 !important; }</style>"))

    assert any(shortcoming.startswith("color-contrast") for shortcoming in shortcomings(page))


def test_a_phone_number_is_large_enough_to_tap(page: Page):
    page.set_viewport_size({"width": 390, "height": 844})
    page.set_content(render("coordination-issue", LETTERS["coordination-issue"].sample, "en", BRAND).html)

    for link in page.locator("a[href^='tel:'], .button a").all():
        box = link.bounding_box()
        assert box is not None
        assert box["height"] >= 40
        assert box["width"] >= 120
