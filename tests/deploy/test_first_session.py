"""The tutorial and the how-tos, as a reader runs them: every command of their pages, on a stack of its own."""

import os
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("own-stack")]
ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
REFUND = "settlement.refund.issued.v1"
Shell = Callable[[str], str]


def blocks(page: str, language: str) -> list[str]:
    """The code blocks of a page, those in tabs included."""
    text = (DOCS / f"{page}.md").read_text()
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
    return [textwrap.dedent(indent + code) if indent else code for indent, code in found]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout whose environment is this one's, so that make has nothing to fetch."""
    folder = tmp_path_factory.mktemp("first") / "checkout"
    ignored = shutil.ignore_patterns("__pycache__", "node_modules", "*.egg-info")
    for name in ("deploy", "shared", "services", "clients", "docs", "tests/shared/x12/files"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in ("Makefile", "pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / name, folder)
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / "bin").mkdir()
    _program(folder / ".venv" / "bin" / "python", sys.executable)
    _program(folder / "bin" / "make", f'{shutil.which("make")} -s -o .venv/.synced RUN="{sys.executable}"')
    return folder


def _program(path: Path, command: str) -> None:
    path.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    path.chmod(0o755)


@pytest.fixture(scope="module")
def shell(checkout: Path) -> Iterator[Shell]:
    """One shell from the first page to the last: what is exported stays. A command that fails ends the test."""
    ours = ("KAFKA_", "DATABASE_URL_", "SMTP_", "INBOX_", "TEST_", "PAYERS_", "CLOCK_", "EMBEDDED_", "MAKE")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environment["PATH"] = f"{checkout / 'bin'}:{environment['PATH']}"
    exported = checkout / "exported"

    def run(script: str) -> str:
        before = f". {exported}\n" if exported.exists() else ""
        text = f"set -eu\n{before}{script}\nexport -p > {exported}\n"
        ran = subprocess.run(
            ["bash", "-c", text], cwd=checkout, env=environment, capture_output=True, text=True, timeout=400
        )
        assert ran.returncode == 0, f"{script}\n{ran.stdout[-2000:]}\n{ran.stderr[-4000:]}"
        return ran.stdout

    yield run
    subprocess.run([sys.executable, "-m", "deploy.embedded", "down"], cwd=checkout, env=environment, check=False)


def test_the_pages_lead_from_a_running_stack_to_the_first_refund(shell: Shell, checkout: Path):
    up, checking, by_python, by_node, by_kcat, watching, watching_refusal, ending = blocks("tutorial", "sh")
    program, careless = blocks("tutorial", "python")
    assert program == (ROOT / "clients" / "first-session" / "publish.py").read_text()

    shell(up)
    assert '"problems": []' in shell(checking)
    shell(by_python)
    seen = shell(watching).splitlines()

    assert seen[-1] == f"{REFUND} {{'amount_cents': 2400}}"
    assert "settlement.charge.requested.v1 {'amount_cents': 3000}" in seen
    for page, name in ((by_node, "node"), (by_kcat, "kcat")):
        if shutil.which(name) is not None:
            shell(page.replace(" sam", f" {name}"))
            assert shell(watching.replace(" sam", f" {name}")).splitlines()[-1] == seen[-1]

    (checkout / "careless.py").write_text(careless)
    shell(".venv/bin/python careless.py")
    assert "data.client_id" in shell(watching_refusal) or "'field': 'key'" in shell(watching_refusal)

    for page in ("how-to/connect-sessions", "how-to/clearinghouse", "how-to/statement", "explanation/order"):
        for script in blocks(page, "sh"):
            assert shell(script)
    [outgoing] = blocks("how-to/clearinghouse", "python")
    (checkout / "outgoing.py").write_text(outgoing)
    assert "ISA*" in shell(".venv/bin/python outgoing.py")

    shell("\n".join(blocks("how-to/characters", "sh")))
    assert shell(ending).splitlines()[-1] == "down"
    assert any((checkout / ".run" / "logs").iterdir())


def test_every_page_for_integrators_has_its_commands_run_here():
    run = {"tutorial", "how-to/connect-sessions", "how-to/clearinghouse", "how-to/statement", "how-to/characters"}
    pages = [path for folder in (DOCS, DOCS / "how-to", DOCS / "explanation") for path in folder.glob("*.md")]

    with_commands = {str(page.relative_to(DOCS))[:-3] for page in pages if "```sh" in page.read_text()}

    assert with_commands == run | {"explanation/order"}
