"""The documentation site: it is built, and what its tutorial tells people to do works."""

import json
import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

from shared.events.check import check

ROOT = Path(__file__).parents[2]
TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TUTORIAL, re.DOTALL)


def test_the_message_of_the_tutorial_has_no_problems():
    [message] = blocks("json")

    answer = check(message.encode(), date(2026, 3, 2), topic="sessions", key="tutorial-client")

    assert (answer["readable"], answer["problems"]) == (True, [])


def test_the_command_of_the_tutorial_answers_as_it_says(tmp_path: Path):
    (tmp_path / "session.json").write_text(blocks("json")[0])
    [command] = [line for block in blocks("sh") for line in block.splitlines() if "shared.events check" in line]
    words = command.replace("session.json", str(tmp_path / "session.json")).split()[1:]

    ran = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True)

    assert (ran.returncode, json.loads(ran.stdout)["key"]) == (0, "tutorial-client")


def test_the_publisher_of_the_tutorial_is_python():
    [program] = blocks("python")

    compile(program, "tutorial", "exec")


def test_every_entry_of_the_navigation_is_a_page():
    named = set(re.findall(r'"([\w/-]+\.md)"', (ROOT / "zensical.toml").read_text()))

    assert {name for name in named if not (ROOT / "docs" / name).exists()} == set()


def test_the_site_is_built(tmp_path: Path):
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "zensical.toml", tmp_path)

    command = [str(Path(sys.executable).with_name("zensical")), "build", "--strict"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert (tmp_path / "site" / "index.html").exists()
