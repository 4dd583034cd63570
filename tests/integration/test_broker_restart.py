"""A broker that dies and comes back in the middle of the work, on a stack of the test's own."""

import asyncio
from collections import Counter
from collections.abc import Iterator

import asyncpg
import pytest
from structlog.testing import capture_logs

from deploy.embedded.stack import Stack
from shared.database import postgres
from shared.kafka import creating_topics
from shared.process import upkeep
from tests.runtime_probe.probe import Probe, batch_of
from tests.runtime_probe.service import SERVICE

pytestmark = [pytest.mark.xdist_group("own-stack"), pytest.mark.stack]


@pytest.fixture
def stack() -> Iterator[Stack]:
    with Stack.start(environ={}, inbox=False, fsync=False) as own:
        yield own


async def test_a_broker_killed_in_mid_flow_loses_nothing_and_doubles_nothing(stack, monkeypatch):
    monkeypatch.setattr(upkeep, "_LOOK_FOR_BROKER_EVERY_SECONDS", 0.2)
    with capture_logs() as logged:
        await _killed_in_mid_flow(stack)

    said = [line["event"] for line in logged if "the broker" in line["event"]]
    assert said == ["the broker does not answer: its work waits", "the broker answers again"]


async def _killed_in_mid_flow(stack) -> None:
    await creating_topics.create(stack.kafka_bootstrap)
    connection = await asyncpg.connect(stack.owner_url("claims"))
    await postgres.migrate(connection, postgres.RUNTIME_MIGRATIONS, SERVICE.migrations)
    probe = Probe(stack.kafka_bootstrap, stack.owner_url("claims"))
    process = await probe.start(batch_records=20)
    events = batch_of(10, 60, probe.mark)
    try:
        sending = asyncio.create_task(probe.send(*events))
        await probe.until(lambda: probe.handled(40))
        await asyncio.to_thread(stack.kill_kafka)
        await probe.until(lambda: not_ready(process), seconds=10)
        await asyncio.to_thread(stack.restart_kafka)
        await sending
        await probe.until(lambda: probe.handled(600), seconds=40)

        assert await probe.effects() == Counter({f"{e.client_id}/{e.session_id}": 1 for e in events})
        places: dict[str, list[str]] = {}
        for client, reason in await probe.published(600):
            places.setdefault(client, []).append(reason)
        assert places == {f"{probe.mark}-{c}": [f"place_{n}" for n in range(1, 61)] for c in range(10)}
        await probe.until(lambda: ready(process), seconds=10)
        await asyncio.sleep(0.5)
    finally:
        await connection.close()
        await probe.stop()


async def ready(process) -> bool:
    return all((await process.ready()).values())


async def not_ready(process) -> bool:
    return not (await process.ready())["broker"]
