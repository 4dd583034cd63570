"""What the documentation names is there: files, links, make targets and commands."""

import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    path for folder in ("*.md", "docs/**/*.md", "deploy/*.md", "services/**/*.md") for path in ROOT.glob(folder)
)
FILES = {
    path.name for folder in ("services", "shared", "deploy", "tests", "docs") for path in (ROOT / folder).rglob("*")
}

of_every_page = pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))


@of_every_page
def test_links_lead_somewhere(page: Path):
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())

    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


@of_every_page
def test_files_that_are_named_exist(page: Path):
    named = re.findall(r"`(\w[\w./-]*\.(?:py|toml|sql|md|json|yml))`", page.read_text())

    assert [
        name for name in named if Path(name).name not in FILES | {"session.json"} and not (ROOT / name).exists()
    ] == []


@of_every_page
def test_make_targets_that_are_named_exist(page: Path):
    targets = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:`|^)make ([a-z]+)", page.read_text(), re.MULTILINE))

    assert named - targets == set()


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.parent.name == "operating"], ids=lambda page: page.name
)
def test_commands_that_operators_are_told_exist(page: Path):
    told = re.findall(
        r"python -m (services\.\w+|services\.<service>|shared\.commands\.\w+) ([a-z-]+)", page.read_text()
    )

    for module, word in told:
        module = module.replace("<service>", "claims")
        commands = import_module(module if module.startswith("shared") else f"{module}.__main__").COMMANDS
        assert word in commands, f"{module} {word}"


@of_every_page
def test_tests_that_are_named_exist(page: Path):
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page.read_text())

    assert [
        f"{path}::{name}"
        for path, name in named
        if not re.search(rf"^(?:async )?def {name}\(", (ROOT / path).read_text(), re.MULTILINE)
    ] == []


def test_every_threat_names_the_test_that_shows_what_stops_it():
    threats = (ROOT / "SECURITY.md").read_text().partition("## Threats")[2].partition("\n## ")[0]
    rows = [line for line in threats.splitlines() if line.startswith("| ")][1:]

    assert len(rows) > 15
    assert [row for row in rows if "`tests/" not in row] == []
