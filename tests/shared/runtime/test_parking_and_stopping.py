"""A message that fails parks its key until somebody releases it; when most fail, the consumer stops."""

from dataclasses import replace

import asyncpg
import pytest

from shared.database.postgres import FaultOfOursError
from shared.events.sessions import SessionConfirmed
from shared.process import stops
from shared.runtime import consume
from shared.runtime.consume import Consumer, MostlyFailingError
from shared.runtime.releasing import NoHandlerError
from tests.runtime_probe.service import SERVICE
from tests.shared.probe_events import confirmed, seen


async def test_a_failing_message_goes_aside_alone_and_its_key_waits_in_order(probe):
    await probe.receives(
        confirmed("good", "s1"),
        confirmed("bad", "s2"),
        confirmed("bad", "s3", "poison"),
        confirmed("bad", "s4"),
        confirmed("good", "s5"),
        together=True,
    )

    assert await seen(probe) == {"s1": (1, 1), "s2": (1, 1), "s5": (1, 2)}
    assert [topic for topic, _ in probe.dead] == ["sessions.dead"]
    assert "ValueError" in probe.dead[0][1]
    await probe.receives(confirmed("bad", "s6"))
    assert probe.published == []


async def test_a_released_key_goes_on_where_it_stopped(probe):
    await probe.receives(confirmed("bad", "s1", "poison"), confirmed("bad", "s2"), confirmed("bad", "s3"))

    released = await probe.consumer.release("bad", skip_first=True)
    await probe.collect()
    await probe.given(confirmed("bad", "s4"))

    assert released == 3
    assert await seen(probe) == {"s2": (1, 1), "s3": (1, 2), "s4": (1, 3)}


async def test_when_most_messages_fail_the_consumer_stops_instead_of_setting_everything_aside(probe):
    probe.consumer.attempts = 1

    with pytest.raises(MostlyFailingError):
        await probe.consumer.batch([probe.message(confirmed(f"c{n}", "s", "poison")) for n in range(60)])

    assert await probe.pool.fetchval("select count(*) from set_aside") < 45


@pytest.mark.parametrize("provider", ["too_large", "no_file", "shouts"])
async def test_a_failure_that_never_passes_is_the_messages_and_not_the_databases(probe, provider):
    await probe.handles(
        probe.message(confirmed("bad", "s1", provider)), probe.message(confirmed("good", "s2")), together=True
    )

    assert await seen(probe) == {"s2": (1, 1)}
    assert len(probe.dead) == 1


async def test_a_parked_message_that_upstream_sends_again_is_not_done_twice_once_released(probe):
    once = probe.message(confirmed("bad", "s1", "poison"))
    await probe.handles(once, replace(once, origin="sessions/0/500"))
    probe.consumer.service = replace(SERVICE, handlers={SessionConfirmed: count_calls})
    calls.clear()

    assert await probe.consumer.release("bad") == 1
    assert calls == ["s1"]


calls: list[str] = []


async def count_calls(event, tx):
    calls.append(event.session_id)


async def test_a_released_message_that_this_version_cannot_handle_is_kept(probe):
    await probe.receives(confirmed("bad", "s1", "poison"))
    probe.consumer.service = replace(SERVICE, handlers={})

    with pytest.raises(NoHandlerError):
        await probe.consumer.release("bad")

    assert await probe.pool.fetchval("select parked from set_aside")


@pytest.mark.parametrize("fault", ["alter table seen rename to unseen", "alter table seen rename column place to spot"])
async def test_a_fault_of_ours_stops_the_consumer_and_sets_nothing_aside(probe, fault):
    column = await probe.pool.fetchval(
        "select column_name from information_schema.columns where table_name = 'seen' order by ordinal_position desc"
    )
    await probe.pool.execute(fault.replace("place to", f"{column} to"))

    for together in (True, False):
        with pytest.raises(FaultOfOursError, match="the database refuses what this version needs"):
            await probe.handles(*[probe.message(confirmed("c", f"s{n}")) for n in range(3)], together=together)

    assert await probe.pool.fetchval("select count(*) from set_aside") == 0
    assert await probe.pool.fetchval("select count(*) from inbox") == 0


_FAILS = """
create function fails() returns trigger language plpgsql as $$ begin raise exception 'no' using errcode = '{}'; end $$;
create trigger fails before insert or update on seen for each row execute function fails();
"""
OURS = {
    "a right is missing": "42501",
    "a table is missing": "42P01",
    "a column is missing": "42703",
    "a function is missing": "42883",
    "a schema is missing": "3F000",
    "a prepared statement is gone": "26000",
    "an object is not in the state for it": "55000",
    "the server cannot read its files": "58030",
    "the server's configuration is broken": "F0000",
    "the server is at fault": "XX000",
    "a page is corrupted": "XX001",
}
PASSES = {
    "the disk is full": "53100",
    "the memory is full": "53200",
    "too many connections": "53300",
    "read-only after a failover": "25006",
    "a statement took too long": "57014",
    "the server is stopped": "57P01",
    "the server starts": "57P03",
    "a lock is held": "55P03",
    "a deadlock": "40P01",
    "serialization": "40001",
    "the connection is lost": "08006",
}
OF_THE_MESSAGE = {"a value is too long": "22001", "a row is there already": "23505", "a guard says no": "P0001"}


@pytest.mark.parametrize("state", [*OURS.values(), *PASSES.values()], ids=[*OURS, *PASSES])
async def test_what_no_message_is_to_blame_for_sets_nothing_aside(probe, state):
    await probe.pool.execute(_FAILS.format(state))
    stops = FaultOfOursError if state in OURS.values() else asyncpg.PostgresError

    for together in (True, False):
        with pytest.raises(stops):
            await probe.handles(*[probe.message(confirmed("c", f"s{n}")) for n in range(2)], together=together)

    assert await probe.pool.fetchval("select count(*) from set_aside") == 0
    assert await probe.pool.fetchval("select count(*) from inbox") == 0


@pytest.mark.parametrize("state", OF_THE_MESSAGE.values(), ids=OF_THE_MESSAGE)
async def test_what_its_message_brings_about_sets_that_message_aside(probe, state):
    await probe.pool.execute(_FAILS.format(state))

    await probe.handles(probe.message(confirmed("c", "s")))

    assert await probe.pool.fetchval("select count(*) from set_aside") == 1


async def test_failures_of_before_a_restart_still_count(probe):
    probe.consumer.attempts = 1
    for number in range(39):
        await probe.handles(probe.message(confirmed(f"c{number}", "s", "poison")))
    restarted = Consumer(SERVICE, probe.pool, attempts=1, wake=lambda: None)

    async with probe.pool.acquire() as connection:
        restarted.remember(await stops.recent_failures(connection, consume.WINDOW))

    with pytest.raises(MostlyFailingError):
        await restarted.batch([probe.message(confirmed("c40", "s", "poison"))])
    assert await probe.pool.fetchval("select count(*) from set_aside") == 39
    await restarted.batch([probe.message(confirmed("good", "s"))])


async def test_each_stop_of_our_own_making_makes_the_next_start_wait_longer(probe):
    waits = []
    async with probe.pool.acquire() as connection:
        for _ in range(3):
            waits.append(await stops.pause_seconds(connection))
            await stops.note(connection, "the database refuses what this version needs")
        await stops.forget(connection)

        assert waits == [0, 2, 4]
        assert await stops.pause_seconds(connection) == 0
