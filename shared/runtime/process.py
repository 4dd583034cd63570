"""A service as a running process: migrations, consumers, relay, timers, pages; a graceful end."""

import asyncio
import contextlib
import functools
import gc
import signal
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from typing import Any, NoReturn

import asyncpg
from aiokafka.errors import KafkaError
from faststream.exceptions import FastStreamException
from faststream.kafka import KafkaBroker

from shared import clock, log, settings
from shared.runtime import creating_topics, deadletter, outbox, postgres, retention, telemetry, timers, tracing
from shared.runtime.consume import Consumer, finish
from shared.runtime.health import served
from shared.runtime.outbox import Relay
from shared.runtime.service import Service
from shared.runtime.subscription import Subscription
from shared.runtime.transaction import Cause, Transaction
from shared.settings import ServiceSettings

_TIMERS_AT_A_TIME = 200
_PURGE_EVERY_SECONDS = 60.0
_FILES_WAIT_TIMES = 4
"""An interchange may wait so many times longer than an event: a payer's file has been hours on its way."""
_LOOK_FOR_BROKER_EVERY_SECONDS = 5.0
_NOT_UP_YET = (
    KafkaError,
    FastStreamException,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)


class ConsumeLoopEndedError(Exception):
    """A consume loop has ended by itself: the process ends too, so that it is started anew."""


