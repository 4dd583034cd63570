"""Several replicas of one service: they share the work, come and go under load, and never do anything twice."""

import asyncio
import itertools

import asyncpg
import pytest

from shared.runtime.outbox import SLOTS
from tests.runtime_probe.probe import batch_of
from tests.shared.probe_events import confirmed, registered

pytestmark = pytest.mark.xdist_group("kafka")


async def test_two_replicas_that_each_learn_half_do_not_miss_each_other(probe):
    await probe.start(batch_records=10)
    second = await probe.start(batch_records=10)
    await probe.until(lambda: second.subscriptions[0].assigned > 0)
    clients = [f"{probe.mark}-{n}" for n in range(150)]

    await asyncio.gather(
        probe.send(*[confirmed(client, "s") for client in clients]),
        probe.send(*[registered(client) for client in clients]),
    )
    published = await probe.published(300)

    assert sorted(client for client, reason in published if reason == "both_known") == sorted(clients)


async def test_replicas_that_come_and_go_under_load_lose_and_double_nothing(probe):
    events = batch_of(25, 60, probe.mark)
    await probe.start(batch_records=10)
    sending = asyncio.create_task(probe.send(*events[:1000]))
    joining = await probe.start(batch_records=10)
    await sending
    await probe.until(lambda: joining.subscriptions[0].assigned > 0)
    sending = asyncio.create_task(probe.send(*events[1000:]))
    await probe.leave(0)
    await sending
    await probe.until(lambda: probe.handled(1500))

    places: dict[str, list[str]] = {}
    for client, reason in await probe.published(1500):
        places.setdefault(client, []).append(reason)
    assert set((await probe.effects()).values()) == {1}
    assert all(reasons == [f"place_{n}" for n in range(1, 61)] for reasons in places.values())
    assert len(places) == 25


async def test_the_outbox_is_shared_fairly_and_each_slot_has_one_owner(probe):
    first = await probe.start()
    await probe.until(lambda: len(first.relay.slots) == SLOTS)
    second = await probe.start()
    await probe.until(lambda: len(first.relay.slots) == len(second.relay.slots) == SLOTS // 2)
    assert sorted(first.relay.slots + second.relay.slots) == list(range(SLOTS))

    await probe.leave(0)

    await probe.until(lambda: len(second.relay.slots) == SLOTS, seconds=5)


async def test_each_timer_fires_in_one_replica_only(probe):
    connection = await asyncpg.connect(probe.dsn)
    rows = itertools.product([f"{probe.mark}-{n}" for n in range(50)], ["due"], "abcd")
    await connection.executemany("insert into timers values ($1, $2, $3, '2025-01-01', '{}')", list(rows))

    await asyncio.gather(probe.start(timer_poll_seconds=0.01), probe.start(timer_poll_seconds=0.01))
    published = await probe.published(200)

    assert len(set(published)) == 200
    assert await connection.fetchval("select count(*) from timers") == 0
    await connection.close()
