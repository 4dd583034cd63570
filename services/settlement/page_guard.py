"""What stands before the statement: the headers of the answer, and the limit on how often it may be asked for."""

import time
from collections import OrderedDict
from collections.abc import Callable

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_MOST_NAMES = 50_000


class TooOftenError(Exception):
    """Too many requests from one address; the page says to wait."""


class Limiter:
    """Lets `per_minute` requests a minute through for each name, and as many at once."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute, self.clock = per_minute, clock
        self._used: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str) -> None:
        """Count one request. Raises TooOftenError."""
        now = self.clock()
        used, at = self._used.pop(name, (0.0, now))
        used = max(0.0, used - (now - at) * self.per_minute / 60)
        over = used + 1 > self.per_minute
        self._used[name] = (used if over else used + 1, now)
        while len(self._used) > _MOST_NAMES:  # those unseen for longest are at zero again
            self._used.popitem(last=False)
        if over:
            raise TooOftenError
