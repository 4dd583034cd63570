"""The two languages of the letters: their words, and how each writes a date, a sum and a telephone number.

English stands in the templates themselves; Spanish in `letters/es.po`, which is read as it is, so that there is no
compiled file to forget.
"""

import io
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Literal, get_args

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency
from babel.support import NullTranslations, Translations

from services.notification.letters.letter_kinds import FOLDER

Language = Literal["en", "es"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
_LOCALE: dict[Language, str] = {"en": "en_US", "es": "es_US"}
_PHRASE = re.compile(r'{{ _\("([^"]*)"(.*?)\) }}')
_NEXT_ARGUMENT = re.compile(r", (?=\w+=)")
_FACT = re.compile(r"%\((\w+)\)s")
_KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"


def closest_language(tag: str | None) -> Language:
    """Return the letters' language for a client's language tag (BCP 47, such as `es-MX`); English where none fits."""
    wanted = (tag or "").replace("_", "-").split("-")[0].lower()
    return "es" if wanted == "es" else "en"


@cache
def translations(language: Language) -> NullTranslations:
    """Return the catalogue of `language`; English is its own."""
    if language == "en":
        return NullTranslations()
    with (FOLDER / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def in_words(source: str, language: Language) -> str:
    """Put the words of `language` into a template's source, so that filling it in looks nothing up any more.

    `{{ _("Open: %(hours)s", hours=call.member_hours) }}` becomes `Abierto: {{ call.member_hours }}`. What depends on a
    number (`ngettext`) is left for later. Raises ValueError where translation and call name different facts.
    """
    return _PHRASE.sub(lambda phrase: _worded(phrase, language), source)


def _worded(call: re.Match[str], language: Language) -> str:
    phrase, given = call.groups()
    facts = dict(argument.split("=", 1) for argument in _NEXT_ARGUMENT.split(given) if argument)
    words = translations(language).ugettext(phrase)
    if "{" in words or set(_FACT.findall(words)) != set(facts):
        raise ValueError(f"the translation into {language} of {phrase!r} does not fit its facts")
    return _FACT.sub(lambda fact: f"{{{{ {facts[fact.group(1)]} }}}}", words)


@lru_cache(maxsize=4096)
def money(cents: int, language: Language) -> str:
    """Write US cents as dollars: 123450 is $1,234.50."""
    return format_currency(Decimal(cents) / 100, "USD", locale=_LOCALE[language])


@lru_cache(maxsize=4096)
def day(value: date, language: Language) -> str:
    """Write a date in full: January 5, 2026 or 5 de enero de 2026."""
    return format_date(value, format="long", locale=_LOCALE[language])


@lru_cache(maxsize=4096)
def dialled(phone: str) -> str:
    """Return what a telephone dials for a written number (RFC 3966), or nothing where it is not one whole number.

    Letters are read from the keypad (1-800-MEDICARE); an extension or a second number is left to the reader.
    """
    number = re.split(r"\b(?:ext|x|tty|or)\b|[#,;/]", phone, maxsplit=1, flags=re.IGNORECASE)[0]
    digits = re.sub(r"\D", "", number.upper().translate(_KEYPAD))
    if number.strip().startswith("+") and 8 <= len(digits) <= 15:
        return f"+{digits}"
    if len(digits) == 10 and digits[0] not in "01":
        return f"+1{digits}"
    if len(digits) >= 11 and digits[0] == "1":
        return f"+{digits[:11]}"  # a keypad word may be longer than the number
    return ""


def telephone(phone: str) -> str:
    """Write a number of the North American plan as it stands on a card: +18005550142 is 1-800-555-0142.

    Anything else (words, an extension, a number abroad) stays as it is.
    """
    digits = re.sub(r"\D", "", phone)
    if not re.fullmatch(r"\+?[\d\s().-]+", phone.strip()) or not re.fullmatch(r"1?[2-9]\d{9}", digits):
        return phone
    area, exchange, line = digits[-10:-7], digits[-7:-4], digits[-4:]
    return f"1-{area}-{exchange}-{line}"


def written(value: Any) -> Any:
    """Return a fact as a letter writes it: text that runs right to left is kept from turning its surroundings round."""
    match value:
        case str():
            isolated = _RIGHT_TO_LEFT.search(value) and not value.startswith(("https://", "http://"))
            return f"{_ISOLATE}{value}{_END_ISOLATE}" if isolated else value
        case Mapping():
            return {key: written(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
        case list() | tuple():
            return [written(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
        case _:
            return value