class Process:
    """One running replica of a service. Pages and background loops get it, and use `transaction`."""

    def __init__(self, service: Service, config: ServiceSettings) -> None:
        self.service, self.settings = service, config
        self.stopping = asyncio.Event()
        self.started = self.migrated = False
        self.pool: asyncpg.Pool
        self.consumer: Consumer
        self.relay = Relay(
            config.database_url.get_secret_value(),
            config.kafka_bootstrap_servers,
            window=config.outbox_window,
            poll_seconds=config.outbox_poll_seconds,
        )
        self.woken_by_commit: list[Callable[[], None]] = [self.relay.wake]
        self.subscriptions: list[Subscription] = []
        self.loops: dict[str, asyncio.Task[None]] = {}
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
        url, name = self.settings.database_url.get_secret_value(), self.service.name
        self.pool = await postgres.connect(url, size=self.settings.database_connections, application=name)
        try:
            async with self.pool.acquire() as connection:
                folders = (postgres.RUNTIME_MIGRATIONS, self.service.migrations)
                for migration in await postgres.migrate(connection, *folders):
                    log.get().info("migrated", migration=migration)
        except BaseException:
            self.pool.terminate()
            raise
        self.migrated = True
        attempts = self.settings.handler_attempts
        self.consumer = Consumer(self.service, self.pool, attempts=attempts, wake=self._wake, looks_ahead=True)

    def _wake(self) -> None:
        """Messages or timers have been handled: what they left in the database can be taken up at once."""
        for wake in self.woken_by_commit:
            wake()

    def _subscribe(self) -> KafkaBroker:
        """The broker with one subscriber for the events, and one for interchanges, which may be large."""
        broker = KafkaBroker(
            self.settings.kafka_bootstrap_servers,
            client_id=self.service.name,
            logger=None,
            apply_types=False,
            allow_auto_create_topics=False,
            graceful_timeout=self.settings.stop_seconds,
        )
        wait_ms = self.settings.fetch_wait_ms
        wanted = [(self.service.name, self.service.topics, self.settings.batch_records, wait_ms)]
        if self.service.interchange_topic is not None:
            wanted.append(
                (
                    f"{self.service.name}.interchanges",
                    [self.service.interchange_topic],
                    self.settings.interchange_records,
                    wait_ms * _FILES_WAIT_TIMES,
                )
            )
        self.subscriptions = [
            Subscription(broker, self.consumer, self.settings, group=group, topics=names, most=most, wait_ms=wait)
            for group, names, most, wait in wanted
            if names
        ]
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
                raise subscription.broken

    async def _start(self) -> None:
        await self._retry("open the database", self.open)
        await self._retry("create the topics", self._create_topics)
        await self._retry("start the consumers", self._start_consumers)
        if not self.stopping.is_set():
            self._start_loops()
            self.started = True
            log.get().info("started", port=self.settings.http_port)

    async def _create_topics(self) -> None:
        await creating_topics.create(self.settings.kafka_bootstrap_servers, self.settings.topic_replication)

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
                if not (isinstance(error, _NOT_UP_YET) or postgres.passes(error)):
                    raise
                log.get().warning(f"cannot {what} yet", reason=log.failure(error), seconds=pause)
                await self.pause(pause)
                pause = min(self.settings.retry_longest_seconds, pause * 2)
        return None

    async def pause(self, seconds: float) -> None:
        """Wait, but not past a stop."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)

    def _start_loops(self) -> None:
        named: dict[str, Callable[[], Awaitable[None]]] = {
            "relay": self.relay.run,
            "timers": self._timers,
            "upkeep": self._upkeep,
            "broker": self._watch_broker,
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
                log.get().warning("loop broke, starts again", name=name, reason=log.failure(error))
                await self.pause(1)

    async def _timers(self) -> None:
        """Handle what falls due; where that fails, a client at a time, so that no timer holds back another's."""
        while not self.stopping.is_set():
            async with self.pool.acquire() as connection:
                clients = await timers.due(connection, clock.now(), _TIMERS_AT_A_TIME, list(self.service.timers))
            handled = 0
            try:
                handled = await self.consumer.timers(clients, _TIMERS_AT_A_TIME) if clients else 0
            except Exception as error:
                log.get().warning("timers fell apart", reason=log.failure(error), count=len(clients))
                for client in clients:
                    handled += await self.consumer.timer_alone(client)
            if handled == 0:
                await self.pause(self.settings.timer_poll_seconds)

    async def _upkeep(self) -> None:
        """Forget what is kept for long enough; of several replicas one does it at a time."""
        while not self.stopping.is_set():
            async with self.pool.acquire() as connection, connection.transaction():
                more = await retention.forget(connection, self.service.retains, self.settings, clock.now())
            await self.pause(1 if more else _PURGE_EVERY_SECONDS)

    async def _watch_broker(self) -> None:
        """Say once when the broker is gone, and once when it is back: its client tries again in silence."""
        there = True
        while not self.stopping.is_set():
            await self.pause(_LOOK_FOR_BROKER_EVERY_SECONDS)
            answers = self._broker is not None and await self._broker.ping(2)
            if not self.stopping.is_set() and answers != there:
                there = answers
                say = log.get().info if there else log.get().warning
                say("the broker answers again" if there else "the broker does not answer: its work waits")

    async def measure(self) -> None:
        """Set the metrics that no event tells; those that cannot be had within a second stay as they were."""
        with contextlib.suppress(Exception):
            async with asyncio.timeout(1):
                for subscription in self.subscriptions:
                    await subscription.measure_lag()
        if not self.migrated:
            return
        telemetry.POOL_MOST.set(self.pool.get_max_size())
        telemetry.POOL_USED.set(self.pool.get_size() - self.pool.get_idle_size())
        with contextlib.suppress(Exception):
            async with asyncio.timeout(1), self.pool.acquire() as connection:
                telemetry.PARKED_KEYS.set(await deadletter.count_parked(connection))
                _set_dead(await deadletter.count_dead(connection))
                telemetry.OUTBOX_AGE.set(await outbox.age_seconds(connection))

    async def _until_stopped(self) -> None:
        waiting = [
            asyncio.create_task(event.wait()) for event in (self.stopping, *(s.stopping for s in self.subscriptions))
        ]
        try:
            while not any(task.done() for task in waiting):
                await asyncio.wait(waiting, timeout=1, return_when=asyncio.FIRST_COMPLETED)
                for subscription in self.subscriptions:
                    if not subscription.runs and subscription.broken is None:
                        subscription.broken = ConsumeLoopEndedError(
                            f"the consume loop of {subscription.group} has ended"
                        )
                        subscription.stopping.set()
        finally:
            for task in waiting:
                task.cancel()

    async def _end(self) -> None:
        """First the consumers, then what they left in the outbox, then the rest."""
        self.stopping.set()
        for subscription in self.subscriptions:
            subscription.stopping.set()
        if self._broker is not None:
            await self._broker.stop()
        if self.migrated:
            await self.consumer.ahead.stop()
        self.relay.finish()
        if "relay" in self.loops:
            await asyncio.wait([self.loops["relay"]], timeout=min(5, self.settings.stop_seconds))
        for task in self.loops.values():
            task.cancel()
        await asyncio.gather(*self.loops.values(), return_exceptions=True)
        if self.migrated:
            try:
                await asyncio.wait_for(self.pool.close(), 10)
            except TimeoutError:
                self.pool.terminate()

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
        if self._broker is not None:
            answers["broker"] = await self._broker.ping(2)
        return answers | {
            f"group {subscription.group}": subscription.joined and subscription.failures < 3
            for subscription in self.subscriptions
        }

    async def _answers(self, question: Awaitable[Any]) -> bool:
        try:
            return bool(await asyncio.wait_for(question, 2))
        except Exception:
            return False


def run(service: Service) -> NoReturn:
    """Run `service` until SIGTERM or SIGINT; exit 0 after a graceful end, 3 when most messages failed."""
    config = settings.load(service.settings, service.name)
    log.configure(service.name, config.log_level, config.log_format)
    tracing.turn_on(service.name, config.traces)
    raise SystemExit(asyncio.run(_main(service, config)))


async def _main(service: Service, config: ServiceSettings) -> int:
    process = Process(service, config)
    gc.freeze()  # what is loaded by now stays: the collector need not look through it at every round
    gc.set_threshold(20_000, 20, 20)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, process.stopping.set)
    try:
        await process.run()
    except Exception as error:
        log.get().critical("stopped by a failure", reason=f"{log.failure(error)} {_said(error)}")
        return 3
    log.get().info("stopped")
    return 0


def _set_dead(counts: dict[str, int]) -> None:
    """Show the counts; a topic of which nothing is left is not shown."""
    telemetry.DEAD_LETTERS.clear()
    for topic, count in counts.items():
        telemetry.DEAD_LETTERS.labels(topic).set(count)


def _said(error: Exception) -> Any:
    """The text of our own exceptions; that of others may hold personal data."""
    return str(error) if type(error).__module__.startswith(("shared", "services")) else ""
