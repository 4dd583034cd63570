"""A poll's batch: a transaction for inbox, handlers, outbox; in ever smaller parts where that fails.

A large batch is two transactions at a time, by key, so that one is handled while the database works on the other.

Nothing here knows Kafka: it takes what was polled and leaves it handled, or set aside with its reason, or raises
what passes by itself (a database gone, a deadlock), so that the caller does not acknowledge and tries again.
"""

import asyncio
import contextlib
import functools
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Coroutine, Generator, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from shared import clock, log
from shared.database.postgres import Connection, lock_clients, ours, passes
from shared.events import envelope
from shared.events.catalogue import CATALOGUE
from shared.events.types import ClientEvent
from shared.runtime import deadletter, inbox, outbox, telemetry, timers, tracing
from shared.runtime.ahead import Ahead
from shared.runtime.deadletter import Incoming
from shared.runtime.forgetting import erasing
from shared.runtime.late_or_wrong import latest
from shared.runtime.late_or_wrong.refusing import Refusals
from shared.runtime.message import Message, decode, halves
from shared.runtime.service import Service
from shared.runtime.timers import Timer
from shared.runtime.transaction import Begin, Cause, Mute, Transaction

WINDOW = 50
_TOO_MANY = 40
_LESS_MAY_PASS = (
    TimeoutError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.InsufficientResourcesError,
    asyncpg.QueryCanceledError,
)


class MostlyFailingError(Exception):
    """Most messages fail in their handlers: the fault is ours, so we stop rather than set everything aside."""


class LeakedCancellationError(Exception):
    """A handler let a CancelledError out that was not our own stop; the batch is tried again."""


@contextlib.contextmanager
def no_leak() -> Generator[None]:
    """Turn a CancelledError that is not our own stop into an error: it would end the loop that runs us."""
    try:
        yield
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise LeakedCancellationError from None


