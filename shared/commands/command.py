"""The shape that every command of every service has.

A command takes a file or `-` for standard input, prints one JSON document on standard output, speaks to people on
standard error, and exits 0 (answered), 1 (readable but refused, the JSON says why) or 2 (unreadable, or used wrongly).
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

Setup = Callable[[argparse.ArgumentParser], None]


class UnreadableInputError(Exception):
    """The input cannot be read; the message is the one line that says what to correct."""


class RefusedError(Exception):
    """The input is readable but must not be acted on; `document` says why."""

    def __init__(self, document: dict[str, Any]) -> None:
        super().__init__(document.get("reason", "refused"))
        self.document = document


def refused(reason: str, detail: str, **more: Any) -> RefusedError:
    """The refusal of an operator's command: a reason word, a sentence, and what else is known of it."""
    return RefusedError({"refused": True, "reason": reason, "detail": detail, **more})


_LONGEST_REASON = 500


def reason(why: str, to_say: str = "say why, for the record") -> str:
    """Take the words of `--why`: one line, at most 500 characters. Raises UnreadableInputError with `to_say`."""
    why = why.strip()
    if not why or not why.isprintable():
        raise UnreadableInputError(f"--why is empty or not one line: {to_say}")
    if len(why) > _LONGEST_REASON:
        raise UnreadableInputError(f"--why has {len(why):,} characters: {to_say}, in up to {_LONGEST_REASON}")
    return why


@dataclass(frozen=True)
class Command:
    """One word after `python -m services.<name>`.

    `run` gets the parsed arguments and returns the JSON document to print, or text that is printed as it is
    (X12, a letter), or None when it has printed for itself. `setup` adds its arguments to the parser.
    """

    help: str
    run: Callable[[argparse.Namespace], Any]
    setup: Setup | None = None


@dataclass(frozen=True)
class Later:
    """A command that is imported when its word is on the command line, so that the other commands start fast.

    `module` has its functions `run` and, where it takes arguments, `set_up`; a module of several commands has
    `run_<name>` and `set_up_<name>` for each.
    """

    help: str
    module: str
    name: str = ""

    @property
    def setup(self) -> Setup | None:
        """Adds the command's arguments to a parser; None where it takes none."""
        return getattr(import_module(self.module), self._named("set_up"), None)

    @property
    def run(self) -> Callable[[argparse.Namespace], Any]:
        """What the command does with the parsed arguments."""
        return getattr(import_module(self.module), self._named("run"))

    def _named(self, function: str) -> str:
        return f"{function}_{self.name}" if self.name else function


class _OneLineParser(argparse.ArgumentParser):
    """An argument parser whose errors are one line and exit code 2."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def main(program: str, commands: Mapping[str, Command | Later], argv: Sequence[str] | None = None) -> NoReturn:
    """Run the command that `argv` (default: the process's arguments) names, and exit with its code."""
    argv = sys.argv[1:] if argv is None else argv
    parser = _OneLineParser(prog=f"python -m {program}")
    words = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_OneLineParser)
    for name, command in commands.items():
        word = words.add_parser(name, help=command.help, description=command.help)
        if name in argv[:1] and (set_up := command.setup) is not None:
            set_up(word)
    arguments = parser.parse_args(argv)
    try:
        code = _answer(commands[arguments.command], arguments)
        sys.stdout.flush()
    except UnreadableInputError as error:
        print(f"{parser.prog} {arguments.command}: {' '.join(str(error).split())}", file=sys.stderr)
        code = 2
    except BrokenPipeError:  # whoever reads us has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)


def _answer(command: Command | Later, arguments: argparse.Namespace) -> int:
    """Run the command and print its document; return the exit code."""
    try:
        _show(command.run(arguments))
    except RefusedError as error:
        _show(error.document)
        return 1
    return 0


def file_argument(
    parser: argparse.ArgumentParser, name: str = "file", what: str = "a file, or - for standard input"
) -> None:
    """Add the positional argument that `read_bytes` and `read_json` take."""
    parser.add_argument(name, metavar=name.upper(), help=what)


def read_bytes(path: str) -> bytes:
    """The bytes of the file `path`, or of standard input for `-`.

    Raises UnreadableInputError: the file is not there or cannot be read.
    """
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise UnreadableInputError(f"cannot read {path}: {error.strerror or error}") from None


def read_json(path: str) -> Any:
    """The JSON document in the file `path`, or on standard input for `-`.

    Raises UnreadableInputError: no such file, not UTF-8, or not JSON (the line and column are named).
    """
    try:
        document = json.loads(read_bytes(path).decode("utf-8-sig"))
        json.dumps(document, ensure_ascii=False).encode()
        return document
    except UnicodeEncodeError:
        raise UnreadableInputError(f"{path} is not text: it has half a character (a lone surrogate)") from None
    except UnicodeDecodeError as error:
        raise UnreadableInputError(f"{path} is not UTF-8 text (byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise UnreadableInputError(
            f"{path} is not JSON: {error.msg} at line {error.lineno} column {error.colno}"
        ) from None
    except RecursionError:
        raise UnreadableInputError(f"{path} is not JSON that can be read: it is nested too deeply") from None


def _show(document: Any) -> None:
    if document is None:
        return
    if isinstance(document, str):
        sys.stdout.write(document if document.endswith("\n") else document + "\n")
    else:
        print(json.dumps(document, indent=2, ensure_ascii=False))
    sys.stdout.flush()
