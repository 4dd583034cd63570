"""The commands of the notification service: `python -m services.notification <command>`.

A command imports what it needs when it runs, so that one that needs no broker and no database starts at once.
"""

import argparse
from typing import Any

from shared.command import Command, main


def _letter_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("letter", metavar="LETTER", help="its name; `letters` lists them")


def _render_arguments(parser: argparse.ArgumentParser) -> None:
    _letter_argument(parser)
    facts = parser.add_mutually_exclusive_group(required=True)
    facts.add_argument("--facts", metavar="FILE", help="a JSON file with the letter's facts, or - for standard input")
    facts.add_argument("--sample", action="store_true", help="take the built-in sample facts")
    parser.add_argument("--format", choices=("html", "text", "subject", "eml"), required=True)
    parser.add_argument("--language", choices=("en", "es"), default="en")


def _render(arguments: argparse.Namespace) -> Any:
    from services.notification import letter_commands

    return letter_commands.render(arguments.letter, arguments.facts, arguments.format, arguments.language)


def _letters(_: argparse.Namespace) -> Any:
    from services.notification.letters import LETTERS

    return list(LETTERS)


def _facts(arguments: argparse.Namespace) -> Any:
    from services.notification import letter_commands

    return letter_commands.facts(arguments.letter)


def _run(_: argparse.Namespace) -> None:
    from services.notification.app import SERVICE
    from shared.process import run

    run(SERVICE)


COMMANDS = {
    "run": Command("Run the service.", _run),
    "render": Command("A letter as the client would get it.", _render, _render_arguments),
    "letters": Command("The names of the letters, as one JSON array.", _letters),
    "facts": Command("The facts that a letter needs: their JSON Schema and a sample.", _facts, _letter_argument),
}

if __name__ == "__main__":
    main("services.notification", COMMANDS)
