"""The only reader of the time. Rules take `now` and `today` as arguments; this is where they come from.

In development and tests a file, named by `CLOCK_OFFSET_FILE`, holds the seconds by which every process's clock is
ahead: writing it moves all services at once, so that 90 days pass without sleeping. In production the variable is
not set and the time is the machine's.
"""

import os
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

_READ_AGAIN_AFTER_SECONDS = 0.05


class _Offset:
    """The seconds in the offset file, read again at most every 50 ms."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.read_at = 0.0

    def current(self) -> float:
        path = os.environ.get("CLOCK_OFFSET_FILE")
        if not path:
            return 0.0
        if time.monotonic() - self.read_at > _READ_AGAIN_AFTER_SECONDS:
            self.read_at = time.monotonic()
            try:
                self.seconds = float(Path(path).read_text() or 0)
            except (OSError, ValueError):
                self.seconds = 0.0
        return self.seconds


_offset = _Offset()


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC) + timedelta(seconds=_offset.current())


def today() -> date:
    """The day, in UTC."""
    return now().date()


def advance(by: timedelta) -> None:
    """Move the clock of every process that shares the offset file; development and tests only.

    Raises RuntimeError: no `CLOCK_OFFSET_FILE` is set, so this is a real clock.
    """
    path = os.environ.get("CLOCK_OFFSET_FILE")
    if not path:
        raise RuntimeError("the clock cannot be moved: CLOCK_OFFSET_FILE is not set")
    held = Path(path)
    ahead = float(held.read_text() or 0) if held.exists() else 0.0
    part = held.with_suffix(".part")
    part.write_text(str(ahead + by.total_seconds()))
    part.replace(held)
    _offset.read_at = 0.0
