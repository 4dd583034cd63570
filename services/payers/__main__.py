"""The commands of the payers' stand-in."""

import argparse
from typing import TYPE_CHECKING

from shared.commands.command import Command, main
from shared.commands.release_commands import commands

if TYPE_CHECKING:
    from shared.runtime.service import Service


def _service() -> "Service":
    from services.payers.app import SERVICE

    return SERVICE


def _run(_: argparse.Namespace) -> None:
    from shared.runtime.process import run

    run(_service())


COMMANDS = {
    "run": Command("stand in for insurers and the payment system until stopped (development and tests)", _run),
    **commands(_service),
}

if __name__ == "__main__":
    main("services.payers", COMMANDS)
