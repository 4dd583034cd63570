"""What each part of a running stack uses: the services, the broker, the databases, the inbox."""

import contextlib
from collections.abc import Callable, Sequence

import psutil

from deploy.embedded.stack import SERVICES


def cpu_seconds() -> dict[str, float]:
    """The seconds of CPU that each part has used so far."""
    return _by_part(lambda process: sum(process.cpu_times()[:4]))


def memory_mb() -> dict[str, float]:
    """The resident memory of each part."""
    return {part: round(size) for part, size in _by_part(lambda process: process.memory_info().rss / 2**20).items()}


def _by_part(measured: Callable[[psutil.Process], float]) -> dict[str, float]:
    used: dict[str, float] = {}
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            part = _part(child.cmdline())
            used[part] = used.get(part, 0.0) + measured(child)
    return used


def _part(command: Sequence[str]) -> str:
    """Which part a command line is of."""
    words = " ".join(command)
    names = [*(f"services.{service}" for service in SERVICES), "embedded.mailbox.inbox_server"]
    known = next((name.rpartition(".")[2] for name in names if name in words), None)
    return known or ("kafka" if "kafka" in words else "postgres" if "postgres" in words else "others")
