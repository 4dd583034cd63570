"""How fast letters may go: so many a second, and a rest where the mail server is away."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

_LONGEST_REST_SECONDS = 30
_BURST_SECONDS = 0.25


class Pace:
    """Lets `per_second` letters through, and never more than a quarter of a second's worth at once."""

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_second, self.clock = per_second, clock
        self.burst = max(1.0, per_second * _BURST_SECONDS)
        self._left, self._at = self.burst, clock()

    def allowed(self) -> int:
        """How many letters may go now."""
        now = self.clock()
        self._left = min(self.burst, self._left + (now - self._at) * self.per_second)
        self._at = now
        return int(self._left)

    def went(self, letters: int) -> None:
        """Count letters that go now."""
        self._left -= letters


@dataclass
class ServerRest:
    """Leaves a mail server alone that could not be reached, for 2, 4, 8 ... 30 seconds, then tries it with one letter.

    So an outage of an hour costs a few tries, not one for each letter; when it is over all go at once.
    """

    failures: int = 0
    until: datetime | None = None

    def allows(self, now: datetime, most: int) -> int:
        """How many letters may be tried now, of `most`."""
        if self.until is None:
            return most
        return 0 if now < self.until else 1

    def failed(self, now: datetime) -> None:
        """The server could not be reached. Letters that failed together count once."""
        if self.until is None or now >= self.until:
            self.failures += 1
            self.until = now + timedelta(seconds=min(_LONGEST_REST_SECONDS, 2**self.failures))

    def answered(self) -> None:
        """The server is there."""
        self.failures, self.until = 0, None
