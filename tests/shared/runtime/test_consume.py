"""A batch in one transaction, on the real database: each event once, in order, and nothing held up by a bad one."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from shared import clock
from shared.events import envelope
from shared.events.coverage import SessionRefused
from shared.events.examples import example
from shared.events.sessions import SessionConfirmed
from shared.process import stops
from shared.runtime import consume, inbox, outbox, timers
from shared.runtime.consume import Consumer, MostlyFailingError
from shared.runtime.deadletter import Incoming, Settlement
from shared.runtime.message import decode
from shared.runtime.postgres import FaultOfOursError
from shared.runtime.releasing import NoHandlerError
from tests.harness import ServiceUnderTest
from tests.runtime_probe.service import SEEN, SERVICE, Seen
from tests.shared.probe_events import confirmed, registered, seen


@pytest.fixture
async def probe(service_under_test) -> ServiceUnderTest:
    return await service_under_test(SERVICE)


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


async def test_a_released_key_goes_on_where_it_stopped(probe):
    await probe.receives(confirmed("bad", "s1", "poison"), confirmed("bad", "s2"), confirmed("bad", "s3"))

    released = await probe.consumer.release("bad", skip_first=True)
    await probe.collect()
    await probe.given(confirmed("bad", "s4"))

    assert released == 3
    assert await seen(probe) == {"s2": (1, 1), "s3": (1, 2), "s4": (1, 3)}


async def test_a_cancellation_that_leaks_from_a_handler_is_its_failure_and_not_our_end(probe):
    await probe.receives(confirmed("a", "s1", "cancels"), confirmed("b", "s2"), together=True)

    assert await seen(probe) == {"s2": (1, 1)}
    assert len(probe.dead) == 1


UNREADABLE = {
    "not JSON": (b"{", "not JSON"),
    "no body": (None, "no body"),
    "not a CloudEvent": (b'{"hello": 1}', "not a CloudEvent"),
    "a list": (b"[1, 2]", "not a CloudEvent"),
    "no id": (
        b'{"specversion":"1.0","type":"sessions.session.cancelled.v1","source":"/x",'
        b'"data":{"client_id":"c","session_id":"s"}}',
        "`id`",
    ),
    "no data": (b'{"specversion":"1.0","id":"1","type":"sessions.session.cancelled.v1","source":"/x"}', "`data`"),
    "no version": (
        b'{"specversion":"1.0","id":"1","type":"sessions.session.cancelled","source":"/x","data":{}}',
        ".v1",
    ),
    "wrong types": (
        b'{"specversion":"1.0","id":"1","type":"sessions.session.cancelled.v1","source":"/x",'
        b'"data":{"client_id":7,"session_id":"s"}}',
        "client_id: Input should be a valid string",
    ),
    "5 MB of garbage": (b"\xff\x00garbage" * 600_000, "not JSON"),
    "30 February": (
        b'{"specversion":"1.0","id":"1","type":"sessions.session.completed.v1","source":"/x",'
        b'"data":{"client_id":"c","session_id":"s","date_of_service":"2026-02-30"}}',
        "date_of_service",
    ),
    "negative money": (
        b'{"specversion":"1.0","id":"1","type":"payments.payment.succeeded.v1","source":"/x",'
        b'"data":{"client_id":"c","session_id":"s","idempotency_key":"k","amount_cents":-1}}',
        "amount_cents",
    ),
}


@pytest.mark.parametrize(("value", "said"), UNREADABLE.values(), ids=UNREADABLE)
async def test_what_cannot_be_read_is_set_aside_with_its_reason_and_holds_up_nobody(probe, value, said):
    bad = Incoming("sessions", "c", value, (("x-binary", b"\xff\xfe"), ("x-null", None)), "sessions/0/900")

    await probe.handles(bad, probe.message(confirmed("c", "s")), together=True)

    assert [topic for topic, _ in probe.dead] == ["sessions.dead"]
    assert said in probe.dead[0][1]
    assert await seen(probe) == {"s": (1, 1)}
    kept = await probe.pool.fetchrow("select value, parked from set_aside")
    assert (kept["value"], kept["parked"]) == (value and value[:65536], False)


async def test_a_dead_letter_carries_the_original_bytes_headers_and_place(probe):
    await probe.consumer.batch([Incoming("sessions", "c", b"{", (("trace", b"\xff"),), "sessions/3/7")])

    row = await probe.pool.fetchrow("select topic, key, value, headers from outbox")
    headers = dict(outbox.unpack(row["headers"]))
    assert (row["topic"], row["key"], row["value"], headers["trace"]) == ("sessions.dead", "c", b"{", b"\xff")
    assert headers["dead-origin"] == b"sessions/3/7"
    assert headers["dead-service"] == b"probe"
    assert headers["dead-time"] == b"2026-03-02T09:00:00+00:00"


async def test_an_event_of_an_unknown_type_is_skipped(probe):
    value = b'{"specversion":"1.0","id":"1","type":"sessions.session.sung.v1","source":"/x","data":{}}'

    await probe.handles(Incoming("sessions", "c", value, (), "sessions/0/1"))

    assert (probe.dead, probe.published) == ([], [])


async def test_a_message_under_another_clients_key_is_refused(probe):
    await probe.handles(replace(probe.message(confirmed("c", "s")), key="someone-else"))

    assert "key" in probe.dead[0][1]


async def test_binary_mode_is_read_like_structured_mode(probe):
    headers = (
        ("ce_specversion", b"1.0"),
        ("ce_id", b"1"),
        ("ce_source", b"/upstream"),
        ("ce_type", b"sessions.session.confirmed.v1"),
        ("content-type", b"application/json"),
    )

    await probe.handles(
        Incoming("sessions", "c", confirmed("c", "s").model_dump_json().encode(), headers, "sessions/0/1")
    )

    assert await seen(probe) == {"s": (1, 1)}


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


async def test_when_most_messages_fail_the_consumer_stops_instead_of_setting_everything_aside(probe):
    probe.consumer.attempts = 1

    with pytest.raises(MostlyFailingError):
        await probe.consumer.batch([probe.message(confirmed(f"c{n}", "s", "poison")) for n in range(60)])

    assert await probe.pool.fetchval("select count(*) from set_aside") < 45


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


async def test_rows_with_nested_values_come_back_as_they_were_saved(probe):
    event = confirmed("c", "s")
    await probe.receives(event)

    async with probe.pool.acquire() as connection:
        record = await connection.fetchrow("select * from seen")
    from tests.runtime_probe.service import SEEN

    assert SEEN.from_record(record) == Seen("c", "s", 1, 1, event.lines)


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


async def test_garbage_that_comes_again_is_in_the_dead_topic_once(probe):
    bad = Incoming("sessions", "c", b"{", (), "sessions/0/1")
    await probe.consumer.batch([bad])
    await probe.consumer.batch([bad])

    assert await probe.pool.fetchval("select count(*) from outbox") == 1


async def test_an_enormous_dead_letter_is_cut_to_what_its_topic_takes(probe):
    headers = tuple((f"h{n}", b"x" * 50_000) for n in range(100))
    await probe.consumer.batch([Incoming("sessions", "k" * 5_000, b"\x00" * (16 << 20), headers, "sessions/0/1")])

    row = await probe.pool.fetchrow("select key, length(value) as bytes, headers from outbox")
    assert len(row["key"]) == 1000
    assert row["bytes"] + len(row["headers"]) < outbox.MOST_BYTES
    assert dict(outbox.unpack(row["headers"]))["dead-cut"] == b"16777216 bytes"


ODD = {
    "a NUL in a text": ("session_id", "a\x00b"),
    "a NUL in a part": ("diagnoses", ["F411", "\x00"]),
    "a NUL in a name": ("\x00", 1),
}


@pytest.mark.parametrize(("field", "value"), ODD.values(), ids=ODD)
async def test_a_text_that_no_database_keeps_parks_nobody(probe, field, value):
    document = json.loads(probe.message(confirmed("c", "s1")).value)
    document["data"][field] = value
    bad = Incoming("sessions", "c", json.dumps(document).encode(), (), "sessions/0/1")

    await probe.handles(bad, probe.message(confirmed("c", "s2")))

    assert await seen(probe) == {"s2": (1, 1)}
    assert (
        await probe.pool.fetchval("select reason from set_aside")
        == "a text holds the character NUL, which no database keeps"
    )


async def test_the_letters_that_spell_an_escape_are_no_nul(probe):
    document = json.loads(probe.message(confirmed("c", "s1")).value)
    document["note"] = "\\u0000"

    await probe.handles(Incoming("sessions", "c", json.dumps(document).encode(), (), "sessions/0/1"))

    assert await seen(probe) == {"s1": (1, 1)}


ATTRIBUTES = {"long": "x" * 301, "long in bytes": "ä" * 200, "control character": "a\nb", "not a text": 7}


@pytest.mark.parametrize("value", ATTRIBUTES.values(), ids=ATTRIBUTES)
@pytest.mark.parametrize("name", ["id", "source"])
async def test_an_id_that_no_index_takes_is_unreadable(probe, name, value):
    document = {**json.loads(probe.message(confirmed("c", "s1")).value), name: value}

    await probe.handles(Incoming("sessions", "c", json.dumps(document).encode(), (), "sessions/0/1"))

    assert f"`{name}`" in probe.dead[0][1]


@pytest.mark.parametrize("key", ["k" * 301, "a\x00b"])
def test_an_interchange_whose_key_no_index_takes_is_unreadable(key):
    assert decode(Incoming("payers.inbound", key, b"ISA", (), "o"), "payers.inbound").unreadable


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


async def test_what_the_service_said_itself_to_others_is_not_even_read(probe, monkeypatch):
    said = SessionRefused.model_validate(example(SessionRefused))
    heard = confirmed("c", "s")
    values = [
        envelope.first(event, id=f"own-{n}", source=source, now=clock.now()).to_bytes()
        for n, (event, source) in enumerate([(said, "/probe"), (said, "/coverage"), (heard, "/probe")])
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
        plan = await connection.fetch(f"explain {SEEN.by_key}", clients, sessions)

    said = "\n".join(row[0] for row in plan)
    assert "Seq Scan on seen" not in said
    assert "Index" in said


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
