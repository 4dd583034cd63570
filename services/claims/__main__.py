"""The commands of the claims service; only the one that is called is loaded, so that the pure ones start fast."""

import argparse
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from shared.command import Command, main
from shared.release_commands import commands

if TYPE_CHECKING:
    from shared.service import Service


def _loaded(module: str, name: str) -> Command:
    return cast(Command, getattr(import_module(f"services.claims.{module}"), name))


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
    from shared.process import run

    run(_service())


COMMANDS = {
    "run": Command("the service, until SIGTERM", _run),
    "classify": _later("classify", "classify_command", "what a payer's codes mean, and whether the client must call"),
    "read": _later("read", "read", "any X12 interchange as JSON"),
    "states": _later("states", "states_command", "the life of a claim as a Mermaid diagram"),
    "secondary": _later("secondary", "secondary", "the secondary's claim from the primary's claim and remittance"),
    "list": _later("list", "claim_story", "claims by state and age, the oldest first", "LIST"),
    "show": _later("show", "claim_story", "the whole story of a claim", "SHOW"),
    "resend": _later("resend", "operator_acts", "send a claim again", "RESEND"),
    "write-off": _later("write-off", "operator_acts", "give a claim up, at the operator's cost", "WRITE_OFF"),
    "release": _later("release", "operator_acts", "handle what waits under a parked key", "RELEASE"),
    "queue": _later("queue", "queue_commands", "what waits for a person: list, show, resolve, post"),
    "dry-run": _later("dry-run", "dry_run", "what posting an 835 would do; nothing is written"),
    "proof": _later("proof", "proof", "a claim's proof of filing as one zip file"),
    "late": _later("late", "late_payers", "claims that payers are late with: overdue, and silent"),
    **commands(_service),
}

if __name__ == "__main__":
    main("services.claims", COMMANDS)
