"""What can happen to the system in a campaign: each fault is a method, which gives how many faults it was."""

import asyncio
import json
import os
import random
import time
import urllib.request
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import asyncpg

from deploy.embedded.children import StartError
from deploy.embedded.services import Replica, Services
from deploy.embedded.stack import SERVICES, Stack
from shared import clock
from tests.faults.causes.kill_points import BEFORE_NOTE, EVERY_SERVICE, Points
from tests.faults.causes.proxy import Proxies
from tests.faults.checker import Checker
from tests.faults.stream import Stream

Fault = tuple[str, Callable[[], Awaitable[int]]]

_STRIDE = timedelta(days=3)
_REACHED_SECONDS = 90.0  # half-open connections to the database hold a service up for 60
_RECOVERED_SECONDS = 60.0
_WORKS_SECONDS = 300.0  # half-open connections to Kafka have taken 160
_STALL_SECONDS = 3.0


@dataclass
class Faults:
    """The faults of one campaign, and how long the system took to recover from a kill."""

    stack: Stack
    services: Services
    stream: Stream
    checker: Checker
    chance: random.Random
    proxies: Proxies
    points: dict[str, Points]
    named: str = ""
    """Only faults whose names hold this."""
    recovered_seconds: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    _server: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by a fault that needs the servers to run when it begins, and may end one."""
    starting_cpu_seconds: list[float] = field(default_factory=list[float])
    """Of each replacement until it was ready: the part of a recovery that other programs' work makes longer."""
    not_reached: list[str] = field(default_factory=list[str])
    """Kill points that were armed, and nobody got there in time."""

    def listed(self) -> list[Fault]:
        """Every fault that is asked for, by its name."""
        return [fault for fault in self._all() if self.named in fault[0]]

    def _all(self) -> list[Fault]:
        at_points = [(service, point) for service in SERVICES for point in EVERY_SERVICE]
        at_points.append(("notification", BEFORE_NOTE))
        return [
            *((f"kill -9 {name}", lambda name=name: self.kill(name)) for name in SERVICES),
            *(
                (f"kill -9 {service} {point}", lambda service=service, point=point: self.kill_at(service, point))
                for service, point in at_points
            ),
            *self._network(),
            ("replica added", self.add_replica),
            ("replica ended", self.end_replica),
            ("replicas come and go", self.rebalance),
            ("database sessions killed", self.kill_sessions),
            ("database ended and started again", self.restart_database),
            ("kill -9 the database", self.kill_database),
            ("kill -9 the broker", self.kill_broker),
            ("garbage", self.stream.nonsense),
            ("duplicates", self.stream.again),
            ("clock jump", self.jump),
            ("clock jump while payers are down", self.jump_without_payers),
            ("mail server refuses", self.refuse_mail),
            ("mail server drops the connection", self.drop_mail),
        ]

    def _network(self) -> list[Fault]:
        return [
            (f"connections to {name} {how}", lambda name=name, what=what: self.disturb(name, what))
            for name in self.proxies.of
            for what, how in (("cut", "cut"), ("stall", "stalled"), ("lose", "half-open"))
        ]

    async def kill(self, service: str) -> int:
        """A replica dies, and its supervisor starts another."""
        running = self.services.of(service)
        if not running:
            return 0
        self.chance.choice(running).kill()
        await self._replaced(service, time.monotonic())
        return 1

    async def kill_at(self, service: str, point: str) -> int:
        """A replica dies at a named point of its work, and its supervisor starts another; 0: nobody got there."""
        self.points[service].arm(point)
        await _becomes(lambda: not self.points[service].armed(point), _REACHED_SECONDS)
        if self.points[service].disarm(point):
            self.not_reached.append(f"{service} {point}")
            return 0
        await self._replaced(service, time.monotonic())
        return 1

    async def _replaced(self, service: str, since: float) -> None:
        replica = self.services.add(service)
        if await self._ready(replica):
            self._recovered("service", since)
            self.starting_cpu_seconds.append(_cpu_seconds(replica.child.process.pid))

    async def _ready(self, replica: Replica) -> bool:
        """Wait for it, but not for ever: what it leaves undone is found at the end. False: another ended it."""
        try:
            await asyncio.to_thread(replica.wait, _RECOVERED_SECONDS)
        except StartError as error:
            print(json.dumps({"name": "not ready in time", "said": str(error)}), flush=True)
        return replica.child.alive

    def _recovered(self, what: str, since: float) -> None:
        self.recovered_seconds.setdefault(what, []).append(round(time.monotonic() - since, 1))

    async def _handled_again(self, what: str, since: float) -> None:
        await self._works(_RECOVERED_SECONDS)
        self._recovered(what, since)

    async def _works(self, seconds: float) -> None:
        """Wait until a session of from now on has been charged: every service but claims has a part in that."""
        before = set(self.stream.sessions)

        def charged() -> bool:
            new = self.stream.sessions.keys() - before
            return any(self.checker.facts[session, "charged"] for session in new)

        await _becomes(charged, seconds)

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

    async def rebalance(self) -> int:
        """A second replica of a service comes, and one of the two goes again while it is at work."""
        service = self.chance.choice(SERVICES)
        await self._ready(self.services.add(service))
        await asyncio.sleep(self.chance.uniform(0, 2))
        await asyncio.to_thread(self.chance.choice(self.services.of(service)).stop)
        return 2

    async def kill_sessions(self) -> int:
        """Every session of every service, some times in a row."""
        async with self._server:
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
        async with self._server:
            await asyncio.to_thread(self.stack.stop_database)
            await asyncio.sleep(1)
            await asyncio.to_thread(self.stack.restart_database)
            return 1

    async def kill_database(self) -> int:
        """PostgreSQL dies with all its processes, and is started again."""
        async with self._server:
            await self._works(_WORKS_SECONDS)  # what is measured is this fault, not the one before
            since = time.monotonic()
            await asyncio.to_thread(self.stack.kill_database)
            await asyncio.to_thread(self.stack.restart_database)
            await self._handled_again("PostgreSQL", since)
            return 1

    async def kill_broker(self) -> int:
        """A broker dies and is started again; the only one, or one of several."""
        async with self._server:
            await self._works(_WORKS_SECONDS)
            since = time.monotonic()
            broker = self.chance.choice(self.stack.cluster.brokers)
            await asyncio.to_thread(broker.kill)
            await asyncio.to_thread(broker.restart)
            await self._handled_again("Kafka", since)
            return 1

    async def disturb(self, name: str, what: str) -> int:
        """The network between the services and a kind of server: cut, stalled for some seconds, or half-open."""
        times = await asyncio.to_thread(self.proxies.do, name, what)
        if what == "stall":
            await asyncio.sleep(_STALL_SECONDS)
            await asyncio.to_thread(self.proxies.do, name, "go_on")
        return times

    async def jump(self) -> int:
        """Days pass at once."""
        clock.advance(_STRIDE)
        return 1

    async def jump_without_payers(self) -> int:
        """Days pass twice while no payer reads: what is due meanwhile waits beside what was sent before."""
        for replica in self.services.of("payers"):
            replica.kill()
        await self.stream.session()
        for _ in range(2):
            await asyncio.sleep(2)
            clock.advance(_STRIDE)
        await asyncio.sleep(2)
        await self._replaced("payers", time.monotonic())
        return 3

    async def refuse_mail(self) -> int:
        """The next letters are refused for now."""
        await self._mail(to="*", at="rcpt", reply="451 4.3.0 later", times=5)
        await self._mail(to="*", at="data", reply="452 4.3.1 full", times=2)
        return 7

    async def drop_mail(self) -> int:
        """The server drops the connection after a letter instead of answering; some of them it has kept."""
        await self._mail(to="*", at="answer", kept=True, times=2)
        await self._mail(to="*", at="answer", kept=False, times=2)
        return 4

    async def _mail(self, **fault: object) -> None:
        await asyncio.to_thread(_post, f"{self.stack.inbox_url}/faults", fault)


async def _becomes(true: Callable[[], bool], seconds: float) -> bool:
    """Whether it becomes true within the time."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            return False
        await asyncio.sleep(0.05)
    return True


def _cpu_seconds(pid: int) -> float:
    """What a process has used so far; 0 where the system does not say."""
    said = Path(f"/proc/{pid}/stat")
    if not said.exists():
        return 0.0
    user, system = said.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _post(url: str, body: dict[str, object]) -> None:
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"content-type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        answer.read()
