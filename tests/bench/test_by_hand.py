"""What the benchmarks do by hand beside the services still fits these: handlers ask for more, tables get columns."""

import json
from typing import Any

import asyncpg

from services.claims.app import SERVICE as CLAIMS
from services.settlement.app import SERVICE as SETTLEMENT
from shared import clock
from shared.database import postgres
from shared.events import envelope
from shared.runtime.consume import Consumer
from tests.bench import claims_on_file, deciding
from tests.bench.bench_runtime import CHARGES, cleared


async def test_a_session_is_charged_without_the_frame(new_database) -> None:
    url = await new_database(SETTLEMENT)
    await CHARGES.prepare(url)
    event = envelope.first(cleared("x", 1), id="1", source="/bench", now=clock.now())
    sent: list[tuple[bytes, bytes]] = []

    async def send(_: str, messages: Any) -> None:
        sent.extend(messages)

    connection = await asyncpg.connect(url)
    await deciding.handle(connection, [json.loads(event.to_bytes())], send)
    assert await connection.fetchval("select count(*) from sessions") == 1
    await connection.close()
    types = [json.loads(value)["type"] for _, value in sent]
    assert types == ["settlement.session.estimated.v1", "settlement.charge.requested.v1"]


async def test_claims_are_copied_with_numbers_of_their_own(new_database) -> None:
    pool = await postgres.connect(await new_database(CLAIMS), size=2, application="bench")
    await claims_on_file.samples(Consumer(CLAIMS, pool, attempts=1, wake=lambda: None), pool)
    controls = await claims_on_file.copy(pool, claims_on_file.WAITING, "few", 3)
    rows = await pool.fetch("select control from claims where client_id like 'FEW%' order by 1")
    await pool.close()
    assert [row["control"] for row in rows] == controls == ["FEW1-P", "FEW2-P", "FEW3-P"]
