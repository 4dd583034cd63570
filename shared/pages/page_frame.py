"""The frame of every page for clients: one layout, one style, the words in each language, the pages that say no.

A service keeps a folder of templates that extend `page.html`, and of words in `<language>.toml`; this puts them into
the frame that all pages share, which has words of its own. Everything put into a page is escaped, and a word or fact
that is missing is an error.
"""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Protocol, cast

from babel.dates import format_date
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared.events.types import Language
from shared.pages.page_guard import HEADERS

FRAME = Path(__file__).parent / "frame"
STYLE = FRAME / "style.css"
_LOCALES: dict[Language, str] = {"en": "en_US", "es": "es_US"}
LANGUAGES: tuple[Language, ...] = ("en", "es")


class Brand(Protocol):
    """Whose pages these are; the services' settings have it."""

    brand_product_name: str
    brand_support_address: str
    brand_support_phone: str | None


def chosen(asked: str | None, of_client: str | None = None, accepted: str = "") -> Language:
    """The language of a page: what the reader chose on it, else the client's, else the browser's, else English.

    `accepted` is the browser's Accept-Language.
    """
    browsers = [part.split(";")[0].strip()[:2].lower() for part in accepted[:200].split(",")]
    for language in (asked, of_client, *browsers):
        for known in LANGUAGES:
            if language == known:
                return known
    return "en"


def day(on: date, language: Language) -> str:
    """`March 2, 2026`, `2 de marzo de 2026`."""
    return format_date(on, "long", locale=_LOCALES[language])


def _words(folder: Path, language: Language) -> dict[str, str]:
    return tomllib.loads((folder / f"{language}.toml").read_text("utf-8"))


class Frame:
    """The pages of one service. `style` is the address of the style sheet, which the service serves."""

    def __init__(self, folder: Path, style: str) -> None:
        self.style = style
        self.words: dict[str, dict[str, str]] = {
            language: _words(FRAME, language) | _words(folder, language) for language in LANGUAGES
        }
        self._templates = Environment(
            loader=FileSystemLoader([folder, FRAME]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        cast(dict[str, Any], self._templates.filters)["day"] = day

    def render(self, template: str, language: Language, brand: Brand, facts: Mapping[str, Any]) -> str:
        """A page as HTML."""
        whose = {
            "product": brand.brand_product_name,
            "support_address": brand.brand_support_address,
            "support_phone": brand.brand_support_phone,
        }
        known: dict[str, Any] = {"errors": [], "switch_to": None, "form_id": None, "style": self.style, **facts}
        return self._templates.get_template(template).render(
            t=self.words[language], lang=language, brand=whose, **known
        )

    def problem(
        self,
        problem: str,
        status: int,
        language: Language,
        brand: Brand,
        *,
        renew_at: str | None = None,
        switch_to: str | None = None,
    ) -> HTMLResponse:
        """The page that says in words why there is none; after too many requests also when to come again.

        `renew_at` is the path that takes the wish for a new link, `switch_to` the same page in another language.
        """
        facts = {"problem": problem, "renew_at": renew_at, "switch_to": switch_to}
        html = self.render("problem.html", language, brand, facts)
        later = {"Retry-After": "60"} if status == 429 else {}
        return HTMLResponse(html, status, headers={**HEADERS, **later})


def style_sheet() -> Response:
    """The style of every page."""
    return Response(_style(), media_type="text/css", headers={"Cache-Control": "public, max-age=3600"})


@cache
def _style() -> bytes:
    return STYLE.read_bytes()
