"""Kafka's jars: fetched once, checked, and a clear sentence when they can't be had."""

import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from deploy.embedded import folders, jars
from deploy.embedded.jars import JarsMissingError

WANTED = {"org.one:one:1.0": b"first", "org.two:two:2.0": b"second"}


class Repository:
    """Stands in for Maven Central: `answers` says what each jar's fetches give, one after the other."""

    def __init__(self, folder: Path, answers: dict[str, list[bytes | Exception]]) -> None:
        self.folder, self.answers = folder, answers
        self.fetched: list[str] = []

    def create_dependency(self, coordinate: str) -> Any:
        return SimpleNamespace(artifact=SimpleNamespace(resolve=lambda: self._fetch(coordinate)))

    def _fetch(self, coordinate: str) -> Path:
        self.fetched.append(coordinate)
        answer = self.answers[coordinate].pop(0)
        if isinstance(answer, Exception):
            raise answer
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / coordinate.replace(":", "_")
        file.write_bytes(answer)
        return file


@pytest.fixture
def central(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes a repository with these answers, over an empty cache and a lock of two jars."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    lock = tmp_path / "jars.lock"
    lines = (f"{coordinate} {hashlib.sha256(content).hexdigest()}\n" for coordinate, content in WANTED.items())
    lock.write_text("# a comment\n" + "".join(lines))
    monkeypatch.setattr(jars, "LOCK", lock)
    monkeypatch.setattr("time.sleep", lambda _: None)

    def make(**answers: list[bytes | Exception]) -> Repository:
        given = {name: answers.get(name.split(":")[1], [content]) for name, content in WANTED.items()}
        repository = Repository(tmp_path / "maven", given)

        def here(folder: Path) -> Repository:
            repository.folder = folder
            return repository

        monkeypatch.setattr(jars, "_maven", here)
        return repository

    return make


def leftovers() -> list[str]:
    """What the cache holds beside locks."""
    return sorted(path.name for path in folders.cache().iterdir() if path.suffix != ".lock")


def test_they_are_fetched_once_in_the_locks_order(central: Any):
    repository = central()

    first, second = jars.class_path(), jars.class_path()

    assert [path.read_bytes() for path in first] == [b"first", b"second"]
    assert second == first
    assert sorted(repository.fetched) == sorted(WANTED), "the second time asks for nothing"


def test_a_fetch_that_fails_or_brings_something_else_is_tried_again(central: Any):
    central(one=[OSError("cut off"), b"first"], two=[b"an error page", b"second"])

    assert [path.read_bytes() for path in jars.class_path()] == [b"first", b"second"]


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ([OSError("no route\nto host")] * jars.TRIES, "no route to host"),
        ([b"something else"] * jars.TRIES, "not the file whose hash is locked"),
    ],
    ids=["unreachable", "tampered with"],
)
def test_without_them_one_sentence_says_what_to_set_and_nothing_half_is_left(central: Any, answers: Any, why: str):
    central(two=answers)

    with pytest.raises(JarsMissingError) as missing:
        jars.class_path()

    line = str(missing.value)
    assert why in line
    assert "set KAFKA_BOOTSTRAP_SERVERS" in line
    assert "\n" not in line
    assert leftovers() == []


def test_a_maven_central_that_cannot_be_reached_is_told_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from jgo.maven import MavenContext

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("time.sleep", lambda _: None)
    nowhere = {"central": "http://127.0.0.1:1/maven2"}
    monkeypatch.setattr(jars, "_maven", lambda folder: MavenContext(repo_cache=folder, remote_repos=nowhere, timeout=2))

    with pytest.raises(JarsMissingError, match=r"^Apache Kafka's jars cannot be fetched .*KAFKA_BOOTSTRAP_SERVERS"):
        jars.class_path()


def test_the_lock_holds_one_broker_with_its_own_clients_and_a_hash_for_each_jar():
    lines = [line.split() for line in jars.LOCK.read_text().splitlines() if not line.startswith("#")]
    versions = {coordinate.split(":")[1]: coordinate.split(":")[2] for coordinate, _ in lines}

    assert {version for name, version in versions.items() if name.startswith("kafka")} == {jars.KAFKA}
    assert {"kafka_2.13", "kafka-clients", "log4j-core", "log4j-slf4j-impl"} <= versions.keys()
    assert all(len(digest) == 64 for _, digest in lines)
