"""The commands of the claims service; only the one that is called is loaded, so that the pure ones start fast."""

import argparse
import sys
from importlib import import_module
from typing import Any, cast

from shared.command import Command, main


def _loaded(module: str) -> Command:
    return cast(Command, import_module(f"services.claims.{module}").COMMAND)


def _later(word: str, module: str, help: str) -> Command:
    """The command that `module` exports as COMMAND, loaded when its `word` is the one on the command line."""

    def run(arguments: argparse.Namespace) -> Any:
        return _loaded(module).run(arguments)

    def setup(parser: argparse.ArgumentParser) -> None:
        if word in sys.argv[1:2] and (own := _loaded(module).setup) is not None:
            own(parser)

    return Command(help, run, setup)


def _run(_: argparse.Namespace) -> None:
    from services.claims.app import SERVICE
    from shared.process import run

    run(SERVICE)


COMMANDS = {
    "run": Command("the service, until SIGTERM", _run),
    "classify": _later("classify", "classify_command", "what a payer's codes mean, and whether the client must call"),
    "read": _later("read", "read", "any X12 interchange as JSON"),
    "states": _later("states", "states_command", "the life of a claim as a Mermaid diagram"),
    "secondary": _later("secondary", "secondary", "the secondary's claim from the primary's claim and remittance"),
}

if __name__ == "__main__":
    main("services.claims", COMMANDS)
