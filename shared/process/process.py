"""A service as a running process: migrations, consumers, relay, timers, pages; a graceful end."""

import asyncio
import contextlib
import functools
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from typing import Any

import asyncpg
from aiokafka.errors import KafkaError
from faststream.exceptions import FastStreamException
from faststream.kafka import KafkaBroker

from shared import clock, log
from shared.database import postgres
from shared.database.postgres import FaultOfOursError
from shared.kafka import creating_topics
from shared.kafka.answers import longest_answer_ms
from shared.kafka.kafka_access import KafkaAccess, not_allowed
from shared.process import behind, measuring, stops
from shared.process.broker_ping import BrokerPing
from shared.process.failure_words import named
from shared.process.lost_groups import stop_consumers
from shared.process.serving import served
from shared.process.upkeep import Upkeep
from shared.runtime.consume import WINDOW, Consumer, MostlyFailingError, finish
from shared.runtime.outbox import Relay
from shared.runtime.service import Service
from shared.runtime.subscription import Subscription, subscribed
from shared.runtime.transaction import Cause, Transaction
from shared.sealing.wrappers import key_keeper
from shared.settings import ServiceSettings

_NOT_UP_YET = (
    KafkaError,
    FastStreamException,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    postgres.MigrationsWaitError,
)


class ConsumeLoopEndedError(Exception):
    """A consume loop has ended by itself: the process ends, too, to be started anew."""


