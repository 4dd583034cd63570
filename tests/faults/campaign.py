"""The campaign: a stream of sessions, and one fault after the other at moments by chance."""

import asyncio
import json
import random
import time
import urllib.request
from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg

from deploy.embedded.services import Services
from deploy.embedded.stack import SERVICES, Stack
from shared import clock
from tests.faults.checker import Checker
from tests.faults.stream import Stream

SESSIONS_A_SECOND = 2.0
_EVERY_SECONDS = 4.0
_STRIDE = timedelta(days=3)


class Campaign:
    """Runs the faults over the stream. Each fault is a method without arguments, named in `faults`."""

    def __init__(
        self, stack: Stack, services: Services, stream: Stream, checker: Checker, chance: random.Random
    ) -> None:
        self.stack, self.services, self.stream, self.checker, self.chance = stack, services, stream, checker, chance
        self.count = 0

    @property
    def faults(self) -> list[tuple[str, Callable[[], Awaitable[int]]]]:
        """What can happen; each gives how many faults it was."""
        return [
            *((f"kill -9 {name}", lambda name=name: self.kill(name)) for name in SERVICES),
            ("replica added", self.add_replica),
            ("replica ended", self.end_replica),
            ("database sessions killed", self.kill_sessions),
            ("database ended and started again", self.restart_database),
            ("broker killed and started again", self.restart_broker),
            ("garbage", self.stream.nonsense),
            ("duplicates", self.stream.again),
            ("clock jump", self.jump),
            ("mail server refuses", self.refuse_mail),
        ]

    async def run(self, seconds: float) -> int:
        """Send sessions and make faults for so long; return how many faults there were."""
        began = time.monotonic()
        sending = asyncio.create_task(self._send(began + seconds))
        listed = self.faults
        while time.monotonic() - began < seconds:
            self.chance.shuffle(listed)
            for name, fault in listed:
                if time.monotonic() - began > seconds:
                    break
                await self._make(name, fault, began)
        await sending
        return self.count

    async def _make(self, name: str, fault: Callable[[], Awaitable[int]], began: float) -> None:
        await asyncio.sleep(self.chance.uniform(0.3, 1) * _EVERY_SECONDS / 2)
        at = time.monotonic()
        times = await fault()
        self.count += times
        line = {
            "name": name,
            "at_seconds": round(at - began, 1),
            "took_seconds": round(time.monotonic() - at, 1),
            "faults": times,
            "sessions_so_far": len(self.stream.sessions),
        }
        print(json.dumps(line), flush=True)

    async def _send(self, until: float) -> None:
        while time.monotonic() < until:
            await self.stream.session()
            await self.checker.look()
            await asyncio.sleep(self.chance.expovariate(SESSIONS_A_SECOND))

    async def settle(self, seconds: float) -> None:
        """Let the days pass until every session has ended, but not for ever."""
        until = time.monotonic() + seconds
        while self.checker.unfinished(self.stream.sessions) and time.monotonic() < until:
            clock.advance(timedelta(days=1))
            for _ in range(5):
                await self.checker.look()
        for _ in range(10):
            await self.checker.look()

    async def kill(self, service: str) -> int:
        """A replica dies, and its supervisor starts another."""
        self.chance.choice(self.services.of(service)).kill()
        self.services.add(service)
        return 1

    async def add_replica(self) -> int:
        """One more: the groups are balanced anew."""
        self.services.add(self.chance.choice(SERVICES))
        return 1

    async def end_replica(self) -> int:
        """One less where there are several."""
        several = [name for name in SERVICES if len(self.services.of(name)) > 1]
        if not several:
            return 0
        await asyncio.to_thread(self.services.of(self.chance.choice(several))[0].stop)
        return 1

    async def kill_sessions(self) -> int:
        """Every session of every service, some times in a row."""
        connection = await asyncpg.connect(self.stack.database_admin_url)
        killed = 0
        for _ in range(5):
            killed += await connection.fetchval(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                " where backend_type = 'client backend' and pid <> pg_backend_pid()"
            )
            await asyncio.sleep(0.2)
        await connection.close()
        return killed

    async def restart_database(self) -> int:
        """PostgreSQL is gone for a second."""
        await asyncio.to_thread(self.stack.stop_database)
        await asyncio.sleep(1)
        await asyncio.to_thread(self.stack.restart_database)
        return 1

    async def restart_broker(self) -> int:
        """Kafka dies and comes back."""
        await asyncio.to_thread(self.stack.kill_kafka)
        await asyncio.to_thread(self.stack.restart_kafka)
        return 1

    async def jump(self) -> int:
        """Days pass at once."""
        clock.advance(_STRIDE)
        return 1

    async def refuse_mail(self) -> int:
        """The next letters are refused for now, or the connection is dropped at the end of one."""
        for fault in (
            {"to": "*", "at": "rcpt", "reply": "451 4.3.0 later", "times": 5},
            {"to": "*", "at": "data", "reply": "452 4.3.1 full", "times": 2},
        ):
            await asyncio.to_thread(_post, f"{self.stack.inbox_url}/faults", fault)
        return 7


def _post(url: str, body: dict[str, object]) -> None:
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"content-type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        answer.read()
