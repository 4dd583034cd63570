"""Timers fire once in the order of their times, and one that fails is set aside alone."""

import pytest

from shared.runtime import timers
from shared.runtime.deadletter import Settlement


async def test_timers_fire_once_in_the_order_of_their_times(probe):
    async with probe.pool.acquire() as connection:
        await connection.execute(
            "insert into timers values ('c', 'due', 'b', now() + interval '2 years', '{}'),"
            " ('c', 'due', 'a', now() + interval '1 year', '{}')"
        )
    await probe.passes(days=3000)
    first = [event.reason for event in probe.published]
    await probe.passes(days=1)

    assert (first, probe.published) == (["due_a", "due_b"], [])


async def test_a_timer_that_fails_for_good_is_set_aside_and_the_others_go_on(probe):
    await probe.pool.execute(
        "insert into timers values ('a', 'due', 'first', now() - interval '3 years', '{}'),"
        " ('a', 'due', 'poison', now() - interval '2 years', '{\"n\": 1}'),"
        " ('a', 'due', 'later', now() - interval '1 year', '{}')"
    )
    with pytest.raises(ValueError, match="poison"):
        await probe.consumer.timers(["a"], 10)

    assert [await probe.consumer.timer_alone("a") for _ in range(4)] == [1, 1, 1, 0]
    await probe.collect()

    assert [event.reason for event in probe.published] == ["due_first", "due_later"]
    row = await probe.pool.fetchrow("select key, topic, reason, parked from set_aside")
    assert (row["key"], row["topic"], row["parked"]) == ("a", "timers", False)
    assert "timer due failed: ValueError" in row["reason"]


async def test_a_timer_that_was_set_aside_can_be_set_again(probe):
    await probe.pool.execute("insert into timers values ('a', 'due', 'poison', '2025-01-01', '{\"n\": 1}')")
    before = await probe.pool.fetch("select * from timers")
    await probe.consumer.timer_alone("a")
    assert await probe.pool.fetch("select * from timers") == []

    async with probe.pool.acquire() as connection:
        assert await timers.set_again(connection, "a", Settlement("released")) == 1

    assert await probe.pool.fetch("select * from timers") == before


async def test_a_timer_of_a_newer_version_is_left_to_it(probe):
    await probe.pool.execute("insert into timers values ('a', 'of_the_future', 'x', '2025-01-01', '{}')")

    assert await probe.consumer.timers(["a"], 10) == 0
    assert await probe.pool.fetchval("select count(*) from timers") == 1
