"""The runtime on the real broker: what crashes, rebalances and odd messages must not do."""

import asyncio
import signal
import time
from collections import Counter

import asyncpg
import pytest

from shared.events.topics import CLIENT_PARTITIONS
from tests.runtime_probe.probe import batch_of
from tests.runtime_probe.service import SERVICE
from tests.shared.probe_events import confirmed

pytestmark = pytest.mark.xdist_group("kafka")


async def test_events_reach_their_handler_once_and_go_out_in_the_order_of_their_client(probe):
    await probe.start()
    await probe.send(*batch_of(12, 50, probe.mark))

    await probe.until(lambda: probe.handled(600))
    places: dict[str, list[str]] = {}
    for client, reason in await probe.published(600):
        places.setdefault(client, []).append(reason)

    assert set((await probe.effects()).values()) == {1}
    assert all(reasons == [f"place_{n}" for n in range(1, 51)] for reasons in places.values())
    assert len(places) == 12


async def test_killed_between_commit_and_acknowledgement_nothing_is_lost_or_done_twice(probe):
    events = batch_of(6, 100, probe.mark)
    dying = probe.spawn(PROBE_DIES_AFTER="2", BATCH_RECORDS="50")
    await probe.send(*events)
    await probe.until(lambda: dying.poll() is not None)
    assert dying.returncode == -signal.SIGKILL
    assert 0 < len(await probe.effects()) < 600

    probe.spawn()
    await probe.until(lambda: probe.handled(600))

    assert await probe.effects() == Counter({f"{e.client_id}/{e.session_id}": 1 for e in events})
    assert len(set(await probe.published(600))) == 600


async def test_partitions_move_only_when_the_batch_in_hand_is_done(probe):
    first = await probe.start(batch_records=5)
    slow = [confirmed(f"{probe.mark}-{n}", "s", "slow") for n in range(10)]
    await probe.send(*slow, *batch_of(10, 20, probe.mark))
    await asyncio.sleep(0.7)
    second = await probe.start(batch_records=5)
    await probe.until(lambda: second.subscriptions[0].assigned > 0)
    await probe.until(lambda: probe.handled(210), seconds=60)

    assert set((await probe.effects()).values()) == {1}
    assert first.subscriptions[0].assigned + second.subscriptions[0].assigned == len(SERVICE.topics) * CLIENT_PARTITIONS


async def test_a_replica_killed_under_load_is_replaced_within_ten_seconds(probe):
    victim = probe.spawn(BATCH_RECORDS="20")
    survivor = await probe.start(batch_records=20)
    await probe.until(lambda: 0 < survivor.subscriptions[0].assigned < 12, seconds=30)
    await probe.send(*batch_of(20, 30, probe.mark))
    await probe.until(lambda: probe.handled(50))
    victim.send_signal(signal.SIGKILL)

    await probe.until(lambda: survivor.subscriptions[0].assigned == 12, seconds=10)
    await probe.until(lambda: probe.handled(600))

    assert set((await probe.effects()).values()) == {1}


async def test_a_header_that_is_not_text_does_not_lose_its_message(probe):
    await probe.start()

    await probe.send(confirmed(f"{probe.mark}-c", "s"), headers=[("x", b"\xff\xfe\x00"), ("traceparent", b"\xf0")])

    await probe.until(lambda: probe.handled(1))


async def test_a_cancellation_that_leaks_does_not_end_the_loop(probe):
    process = await probe.start()
    await probe.send(confirmed(f"{probe.mark}-a", "s", "cancels"), confirmed(f"{probe.mark}-b", "s"))

    await probe.until(lambda: probe.handled(1))
    await probe.send(confirmed(f"{probe.mark}-b", "s2"))
    await probe.until(lambda: probe.handled(2))

    assert all(process.alive().values())


async def test_a_database_that_goes_away_is_waited_for(probe, stack_environment):
    process = await probe.start(retry_first_seconds=0.05)
    admin = await asyncpg.connect(stack_environment["TEST_STACK"])
    name = probe.dsn.rsplit("/", 1)[-1]
    sending = asyncio.create_task(probe.send(*batch_of(10, 60, probe.mark)))
    for _ in range(10):
        await admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name)
        await asyncio.sleep(0.1)
    await sending
    await admin.close()

    await probe.until(lambda: probe.handled(600))

    assert set((await probe.effects()).values()) == {1}
    ours = await process.pool.fetch("select reason from set_aside where starts_with(key, $1)", probe.mark)
    assert [row["reason"] for row in ours] == []


async def test_a_graceful_stop_leaves_no_work_half_done_and_is_quick(probe):
    process = await probe.start()
    await probe.send(*batch_of(10, 100, probe.mark))
    await probe.until(lambda: probe.handled(100))
    began = time.monotonic()
    await probe.stop()
    took = time.monotonic() - began
    probe.started.clear()

    assert took < 8
    assert process.loops["relay"].done()
    await probe.start()
    await probe.until(lambda: probe.handled(1000))
    assert set((await probe.effects()).values()) == {1}
