"""The embedded stack seals what it stores, with a key that stays with the data."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from deploy.embedded.sealing import sealed_with


def stack(folder: Path, admin: str | None = "postgresql://localhost/postgres") -> Any:
    return SimpleNamespace(run=SimpleNamespace(folder=folder), database_admin_url=admin)


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATA_KEY", raising=False)


def test_the_key_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    first, second = sealed_with(stack(tmp_path)), sealed_with(stack(tmp_path))

    assert first == second
    assert len(first["DATA_KEY"]) == 64
    assert (tmp_path / "data-key").stat().st_mode & 0o777 == 0o600


def test_a_database_of_the_users_own_and_a_key_of_the_users_own_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sealed_with(stack(tmp_path, admin=None)) == {}
    monkeypatch.setenv("DATA_KEY", "none")
    assert sealed_with(stack(tmp_path)) == {}
    assert list(tmp_path.iterdir()) == []
