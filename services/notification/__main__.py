"""The commands of the notification service: `python -m services.notification <command>`.

A command imports what it needs when it runs, so that one that needs no broker and no database starts at once.
"""

import argparse
from typing import TYPE_CHECKING, Any

from shared.commands.command import Command, file_argument, main
from shared.commands.release_commands import commands

if TYPE_CHECKING:
    from shared.runtime.service import Service


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
    from services.notification.commands import letters as letter_commands

    return letter_commands.render(arguments.letter, arguments.facts, arguments.format, arguments.language)


def _letters(_: argparse.Namespace) -> Any:
    from services.notification.letters.letter_kinds import LETTERS

    return list(LETTERS)


def _facts(arguments: argparse.Namespace) -> Any:
    from services.notification.commands import letters as letter_commands

    return letter_commands.facts(arguments.letter)


def _sent(arguments: argparse.Namespace) -> Any:
    from services.notification.commands import records as record_commands

    return record_commands.sent(arguments.client)


def _sent_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--client", metavar="CLIENT_ID", required=True)


def _undelivered(arguments: argparse.Namespace) -> Any:
    from services.notification.commands import records as record_commands

    return record_commands.undelivered(arguments.days)


def _undelivered_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--days", type=int, default=30, help="how far back (30)")


def _resend(arguments: argparse.Namespace) -> Any:
    from services.notification.commands import records as record_commands

    return record_commands.resend(arguments.letter_id, arguments.why, lift=arguments.lift)


def _resend_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("letter_id", metavar="LETTER_ID", help="from `sent` or `undelivered`")
    parser.add_argument("--why", required=True, help="for the record")
    parser.add_argument("--lift", action="store_true", help="mail came back, and the reader says that it works again")


def _bounce(arguments: argparse.Namespace) -> Any:
    from services.notification.commands import records as record_commands

    return record_commands.bounce(arguments.file)


def _service() -> "Service":
    from services.notification.app import SERVICE

    return SERVICE


def _run(_: argparse.Namespace) -> None:
    from shared.runtime.process import run

    run(_service())


COMMANDS = {
    "run": Command("Run the service.", _run),
    "render": Command("A letter as the client would get it.", _render, _render_arguments),
    "letters": Command("The names of the letters, as one JSON array.", _letters),
    "facts": Command("The facts that a letter needs: their JSON Schema and a sample.", _facts, _letter_argument),
    "sent": Command("A client's letters: which, why, when, and what became of them.", _sent, _sent_arguments),
    "undelivered": Command("The letters that did not reach their readers.", _undelivered, _undelivered_arguments),
    "resend": Command("Send a letter once more.", _resend, _resend_arguments),
    "bounce": Command("Take a mail that came back (a file, or - for standard input).", _bounce, file_argument),
    **commands(_service),
}

if __name__ == "__main__":
    main("services.notification", COMMANDS)
