"""The broker's storage is made whatever cluster id chance gives it."""

import subprocess
import types
from pathlib import Path

import pytest

from deploy.embedded import kafka_storage


def test_a_cluster_id_that_begins_like_an_option_is_still_an_id(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    commands: list[list[str]] = []
    identity = types.SimpleNamespace(bytes=b"\xf8" + bytes(15))  # 62 and 0 in base64: it begins with a hyphen
    monkeypatch.setattr(kafka_storage.uuid, "uuid4", lambda: identity)

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        (Path(command[command.index("--config") + 1]).parent / "data").mkdir()
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(kafka_storage.subprocess, "run", run)
    kafka_storage.format_storage(["java"], tmp_path / "ready", [])

    assert any(word.startswith("--cluster-id=-") for word in commands[0])
