"""The client for Python: the very models of the services, and messages that they take."""

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

from shared.events.catalogue import CATALOGUE
from shared.events.contract import family
from shared.events.topics import UPSTREAM_TOPICS
from shared.runtime.deadletter import Incoming
from shared.runtime.message import decode

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "clients" / "python"
README = (CLIENT / "README.md").read_text()
NAME = "secondary_insurance_events"
UV = shutil.which("uv") or shutil.which(str(ROOT / ".boot" / "bin" / "uv"))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The package as it is in the wheel, imported."""
    folder = tmp_path_factory.mktemp("client")
    subprocess.run([sys.executable, CLIENT / "from_the_models.py", folder], check=True)
    sys.path.insert(0, str(folder))
    yield importlib.import_module(NAME)
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.split(".")[0] == NAME]:
        del sys.modules[name]


def test_the_models_are_those_of_the_services(client: ModuleType):
    theirs = importlib.import_module(f"{NAME}.catalogue").CATALOGUE

    assert {kind: model.model_json_schema() for kind, model in theirs.items()} == {
        kind: model.model_json_schema() for kind, model in CATALOGUE.items()
    }


@pytest.mark.parametrize("kind", sorted(kind for kind, model in CATALOGUE.items() if model.topic in UPSTREAM_TOPICS))
def test_what_it_makes_is_taken_by_the_services(client: ModuleType, kind: str):
    model = importlib.import_module(f"{NAME}.catalogue").CATALOGUE[kind]
    data = family.example(CATALOGUE[kind])["data"]

    made = client.message(model.model_validate(data), source="/practice-system", id="m-1")

    read = decode(Incoming(made.topic, made.key.decode(), made.value, tuple(made.headers), "x/0/1"), None)
    assert (read.unreadable, read.event) == (None, CATALOGUE[kind].model_validate(data))
    assert read.cause.source == "/practice-system"


@pytest.mark.parametrize(
    ("changed", "source", "said"),
    [
        ({"date_of_service": "2206-03-02"}, "/x", "date_of_service"),
        ({}, "", "source"),
        ({}, "a\nb", "source"),
    ],
    ids=["a mistyped year", "no source", "a source on two lines"],
)
def test_what_the_services_would_not_take_is_refused_before_it_is_sent(
    client: ModuleType, changed: dict[str, str], source: str, said: str
):
    model = importlib.import_module(f"{NAME}.sessions").SessionConfirmed
    data = family.example(CATALOGUE["sessions.session.confirmed.v1"])["data"]

    with pytest.raises(client.Refusal, match=said):
        client.message(model.model_validate({**data, **changed}), source=source)


def test_events_of_the_services_and_times_without_an_offset_are_refused(client: ModuleType):
    ours = importlib.import_module(f"{NAME}.catalogue").CATALOGUE["settlement.refund.issued.v1"]
    theirs = importlib.import_module(f"{NAME}.sessions").SessionCancelled

    with pytest.raises(client.Refusal, match="only the service settlement"):
        client.message(ours(client_id="c", session_id="s", amount_cents=1), source="/x")
    with pytest.raises(client.Refusal, match="offset"):
        client.message(theirs(client_id="c", session_id="s"), source="/x", time=datetime(2026, 3, 2))  # noqa: DTZ001


def test_the_same_fact_under_the_same_id_is_the_same_message(client: ModuleType):
    event = importlib.import_module(f"{NAME}.sessions").SessionCancelled(client_id="c", session_id="s")
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)

    first, again = (client.message(event, source="/x", id="s-cancelled", time=at) for _ in range(2))

    assert first == again


def test_what_the_readme_says_of_reading_is_so(client: ModuleType):
    publishing, reading = re.findall(r"```python\n(.*?)```", README, re.DOTALL)

    compile(publishing, "README.md", "exec")
    exec(reading, {})


def test_nothing_of_the_services_is_needed(client: ModuleType, tmp_path: Path):
    folder = Path(client.__file__ or "").parents[1]
    assert [path.name for path in folder.rglob("*.py") if "shared" in re.findall(r"from (\w+)", path.read_text())] == []
    program = f"import {NAME}, sys; assert not [name for name in sys.modules if name.startswith('shared')]"

    ran = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env={"PYTHONPATH": str(folder)}, check=False)

    assert ran.returncode == 0


@pytest.mark.skipif(UV is None, reason="needs uv, as make has it")
def test_the_wheel_is_built_and_holds_the_same_files(client: ModuleType, tmp_path: Path):
    assert UV is not None
    command = [UV, "build", "--quiet", "--wheel", str(CLIENT), "--out-dir", str(tmp_path)]
    built = subprocess.run(command, env=os.environ, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr

    [wheel] = tmp_path.glob("*.whl")
    shutil.unpack_archive(wheel, tmp_path / "wheel", "zip")
    package = Path(client.__file__ or "").parent
    names = {path.name for path in package.glob("*.py")} | {"py.typed"}
    assert {path.name for path in (tmp_path / "wheel" / NAME).iterdir()} == names
    assert all((tmp_path / "wheel" / NAME / name).read_text() == (package / name).read_text() for name in names)
    assert json.dumps(sorted(names)).count(".py") >= 17
