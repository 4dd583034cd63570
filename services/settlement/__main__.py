"""`python -m services.settlement`: the forecast and the dry run of a final cost."""

import argparse
from pathlib import Path
from typing import Any

from shared.command import Command, file_argument, main, read_bytes, read_json


def _forecast(arguments: argparse.Namespace) -> dict[str, Any]:
    from services.settlement import forecast_case

    return forecast_case.answer(read_json(arguments.file))


def _final(arguments: argparse.Namespace) -> dict[str, Any]:
    from services.settlement import final_case
    from shared.x12.interchange import read_file

    folder = Path() if arguments.file == "-" else Path(arguments.file).parent
    return final_case.answer(read_json(arguments.file), lambda name: read_file(read_bytes(str(folder / name))))


def _run(_: argparse.Namespace) -> None:
    from services.settlement.app import SERVICE
    from shared.process import run

    run(SERVICE)


COMMANDS = {
    "run": Command("Run the service.", _run),
    "forecast": Command("what the secondary is expected to pay of one service", _forecast, file_argument),
    "final": Command("the final cost from the payers' remittances; writes nothing", _final, file_argument),
}

if __name__ == "__main__":
    main("services.settlement", COMMANDS)
