"""Where the embedded stack keeps things: a cache shared by every checkout, and one folder a run, all outside the tree.

A run's folder is named after nothing but chance; its `owner` file is locked by the process that owns the run, so that
a later start can tell a run that was cut off (power, kill -9 of everything) from one that is still alive.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import IO

RUN_VARIABLE = "SECONDARY_INSURANCE_RUN"
"""Set in the environment of everything that a run starts, so that the guard finds it whatever becomes of us."""
LOGS_OF_RUNS = 20


class StartError(Exception):
    """The stack did not come up; the message says which part, why, and what to do."""


class FolderInUseError(StartError):
    """Two runs cannot share one data folder; the message names it."""


def cache() -> Path:
    """The folder for what is worth keeping between runs: jars, templates, the JVM's cache.

    Raises StartError: it cannot be made.
    """
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(base) / "secondary-insurance"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(f"cannot make the cache {folder} ({error.strerror}): set XDG_CACHE_HOME") from None
    return folder


@contextlib.contextmanager
def locked(name: str) -> Generator[None]:
    """Hold the cache's lock `name`: of two checkouts that start at once, one prepares and the other waits."""
    with (cache() / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def locked_if_free(name: str) -> Generator[bool]:
    """Hold the cache's lock `name` if nobody else does; says whether it is held."""
    with (cache() / f"{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


class Run:
    """One run's folder, made empty (or `at` a given place, which is then kept), locked while this process lives."""

    def __init__(self, at: Path | None = None) -> None:
        with locked("runs"):  # or a sweep might take the folder that has no owner yet for an abandoned one
            self.folder = _new_folder() if at is None else _given_folder(at)
            self._lock = lock_owner(self.folder)
        if self._lock is None:
            raise FolderInUseError(f"another run is using {self.folder}: end it first, or name another folder")
        self.kept = at is not None
        self.logs = _new_logs(self.folder) if at is None else self.folder / "logs"
        self.logs.mkdir(mode=0o700, exist_ok=True)

    def remove(self) -> None:
        """Let the folder go, and delete it unless it was to be kept."""
        if self._lock is not None:
            self._lock.close()
        if not self.kept:
            shutil.rmtree(self.folder, ignore_errors=True)


def _new_folder() -> Path:
    runs = cache() / "runs"
    runs.mkdir(mode=0o700, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="run-", dir=runs))


def _given_folder(at: Path) -> Path:
    at.mkdir(mode=0o700, parents=True, exist_ok=True)
    return at.resolve()


def _new_logs(run: Path) -> Path:
    """A folder for one run's logs. They outlive the run, so that a failure can be looked into; the oldest go."""
    logs = cache() / "logs"
    logs.mkdir(mode=0o700, exist_ok=True)
    over = [folder for folder in logs.iterdir() if not (run.parent / folder.name).exists()]
    for old in sorted(over, key=_age)[LOGS_OF_RUNS:]:
        shutil.rmtree(old, ignore_errors=True)
    return logs / run.name


def _age(folder: Path) -> float:
    try:
        return -folder.stat().st_mtime
    except OSError:  # another start has just removed it
        return 0.0


def lock_owner(folder: Path) -> IO[str] | None:
    """The open, locked owner file of a run's folder, or None while the run's own process holds it."""
    file = (folder / "owner").open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def abandoned() -> Iterator[Path]:
    """The folders of runs whose process is gone without having cleared up; locked while they are yielded."""
    with locked("runs"):
        for folder in (cache() / "runs").glob("run-*"):
            with contextlib.suppress(FileNotFoundError):  # its owner or its guard has just removed it
                if (lock := lock_owner(folder)) is not None:
                    with lock:
                        yield folder
