"""The campaign: a stream of sessions, and faults at moments by chance, one after the other or several at once."""

import asyncio
import json
import math
import random
import time
from collections.abc import Iterator
from datetime import timedelta

from shared import clock
from tests.faults.causes.faults import Fault, Faults
from tests.faults.checker import Checker, Fact
from tests.faults.mix_stage import NeverQuietError, StageHand
from tests.faults.stream import Stream

SESSIONS_A_SECOND = 1.0
_EVERY_SECONDS = 4.0
_DAYS_WITHOUT_PROGRESS = 120
_TOLD = 5
"""The stories of so many facts of a kind are told."""


class Campaign:
    """Runs the faults over the stream."""

    def __init__(
        self, faults: Faults, stream: Stream, checker: Checker, chance: random.Random, *, at_once: int = 1
    ) -> None:
        """`at_once` is how many faults are made side by side: each may come while others heal."""
        self.faults, self.stream, self.checker, self.chance = faults, stream, checker, chance
        self.at_once = at_once
        self.count = 0
        self.began = time.monotonic()
        self.happened: dict[float, str] = {}
        self._over = asyncio.Event()

    async def run(self, seconds: float) -> int:
        """Send sessions and make faults for so long; return how many faults there were."""
        self.began = time.monotonic()
        sending = asyncio.create_task(self._send())
        drawn = self._drawn()
        try:
            await asyncio.gather(*(self._keep_making(drawn, self.began + seconds) for _ in range(self.at_once)))
        finally:
            self._over.set()
            await sending
        return self.count

    def _drawn(self) -> Iterator[Fault]:
        """Without end: every fault in an order by chance, then all of them again in another."""
        listed = self.faults.listed()
        while True:
            self.chance.shuffle(listed)
            yield from listed

    async def _keep_making(self, drawn: Iterator[Fault], until: float) -> None:
        while time.monotonic() < until:
            await self._make(next(drawn))

    async def _make(self, fault: Fault) -> None:
        name, make = fault
        await asyncio.sleep(self.chance.uniform(0.3, 1) * _EVERY_SECONDS / 2)
        at = time.monotonic()
        self.happened[at] = name
        times = await make()
        self.count += times
        line = {
            "name": name,
            "at_seconds": round(at - self.began, 1),
            "took_seconds": round(time.monotonic() - at, 1),
            "faults": times,
            "sessions_so_far": len(self.stream.sessions),
        }
        print(json.dumps(line), flush=True)

    async def _send(self) -> None:
        while not self._over.is_set():
            await self.stream.session()
            await self.checker.look()
            await asyncio.sleep(self.chance.expovariate(SESSIONS_A_SECOND))

    async def settle(self) -> None:
        """Let the days pass until every session has ended, as long as anything still comes of them.

        A day passes once the services are quiet: days that rush by a slow machine would close filing windows.
        """
        await self.stream.deliver()
        async with StageHand(self.faults.stack) as stage:
            try:
                await self._let_days_pass(stage)
            except NeverQuietError as error:
                print(json.dumps({"name": "never quiet", "said": str(error)}), flush=True)
        await self.checker.catch_up()

    async def _let_days_pass(self, stage: StageHand) -> None:
        least, days = math.inf, 0
        while days < _DAYS_WITHOUT_PROGRESS:
            await stage.quiet()
            await self.checker.catch_up()
            missing = len(self.checker.missing(self.stream.sessions))
            if not missing:
                return
            least, days = (missing, 0) if missing < least else (least, days + 1)
            clock.advance(timedelta(days=1))

    def stories(self) -> Iterator[dict[str, object]]:
        """What is lost, doubled or stuck, each with what came of its client and which faults there were meanwhile."""
        lost = set(self.checker.lost(self.stream.sessions))
        missing = self.checker.missing(self.stream.sessions)
        kinds = {
            "lost": [stated for stated in missing if stated[0] in lost],
            "stuck": [stated for stated in missing if stated[0] not in lost],
            "doubled": self.checker.doubled(),
        }
        for kind, facts in kinds.items():
            for stated in facts[:_TOLD]:
                story = self.checker.story(self._client(stated), self.happened, self.began)
                yield {"name": kind, "fact": " ".join(stated), "story": list(story)}

    def _client(self, stated: Fact) -> str:
        name = stated[0]
        if name in self.stream.clients:
            return self.stream.clients[name]
        letters = ((client, seen) for client, came in self.checker.came.items() for seen in came)
        return next(client for client, seen in letters if seen.says.get("letter_id") == name)
