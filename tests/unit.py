"""The tests of the rules alone, in seconds: `make unit`. No broker, no database, no browser.

It runs the tests of the rooms that do no IO and of X12, less what takes long: generated examples, and X12 that pyx12
referees. Each processor takes a share of the files in a process of its own, so that nothing is imported twice.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = (
    "services/coverage/order",
    "services/coverage/plans",
    "services/coverage/sessions",
    "services/claims/codes",
    "services/claims/claim",
    "services/claims/filing",
    "services/claims/remittances",
    "services/claims/acknowledgments",
    "services/settlement/answers",
    "services/settlement/money",
    "services/settlement/ledger",
    "shared/x12",
)
_WHOLE_SERVICE = re.compile(r"service_under_test|new_database|tests\.harness|_desk\b|_events import|\.app import")
"""A file that speaks of one of these tests a service on its database."""
_LEFT_OUT = "not stack and not browser and not properties and not referee"


def files() -> list[Path]:
    """The test files of rules, the largest first."""
    paths = [path for room in ROOMS for path in sorted((ROOT / "tests" / room).rglob("test_*.py"))]
    rules = [path for path in paths if not _WHOLE_SERVICE.search(path.read_text())]
    return sorted(rules, key=lambda path: path.stat().st_size, reverse=True)


def shares(paths: list[Path], count: int) -> list[list[Path]]:
    """The files in `count` shares of about the same size."""
    parts: list[list[Path]] = [[] for _ in range(count)]
    sizes = [0] * count
    for path in paths:
        smallest = sizes.index(min(sizes))
        parts[smallest].append(path)
        sizes[smallest] += path.stat().st_size
    return [part for part in parts if part]


def main() -> None:
    """Run the shares at the same time; arguments go to pytest. Ends with 1 if a test fails."""
    command = [sys.executable, "-m", "pytest", "-p", "pytest_asyncio.plugin", "-p", "no:cacheprovider", "-m", _LEFT_OUT]
    env = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    running = [
        subprocess.Popen([*command, *map(str, share), *sys.argv[1:]], env=env, cwd=ROOT, stdout=subprocess.PIPE)
        for share in shares(files(), min(os.cpu_count() or 1, 4))
    ]
    printed = [process.communicate()[0].decode() for process in running]
    print("".join(printed), end="")
    sys.exit(max(process.returncode for process in running))


if __name__ == "__main__":
    main()
