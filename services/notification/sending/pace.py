"""How fast letters may go: so many a second, and a rest where the mail server is away."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from aiolimiter import AsyncLimiter

_LONGEST_REST_SECONDS = 30
_BURST_SECONDS = 0.25


def pace(per_second: int) -> AsyncLimiter:
    """Lets `per_second` letters through, and never more than a quarter of a second's worth at once."""
    burst = max(1.0, per_second * _BURST_SECONDS)
    return AsyncLimiter(burst, burst / per_second)


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
