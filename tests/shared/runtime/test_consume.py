"""A batch in one transaction, on the real database: each event once, in order, and nothing held up by a bad one."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from shared import clock
from shared.events import envelope
from shared.events.coverage import SessionRefused
from shared.events.examples import example
from shared.runtime import consume, inbox
from shared.runtime.consume import Consumer
from shared.runtime.deadletter import Incoming
from shared.runtime.message import decode
from tests.runtime_probe.service import SEEN, SERVICE, Seen
from tests.shared.probe_events import confirmed, registered, seen


async def test_a_batch_is_handled_in_order_and_published_in_order(probe):
    await probe.receives(*[confirmed("c", f"s{n}") for n in range(5)], together=True)

    assert [event.reason for event in probe.published] == [f"place_{n}" for n in range(1, 6)]
    assert await seen(probe) == {f"s{n}": (1, n + 1) for n in range(5)}


async def test_the_same_message_again_changes_nothing(probe):
    message = probe.message(confirmed("c", "s"))

    await probe.handles(message, message, together=True)
    first = probe.published
    await probe.handles(replace(message, origin="sessions/0/99"))

    assert len(first) == 1
    assert probe.published == []
    assert await seen(probe) == {"s": (1, 1)}


async def test_a_repeated_message_whose_first_try_was_rolled_back_makes_the_same_ids(probe):
    message = probe.message(confirmed("c", "s"), id="once")
    ids = []
    for _ in range(2):
        await probe.consumer.batch([message])
        ids += [row["value"] for row in await probe.pool.fetch("delete from outbox returning value")]
        await probe.pool.execute("truncate inbox, seen, halves")

    assert ids[0] == ids[1]


async def test_a_large_batch_is_two_transactions_and_each_key_keeps_its_order(probe):
    events = [confirmed(f"client-{n % 24}", f"s{n}") for n in range(240)]
    events[60] = confirmed("client-12", "s60", "poison")

    await probe.receives(*events, together=True)

    behind = {f"s{n}": (1, n // 24 + 1) for n in range(240) if n % 24 != 12}
    assert await seen(probe) == {**behind, "s12": (1, 1), "s36": (1, 2)}
    assert len(probe.dead) == 1


async def test_a_half_that_has_to_be_tried_again_does_not_end_before_the_other(probe, monkeypatch):
    together, ended = probe.consumer._together, list[int]()

    async def one_fails(messages):
        if any(m.key == "client-0" for m in messages):
            raise ConnectionResetError
        await asyncio.sleep(0.05)
        await together(messages)
        ended.append(len(messages))

    monkeypatch.setattr(probe.consumer, "_together", one_fails)
    with pytest.raises(ConnectionResetError):
        await probe.consumer.batch([probe.message(confirmed(f"client-{n % 24}", f"s{n}")) for n in range(240)])

    assert sum(ended) == len(await seen(probe)) > 0


async def test_a_cancellation_that_leaks_from_a_handler_is_its_failure_and_not_our_end(probe):
    await probe.receives(confirmed("a", "s1", "cancels"), confirmed("b", "s2"), together=True)

    assert await seen(probe) == {"s2": (1, 1)}
    assert len(probe.dead) == 1


async def test_two_replicas_that_each_learn_half_at_the_same_moment_do_not_miss_each_other(probe):
    clients = [f"c{n}" for n in range(60)]
    halves = [
        [probe.message(confirmed(c, "s")) for c in clients],
        [probe.message(registered(c)) for c in reversed(clients)],
    ]

    await asyncio.gather(*(probe.consumer.batch(half) for half in halves))
    await probe.collect()

    assert sorted(e.client_id for e in probe.all(SessionRefused) if e.reason == "both_known") == sorted(clients)


async def test_a_killed_database_session_is_raised_to_be_tried_again_and_leaves_nothing(probe, monkeypatch):
    async def kill(events, tx):
        other = await asyncpg.connect(dsn=probe.dsn)
        await other.execute("select pg_terminate_backend($1)", tx.connection.get_server_pid())
        await other.close()

    broken = replace(SERVICE, prefetch=kill)
    probe.consumer.service = broken
    message = probe.message(confirmed("c", "s"))
    with pytest.raises((OSError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError)):
        await probe.consumer.batch([message])
    probe.consumer.service = SERVICE

    assert await seen(probe) == {}
    await probe.handles(message)
    assert await seen(probe) == {"s": (1, 1)}


async def test_rows_with_nested_values_come_back_as_they_were_saved(probe):
    event = confirmed("c", "s")
    await probe.receives(event)

    async with probe.pool.acquire() as connection:
        record = await connection.fetchrow("select * from seen")
    from tests.runtime_probe.service import SEEN

    assert SEEN.from_record(record) == Seen("c", "s", 1, 1, event.lines)


async def test_single_failures_among_many_good_messages_do_not_add_up_to_a_stop(probe):
    probe.consumer.attempts = 1
    for number in range(45):
        await probe.consumer.batch([probe.message(confirmed(f"bad{number}", "s", "poison"))])
        await probe.consumer.batch([probe.message(confirmed(f"good{number}-{n}", "s")) for n in range(3)])

    assert await probe.pool.fetchval("select count(*) from set_aside") == 45


async def test_one_bad_message_among_many_costs_few_transactions(probe, monkeypatch):
    tries = []
    together = Consumer._together

    async def counted(self, messages):
        tries.append(len(messages))
        await together(self, messages)

    monkeypatch.setattr(Consumer, "_together", counted)
    await probe.receives(*[confirmed(f"c{n}", "s", "poison" if n == 77 else "fine") for n in range(256)], together=True)

    assert len(tries) == 16
    assert await probe.pool.fetchval("select count(*) from seen") == 255


async def test_a_cancellation_that_leaks_from_the_reading_ahead_is_a_failure_too(probe):
    async def leak(events, tx):
        raise asyncio.CancelledError

    probe.consumer.service = replace(SERVICE, prefetch=leak)

    await probe.receives(confirmed("c", "s"))

    assert "LeakedCancellationError" in probe.dead[0][1]


async def test_old_inbox_rows_are_forgotten_and_young_ones_kept(probe):
    await probe.receives(confirmed("c", "s"), confirmed("c", "s2"))
    await probe.pool.execute("update inbox set handled_at = now() - interval '40 days' where id = 'test-1'")

    async with probe.pool.acquire() as connection:
        assert not await inbox.purge(connection, timedelta(days=35))

    assert [row["id"] for row in await probe.pool.fetch("select id from inbox")] == ["test-2"]


async def test_what_our_services_say_to_others_is_not_even_read(probe, monkeypatch):
    said = SessionRefused.model_validate(example(SessionRefused))
    heard = confirmed("c", "s")
    values = [
        envelope.first(event, id=f"own-{n}", source=source, now=clock.now()).to_bytes()
        for n, (event, source) in enumerate([(said, "/coverage"), (said, "/elsewhere"), (heard, "/probe")])
    ]
    decoded = list[bytes]()
    monkeypatch.setattr(
        consume, "decode", lambda message, topic: (decoded.append(message.value), decode(message, topic))[1]
    )

    await probe.handles(
        *[Incoming("x", "c" if n == 2 else "client-1", value, (), f"x/0/{n}") for n, value in enumerate(values)],
        together=True,
    )

    assert decoded == values[1:]
    assert await seen(probe) == {"s": (1, 1)}


async def test_what_others_say_to_each_other_costs_no_transaction(probe):
    woken: list[bool] = []
    elsewhere: Any = None
    foreign = SessionRefused.model_validate(example(SessionRefused))
    enveloped = envelope.first(foreign, id="foreign-1", source="/coverage", now=clock.now())
    consumer = Consumer(SERVICE, elsewhere, attempts=1, wake=lambda: woken.append(True))

    await consumer.batch([Incoming(foreign.topic, foreign.key(), enveloped.to_bytes(), (), "coverage/0/1")])

    assert woken == []


async def test_some_hundred_rows_are_looked_up_by_key_not_found_by_reading_the_table(probe):
    fill = "insert into seen select 'client-' || n, 's' || n, 1, 1, '[]' from generate_series(1, 20000) n"
    clients, sessions = [f"client-{n}" for n in range(300)], [f"s{n}" for n in range(300)]
    async with probe.pool.acquire() as connection:
        await connection.execute(fill)
        await connection.execute("analyze seen")
        plan = await connection.fetch(f"explain {SEEN.under(2)}", clients, sessions)

    said = "\n".join(row[0] for row in plan)
    assert "Seq Scan on seen" not in said
    assert "Index" in said
