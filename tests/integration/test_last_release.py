"""The last release's code on the tables of this one: alone, beside this one, and again after going back.

The release is taken from the history of this repository. When a release is made, LAST_RELEASE becomes its commit.
"""

import asyncio
import io
import os
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from deploy.embedded.services import Services
from deploy.embedded.stack import Stack, database_variable
from shared.runtime.deadletter import count_dead, count_parked
from tests.integration.drill import OURS, QUICK, Drill

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("rebuild")]

LAST_RELEASE = "5e2741407bed14930dafddb87ae1c877bd85eec8"  # 0.2.0
ROOT = Path(__file__).parents[2]
SINGLE: dict[str, int] = dict.fromkeys(OURS, 1)


@pytest.fixture(scope="module")
def last_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The last release's code, in a folder of its own."""
    packed = subprocess.run(
        ["git", "archive", LAST_RELEASE, "services", "shared", "pyproject.toml"], cwd=ROOT, capture_output=True
    )
    if packed.returncode != 0:
        pytest.fail(f"the last release is not in this clone ({packed.stderr.decode().strip()}): git fetch --unshallow")
    folder = tmp_path_factory.mktemp("last_release")
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as files:
        files.extractall(folder, filter="data")
    return folder


@pytest.fixture
def drill() -> Iterator[Drill]:
    with Stack.start(environ={}, fsync=False) as stack:
        yield Drill(stack)


async def set_aside(stack: Stack) -> dict[str, tuple[int, dict[str, int]]]:
    """How many keys are parked, and what could not be read, by service; none where there is nothing."""
    counts: dict[str, tuple[int, dict[str, int]]] = {}
    for service in OURS:
        connection = await asyncpg.connect(stack.database_url(service))
        parked, dead = await count_parked(connection), await count_dead(connection)
        await connection.close()
        if parked or dead:
            counts[service] = (parked, dead)
    return counts


def test_the_last_release_is_the_newest_of_the_changelog(last_release: Path):
    version = re.search(r'^version = "(.*)"$', (last_release / "pyproject.toml").read_text(), re.MULTILINE)
    sections = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert version is not None
    assert version[1] == sections[1], "the section above is what becomes the next release"


def make_tables(stack: Stack, code: Path) -> None:
    """The owners make the tables, by the command of another version's code."""
    for service in OURS:
        owner = {database_variable(service).replace("_URL_", "_OWNER_URL_"): stack.owner_url(service)}
        subprocess.run(
            [sys.executable, "-m", f"services.{service}", "migrate"],
            cwd=code, env={**os.environ, **stack.env(), **owner, "PYTHONPATH": str(code)}, check=True, timeout=120,
        )  # fmt: skip


def test_the_last_release_runs_on_the_new_tables_beside_this_one_and_after_going_back(drill: Drill, last_release: Path):
    stack = drill.stack
    old = Services(stack, QUICK, code=last_release)
    for service in OURS:
        asyncio.run(drill.make_database(service))
    make_tables(stack, last_release)
    old.start(SINGLE)
    old.wait(120)
    drill.services.start({"payers": 1})
    asyncio.run(drill.say_directory())

    asyncio.run(drill.another_client())
    asyncio.run(drill.until_all_ended())

    stack.make_tables()  # the upgrade begins: the new tables, under the old version
    asyncio.run(drill.another_client())
    asyncio.run(drill.until_all_ended())

    drill.services.start(SINGLE)  # both at once
    drill.services.wait(120)
    for _ in range(3):
        asyncio.run(drill.another_client())
    asyncio.run(drill.until_all_ended())

    drill.services.stop()  # back
    drill.services.start({"payers": 1})
    asyncio.run(drill.another_client())
    asyncio.run(drill.until_all_ended())

    old.stop()  # and forward again
    drill.services.start(SINGLE)
    drill.services.wait(120)
    asyncio.run(drill.another_client())
    asyncio.run(drill.until_all_ended())

    assert asyncio.run(drill.doubled()) == []
    assert asyncio.run(set_aside(stack)) == {}
