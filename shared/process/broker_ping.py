"""Whether the broker answers, asked so that a connection that died without a word does not stay in use."""

import asyncio

from faststream.kafka import KafkaBroker


class BrokerPing:
    """Asks the broker; who wants to know waits as long as they like.

    A question outlives those who wait for its answer: only its own time-out tells the client that a half-open
    connection is dead. Given up sooner, it would be asked on that connection for ever.
    """

    def __init__(self, broker: KafkaBroker) -> None:
        self._broker = broker
        self._asking: asyncio.Task[bool] | None = None

    async def answers(self, seconds: float) -> bool:
        """Whether an answer comes within the time."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._broker.ping(None))
        asking = self._asking
        await asyncio.wait([asking], timeout=seconds)
        return asking.done() and not asking.cancelled() and asking.exception() is None and asking.result()

    def stop(self) -> None:
        """Ask no more."""
        if self._asking is not None:
            self._asking.cancel()
