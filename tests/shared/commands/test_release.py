"""What was set aside finds its way back: a message fails, is parked, the fault is mended, and all goes on in order."""

import json
from dataclasses import replace

import pytest

from shared.commands import release
from shared.commands.command import RefusedError
from shared.database import postgres
from shared.events.sessions import SessionConfirmed
from tests.harness import ServiceUnderTest
from tests.runtime_probe.service import SERVICE, on_session_confirmed
from tests.shared.probe_events import confirmed, seen

BROKEN = replace(SERVICE, handlers={})
"""A version that cannot handle anything."""


@pytest.fixture
async def probe(service_under_test) -> ServiceUnderTest:
    return await service_under_test(SERVICE)


async def mended(event: SessionConfirmed, tx) -> None:
    """What the next version makes of a provider that the one before fell over."""
    await on_session_confirmed(event.model_copy(update={"provider_id": "provider-1"}), tx)


MENDED = replace(SERVICE, handlers={**SERVICE.handlers, SessionConfirmed: mended})


async def failed_and_waited_for(probe: ServiceUnderTest) -> None:
    """`bad` is parked with three messages; `good` is not."""
    await probe.receives(
        confirmed("bad", "s1", "poison"), confirmed("good", "s2"), confirmed("bad", "s3"), confirmed("bad", "s4")
    )


async def test_a_parked_key_is_listed_shown_and_once_mended_released_in_order(probe):
    await failed_and_waited_for(probe)

    async with probe.pool.acquire() as connection:
        (listed,) = await release.waiting(connection)
        shown = await release.shown(connection, SERVICE, "bad", content=False)
        done = await release.release(connection, MENDED, "bad", "handles providers of that kind")
        nothing_left = await release.waiting(connection)
    await probe.collect()
    await probe.given(confirmed("bad", "s5"))

    assert (listed["key"], listed["messages"], listed["timers"]) == ("bad", 3, 0)
    assert "ValueError" in listed["reason"]
    assert [(message["type"], message["handled_here"], "content" in message) for message in shown] == [
        ("sessions.session.confirmed.v1", True, False)
    ] * 3
    assert done == {"key": "bad", "handled": 3, "dropped": 0, "timers_set_again": 0}
    assert nothing_left == []
    assert await seen(probe) == {"s2": (1, 1), "s1": (1, 1), "s3": (1, 2), "s4": (1, 3), "s5": (1, 4)}


async def test_a_key_that_is_not_mended_stays_parked_and_says_where_it_fails(probe):
    await failed_and_waited_for(probe)

    async with probe.pool.acquire() as connection:
        with pytest.raises(RefusedError) as refused:
            await release.release(connection, SERVICE, "bad", "hope")

    assert (refused.value.document["reason"], refused.value.document["still_waiting"]) == ("fails_again", 3)
    assert "ValueError at service.py" in refused.value.document["detail"]
    assert await seen(probe) == {"s2": (1, 1)}


async def test_only_the_first_is_dropped_and_the_record_says_who_did_what_and_why(probe):
    await failed_and_waited_for(probe)

    async with probe.pool.acquire() as connection:
        done = await release.release(connection, SERVICE, "bad", "upstream took s1 back", skip_first=True)
        record = await release.settled(connection, parked=True)

    assert (done["handled"], done["dropped"]) == (2, 1)
    assert [act["outcome"] for act in reversed(record)] == ["skipped", "released", "released"]
    assert {act["why"] for act in record} == {"upstream took s1 back"}
    assert all(act["by"] for act in record)
    assert await seen(probe) == {"s2": (1, 1), "s3": (1, 1), "s4": (1, 2)}


async def test_what_arrives_while_a_key_is_parked_waits_too_and_goes_with_it(probe):
    await failed_and_waited_for(probe)
    await probe.given(confirmed("bad", "s9"))

    async with probe.pool.acquire() as connection:
        done = await release.release(connection, MENDED, "bad", "mended")

    assert done["handled"] == 4
    assert (await seen(probe))["s9"] == (1, 4)


async def test_a_key_under_which_nothing_waits_is_refused(probe):
    async with probe.pool.acquire() as connection:
        for act in (
            release.release(connection, SERVICE, "nobody", "why not"),
            release.shown(connection, SERVICE, "nobody", content=True),
        ):
            with pytest.raises(RefusedError) as refused:
                await act
            assert refused.value.document["reason"] == "nothing_parked"


