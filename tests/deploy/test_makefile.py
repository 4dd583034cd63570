"""The way from a bare checkout: one sentence when something is missing, and a fresh clone that proves it."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the Makefile and nothing prepared."""
    for name in ("Makefile", "pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def make(folder: Path, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run make there."""
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), **environment}
    return subprocess.run(["make", *words], cwd=folder, env=env, capture_output=True, text=True, timeout=60)


def python(folder: Path, script: str) -> str:
    """A program that answers in Python's place."""
    file = folder / "my-python"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return str(file)


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("exit 1", "Python 3.11 or later is needed, and '{python}' is not: name one with make PYTHON=..."),
        (
            "case $2 in *ensurepip*) exit 1;; esac",
            "'{python}' cannot make environments (Debian keeps that apart: apt-get install python3-venv)",
        ),
    ],
    ids=["too old or not there", "no venv"],
)
def test_what_is_missing_is_told_in_one_sentence(checkout: Path, script: str, sentence: str):
    fake = python(checkout, script)

    unmade = make(checkout, "status", f"PYTHON={fake}")

    assert unmade.returncode == 2
    assert unmade.stderr.splitlines()[0] == sentence.format(python=fake)
    assert not (checkout / ".venv").exists()


def test_every_target_that_is_not_a_file_is_listed_with_what_it_does(checkout: Path):
    listed = [line.split()[0] for line in make(checkout).stdout.splitlines()]

    declared = next(line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith(".PHONY"))
    assert sorted(listed) == sorted(declared.split()[1:])
    assert {"demo", "test", "up", "down", "bench", "faults", "lint", "schemas", "bare", "unit"} <= set(listed)


@pytest.mark.parametrize(
    ("words", "runs"),
    [
        (["up", "BROKERS=3", "SCALE=claims=2"], 'up --scale "claims=2" --brokers 3'),
        (["up", "KEEP=1"], 'up --scale "" --brokers 1 --keep'),
        (["status"], "status"),
        (["down"], "down"),
    ],
    ids=" ".join,
)
def test_the_stack_is_started_and_ended_as_the_words_say(words: list[str], runs: str):
    planned = make(ROOT, "--dry-run", "--old-file=.venv/.synced", *words)

    assert planned.stdout.splitlines()[-1].strip() == f".venv/bin/python -m deploy.embedded {runs}"


def test_an_audit_that_reaches_nobody_says_that_nothing_was_checked(tmp_path: Path, checkout: Path):
    uv = checkout / "uv"
    uv.write_text("#!/bin/sh\necho 'dns error' >&2\nexit 2\n")
    uv.chmod(0o755)

    asked = make(checkout, "audit", f"UV={uv}", "--old-file=.venv/.synced")

    assert asked.returncode == 2
    assert "nothing was checked: osv.dev" in asked.stderr


def test_bare_runs_what_is_committed_with_an_empty_home_and_says_how_it_ended(tmp_path: Path):
    tree = tmp_path / "tree"
    (tree / "deploy").mkdir(parents=True)
    shutil.copy(ROOT / "deploy" / "bare", tree / "deploy" / "bare")
    (tree / "Makefile").write_text("test:\n\t@ls -A $$HOME; ls; env; pwd; exit 7\n")
    git = ["git", "-C", str(tree), "-c", "user.name=a", "-c", "user.email=a@b.example"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "one"], check=True)
    (tree / "forgotten.txt").write_text("never added")
    given = {"SECRET_TOKEN": "x", "PIP_INDEX_URL": "https://one two/'quoted'", "PATH": "/usr/local/bin:/usr/bin:/bin"}

    ran = subprocess.run(
        [tree / "deploy" / "bare"], env={**given, "HOME": str(Path.home())}, capture_output=True, text=True
    )

    assert ran.returncode == 2, "make's own code for a recipe that failed"
    assert "Error 7" in ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[:2] == ["Makefile", "deploy"], "an empty home, and only what is committed"
    assert f"PIP_INDEX_URL={given['PIP_INDEX_URL']}" in lines
    assert not any(line.startswith("SECRET_TOKEN") for line in lines)
    assert not Path(lines[-1]).exists(), "it clears up after itself"
