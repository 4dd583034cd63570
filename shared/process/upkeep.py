"""The loops beside the consumers: due timers, what is kept for long enough, whether the broker and topics are there."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import asyncpg

from shared import clock, log
from shared.kafka import creating_topics
from shared.kafka.kafka_access import KafkaAccess
from shared.process import stops
from shared.process.broker_ping import BrokerPing
from shared.process.lost_groups import LONGEST_SECONDS, LostGroupError, OutOfGroup
from shared.runtime import positions, telemetry, timers
from shared.runtime.consume import Consumer
from shared.runtime.forgetting import retention
from shared.runtime.subscription import Subscription
from shared.sealing.keeping_keys import KeyKeeper
from shared.settings import ServiceSettings

_TIMERS_AT_A_TIME = 200
_PURGE_EVERY_SECONDS = 60.0
_LOOK_FOR_BROKER_EVERY_SECONDS = 5.0
_LOOK_FOR_TOPICS_EVERY_SECONDS = 30.0
_NOTE_POSITIONS_EVERY_SECONDS = 1.0
_LOOK_FOR_KEYS_EVERY_SECONDS = 60.0


@dataclass
class Upkeep:
    """What the loops of one process go by. `missing_topics`: those that were there at the start and have vanished."""

    settings: ServiceSettings
    pool: asyncpg.Pool
    consumer: Consumer
    kafka: KafkaAccess
    topics: Sequence[str]
    subscriptions: Sequence[Subscription]
    ping: BrokerPing
    stopping: asyncio.Event
    missing_topics: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        """Begin the counters at 0: an alert on their increase would else not see the first message."""
        telemetry.BROKER_ANSWERS.set(1)
        for topic in (*self.topics, timers.TOPIC):
            for parked in ("true", "false"):
                if not topic.endswith(".dead"):
                    telemetry.SET_ASIDE.labels(topic, parked).inc(0)

    async def pause(self, seconds: float) -> None:
        """Wait, but not past a stop."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), seconds)

    async def fire_timers(self) -> None:
        """Handle what falls due; where that fails, a client at a time, so that no timer holds back another's."""
        while not self.stopping.is_set():
            async with self.pool.acquire() as connection:
                clients = await timers.due(
                    connection, clock.now(), _TIMERS_AT_A_TIME, list(self.consumer.service.timers)
                )
            handled = 0
            try:
                handled = await self.consumer.timers(clients, _TIMERS_AT_A_TIME) if clients else 0
            except Exception as error:
                log.get().warning("timers failed: tried one by one", reason=log.failure(error), count=len(clients))
                for client in clients:
                    handled += await self.consumer.timer_alone(client)
            if handled == 0:
                await self.pause(self.settings.timer_poll_seconds)

    async def forget(self) -> None:
        """Forget what is kept for long enough; of several replicas one does it at a time."""
        while not self.stopping.is_set():
            async with self.pool.acquire() as connection, connection.transaction():
                more = await retention.forget(connection, self.consumer.service.retains, self.settings, clock.now())
            await self.pause(1 if more else _PURGE_EVERY_SECONDS)
            if not more and not self.stopping.is_set():
                async with self.pool.acquire() as connection:
                    await stops.forget(connection)  # a minute has gone well

    async def watch_broker(self) -> None:
        """Say once when the broker is gone, and once when it is back: its client tries again in silence.

        End the process where a consumer does not find back to its group though the broker answers.
        """
        there, out = True, [(subscription, OutOfGroup()) for subscription in self.subscriptions]
        try:
            while not self.stopping.is_set():
                await self.pause(_LOOK_FOR_BROKER_EVERY_SECONDS)
                answers = await self.ping.answers(2)
                telemetry.BROKER_ANSWERS.set(answers)
                if not self.stopping.is_set() and answers != there:
                    there = answers
                    say = log.get().info if there else log.get().warning
                    say("the broker answers again" if there else "the broker does not answer: its work waits")
                now = asyncio.get_running_loop().time()
                for subscription, watched in out:
                    if watched.lost(now, member=subscription.member, answers=answers):
                        reason = f"out of the group {subscription.group}, or fetching nothing"
                        subscription.end(
                            LostGroupError(f"{reason}, for {LONGEST_SECONDS:.0f} seconds though a broker answers")
                        )
        finally:
            self.ping.stop()

    async def watch_topics(self) -> None:
        """Say once when topics vanish: an operator makes them again. Take up renewed certificates."""
        seen = self._certificates()
        while not self.stopping.is_set():
            await self.pause(_LOOK_FOR_TOPICS_EVERY_SECONDS)
            if self.stopping.is_set():
                return
            if (renewed := self._certificates()) != seen and self._take_up_certificates():
                seen = renewed
            await self.look_for_topics()

    def _take_up_certificates(self) -> bool:
        """Whether they could be used: of a certificate and its key one may be replaced before the other."""
        try:
            self.kafka.reload_certificates()
        except OSError as error:
            log.get().warning("renewed certificates cannot be used: the old ones stay", reason=log.failure(error))
            return False
        log.get().info("renewed certificates are taken up")
        return True

    async def note_positions(self) -> None:
        """Write how far the topics were handled, every second."""
        while not self.stopping.is_set():
            await self.pause(_NOTE_POSITIONS_EVERY_SECONDS)
            await self.note_reached()

    async def renew_keys(self, keeper: KeyKeeper) -> None:
        """Learn of new data keys before they seal; give an old one its successor."""
        while not self.stopping.is_set():
            await self.pause(_LOOK_FOR_KEYS_EVERY_SECONDS)
            async with self.pool.acquire() as connection:
                await keeper.open(connection)

    async def note_reached(self) -> None:
        """Write how far the topics were handled since the last time."""
        reached = {
            place: offset for subscription in self.subscriptions for place, offset in subscription.reached.items()
        }
        for subscription in self.subscriptions:
            subscription.reached = {}
        async with self.pool.acquire() as connection:
            await positions.note(connection, reached)

    async def look_for_topics(self) -> None:
        """Note which topics are missing by now; nothing is known while the broker does not answer."""
        try:
            missing = await creating_topics.missing(self.kafka, list(self.topics))
        except Exception as error:
            log.get().debug("cannot look for the topics", reason=log.failure(error))
            return
        if missing and missing != self.missing_topics:
            log.get().error("topics have vanished: shared.commands.topics create makes them", reason=", ".join(missing))
        self.missing_topics = missing
        telemetry.TOPICS_MISSING.set(len(missing))

    def _certificates(self) -> list[float]:
        return [file.stat().st_mtime for file in self.kafka.certificate_files() if file.exists()]