class Process:
    """One running replica of a service. Pages and background loops get it, and use `transaction`."""

    def __init__(self, service: Service, config: ServiceSettings) -> None:
        self.service, self.settings = service, config
        self.stopping = asyncio.Event()
        self.started = self.migrated = False
        self.kafka = KafkaAccess(config)
        self.failure: Exception | None = None
        self.pool: asyncpg.Pool
        self.consumer: Consumer
        self.key_keeper = key_keeper(config, service.name)
        database, keys = config.database_url.get_secret_value(), self.key_keeper.keys
        self.relay = Relay(
            database, self.kafka, window=config.outbox_window, poll_seconds=config.outbox_poll_seconds, keys=keys
        )
        self.woken_by_commit: list[Callable[[], None]] = [self.relay.wake]
        self.subscriptions: list[Subscription] = []
        self.loops: dict[str, asyncio.Task[None]] = {}
        self.upkeep: Upkeep | None = None
        self._broker: KafkaBroker | None = None

    @contextlib.asynccontextmanager
    async def transaction(self, clients: Iterable[str], cause_id: str | None = None) -> AsyncGenerator[Transaction]:
        """A transaction outside the message flow (a page, a command), with the locks of `clients`.

        `cause_id` names the business fact, so that doing it twice publishes the same event ids.
        """
        async with self.pool.acquire() as connection, connection.transaction():
            await postgres.lock_clients(connection, clients)
            tx = Transaction(connection, self.service.name, clock.now())
            tx.caused_by(Cause(cause_id or str(uuid.uuid4())))
            yield tx
            await finish(tx)
        self.relay.wake()

    async def open(self) -> None:
        """Connect to the database and bring its tables up to date."""
        if self.settings.forgets_to_seal():
            log.get().warning("personal values are stored as they are: set DATA_KEY, or none")
        url, size = self.settings.database_url.get_secret_value(), self.settings.database_connections
        self.pool = await postgres.connect(url, size=size, application=self.service.name, keys=self.key_keeper.keys)
        try:
            async with self.pool.acquire() as connection:
                folders = (postgres.RUNTIME_MIGRATIONS, self.service.migrations)
                for migration in await postgres.migrate(connection, *folders):
                    log.get().info("migrated", migration=migration)
                await self.key_keeper.open(connection)
        except BaseException:
            self.pool.terminate()
            raise
        self.migrated = True
        attempts = self.settings.handler_attempts
        self.consumer = Consumer(self.service, self.pool, attempts=attempts, wake=self._wake, looks_ahead=True)
        async with self.pool.acquire() as connection:
            self.consumer.remember(await stops.recent_failures(connection, WINDOW))

    async def _wait_after_stops(self) -> None:
        """After a stop of our own making, wait before work is taken up: longer each time."""
        async with self.pool.acquire() as connection:
            seconds = await stops.pause_seconds(connection)
        if seconds:
            log.get().warning("stopped by a fault before: waits", seconds=seconds)
            await self.pause(seconds)

    def _wake(self) -> None:
        """What messages or timers left in the database can be taken up at once."""
        for wake in self.woken_by_commit:
            wake()

    def _subscribe(self) -> KafkaBroker:
        """The broker with one subscriber for the events, and one for interchanges, which may be large."""
        broker = KafkaBroker(
            **self.kafka.broker_options(),
            client_id=self.service.name,
            logger=None,
            apply_types=False,
            allow_auto_create_topics=False,
            graceful_timeout=self.settings.stop_seconds,
            request_timeout_ms=longest_answer_ms(self.settings.session_timeout_ms),
        )
        self.subscriptions = subscribed(broker, self.consumer, self.settings)
        return broker

    async def run(self) -> None:
        """Run until `stopping` is set. Raises what stopped it, where that was a failure."""
        async with served(self):
            try:
                await self._start()
                if not self.stopping.is_set():
                    await self._until_stopped()
            finally:
                await self._end()
        for subscription in self.subscriptions:
            if subscription.broken is not None:
                self.fail(subscription.broken)
        if self.failure is not None:
            raise self.failure

    def fail(self, error: Exception) -> None:
        """Stop because of `error`, which waiting does not mend."""
        self.failure = self.failure or error
        self.stopping.set()

    async def _start(self) -> None:
        await self._retry("open the database", self.open)
        await self._retry("reach Kafka", self.kafka.check)
        await self._retry("find the topics", self._find_topics)
        await self._retry("compare the database with the topics", self._check_positions)
        await self._retry("wait after a stop", self._wait_after_stops)
        await self._retry("start the consumers", self._start_consumers)
        if not self.stopping.is_set():
            self._start_loops()
            self.started = True
            log.get().info("started", port=self.settings.http_port)

    async def _find_topics(self) -> None:
        """The topics are made by an operator's command, not by us. Raises TopicsMissingError."""
        for difference in await creating_topics.find(self.kafka, self.topics, self.settings.inbox_days):
            log.get().warning("a topic is not as it should be", reason=difference)

    async def _check_positions(self) -> None:
        """A restored database must not go on as if nothing were missing. Raises BehindError."""
        since = behind.oldest(clock.now(), self.settings.inbox_days)
        async with self.pool.acquire() as connection:
            await behind.check(self.kafka, connection, self.service, since=since)

    @property
    def topics(self) -> list[str]:
        """What this service reads, and where it sets aside what it cannot read."""
        read = [*self.service.topics, *filter(None, [self.service.interchange_topic])]
        return sorted({*read, *(f"{name}.dead" for name in read)})

    async def _start_consumers(self) -> None:
        broker = self._subscribe()
        try:
            await broker.start()
        except BaseException:
            await broker.stop()
            raise
        self._broker = broker
        for subscription in self.subscriptions:
            subscription.watch_polls()

    async def _retry(self, what: str, act: Callable[[], Awaitable[None]]) -> None:
        """The broker and the database may come up after us."""
        pause = self.settings.retry_first_seconds
        while not self.stopping.is_set():
            try:
                return await act()
            except Exception as error:
                refusal = not_allowed(error, self.settings)
                if refusal is not None:
                    raise refusal from None
                if not (isinstance(error, _NOT_UP_YET) or postgres.passes(error)):
                    raise
                log.get().warning(f"cannot {what} yet", reason=named(error), seconds=pause)
                await self.pause(pause)
                pause = min(self.settings.retry_longest_seconds, pause * 2)
        return None

    async def pause(self, seconds: float) -> None:
        """Wait, but not past a stop."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)

    def _start_loops(self) -> None:
        assert self._broker is not None
        subscriptions, ping = self.subscriptions, BrokerPing(self._broker)
        self.upkeep = Upkeep(
            self.settings, self.pool, self.consumer, self.kafka, self.topics, subscriptions, ping, self.stopping
        )
        named: dict[str, Callable[[], Awaitable[None]]] = {
            "relay": self.relay.run,
            "timers": self.upkeep.fire_timers,
            "upkeep": self.upkeep.forget,
            "broker": self.upkeep.watch_broker,
            "topics": self.upkeep.watch_topics,
            "positions": self.upkeep.note_positions,
            "data keys": functools.partial(self.upkeep.renew_keys, self.key_keeper),
        }
        for number, background in enumerate(self.service.background):
            named[f"background {number}"] = functools.partial(background, self)
        self.loops = {name: asyncio.create_task(self._keep_running(name, act)) for name, act in named.items()}

    async def _keep_running(self, name: str, act: Callable[[], Awaitable[None]]) -> None:
        """Start the loop again when it breaks: its work is in the database."""
        while not self.stopping.is_set():
            try:
                await act()
            except Exception as error:
                refusal = not_allowed(error, self.settings)
                fault = refusal or postgres.ours(error) or (error if isinstance(error, FaultOfOursError) else None)
                if fault is not None:
                    self.fail(fault)
                    return
                log.get().warning("loop broke, starts again", name=name, reason=log.failure(error))
                await self.pause(1)

    async def measure(self) -> None:
        """Set the metrics that no event sets."""
        await measuring.measure(self.pool if self.migrated else None, self.subscriptions)

    async def _until_stopped(self) -> None:
        waiting = [
            asyncio.create_task(event.wait()) for event in (self.stopping, *(s.stopping for s in self.subscriptions))
        ]
        try:
            while not any(task.done() for task in waiting):
                await asyncio.wait(waiting, timeout=1, return_when=asyncio.FIRST_COMPLETED)
                for subscription in self.subscriptions:
                    if not subscription.runs:
                        subscription.end(ConsumeLoopEndedError(f"the consume loop of {subscription.group} has ended"))
        finally:
            for task in waiting:
                task.cancel()

    async def _end(self) -> None:
        """First the consumers, then what they left in the outbox, then the rest."""
        self.stopping.set()
        for stopping in [subscription.stopping for subscription in self.subscriptions]:
            stopping.set()
        if self._broker is not None:
            await stop_consumers(self._broker, self.subscriptions, self.settings.stop_seconds)
        if self.migrated:
            await self.consumer.ahead.stop()
        self.relay.finish()
        if "relay" in self.loops:
            await asyncio.wait([self.loops["relay"]], timeout=min(5, self.settings.stop_seconds))
        for task in self.loops.values():
            task.cancel()
        await asyncio.gather(*self.loops.values(), return_exceptions=True)
        if self.migrated:
            if self.upkeep is not None:
                with contextlib.suppress(Exception):
                    await self.upkeep.note_reached()
            await self._note_stop()
            try:
                await asyncio.wait_for(self.pool.close(), 10)
            except TimeoutError:
                self.pool.terminate()

    async def _note_stop(self) -> None:
        """Remember a stop of our own making for the next start; a database that cannot take it is no further harm."""
        errors = (self.failure, *(subscription.broken for subscription in self.subscriptions))
        ours = [error for error in errors if isinstance(error, FaultOfOursError | MostlyFailingError)]
        with contextlib.suppress(Exception):
            async with self.pool.acquire() as connection:
                for error in ours[:1]:
                    await stops.note(connection, named(error))

    def alive(self) -> dict[str, bool]:
        """What liveness looks at: each loop, and each consume loop."""
        loops = {f"loop {name}": not task.done() for name, task in self.loops.items()}
        return loops | {
            f"group {subscription.group}": subscription.alive for subscription in self.subscriptions if self.started
        }

    async def ready(self) -> dict[str, bool]:
        """What readiness looks at: the database, the migrations, the broker, the membership in the groups."""
        answers = {"migrations": self.migrated, "consumers": self.started}
        if self.migrated:
            answers["database"] = await self._answers(self.pool.fetchval("select true"))
        if self.upkeep is not None:
            answers["broker"] = await self.upkeep.ping.answers(2)
            answers["topics"] = not self.upkeep.missing_topics
        return answers | {
            f"group {subscription.group}": subscription.member and subscription.failures < 3
            for subscription in self.subscriptions
        }

    async def _answers(self, question: Awaitable[Any]) -> bool:
        try:
            return bool(await asyncio.wait_for(question, 2))
        except Exception:
            return False
