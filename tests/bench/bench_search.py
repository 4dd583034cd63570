"""The search by two plans at 200 requests a second over HTTP, among 10,000 and 100,000 providers, then with a million
clients beside them; and the order of benefits decided from tables of a thousand and of a million clients.

The service runs in its own process; the sender says what it cost itself and how late it was. What must not grow is
measured in processor time (service and database together), which other work on the machine does not change.
"""

import asyncio
import contextlib
import random
import socket
import statistics
import sys
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import psutil

from deploy.embedded.stack import Stack
from services.coverage.app import SERVICE
from shared.database import postgres
from tests.bench import million_clients
from tests.bench.open_loop import Measured, OpenLoop

P99_MS = 10.0
NO_MORE_THAN = 1.1
A_SECOND, SECONDS, WARM_UP = 200, 10, 1_000
ROUNDS, A_ROUND, DECISION_ROUNDS = 20, 200, 6
PAYERS, STATES = 40, ("NY", "CA", "TX", "FL", "WA")
FEW_CLIENTS, MANY_CLIENTS = 1_000, 1_000_000

_FILL = """
insert into payer select 'P' || n, jsonb_build_object('payer_id', 'P' || n, 'name', 'Plan number ' || n,
 'in_network', jsonb_build_array(jsonb_build_object('from_day', '2020-01-01'))) from generate_series(1, {payers}) n;
insert into provider select 'provider-' || n, jsonb_build_object('provider_id', 'provider-' || n, 'first_name',
 'First' || n, 'last_name', 'Last' || n, 'npi', '1993999998', 'taxonomy', '103TC0700X', 'states', '["NY"]'::jsonb,
 'address', jsonb_build_object('line1', '1 Main St', 'city', 'Albany', 'state', 'NY', 'postal_code', '12201'))
 from generate_series(1, {providers}) n;
insert into credential select 'provider-' || n, 'P' || (1 + abs(hashint8(n * 31 + k)::bigint) % {payers}),
 ('{{NY,CA,TX,FL,WA}}'::text[])[1 + (n % 5)], date '2020-01-01' + k, null
 from generate_series(1, {providers}) n, generate_series(0, 9) k on conflict do nothing;
"""


def run() -> Iterator[dict[str, Any]]:
    """Yield the latencies, and how the cost of a request and of a decision grow with the tables."""
    with Stack.start(kafka=False, inbox=False, fsync=False) as stack:
        assert stack.database_admin_url is not None
        yield from asyncio.run(_all(stack.database_admin_url))


async def _all(admin_url: str) -> list[dict[str, Any]]:
    few = await _filled(admin_url, "few", providers=10_000)
    many = await _filled(admin_url, "many", providers=100_000)
    crowded = await _filled(admin_url, "crowded", template="many")
    for url, clients in ((many, FEW_CLIENTS), (crowded, MANY_CLIENTS)):
        connection = await asyncpg.connect(url)
        await million_clients.fill(connection, clients)
        await connection.close()
    decisions = await _decision_costs({many: FEW_CLIENTS, crowded: MANY_CLIENTS})
    async with contextlib.AsyncExitStack() as ends:
        served = [await ends.enter_async_context(_server(url)) for url in (few, many, crowded)]
        costs = await _request_costs(served)
        latencies = [await server.at_the_rate() for server in served]
    among = ("10,000 providers", "100,000 providers", "100,000 providers, with 1,000,000 clients beside them")
    return [
        *(_latency(*measures) for measures in zip(among, latencies, costs, strict=True)),
        _growth("search, from 10,000 to 100,000 providers", costs[1] / costs[0]),
        _growth("search, from 1,000 clients to 1,000,000", costs[2] / costs[1]),
        _growth("order of benefits from tables, from 1,000 clients to 1,000,000", decisions[1] / decisions[0]),
    ]


def _latency(among: str, measured: Measured, cost_ms: float) -> dict[str, Any]:
    return {
        "name": f"search by two plans, p99 among {among}",
        "value": measured.p99_ms,
        "unit": "ms",
        "floor": P99_MS,
        "ratio": round(P99_MS / measured.p99_ms, 2),
        "p50_ms": measured.p50_ms,
        "per_second": A_SECOND,
        "processor_ms": round(cost_ms, 3),
        "sender_late_p99_ms": measured.late_ms,
        "sender_cores": measured.own_cpu,
    }


