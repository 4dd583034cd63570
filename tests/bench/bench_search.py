"""How long a search by two plans takes at 200 requests a second, among 10,000 and among 100,000 providers."""

import asyncio
import random
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from pydantic import SecretStr

from deploy.embedded.stack import Stack
from services.coverage.app import SERVICE
from shared import postgres
from shared.health import application
from shared.process import Process
from tests.services.coverage.asgi_browser import Browser

P99_MS = 10.0
A_SECOND, SECONDS = 200, 5
PAYERS, STATES = 40, ("NY", "CA", "TX", "FL", "WA")

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
    """Yield the 99th percentile of the search for each size; `ratio` is how many times faster than asked for."""
    with Stack.start(kafka=False, inbox=False, fsync=False) as stack:
        url = stack.database_admin_url
        assert url is not None
        for providers in (10_000, 100_000):
            value = asyncio.run(_p99_ms(url, providers))
            name = f"search by two plans, p99 among {providers:,} providers"
            ratio = round(P99_MS / value, 2)
            yield {"name": name, "value": round(value, 2), "unit": "ms", "floor": P99_MS, "ratio": ratio}


async def _p99_ms(admin_url: str, providers: int) -> float:
    url = urlunsplit(urlsplit(admin_url)._replace(path=f"/bench_search_{providers}"))
    admin = await asyncpg.connect(admin_url)
    await admin.execute(f"drop database if exists bench_search_{providers}")
    await admin.execute(f"create database bench_search_{providers}")
    pool = await postgres.connect(url, size=6, application="bench")
    async with pool.acquire() as connection:
        await postgres.migrate(connection, postgres.RUNTIME_MIGRATIONS, SERVICE.migrations)
        await connection.execute(_FILL.format(payers=PAYERS, providers=providers), timeout=300)
        await connection.execute("vacuum analyze credential", timeout=300)
        await connection.execute("vacuum analyze provider", timeout=300)
    process = Process(SERVICE, SERVICE.settings(database_url=SecretStr(url)))
    process.pool = pool
    took = await _measured(Browser(application(process)))
    await pool.close()
    await admin.execute(f"drop database bench_search_{providers} with (force)")
    await admin.close()
    return sorted(took)[int(len(took) * 0.99)] * 1_000


async def _measured(page: Browser) -> list[float]:
    """The seconds that each request took, counted from when it was due, so that a stall counts for all behind it."""
    chance = random.Random(7)
    await asyncio.gather(*(_one(page, _address(chance), time.perf_counter()) for _ in range(50)))
    began = time.perf_counter()
    tasks: list[asyncio.Task[float]] = []
    for number in range(A_SECOND * SECONDS):
        due = began + number / A_SECOND
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(_one(page, _address(chance), due)))
    return list(await asyncio.gather(*tasks))


def _address(chance: random.Random) -> str:
    one, other = chance.sample(range(1, PAYERS + 1), 2)
    return f"/providers?plan=P{one}&plan=P{other}&state={chance.choice(STATES)}&on=2026-03-02"


async def _one(page: Browser, address: str, due: float) -> float:
    answer = await page.get(address)
    assert answer.status_code == 200, answer.text
    return time.perf_counter() - due
