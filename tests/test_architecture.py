"""Reads the sources and keeps the design: who may import whom, how long things are, what the product never says."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SERVICES = ("coverage", "claims", "settlement", "notification", "payers")
DOING_IO = {
    "operator_session",
    "handlers",
    "store",
    "app",
    "__main__",
    "delivery",
    "pages",
    "preview",
    "sender",
    "settings",
}
DOING_IO_BY_END = ("_pages", "_page", "_commands", "_store", "_guard", "_control")
IO_MODULES = {
    "asyncpg",
    "aiokafka",
    "faststream",
    "aiosmtplib",
    "fastapi",
    "uvicorn",
    "socket",
    "requests",
    "urllib.request",
}
BANNED_NAMES = {"utils", "common", "helpers", "manager", "base", "util", "misc"}
LONGEST_FILE, LONGEST_FUNCTION = 350, 70


def sources(*folders: str) -> Iterator[Path]:
    """The Python files below the folders."""
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def imports(tree: ast.AST) -> Iterator[str]:
    """The dotted names that a module imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def foreign_imports(path: Path, text: str) -> list[str]:
    """Imports that the file at `path` may not have."""
    parts = path.relative_to(ROOT).parts
    names = set(imports(ast.parse(text)))
    found = [f"services.{other}" for other in SERVICES for name in names if name.startswith(f"services.{other}")]
    if parts[0] == "shared":
        return found
    return [name for name in found if name != f"services.{parts[1]}"]


def impure_imports(path: Path, text: str) -> list[str]:
    """What a rules file imports though it does IO, or reads the time."""
    if path.stem in DOING_IO or path.stem.endswith(DOING_IO_BY_END):
        return []
    names = set(imports(ast.parse(text)))
    return sorted({io for io in IO_MODULES for name in names if name == io or name.startswith(f"{io}.")})


def clock_readers(path: Path, text: str) -> list[str]:
    """Lines that read the time themselves instead of asking the clock."""
    if path == ROOT / "shared" / "clock.py":
        return []
    pattern = re.compile(r"\b(datetime\.now|datetime\.utcnow|date\.today|time\.time)\(")
    return [line.strip() for line in text.splitlines() if pattern.search(line)]


def long_functions(text: str) -> list[str]:
    """Functions of more than the longest length, docstring included."""
    return [
        f"{node.name} ({node.end_lineno - node.lineno + 1} lines)"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    ]


def undocumented(text: str) -> list[str]:
    """Public functions and classes without a docstring; the methods of private classes are private."""
    tree = ast.parse(text)
    found: list[str] = []
    todo: list[ast.AST] = [tree]
    while todo:
        for node in ast.iter_child_nodes(todo.pop()):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith(
                "_"
            ):
                found += [] if ast.get_docstring(node) else [node.name]
                todo += [node] if isinstance(node, ast.ClassDef) else []
    return found


@pytest.mark.parametrize("path", list(sources("services", "shared")), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_source_keeps_the_design(path: Path):
    text = path.read_text()

    assert foreign_imports(path, text) == [], "a service never imports another; shared imports none"
    assert clock_readers(path, text) == [], "only shared/clock.py reads the time"
    assert len(text.splitlines()) <= LONGEST_FILE, "two files, each named after one term, read better"
    assert long_functions(text) == []
    assert undocumented(text) == []
    assert path.stem not in BANNED_NAMES


@pytest.mark.parametrize("path", list(sources("services")), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_rules_file_does_no_io(path: Path):
    assert impure_imports(path, path.read_text()) == []


def test_a_planted_violation_is_caught():
    rules = ROOT / "services" / "claims" / "planted.py"
    text = "import asyncpg\nfrom services.coverage import store\nfrom datetime import datetime\nNOW = datetime.now()\n"
    text += "def public():\n" + "    pass\n" * (LONGEST_FUNCTION + 1)

    assert foreign_imports(rules, text) == ["services.coverage"]
    assert impure_imports(rules, text) == ["asyncpg"]
    assert clock_readers(rules, text) == ["NOW = datetime.now()"]
    assert long_functions(text) == [f"public ({LONGEST_FUNCTION + 2} lines)"]
    assert undocumented(text) == ["public"]


def tracked() -> Iterator[Path]:
    """The text files of the project."""
    for folder in ("services", "shared", "deploy", "tests", ".ci"):
        yield from (
            p
            for p in sorted((ROOT / folder).rglob("*"))
            if p.suffix in {".py", ".md", ".sql", ".txt", ".json", ".html", ".mjml"}
        )
    yield from sorted(ROOT.glob("*.md"))


def test_the_project_names_no_place_of_any_machine():
    pattern = re.compile(r"/(work|farm|home|root)/[a-z.]+")
    named = [f"{p.relative_to(ROOT)}: {m.group()}" for p in tracked() if (m := pattern.search(p.read_text()))]

    assert named == []


def test_no_folder_of_tests_is_a_package():
    assert list((ROOT / "tests").rglob("__init__.py")) == []
