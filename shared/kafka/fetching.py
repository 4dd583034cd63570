"""When a consumer asks the broker for more: while it waits with nothing in hand, and not much more often than it must.

A fetch costs the broker and the client about a millisecond each, whatever it brings: every partition is listed both
ways. aiokafka asks again at once, also while a batch is being handled. Here a fetch waits at the broker for as long as
nothing comes, the first message ends it at once, and what comes during the handling of a batch comes with one fetch.
"""

import asyncio
from typing import Any

WAIT_MS = 500
"""How long a fetch waits at the broker where nothing comes; the first message ends it."""

_WORTH_PREFETCHING = 100
"""A batch of so many takes longer than a fetch, and more is probably there: the next fetch goes beside it."""


class FetchPace:
    """Holds back the fetches of one started aiokafka consumer. Call `polls` before a poll, and `polled` after it."""

    def __init__(self, consumer: Any, gather_seconds: float) -> None:
        self._fetcher, self._gather_seconds = consumer._fetcher, gather_seconds
        self._in_hand = 0
        self._next_at = 0.0
        self._actions = self._fetcher._get_actions_per_node
        self._fetcher._get_actions_per_node = self._paced

    def polls(self) -> None:
        """What was polled is done with: more may come."""
        self._in_hand = 0
        self._fetcher._notify(self._fetcher._wait_consume_future)

    def polled(self, count: int) -> None:
        """So many messages are in hand; what follows them is gathered for a moment at the broker."""
        self._in_hand = count
        if count:
            self._next_at = asyncio.get_running_loop().time() + self._gather_seconds

    def _paced(self, assignment: Any) -> tuple[list[Any], Any, float, Any, Any]:
        """The fetcher's next actions, without its fetches as long as these have to wait."""
        fetches, resets, timeout, *rest = self._actions(assignment)
        early = self._next_at - asyncio.get_running_loop().time()
        if not fetches or self._in_hand >= _WORTH_PREFETCHING or (not self._in_hand and early <= 0):
            return fetches, resets, timeout, *rest
        return [], resets, timeout if self._in_hand else min(timeout, early), *rest
