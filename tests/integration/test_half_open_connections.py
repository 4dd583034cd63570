"""Connections to Kafka that died without a word: neither an answer nor an end comes on them.

The proxy stands between the client and the broker: what the broker tells of its own address does not matter.
"""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import aiokafka.client
import pytest

from shared.kafka import answers
from shared.process import lost_groups, upkeep
from shared.process.lost_groups import LostGroupError
from shared.runtime import subscription
from tests.faults.causes.proxy import Proxy
from tests.runtime_probe.probe import batch_of
from tests.shared.probe_events import confirmed

pytestmark = pytest.mark.xdist_group("kafka")


@pytest.fixture
async def proxy(kafka, monkeypatch) -> AsyncGenerator[Proxy]:
    """In front of the broker, for all clients of this process."""
    proxy, connect = Proxy(int(kafka.rsplit(":", 1)[1])), aiokafka.client.create_conn
    await proxy.start()

    async def through_proxy(host: str, port: int, **options: Any) -> Any:
        return await connect("127.0.0.1", proxy.port, **options)

    monkeypatch.setattr(aiokafka.client, "create_conn", through_proxy)
    yield proxy
    await proxy.cut()


async def test_a_group_notices_half_open_connections_and_comes_back(proxy, probe, monkeypatch):
    monkeypatch.setattr(answers, "MARGIN_MS", 3_000)
    process = await probe.start()
    group = f"group {process.service.name}"
    await probe.until(lambda: is_ready(process, group))

    assert await proxy.lose() > 1
    await probe.until(lambda: not process.subscriptions[0].member)

    await probe.send(*batch_of(3, 5, probe.mark))
    await probe.until(lambda: probe.handled(15), seconds=30)
    await probe.until(lambda: is_ready(process, group))
    assert process.failure is None


async def test_a_long_batch_and_a_rebalance_are_no_loss_of_the_group(probe, monkeypatch):
    """With less patience than any service has, so that a batch of a second and more counts as long."""
    process = await probe.start(batch_records=5)
    first = process.subscriptions[0]
    monkeypatch.setattr(subscription, "longest_answer_ms", lambda _: 300)
    out: list[str] = []

    await probe.send(*[confirmed(f"{probe.mark}-{n}", "s", "slow") for n in range(10)])
    await probe.until(lambda: first.busy_since is not None)
    while not await probe.handled(10):
        if first.joined and first.busy_since is not None and not first.member:
            out.append("in a batch")
        await asyncio.sleep(0.02)

    assert out == []


async def test_a_process_ends_where_its_consumer_stays_out_of_its_group(probe, monkeypatch):
    monkeypatch.setattr(upkeep, "_LOOK_FOR_BROKER_EVERY_SECONDS", 0.1)
    process = await probe.start(stop_seconds=1)
    await probe.until(lambda: process.subscriptions[0].member)
    stop = process._broker.stop

    async def stop_that_hangs() -> None:
        await stop()
        await asyncio.Event().wait()

    monkeypatch.setattr(process._broker, "stop", stop_that_hangs)
    monkeypatch.setattr(process.subscriptions[0].answers, "heartbeat_within", lambda _: False)
    assert not await is_ready(process, f"group {probe.name}")
    monkeypatch.setattr(lost_groups, "LONGEST_SECONDS", 0.3)

    _, running = probe.started.pop()
    with pytest.raises(LostGroupError, match=f"out of the group {probe.name}"):
        await asyncio.wait_for(running, 20)


async def is_ready(process, group: str) -> bool:
    return (await process.ready())[group]
