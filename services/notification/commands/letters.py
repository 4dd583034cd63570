"""The commands that show letters without sending any: `render`, `letters` and `facts`."""

import argparse
from typing import Any

from pydantic import ValidationError

from services.notification.letters.branding import Branding
from services.notification.letters.language import Language
from services.notification.letters.letter_kinds import LETTERS, FactsError, LetterKind, UnknownLetterError, letter_kind
from services.notification.letters.render import NOBODY, Format
from services.notification.letters.render import render as render_letter
from services.notification.sending import message
from shared import clock
from shared.commands.command import RefusedError, UnreadableInputError, read_json


def set_up_render(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `render`."""
    set_up_facts(parser)
    facts = parser.add_mutually_exclusive_group(required=True)
    facts.add_argument("--facts", metavar="FILE", help="a JSON file with the letter's facts, or - for standard input")
    facts.add_argument("--sample", action="store_true", help="take the built-in sample facts")
    parser.add_argument("--format", choices=("html", "text", "subject", "eml"), required=True)
    parser.add_argument("--language", choices=("en", "es"), default="en")


def run_render(arguments: argparse.Namespace) -> str:
    """The letter that the arguments ask for. Raises UnreadableInputError and RefusedError as `render` does."""
    return render(arguments.letter, arguments.facts, arguments.format, arguments.language)


def render(name: str, facts_file: str | None, form: Format, language: Language) -> str:
    """Return the letter called `name` as text, HTML, its subject, or the whole message.

    `facts_file` is a path, `-` for standard input, or None for the sample facts. Raises UnreadableInputError for an
    unknown letter, a file that is not JSON, or branding that cannot be used; RefusedError where the facts do not fit.
    """
    kind = _kind(name)
    given = kind.sample_in(language) if facts_file is None else read_json(facts_file)
    branding = _branding()
    try:
        letter = render_letter(name, given, language, branding)
    except FactsError as error:
        raise RefusedError(
            {"refused": True, "reason": str(error), "missing": error.missing, "invalid": error.invalid}
        ) from None
    match form:
        case "html":
            return letter.html
        case "text":
            return letter.text
        case "subject":
            return letter.subject
        case "eml":
            mail = message.build(letter, to=NOBODY, fact_id="preview", at=clock.now(), branding=branding)
            return mail.as_string()


def run_letters(_: argparse.Namespace) -> list[str]:
    """The names of the letters."""
    return list(LETTERS)


def set_up_facts(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `facts`."""
    parser.add_argument("letter", metavar="LETTER", help="its name; `letters` lists them")


def run_facts(arguments: argparse.Namespace) -> dict[str, Any]:
    """What a letter must be told. Raises UnreadableInputError for an unknown letter."""
    return facts(arguments.letter)


def facts(name: str) -> dict[str, Any]:
    """Return what the letter called `name` must be told. Raises UnreadableInputError for an unknown letter."""
    kind = _kind(name)
    return {
        "letter": name,
        "recipient": kind.recipient,
        "sample": kind.sample,
        "schema": kind.facts.model_json_schema(),
    }


def _kind(name: str) -> LetterKind:
    try:
        return letter_kind(name)
    except UnknownLetterError as error:
        raise UnreadableInputError(str(error.args[0])) from None


def _branding() -> Branding:
    try:
        return Branding()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        setting = "_".join(["BRAND", *(str(step).upper() for step in first["loc"])])
        raise UnreadableInputError(f"{setting}: {first['msg'].removeprefix('Value error, ')}") from None
