"""`python -m services.settlement`: run it, look at its books, forecast an answer, try a final cost."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shared.commands.command import Command, file_argument, main, read_bytes, read_json
from shared.commands.release_commands import commands

if TYPE_CHECKING:
    from shared.runtime.service import Service


def _forecast(arguments: argparse.Namespace) -> dict[str, Any]:
    from services.settlement.commands import forecast_case

    return forecast_case.answer(read_json(arguments.file))


def _final(arguments: argparse.Namespace) -> dict[str, Any]:
    from services.settlement.commands import final_case
    from shared.x12.document.interchange import read_file

    folder = Path() if arguments.file == "-" else Path(arguments.file).parent
    return final_case.answer(read_json(arguments.file), lambda name: read_file(read_bytes(str(folder / name))))


def _service() -> "Service":
    from services.settlement.app import SERVICE

    return SERVICE


def _run(_: argparse.Namespace) -> None:
    from shared.runtime.process import run

    run(_service())


def _operators(arguments: argparse.Namespace) -> Any:
    from services.settlement.commands import books

    return books.run(arguments)


def _show_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("session_id", metavar="SESSION")
    parser.add_argument("--text", action="store_true", help="the T-accounts alone, as text")


def _trial_balance_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--at", metavar="ISO", help="the moment, such as 2026-03-31 (its end) or 2026-03-31T12:00Z")


def _overdue_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from-day", type=int, default=75, metavar="N", help="since the day of confirmation")


def _reviews(arguments: argparse.Namespace) -> Any:
    from services.settlement.commands import reviews

    return reviews.run(arguments)


def _reviews_arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(word="list", closed=False)
    parser.add_argument("--days", type=int, default=90, metavar="N", help="those of the last N days")
    words = parser.add_subparsers(dest="word", metavar="list|show|close")
    listed = words.add_parser("list", help="what waits, the latest first; payments that differ; what is stopped")
    listed.add_argument("--days", type=int, default=argparse.SUPPRESS, metavar="N", help="those of the last N days")
    listed.add_argument("--closed", action="store_true", help="what was closed too")
    words.add_parser("show", help="one review with its session").add_argument("review", metavar="REVIEW")
    close = words.add_parser("close", help="take a review off the list; it changes no money")
    close.add_argument("review", metavar="REVIEW")
    close.add_argument("--why", required=True, help="what was done about it, for the audit")


COMMANDS = {
    "run": Command("Run the service.", _run),
    "show": Command("a session's entries, T-accounts and state (reads the database)", _operators, _show_arguments),
    "trial-balance": Command(
        "debits and credits of every account at a moment (reads the database)", _operators, _trial_balance_arguments
    ),
    "overdue": Command(
        "sessions whose final cost is late, the longest first (reads the database)", _operators, _overdue_arguments
    ),
    "reviews": Command(
        "what waits for a person: list, show, close; and payments that differ (reads the database)",
        _reviews,
        _reviews_arguments,
    ),
    "forecast": Command("what the secondary is expected to pay of one service", _forecast, file_argument),
    "final": Command("the final cost from the payers' remittances; writes nothing", _final, file_argument),
    **commands(_service),
}

if __name__ == "__main__":
    main("services.settlement", COMMANDS)