async def timer_set_aside(probe: ServiceUnderTest) -> None:
    await probe.pool.execute("insert into timers values ('a', 'due', 'poison', '2025-01-01', '{}')")
    await probe.consumer.timer_alone("a")


async def test_a_timer_that_failed_is_listed_set_again_and_may_fail_again(probe):
    await timer_set_aside(probe)

    async with probe.pool.acquire() as connection:
        (listed,) = await release.waiting(connection)
        done = await release.release(connection, SERVICE, "a", "mended, we thought")
        assert await release.waiting(connection) == []
        assert await probe.consumer.timer_alone("a") == 1
        (once_more,) = await release.waiting(connection)

    assert (listed["messages"], listed["timers"]) == (0, 1)
    assert done == {"key": "a", "handled": 0, "dropped": 0, "timers_set_again": 1}
    assert (once_more["key"], once_more["timers"]) == ("a", 1)


async def test_a_timer_that_can_never_be_handled_is_given_up(probe):
    await timer_set_aside(probe)

    async with probe.pool.acquire() as connection:
        done = await release.release(connection, SERVICE, "a", "the client has left", skip_first=True)
        left = await release.waiting(connection)

    assert (done["dropped"], left) == (1, [])
    assert await probe.pool.fetchval("select count(*) from timers") == 0


def of_tomorrow(probe: ServiceUnderTest, client: str, session: str):
    """A message with a word that this version does not know yet: here, no lines at all."""
    good = probe.message(confirmed(client, session))
    body = json.loads(good.value or b"")
    del body["data"]["lines"]
    return replace(good, value=json.dumps(body).encode())


async def readable_by_now(probe: ServiceUnderTest, good) -> None:
    """Stand in for a newer version: the message as that would read it."""
    await probe.pool.execute("update set_aside set value = $1 where origin = $2", good.value, good.origin)


async def test_a_dead_letter_is_listed_and_read_again_by_a_version_that_can(probe):
    bad = of_tomorrow(probe, "c", "s1")
    await probe.handles(bad)
    async with probe.pool.acquire() as connection:
        (listed,) = await release.dead(connection, None)
        shown = await release.dead_shown(connection, SERVICE, listed["id"], content=True)
        with pytest.raises(RefusedError) as refused:
            await release.again(connection, SERVICE, [listed["id"]], None, "try")
        good = probe.message(confirmed("c", "s1"))
        await readable_by_now(probe, replace(good, origin=bad.origin))
        first = await release.again(connection, SERVICE, [], listed["reason"], "the new version reads it")
        nothing_left = await release.dead(connection, "sessions")
        record = await release.settled(connection, parked=False)
    await probe.handles(replace(good, origin="sessions/0/900"))

    assert (listed["topic"], listed["key"], listed["origin"]) == ("sessions", "c", bad.origin)
    assert "lines" in listed["reason"]
    assert shown["unreadable"] == listed["reason"]
    assert shown["content"]["data"]["session_id"] == "s1"
    assert refused.value.document["failed"] == [{"id": listed["id"], "reason": listed["reason"]}]
    assert first == {"handled": [listed["id"]], "handled_before": [], "sent": []}
    assert nothing_left == []
    assert [(act["outcome"], act["why"]) for act in record] == [("read_again", "the new version reads it")]
    assert await seen(probe) == {"s1": (1, 1)}, "it came once more, and changed nothing"


async def test_a_dead_letter_that_upstream_has_sent_anew_is_not_done_twice(probe):
    bad, good = of_tomorrow(probe, "c", "s1"), probe.message(confirmed("c", "s1"))
    await probe.handles(bad, good)
    await readable_by_now(probe, replace(good, origin=bad.origin))

    async with probe.pool.acquire() as connection:
        (listed,) = await release.dead(connection, None)
        done = await release.again(connection, SERVICE, [listed["id"]], None, "read by now")

    assert done["handled_before"] == [listed["id"]]
    assert await seen(probe) == {"s1": (1, 1)}


async def test_a_dead_letter_does_not_overtake_what_is_parked(probe):
    bad = of_tomorrow(probe, "bad", "s0")
    await probe.handles(bad)
    await failed_and_waited_for(probe)
    await readable_by_now(probe, replace(probe.message(confirmed("bad", "s0")), origin=bad.origin))

    async with probe.pool.acquire() as connection:
        (listed,) = await release.dead(connection, None)
        with pytest.raises(RefusedError) as refused:
            await release.again(connection, SERVICE, [listed["id"]], None, "mended")

    assert "release that first" in refused.value.document["failed"][0]["reason"]
    assert "s0" not in await seen(probe)


