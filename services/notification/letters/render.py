"""Facts in, letter out: subject, text and HTML of one letter in one language under one brand."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Literal

from jinja2 import FunctionLoader, StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from services.notification.letters.branding import Branding
from services.notification.letters.facts import LetterFacts
from services.notification.letters.language import (
    LANGUAGES,
    Language,
    day,
    dialled,
    in_words,
    money,
    translations,
    written,
)
from services.notification.letters.letter_kinds import (
    FOLDER,
    LETTERS,
    checked_facts,
    letter_kind,
)
from services.notification.letters.template import html_template

_PREVIEW_END = "\u034f\u200c\u00a0" * 120
"""Invisible: an inbox shows the beginning of a letter, and stops at this instead of at what the letter is about."""
_BLANK_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True)
class Letter:
    """A letter as its reader gets it. `version` changes when its words, its look or its translation do."""

    name: str
    language: Language
    version: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class _Templates:
    subject: Template
    text: Template
    html: Template
    version: str


def render(letter: str, facts: LetterFacts | Mapping[str, Any], language: Language, branding: Branding) -> Letter:
    """Return the letter called `letter`, told `facts` (its model, or a mapping that fits the model).

    Raises UnknownLetterError; FactsError where a fact is missing, unknown or wrong; TemplateError where a template is
    broken. Facts are data: markup and template code in them come out as the characters that they are.
    """
    kind = letter_kind(letter)
    context = written(checked_facts(kind, facts).model_dump())
    context |= {"brand": branding, "language": language, "preview_end": _PREVIEW_END}
    templates = _templates(letter, language)
    subject = " ".join(templates.subject.render(context).split())
    context["subject"] = subject
    return Letter(
        name=letter,
        language=language,
        version=templates.version,
        subject=subject,
        text=_BLANK_LINES.sub("\n\n", templates.text.render(context)).strip() + "\n",
        html=templates.html.render(context),
    )


def prepare() -> None:
    """Compile every letter, so that a broken one stops the service at its start and not a letter on its way."""
    for name in LETTERS:
        for language in LANGUAGES:
            _templates(name, language)


@cache
def _templates(name: str, language: Language) -> _Templates:
    text, html = _environment(language, autoescape=False), _environment(language, autoescape=True)
    return _Templates(
        subject=text.get_template(f"{name}/subject.txt"),
        text=text.get_template(f"{name}/body.txt"),
        html=html.from_string(in_words(html_template(name), language)),
        version=_version(name, language),
    )


@cache
def _environment(language: Language, *, autoescape: bool) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FunctionLoader(lambda path: in_words((FOLDER / path).read_text(encoding="utf-8"), language)),
        autoescape=autoescape,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    words = translations(language)
    environment.install_gettext_callables(  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
        words.ugettext, words.ungettext, newstyle=True
    )
    environment.filters |= {
        "money": partial(money, language=language),
        "day": partial(day, language=language),
        "dialled": dialled,
    }
    return environment


@cache
def _version(name: str, language: Language) -> str:
    """Return 12 hexadecimal digits over everything that this letter is made of, in this language."""
    files = [*sorted((FOLDER / "layout").iterdir()), *sorted((FOLDER / name).iterdir())]
    if language != "en":
        files.append(FOLDER / f"{language}.po")
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:12]


Format = Literal["html", "text", "subject", "eml"]


NOBODY = "reader@inbox.example"
