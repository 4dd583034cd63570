"""The kinds of facts that letters are told: primitives, so that any caller can fill them in.

Each letter has a model made of these (`coverage_facts`, `cost_facts`). A fact that is missing or of the wrong kind
stops the letter: nobody is mailed a hole. Text facts come from people and from payers' files, so they are cleaned to
one line, kept under a length, and never treated as markup.
"""

import re
import unicodedata
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

LONGEST_NAME = 300
LONGEST_GREETING = 40
_NO_NAME = re.compile(r"\d|://|@|\bwww\.|\.[a-z]{2,}\b|[<>{}\[\]\\/]", re.IGNORECASE)
_BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def one_line(value: Any) -> Any:
    """Return the text as one clean line: no line breaks, control characters, or marks that turn the writing around."""
    if not isinstance(value, str):
        return value
    kept = "".join(_kept(character) for character in unicodedata.normalize("NFC", value))
    return " ".join(kept.split())


def _kept(character: str) -> str:
    if character in _BIDI_CONTROLS:
        return ""
    return " " if unicodedata.category(character) in {"Cc", "Cs", "Cn", "Zl", "Zp"} else character


def _iso_day(value: Any) -> Any:
    if isinstance(value, str) and not _ISO_DAY.fullmatch(value):
        raise ValueError("must be a date written YYYY-MM-DD")
    if not isinstance(value, str | date):
        raise ValueError("must be a date written YYYY-MM-DD")
    return value


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        host = parts.hostname
    except ValueError:
        raise ValueError("must be a web address") from None
    if parts.scheme not in {"http", "https"} or not host or not value.isascii() or re.search(r"[\s\"'<>\\{}]", value):
        raise ValueError("must be a web address that starts with https:// or http://")
    return value


Line = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), BeforeValidator(one_line)]
"""A name or a short text."""
Sentence = Annotated[str, Field(min_length=1, max_length=500), BeforeValidator(one_line)]
Day = Annotated[date, BeforeValidator(_iso_day)]
Url = Annotated[str, AfterValidator(_web_address), Field(max_length=2000)]
Cents = Annotated[int, Field(strict=True, ge=0, le=99_999_999)]
"""US cents, at most $999,999.99."""
SomeCents = Annotated[int, Field(strict=True, gt=0, le=99_999_999)]


class LetterFacts(BaseModel):
    """The base of every letter's facts: nothing unknown, nothing changed later."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def greeted(name: Any) -> Any:
    """The name as a greeting takes it; none for what no greeting should carry: a link, a number, a sentence."""
    clean = one_line(name)
    if not isinstance(clean, str) or (0 < len(clean) <= LONGEST_GREETING and not _NO_NAME.search(clean)):
        return clean
    return ""


class ClientFacts(LetterFacts):
    """A letter to a client."""

    first_name: Annotated[str, BeforeValidator(greeted)]
    """How the letter greets them; without a name where it is none that a greeting can carry."""


class PayerCall(LetterFacts):
    """One call that the client makes."""

    payer_name: Line
    """The insurer's public name, as on its card."""
    member_phone: Annotated[str, Field(min_length=1, max_length=60), BeforeValidator(one_line)] | None = None
    """The member line that we know, as a person would read it; None sends the reader to the card."""
    member_hours: Annotated[str, Field(min_length=1, max_length=700), BeforeValidator(one_line)] | None = None
    """When the line is open, in words."""
