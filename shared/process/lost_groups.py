"""A consumer that stays out of its group though the broker answers: a new process finds back where it does not."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

from faststream.kafka import KafkaBroker

from shared.runtime.subscription import Subscription

LONGEST_SECONDS = 180.0
"""Longer than any rebalance takes: a batch in hand (STOP_SECONDS), then the join."""


class LostGroupError(Exception):
    """A consumer did not come back to its group by itself; the process ends to be started anew."""


@dataclass
class OutOfGroup:
    """For how long one consumer has been out of its group while the broker answered."""

    since: float | None = None

    def lost(self, now: float, *, member: bool, answers: bool) -> bool:
        """Whether it has been out for too long; the count begins anew when the broker was away."""
        if member or not answers:
            self.since = None
            return False
        if self.since is None:
            self.since = now
        return now - self.since > LONGEST_SECONDS


async def stop_consumers(broker: KafkaBroker, subscriptions: Sequence[Subscription], seconds: float) -> None:
    """Stop them; one that has lost its group might wait for its coordinator without end, and gets `seconds`."""
    lost = any(isinstance(subscription.broken, LostGroupError) for subscription in subscriptions)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(broker.stop(), seconds if lost else None)
