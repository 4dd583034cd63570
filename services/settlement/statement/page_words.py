"""The words of the statement in each language, its amounts and dates, and the templates that use them."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from babel.dates import format_date
from babel.numbers import format_currency

from shared.events.types import Language
from shared.pages.page_frame import Frame

PAGES = Path(__file__).parent / "templates"
FRAME = Frame(PAGES, style="/statement/style.css")
_LOCALES = {"en": "en_US", "es": "es_US"}


def words(language: Language) -> dict[str, str]:
    """Every text of the statement in a language."""
    return FRAME.words[language]


def money(cents: int, language: Language) -> str:
    """`2400` as `$24.00`."""
    return format_currency(Decimal(cents) / 100, "USD", locale=_LOCALES[language])


def day(on: date, language: Language) -> str:
    """`March 2, 2026`, `2 de marzo de 2026`."""
    return format_date(on, "long", locale=_LOCALES[language])