class Consumer:
    """Handles batches for one service, in its database."""

    def __init__(
        self, service: Service, pool: asyncpg.Pool, *, attempts: int, wake: Any, looks_ahead: bool = False
    ) -> None:
        self.service, self.pool, self.attempts, self.wake = service, pool, attempts, wake
        self.ahead = Ahead(self._ahead)
        self._begin = self.ahead.begin if looks_ahead else None
        unheard = (model for model in CATALOGUE.values() if model not in service.handlers)
        self._unheard = {(f"/{model.topic}", model.wire_type()) for model in unheard}
        self.failed: deque[bool] = deque(maxlen=WINDOW)
        self.refusals = Refusals(service.name, service.answers_for)
        self.at: datetime | None = None
        self.mute: Mute | None = None

    @property
    def now(self) -> datetime:
        """The time that handlers are told: the clock's, or that of what is replayed."""
        return self.at or clock.now()

    def _tx(self, connection: Connection, begin: Begin | None = None, *, alone: bool = False) -> Transaction:
        return Transaction(connection, self.service.name, self.now, begin, self.mute, alone=alone)

    def remember(self, failures: int) -> None:
        """Begin with so many failures of before the start; the next one more than is borne stops us."""
        self.failed.extend([True] * min(failures, _TOO_MANY - 1))

    async def batch(self, polled: Sequence[Incoming]) -> None:
        """Handle what was polled.

        Raises what `passes` (try again), MostlyFailingError or FaultOfOursError (stop).
        """
        started = time.perf_counter()
        # Two thirds of what a service hears our services say to others, itself among them: that need not be read.
        heard = [record for record in polled if envelope.written(record.value) not in self._unheard]
        decoded = [decode(record, self.service.interchange_topic) for record in heard]
        ours = self._ours(decoded)
        await self.refusals.tell_unknown(self.pool, decoded, clock.now())
        if not ours:
            return  # nothing to write down: most of what the others say to each other
        begun = [message for message in ours if message in self.ahead]
        rest = [message for message in ours if message not in self.ahead] if begun else ours
        await _at_once([*(self._all(half) for half in halves(rest)), *(self._after(message) for message in begun)])
        telemetry.BATCH_SECONDS.observe(time.perf_counter() - started)
        self.wake()

    def _ours(self, messages: Sequence[Message]) -> list[Message]:
        """The messages that this service handles, and those that it must set aside as unreadable."""
        ours = [m for m in messages if m.unreadable is not None or type(m.event) in self.service.handlers]
        if len(ours) < len(messages):
            for message in messages:
                if message.unreadable is None and message.event is None:
                    telemetry.SKIPPED.labels(message.incoming.topic).inc()
        return ours

    async def _ahead(self, message: Message) -> None:
        await self._together([message])
        self.wake()

    async def _after(self, message: Message) -> None:
        """Handle a message that was begun ahead of it: mostly nothing is left to do."""
        await self.ahead.ended(message)
        await self._all([message])

    async def _all(self, messages: Sequence[Message]) -> None:
        """Handle the messages in one transaction; where that fails its first half, then the other, down to one."""
        try:
            await self._together(messages)
            return
        except Exception as error:
            if (fault := ours(error)) is not None:
                raise fault from None
            if passes(error) and not isinstance(error, _LESS_MAY_PASS):
                raise
            log.get().warning("batch failed: tried in smaller parts", reason=log.failure(error), count=len(messages))
        if len(messages) == 1:
            await self._alone(messages[0])
            return
        middle = len(messages) // 2
        await self._all(messages[:middle])
        await self._all(messages[middle:])

    async def _together(self, messages: Sequence[Message]) -> None:
        """Handle the messages in one transaction."""
        async with self.pool.acquire() as connection:
            async with connection.transaction():
                todo = await self._todo(connection, messages)
                tx = self._tx(connection, self._begin)
                await self._handle(todo, tx)
                await finish(tx)
                started = time.perf_counter()
            telemetry.COMMIT_SECONDS.observe(time.perf_counter() - started)
        self._succeeded(todo)

    async def _alone(self, message: Message) -> None:
        """Handle one message in its own transaction; where every try fails, set it aside and park its key."""
        async with self.pool.acquire() as connection, connection.transaction():
            todo = await self._todo(connection, [message])
            handle = functools.partial(self._handle, todo)
            reason = await self._tried(connection, handle, type(message.event).__name__) if todo else None
            if reason is not None:
                self._count_failure()
                await deadletter.set_aside(connection, [(message.incoming_of_key(), reason)], parked=True)
                letter = deadletter.dead_letter(message.incoming, reason, service=self.service.name, now=clock.now())
                await outbox.write(connection, [letter])
        if reason is None:
            self._succeeded(todo)

    async def _tried(
        self, connection: Connection, handle: Callable[[Transaction], Awaitable[None]], what: str
    ) -> str | None:
        """Run `handle` in a part of the transaction; the reason, where it failed every time and left nothing."""
        reason = None
        for attempt in range(1, self.attempts + 1):
            try:
                async with connection.transaction():
                    tx = self._tx(connection, alone=True)
                    await handle(tx)
                    await finish(tx)
                    await connection.execute("set constraints all immediate")
                return None
            except Exception as error:
                if (fault := ours(error)) is not None:
                    raise fault from None
                if passes(error):
                    raise
                reason = f"the handler of {what} failed: {log.failure(error)}"
                log.get().error("handler failed", reason=reason, attempt=attempt)
                if attempt < self.attempts:
                    await asyncio.sleep(0.05 * attempt)
        return reason

    def _succeeded(self, handled: Sequence[Message]) -> None:
        self.failed.extend([False] * min(len(handled), WINDOW))
        for name, count in Counter(type(m.event).__name__ for m in handled).items():
            telemetry.HANDLED.labels(name).inc(count)

    def _count_failure(self) -> None:
        self.failed.append(True)
        if sum(self.failed) >= _TOO_MANY:
            raise MostlyFailingError(f"{sum(self.failed)} of the last {len(self.failed)} messages failed")

    async def _todo(self, connection: Connection, messages: Sequence[Message]) -> list[Message]:
        """The messages to handle now, with their clients locked; the others are dropped, or set aside."""
        await lock_clients(connection, {m.key for m in messages if isinstance(m.event, ClientEvent)})
        fresh = await self._fresh(connection, messages)
        fresh, late = await erasing.split(connection, fresh, self.service.of_erased)
        await outbox.write(connection, self.refusals.erased(late, clock.now()))
        fresh, overtaken = await latest.split(connection, fresh, clock.now())
        await outbox.write(connection, self.refusals.older(overtaken, clock.now()))
        await self._set_aside(connection, [m for m in messages if m.unreadable is not None])
        waiting = await deadletter.parked_keys(connection, {m.key for m in fresh}) if fresh else set[str]()
        if not waiting:
            return fresh
        behind = [(m.incoming_of_key(), "waits behind a failed message") for m in fresh if m.key in waiting]
        await deadletter.set_aside(connection, behind, parked=True)
        return [m for m in fresh if m.key not in waiting]

    async def _handle(self, messages: Sequence[Message], tx: Transaction) -> None:
        with no_leak():
            if self.service.prefetch is not None and messages:
                await self.service.prefetch([m.event for m in messages], tx)
            for message in messages:
                if message.key in tx.erased and message.incoming.topic not in self.service.of_erased:
                    continue
                with tracing.handling(message.cause, type(message.event).__name__) as cause:
                    tx.caused_by(cause)
                    await self.service.handlers[type(message.event)](message.event, tx)
                await tx.breathe()

    async def _fresh(self, connection: Connection, messages: Sequence[Message]) -> list[Message]:
        """The messages that have not been handled yet, each once, in order."""
        ours = {m.identity: m for m in reversed(messages) if m.unreadable is None}
        new = await inbox.new_ones(connection, list(ours))
        if len(new) < len(ours):
            telemetry.REPEATED.labels(messages[0].incoming.topic).inc(len(ours) - len(new))
        return [m for m in messages if m.identity in new and ours[m.identity] is m]

    async def _set_aside(self, connection: Connection, unreadable: Sequence[Message]) -> None:
        """Dead-letter what cannot be read, each once."""
        listed = [(m.incoming, m.unreadable or "") for m in unreadable]
        new = await deadletter.set_aside(connection, listed, parked=False)
        now, service = clock.now(), self.service.name
        aside = [(incoming, why) for incoming, why in listed if incoming.origin in new]
        letters = [deadletter.dead_letter(incoming, why, service=service, now=now) for incoming, why in aside]
        await outbox.write(connection, [*letters, *self.refusals.unreadable(aside, now)])

    async def timers(self, clients: list[str], limit: int) -> int:
        """Handle due timers of these clients in one transaction; return how many there were."""
        async with self.pool.acquire() as connection, connection.transaction():
            due = await self._due(connection, clients, limit)
            tx = self._tx(connection)
            if self.service.prefetch is not None and due:
                await self.service.prefetch(due, tx)
            for timer in due:
                await self._timer(timer, tx)
            await finish(tx)
        self.wake()
        return len(due)

    async def timer_alone(self, client: str) -> int:
        """Handle a client's next due timer; where every try fails, set it aside. Returns how many: 1 or 0."""
        async with self.pool.acquire() as connection, connection.transaction():
            due = await self._due(connection, [client], 1)
            for timer in due:
                reason = await self._tried(connection, functools.partial(self._timer, timer), f"timer {timer.name}")
                if reason is not None:
                    log.get().error("timer set aside", client_id=client, timer=timer.name, reason=reason)
                    await deadletter.set_aside(connection, [(timers.as_message(timer), reason)], parked=False)
        self.wake()
        return len(due)

    async def _due(self, connection: Connection, clients: list[str], limit: int) -> list[Timer]:
        """Take due timers with their clients' locks held. Those of a newer version are left to it."""
        await lock_clients(connection, clients)
        return await timers.take(connection, clients, self.now, limit, names=list(self.service.timers))

    async def _timer(self, timer: Timer, tx: Transaction) -> None:
        tx.caused_by(Cause(timer.cause_id))
        with no_leak():
            await self.service.timers[timer.name](timer, tx)
        telemetry.TIMERS_FIRED.labels(timer.name).inc()


async def _at_once(works: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Wait for all of them, also where one fails: what is acknowledged or tried again is the whole batch."""
    ended = await asyncio.gather(*works, return_exceptions=True)
    for error in ended:
        if error is not None:
            raise error


async def finish(tx: Transaction) -> None:
    """Write what the handlers changed and published; the caller commits."""
    await tx.rows.flush()
    await outbox.write(tx.connection, tx.heard())