def _growth(name: str, times: float) -> dict[str, Any]:
    line = {"name": name, "value": round(times, 3), "unit": "times the processor time", "floor": NO_MORE_THAN}
    return line | {"ratio": round(NO_MORE_THAN / times, 2)}


async def _filled(admin_url: str, name: str, providers: int = 0, template: str = "") -> str:
    """The address of a new database, filled with providers or like another one."""
    url = urlunsplit(urlsplit(admin_url)._replace(path=f"/bench_{name}"))
    admin = await asyncpg.connect(admin_url)
    await admin.execute(f"create database bench_{name}" + (f" template bench_{template}" if template else ""))
    await admin.close()
    connection = await asyncpg.connect(url)
    await postgres.migrate(connection, postgres.RUNTIME_MIGRATIONS, SERVICE.migrations)
    if providers:
        await connection.execute(_FILL.format(payers=PAYERS, providers=providers), timeout=300)
    await connection.execute("vacuum analyze", timeout=300)
    await connection.close()
    return url


async def _decision_costs(clients: dict[str, int]) -> list[float]:
    """The processor time of a decision in each database, in turns, after a first turn that warms up."""
    connections = {url: await asyncpg.connect(url, server_settings={"jit": "off"}) for url in clients}
    decision_costs: dict[str, list[float]] = {url: [] for url in clients}
    for _ in range(DECISION_ROUNDS):
        for url, connection in connections.items():
            decision_costs[url].append(await million_clients.decision_ms(connection, clients[url]))
    for connection in connections.values():
        await connection.close()
    return [statistics.mean(costs[1:]) for costs in decision_costs.values()]


@dataclass(frozen=True)
class _Served:
    """A service that is asked, and its processes: itself and its database sessions."""

    url: str
    pid: int
    sender: OpenLoop
    chance: random.Random

    async def one_by_one(self, times: int) -> None:
        for _ in range(times):
            await self.sender.request(_address(self.chance))

    async def at_the_rate(self) -> Measured:
        await self.sender.run(lambda: _address(self.chance), A_SECOND, 2)
        return await self.sender.run(lambda: _address(self.chance), A_SECOND, SECONDS)

    async def processor_seconds(self) -> float:
        """What the service and its database sessions have used so far."""
        connection = await asyncpg.connect(self.url)
        sessions = await connection.fetch("select pid from pg_stat_activity where application_name = 'bench'")
        await connection.close()
        here = [row["pid"] for row in sessions]
        times = [psutil.Process(pid).cpu_times() for pid in (self.pid, *here)]
        return sum(spent.user + spent.system for spent in times)


@contextlib.asynccontextmanager
async def _server(url: str) -> AsyncGenerator[_Served]:
    """The service over one database, warmed up."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.bench.search_server", url, str(port))
    sender = OpenLoop("127.0.0.1", port)
    try:
        await _until_it_serves(sender)
        served = _Served(url, server.pid, sender, random.Random(7))
        await served.one_by_one(WARM_UP)
        yield served
    finally:
        sender.close()
        server.terminate()
        await server.wait()


async def _until_it_serves(sender: OpenLoop) -> None:
    for _ in range(300):
        try:
            await sender.request("/pages/style.css")
            return
        except OSError:
            await asyncio.sleep(0.1)
    raise TimeoutError("the service did not start")


async def _request_costs(served: list[_Served]) -> list[float]:
    """The milliseconds of processor time that a request costs service and database, each in turns with the others."""
    used = [0.0] * len(served)
    for _ in range(ROUNDS):
        for at, server in enumerate(served):
            before = await server.processor_seconds()
            await server.one_by_one(A_ROUND)
            used[at] += await server.processor_seconds() - before
    return [seconds / (ROUNDS * A_ROUND) * 1_000 for seconds in used]


def _address(chance: random.Random) -> str:
    first, other = chance.sample(range(1, PAYERS + 1), 2)
    return f"/providers?plan=P{first}&plan=P{other}&state={chance.choice(STATES)}&on=2026-03-02"
