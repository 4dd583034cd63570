"""The commands of the claims service; only the one that is called is loaded, so that the pure ones start fast."""

import argparse
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from shared.commands.command import Command, main
from shared.commands.release_commands import commands

if TYPE_CHECKING:
    from shared.runtime.service import Service


def _loaded(module: str, name: str) -> Command:
    return cast(Command, getattr(import_module(f"services.claims.commands.{module}"), name))


def _later(word: str, module: str, help: str, name: str = "COMMAND") -> Command:
    """The command that `module` exports as `name`, loaded when its `word` is the one on the command line."""

    def run(arguments: argparse.Namespace) -> Any:
        return _loaded(module, name).run(arguments)

    def setup(parser: argparse.ArgumentParser) -> None:
        if word in sys.argv[1:2] and (own := _loaded(module, name).setup) is not None:
            own(parser)

    return Command(help, run, setup)


def _service() -> "Service":
    from services.claims.app import SERVICE

    return SERVICE


def _run(_: argparse.Namespace) -> None:
    from shared.runtime.process import run

    run(_service())


COMMANDS = {
    "run": Command("the service, until SIGTERM", _run),
    "classify": _later("classify", "classify", "what a payer's codes mean, and whether the client must call"),
    "read": _later("read", "read", "any X12 interchange as JSON"),
    "states": _later("states", "states", "the life of a claim as a Mermaid diagram"),
    "secondary": _later("secondary", "next_claim", "the secondary's claim from the primary's claim and remittance"),
    "list": _later("list", "show", "claims by state and age, the oldest first", "LIST"),
    "show": _later("show", "show", "the whole story of a claim", "SHOW"),
    "resend": _later("resend", "resend", "send a claim again", "RESEND"),
    "write-off": _later("write-off", "resend", "give a claim up, at the operator's cost", "WRITE_OFF"),
    "release": _later("release", "resend", "handle what waits under a parked key", "RELEASE"),
    "queue": _later("queue", "queue", "what waits for a person: list, show, resolve, post"),
    "dry-run": _later("dry-run", "dry_run", "what posting an 835 would do; nothing is written"),
    "proof": _later("proof", "proof", "a claim's proof of filing as one zip file"),
    "late": _later("late", "late", "claims that payers are late with: overdue, and silent"),
    **commands(_service),
}

if __name__ == "__main__":
    main("services.claims", COMMANDS)
