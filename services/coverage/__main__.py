"""The commands of the coverage service: `python -m services.coverage <command>`.

A command imports what it needs when it runs, so that one that needs no broker and no database starts at once.
"""

import argparse
from typing import TYPE_CHECKING, Any

from shared.commands.command import Command, file_argument, main
from shared.commands.release_commands import commands

if TYPE_CHECKING:
    from shared.runtime.service import Service


def _explain(arguments: argparse.Namespace) -> Any:
    from services.coverage.commands import explain

    return explain.run(arguments)


def _rules(_: argparse.Namespace) -> Any:
    from services.coverage.order import rule

    return rule.table()


def _service() -> "Service":
    from services.coverage.app import SERVICE

    return SERVICE


def _run(_: argparse.Namespace) -> Any:
    from shared.runtime.process import run

    run(_service())


def _issues(arguments: argparse.Namespace) -> Any:
    from services.coverage.commands import issues as issue_commands

    return issue_commands.run(arguments)


def _issue_arguments(parser: argparse.ArgumentParser) -> None:
    words = parser.add_subparsers(dest="word", required=True, metavar="list|show")
    listed = words.add_parser("list", help="the open issues, the oldest first")
    listed.add_argument("--closed", action="store_true", help="the closed ones too")
    words.add_parser("show", help="everything about one pause").add_argument("pause_id", metavar="PAUSE_ID|CLIENT_ID")


def _benefits(arguments: argparse.Namespace) -> Any:
    from services.coverage.commands import benefits as benefit_commands

    return benefit_commands.run(arguments)


def _benefits_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("client_id", metavar="CLIENT_ID")
    parser.add_argument("--plan", metavar="PLAN_ID", help="this plan alone")
    parser.add_argument("--on", metavar="DATE", help="the date of service, such as 2026-03-01; today without it")
    parser.add_argument("--ask", action="store_true", help="ask the payers anew; the running service sends the 270s")


COMMANDS = {
    "run": Command("The service, until SIGTERM.", _run),
    "issues": Command("The issues that wait for clients (reads DATABASE_URL_COVERAGE).", _issues, _issue_arguments),
    "benefits": Command(
        "What the payers say of a client's plans, and --ask them anew (DATABASE_URL_COVERAGE).",
        _benefits,
        _benefits_arguments,
    ),
    "explain": Command("Which plan pays first for the facts in a JSON file, and why.", _explain, file_argument),
    "rules": Command("Every rule of the order of benefits: its name, what it says, where it is written.", _rules),
    **commands(_service),
}

if __name__ == "__main__":
    main("services.coverage", COMMANDS)
