"""`python -m tests.bench`: every benchmark beside this file; one JSON object a line, all of them in bench.json.

Each `bench_<name>.py` has `run()`, which yields {"name", "value", "unit", "floor", "ratio", ...}: `ratio` says how many
times the floor was reached (1 and more is good). `--only NAME` runs some; the exit is 1 when one broke.
"""

import argparse
import importlib
import json
import logging
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def names() -> list[str]:
    """The benchmarks that there are."""
    return sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


def lines(name: str) -> Iterator[dict[str, Any]]:
    """A benchmark's figures; where it breaks, a line that says so, and the others go on."""
    try:
        yield from importlib.import_module(f"tests.bench.bench_{name}").run()
    except Exception as error:
        traceback.print_exc()
        yield {"name": name, "error": f"{type(error).__name__}: {error}".splitlines()[0]}


def main(arguments: list[str] | None = None) -> int:
    """Run, print, write bench.json."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="The benchmarks.")
    parser.add_argument("--only", action="append", choices=names(), metavar="NAME", help=f"one of {', '.join(names())}")
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    chosen = parser.parse_args(arguments).only or names()
    measured: list[dict[str, Any]] = []
    for name in chosen:
        for line in lines(name):
            print(json.dumps(line), flush=True)
            measured.append(line)
    Path("bench.json").write_text(json.dumps(measured, indent=2) + "\n")
    return 1 if any("error" in line for line in measured) else 0


if __name__ == "__main__":
    sys.exit(main())