async def test_a_dead_letter_of_which_only_a_part_is_kept_is_not_handled_by_halves(probe):
    await probe.handles(replace(probe.message(confirmed("c", "s1")), value=b'{"' + b"x" * 100_000))

    async with probe.pool.acquire() as connection:
        (listed,) = await release.dead(connection, None)
        with pytest.raises(RefusedError) as refused:
            await release.again(connection, SERVICE, [listed["id"]], None, "mended")

    assert "sessions.dead" in refused.value.document["failed"][0]["reason"]


async def test_a_dead_letter_that_means_nothing_is_dropped_once(probe):
    await probe.handles(replace(probe.message(confirmed("c", "s1")), value=b"{"))

    async with probe.pool.acquire() as connection:
        (listed,) = await release.dead(connection, None)
        dropped = await release.drop(connection, SERVICE, [listed["id"]], None, "a test of theirs")
        with pytest.raises(RefusedError) as refused:
            await release.drop(connection, SERVICE, [listed["id"]], None, "again")

    assert dropped == {"dropped": [listed["id"]]}
    assert refused.value.document["reason"] == "unknown_message"


async def test_what_the_broker_refused_goes_back_to_the_outbox_as_it_was(probe):
    await probe.consumer.batch([probe.message(confirmed("c", "s1"))])
    before = await probe.pool.fetchrow("select slot, topic, key, value, headers from outbox")
    await probe.pool.execute(
        "with gone as (delete from outbox returning *) insert into set_aside"
        " (key, parked, topic, value, headers, origin, reason) select key, false, topic, value,"
        " coalesce(headers, '[]'), 'outbox/' || id, 'too large' from gone"
    )

    async with probe.pool.acquire() as connection:
        (listed,) = await release.dead(connection, None)
        done = await release.again(connection, SERVICE, [listed["id"]], None, "the topic takes more now")

    assert done["sent"] == [listed["id"]]
    assert await probe.pool.fetchrow("select slot, topic, key, value, headers from outbox") == before


async def test_what_an_earlier_version_had_set_aside_is_told_apart(probe):
    """It kept what it had released beside what could never be read."""
    async with probe.pool.acquire() as connection:
        await connection.execute("create schema before; set search_path to before")
        first, second = sorted(postgres.RUNTIME_MIGRATIONS.glob("*.sql"))[:2]
        await connection.execute(first.read_text())
        await connection.execute(
            "insert into set_aside (key, parked, topic, headers, origin, reason) values"
            " ('a', true, 'sessions', '[]', '1', 'the handler of X failed: KeyError'),"
            " ('b', false, 'sessions', '[]', '2', 'the handler of X failed: KeyError'),"
            " ('b', false, 'sessions', '[]', '3', 'waits behind a failed message'),"
            " ('c', false, 'sessions', '[]', '4', 'the body is not JSON'),"
            " ('d', false, 'timers', '[]', '5', 'the handler of timer due failed: KeyError')"
        )
        await connection.execute(second.read_text())

        waiting = {parked["key"] for parked in await release.waiting(connection)}
        dead = [dead_letter["key"] for dead_letter in await release.dead(connection, None)]
        released = [message["key"] for message in await release.settled(connection, parked=True)]

    assert (waiting, dead, released) == ({"a", "d"}, ["c"], ["b", "b"])


async def test_all_keys_are_released_by_one_command_or_those_of_a_reason(probe, capsys):
    for client in ("a", "b", "c"):
        await probe.receives(confirmed(client, "s1", "poison"), confirmed(client, "s2"))

    async with probe.pool.acquire() as connection:
        none = await release.release_several(connection, MENDED, "corrected", reason="no such reason")
        with pytest.raises(RefusedError) as refused:
            await release.release_several(connection, SERVICE, "not corrected", reason="ValueError")
        done = await release.release_several(connection, MENDED, "corrected")

    assert none == {"keys": 0, "handled": 0, "timers_set_again": 0}
    assert [failed["key"] for failed in refused.value.document["failed"]] == ["a", "b", "c"]
    assert done == {"keys": 3, "handled": 6, "timers_set_again": 0}
    assert "3 of 3 keys, 0 fail again" in capsys.readouterr().err
