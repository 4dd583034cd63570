"""Runs worlds side by side: one stage, one clock, each service's messages of all worlds in the same batches.

The clock jumps to the next due thing of any world. Within a moment the services go on until nothing moves any more.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from unittest import mock

from shared import clock
from shared.runtime.deadletter import Incoming
from tests.simulation.broker import Taken
from tests.simulation.moves import Plan
from tests.simulation.stage import Performer, Stage
from tests.simulation.world import BEGINS, LASTS, World

_MOST_ROUNDS = 400
_NAME = re.compile(r"S[0-9]+(?:R[0-9]+)?")


class NeverQuietError(Exception):
    """The services go on and on at one moment: an endless loop between them."""


async def run(stage: Stage, plans: Sequence[Plan], lasts: timedelta = LASTS) -> list[World]:
    """Run the worlds of these plans to their ends, and return them."""
    running = _Running(stage, [World(plan) for plan in plans])
    with mock.patch.object(clock, "now", running.time):
        await running.until(BEGINS + lasts)
    return running.worlds


class _Running:
    def __init__(self, stage: Stage, worlds: list[World]) -> None:
        self.stage, self.worlds = stage, worlds
        self.by_name = {world.name: world for world in worlds}
        self.now: datetime = BEGINS

    def time(self) -> datetime:
        """The time of all worlds."""
        return self.now

    async def until(self, end: datetime) -> None:
        """Jump from one due thing to the next."""
        while self.now < end:
            for world in self.worlds:
                world.act(self.now)
            await self._settle()
            times = [at for world in self.worlds if (at := world.next_at()) is not None]
            due = self.stage.next_at()
            if due is not None:
                times.append(due)
            self.now = max(min(times, default=end), self.now + timedelta(milliseconds=1))

    async def _settle(self) -> None:
        """Let the services work until nothing moves at this moment."""
        for _ in range(_MOST_ROUNDS):
            fired = await self.stage.each(lambda performer: performer.fire(self.now))
            worked = await self.stage.each(self._work)
            for mail in await self.stage.send_letters(self.now):
                self._world_of(mail.decode("latin-1").partition("To: ")[2].upper()).take_letter(mail, self.now)
            if not await self._distribute() and not any(fired) and not any(worked):
                return
        raise NeverQuietError(f"still at work after {_MOST_ROUNDS} rounds at {self.now}")

    async def _work(self, performer: Performer) -> bool:
        """Give one service what it polls of all worlds."""
        service = performer.service
        messages: list[Incoming] = []
        dying: list[Incoming] = []
        for world in self.worlds:
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
            self._world_of(message.key).take(message, self.now)
        for world in self.worlds:
            world.act(self.now)
        return bool(published)

    def _world_of(self, text: str) -> World:
        match = _NAME.search(text)
        assert match is not None, text
        return self.by_name[match[0]]
