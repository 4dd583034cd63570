"""The words of the statement in each language, its amounts and dates, and the templates that use them."""

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.numbers import format_currency
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from shared.events.types import Language

PAGES = Path(__file__).parent / "pages"
_LOCALES = {"en": "en_US", "es": "es_US"}


@cache
def words(language: Language) -> dict[str, str]:
    """Every text of the pages in a language."""
    return tomllib.loads((PAGES / f"{language}.toml").read_text("utf-8"))


def chosen(asked: str | None, accepted: str) -> Language:
    """The language that the reader chose on the page, else the first of the browser's that we have, else English."""
    browsers = [part.split(";")[0].strip()[:2].lower() for part in accepted[:200].split(",")]
    for one in (asked, *browsers):
        match one:
            case "en":
                return "en"
            case "es":
                return "es"
            case _:
                continue
    return "en"


def money(cents: int, language: Language) -> str:
    """`2400` as `$24.00`."""
    return format_currency(Decimal(cents) / 100, "USD", locale=_LOCALES[language])


def day(on: date, language: Language) -> str:
    """`March 2, 2026`, `2 de marzo de 2026`."""
    return format_date(on, "long", locale=_LOCALES[language])


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def render(template: str, language: Language, facts: Mapping[str, Any]) -> str:
    """The page as HTML; everything put into it is escaped."""
    return _environment().get_template(template).render(t=words(language), lang=language, **facts)
