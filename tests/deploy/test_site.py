"""The documentation site: it is built, and what its tutorial tells people to do works."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


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
