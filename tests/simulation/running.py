"""Runs worlds side by side: one stage, one clock, each service's messages of all worlds in the same batches.

The clock jumps to the next due thing of any world. Within a moment the services go on until nothing moves any more.
"""

import asyncio
import contextlib
import heapq
import os
import re
import signal
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime, timedelta
from types import FrameType
from unittest import mock

from shared import clock
from shared.runtime.deadletter import Incoming
from tests.simulation import operating
from tests.simulation.broker import Taken
from tests.simulation.history import Other
from tests.simulation.moves import Plan
from tests.simulation.stage import Performer, Stage
from tests.simulation.world import BEGINS, LASTS, World

_MOST_ROUNDS = 400
_MOMENT_SECONDS = 300.0
"""How long the services may work at one moment of all worlds, on a machine that has much else to do."""
_NAME = re.compile(r"S[0-9]+(?:R[0-9]+)?")


class NeverQuietError(Exception):
    """The services go on and on at one moment: an endless loop between them."""


async def run(stage: Stage, plans: Sequence[Plan], lasts: timedelta = LASTS) -> list[World]:
    """Run the worlds of these plans to their ends, and return them.

    Raises NeverQuietError or TimeoutError where a moment does not end, and whatever stops a service.
    """
    running = _Running(stage, [World(plan) for plan in plans])
    stage.mail.fate = running.mail_fate
    with mock.patch.object(clock, "now", running.time), mock.patch.dict(os.environ, {"OPERATOR": operating.NAME}):
        await running.until(BEGINS + lasts)
    for (client_id, session_id), ledger in (await stage.ledgers()).items():
        world = running.world_of(client_id)
        world.ledgers[world.facts.session_number(session_id)] = ledger
    return running.worlds


@contextlib.asynccontextmanager
async def _no_longer_than(seconds: float) -> AsyncGenerator[None]:
    """End what takes longer with a TimeoutError: what waits, and what never comes back to the event loop, too."""

    def interrupt(signal_number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"busy at one moment for {seconds:g} s")

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 1.2 * seconds)
    try:
        async with asyncio.timeout(seconds):
            yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class _Running:
    """Worlds on their way. `_awake` are those in which something moves at this moment; the others sleep until due."""

    def __init__(self, stage: Stage, worlds: list[World]) -> None:
        self.stage, self.worlds = stage, worlds
        self.now: datetime = BEGINS
        self._places = {world.name: place for place, world in enumerate(worlds)}
        self._awake: set[int] = set(self._places.values())
        self._alarms: list[tuple[datetime, int]] = []
        self._due: dict[int, datetime] = {}

    def time(self) -> datetime:
        """The time of all worlds."""
        return self.now

    def mail_fate(self, to: str) -> str:
        """What the mail server does with a letter to this address."""
        return self.world_of(to.upper()).mail_fate(to, self.now)

    async def until(self, end: datetime) -> None:
        """Jump from one due thing to the next."""
        while self.now < end:
            self._act()
            async with _no_longer_than(_MOMENT_SECONDS):
                await self._settle()
            self._put_to_sleep()
            times = [at for at in (self._next_alarm(), self.stage.next_at()) if at is not None]
            self.now = max(min(times, default=end), self.now + timedelta(milliseconds=1))
            self._wake()

    def _act(self) -> None:
        for world in self._moving():
            world.act(self.now)

    def _moving(self) -> list[World]:
        return [self.worlds[place] for place in sorted(self._awake)]

    def _put_to_sleep(self) -> None:
        for place in self._awake:
            at = self.worlds[place].next_at()
            if at is None:
                self._due.pop(place, None)
            elif self._due.get(place) != at:
                self._due[place] = at
                heapq.heappush(self._alarms, (at, place))
        self._awake.clear()

    def _next_alarm(self) -> datetime | None:
        """When the next world is due. An alarm that its world has set anew meanwhile is forgotten."""
        while self._alarms and self._due.get(self._alarms[0][1]) != self._alarms[0][0]:
            heapq.heappop(self._alarms)
        return self._alarms[0][0] if self._alarms else None

    def _wake(self) -> None:
        while self._alarms and self._alarms[0][0] <= self.now:
            at, place = heapq.heappop(self._alarms)
            if self._due.get(place) == at:
                del self._due[place]
                self._awake.add(place)

    async def _settle(self) -> None:
        """Let the services work until nothing moves at this moment."""
        for _ in range(_MOST_ROUNDS):
            await self._obey()
            fired = await self.stage.each(lambda performer: performer.fire(self.now))
            worked = await self.stage.each(self._work)
            for mail in await self.stage.send_letters(self.now):
                self.world_of(mail.decode("latin-1").partition("To: ")[2].upper()).take_letter(mail, self.now)
            if not await self._distribute() and not any(fired) and not any(worked):
                return
        raise NeverQuietError(f"still at work after {_MOST_ROUNDS} rounds at {self.now}")

    async def _obey(self) -> None:
        """Have the operators' commands done."""
        for world in self._moving():
            orders, world.orders[:] = list(world.orders), []
            for order in orders:
                said = await self.stage.performers[order.service].obey(order)
                world.history.add(self.now, Other(order.who, f"{order.words}: {said}"))

    async def _work(self, performer: Performer) -> bool:
        """Give one service what it polls of all worlds."""
        service = performer.service
        messages: list[Incoming] = []
        dying: list[Incoming] = []
        for world in self._moving():
            taken: Taken = world.broker.take(service.name, self.now, service.interchange_topic)
            (dying if taken.crashes else messages).extend(taken.messages)
        if dying:
            await performer.die_on(dying)
        if messages:
            await performer.handle(messages)
        return bool(messages or dying)

    async def _distribute(self) -> bool:
        """Hand what was published to the worlds, which act on it at once; whether there was anything."""
        published = [
            message
            for messages in await self.stage.each(lambda performer: performer.published())
            for message in messages
        ]
        for message in published:
            self.world_of(message.key).take(message, self.now)
        self._act()
        return bool(published)

    def world_of(self, text: str) -> World:
        """The world that a name in the text belongs to; it wakes."""
        match = _NAME.search(text)
        assert match is not None, text
        place = self._places[match[0]]
        self._awake.add(place)
        return self.worlds[place]
