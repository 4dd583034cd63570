"""What no linter keeps: how long things are, how full a room is, and what the sources never say.

Who may import whom stands in `pyproject.toml` (`[tool.importlinter]`); docstrings, branches, `print` and who reads the
time are ruff's (`[tool.ruff.lint]`). `make lint` runs both.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BANNED_NAMES = {"utils", "common", "helpers", "manager", "base", "util", "misc"}
LONGEST_FILE, LONGEST_FUNCTION, FULLEST_ROOM = 350, 70, 20

SOURCES = [path for folder in ("services", "shared", "deploy") for path in sorted((ROOT / folder).rglob("*.py"))]
TEXTS = {".py", ".md", ".sql", ".txt", ".json", ".html", ".mjml", ".toml", ".yml", ".yaml"}


def long_functions(text: str) -> list[str]:
    """Functions of more than the longest length, docstring included."""
    return [
        f"{node.name} ({(node.end_lineno or 0) - node.lineno + 1} lines)"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    ]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_short_and_says_what_is_inside(path: Path):
    text = path.read_text()

    assert len(text.splitlines()) <= LONGEST_FILE, "two files, each named after one term, read better"
    assert long_functions(text) == []
    assert path.stem not in BANNED_NAMES


def test_a_long_function_is_noticed():
    text = "def ordinary():\n    pass\n\ndef endless():\n" + "    pass\n" * LONGEST_FUNCTION

    assert long_functions(text) == [f"endless ({LONGEST_FUNCTION + 1} lines)"]


def test_no_room_is_full():
    rooms = {path.parent for path in SOURCES}
    modules = {room: [path for path in room.glob("*.py") if path.name != "__init__.py"] for room in rooms}

    assert [str(room.relative_to(ROOT)) for room, paths in modules.items() if len(paths) > FULLEST_ROOM] == []


def test_imports_only_go_down():
    linted = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-logo"], cwd=ROOT, capture_output=True, text=True
    )

    assert linted.returncode == 0, linted.stdout


def texts() -> Iterator[Path]:
    """The text files of the project."""
    for folder in ("services", "shared", "deploy", "tests", "docs", "clients", ".ci", ".github"):
        yield from (path for path in sorted((ROOT / folder).rglob("*")) if path.suffix in TEXTS)
    yield from sorted(ROOT.glob("*.md"))


def test_the_project_names_no_place_of_any_machine():
    pattern = re.compile(r"/(work|farm|home|root)/[a-z.]+")
    named = [f"{p.relative_to(ROOT)}: {m.group()}" for p in texts() if (m := pattern.search(p.read_text()))]

    assert named == []


def test_no_folder_of_tests_is_a_package():
    assert list((ROOT / "tests").rglob("__init__.py")) == []
