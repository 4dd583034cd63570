"""What was set aside is handled after all: a parked key's messages in order, or a message that can be read by now."""

from collections.abc import Sequence

from shared.database.postgres import Connection, lock_clients
from shared.runtime import deadletter
from shared.runtime.consume import Consumer, finish
from shared.runtime.deadletter import Incoming, Settlement
from shared.runtime.message import Message, decode


class KeyParkedError(Exception):
    """A message may not be handled while earlier ones of its key are parked."""


class NoHandlerError(Exception):
    """A parked message cannot be read by this version, or is of a type that it does not handle: skip it or go back."""


class Releaser(Consumer):
    """A consumer that also handles what was set aside."""

    async def release(self, key: str, *, skip_first: bool = False, by: str = "", why: str = "") -> int:
        """Handle the messages of a parked key in order, each in its own transaction; return how many.

        `skip_first` drops the one that failed. Raises what its handler raises; the rest then keeps waiting.
        """
        count = 0
        released, skipped = Settlement("released", by, why), Settlement("skipped", by, why)
        while await self._release_one(key, skipped if skip_first and count == 0 else released):
            count += 1
        self.wake()
        return count

    async def _release_one(self, key: str, settlement: Settlement) -> bool:
        async with self.pool.acquire() as connection, connection.transaction():
            await lock_clients(connection, [key])
            parked = await deadletter.next_parked(connection, key)
            if parked is None:
                return False
            row_id, incoming = parked
            await deadletter.settle(connection, row_id, settlement)
            if settlement.outcome == "released":
                await self._now(connection, [self.readable(incoming)])
        return True

    async def again(self, row_id: int, incoming: Incoming, *, by: str, why: str) -> bool:
        """Handle a message that was set aside as unreadable, now that it can be read; False: it was handled before.

        Raises NoHandlerError: it still cannot be read; KeyParkedError; what its handler raises. It stays set aside.
        """
        message = self.readable(incoming)
        async with self.pool.acquire() as connection, connection.transaction():
            await lock_clients(connection, [message.key])
            if await deadletter.parked_keys(connection, [message.key]):
                raise KeyParkedError(f"it would overtake what is parked under {message.key}: release that first")
            await deadletter.settle(connection, row_id, Settlement("read_again", by, why))
            fresh = await self._fresh(connection, [message])
            await self._now(connection, fresh)
        self.wake()
        return bool(fresh)

    def readable(self, incoming: Incoming) -> Message:
        """The message, decoded. Raises NoHandlerError: this version cannot read it, or does not handle its type."""
        message = decode(incoming, self.service.interchange_topic)
        if type(message.event) not in self.service.handlers:
            raise NoHandlerError(message.unreadable or "this version handles no such event")
        return message

    async def _now(self, connection: Connection, messages: Sequence[Message]) -> None:
        tx = self._tx(connection)
        await self._handle(messages, tx)
        await finish(tx)
