"""The words of the pages, in each language, and the templates that use them."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.coverage.settings import Policy

PAGES = Path(__file__).parent / "pages"
LANGUAGES = ("en", "es")


@cache
def words(language: str) -> dict[str, str]:
    """Every text of the pages in a language."""
    return tomllib.loads((PAGES / f"{language}.toml").read_text("utf-8"))


def chosen(asked: str | None, of_client: str | None) -> str:
    """The language of a page: what the reader chose on it, else the client's, else English."""
    return next((one for one in (asked, of_client) if one in LANGUAGES), "en")


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


def render(template: str, language: str, policy: Policy, facts: Mapping[str, Any]) -> str:
    """The page as HTML; everything put into it is escaped."""
    brand = {
        "product": policy.brand_product_name,
        "support_address": policy.brand_support_address,
        "support_phone": policy.brand_support_phone,
    }
    known = {"errors": [], "switch": True, **facts}
    return _environment().get_template(template).render(t=words(language), lang=language, brand=brand, **known)
