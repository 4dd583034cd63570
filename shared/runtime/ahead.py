"""The next step of a long work, handled before its message has come round by the topic.

A handler that leaves the rest of its work to an event may have it begun at once, beside itself: `Transaction.go_on`.
The message is published as ever, and the inbox drops it when it comes, because its event was handled. So nothing
hangs on what is begun here: what fails, or is cut off, is left to the message.
"""

import asyncio
from collections.abc import Awaitable, Callable

from shared import log
from shared.runtime import inbox
from shared.runtime.deadletter import Incoming
from shared.runtime.message import Message, decode
from shared.runtime.outbox import Outgoing

_AT_ONCE = 2
"""One is handled while the database works on the other; more would only make everybody else wait."""


class Ahead:
    """What one process has begun ahead of its message. `handle` handles a message in a transaction of its own."""

    def __init__(self, handle: Callable[[Message], Awaitable[None]]) -> None:
        self._handle = handle
        self._free = asyncio.Semaphore(_AT_ONCE)
        self._begun: dict[inbox.Identity, asyncio.Task[None]] = {}
        self._ended = False

    def begin(self, outgoing: Outgoing) -> None:
        """Begin with the event of `outgoing`, as soon as there is a place; once, however often it is published."""
        origin = f"{outgoing.topic}/ahead"
        incoming = Incoming(outgoing.topic, outgoing.key, outgoing.value, tuple(outgoing.headers or ()), origin)
        message = decode(incoming, None)
        # Where its key is parked it is parked, too, and its origin tells it from others.
        incoming.origin = f"{origin}/{'/'.join(message.identity)}"
        if self._ended or message.identity in self._begun:
            return
        task = asyncio.create_task(self._run(message))
        self._begun[message.identity] = task
        task.add_done_callback(lambda _: self._begun.pop(message.identity, None))

    async def _run(self, message: Message) -> None:
        async with self._free:
            try:
                await self._handle(message)
            except Exception as error:
                log.get().warning("left to its message", type=type(message.event).__name__, reason=log.failure(error))

    def __contains__(self, message: Message) -> bool:
        return message.identity in self._begun

    async def ended(self, message: Message) -> None:
        """Wait until nothing is at work on this message."""
        task = self._begun.get(message.identity)
        if task is not None:
            await asyncio.wait([task])

    async def settled(self) -> None:
        """Wait until nothing is at work, nor waits for a place."""
        while self._begun:
            await asyncio.wait(list(self._begun.values()))

    async def stop(self) -> None:
        """Cut off what is at work, and begin nothing more."""
        self._ended = True
        for task in list(self._begun.values()):
            task.cancel()
        await asyncio.gather(*self._begun.values(), return_exceptions=True)
