"""The commands of the payers' stand-in."""

import argparse

from shared.command import Command, main


def _run(arguments: argparse.Namespace) -> None:
    from services.payers.app import SERVICE
    from shared.process import run

    run(SERVICE)


COMMANDS = {"run": Command("stand in for insurers and the payment system until stopped (development and tests)", _run)}

if __name__ == "__main__":
    main("services.payers", COMMANDS)
