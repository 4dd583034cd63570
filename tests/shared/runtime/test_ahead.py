"""A step begun ahead of its message is handled once, whoever comes first, and whatever fails on the way."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from shared.events.sessions import SessionConfirmed
from shared.runtime import outbox
from shared.runtime.deadletter import Incoming
from shared.runtime.releasing import Releaser
from shared.runtime.transaction import Transaction
from tests.harness import ServiceUnderTest
from tests.runtime_probe.service import SEEN, SERVICE, Seen
from tests.shared.probe_events import confirmed, seen

LAST = 3


class Steps:
    """A work of four steps, each of another client. `fails` and `waits` name steps, for one try each."""

    def __init__(self) -> None:
        self.fails: list[int] = []
        self.waits: list[int] = []
        self.at_work = asyncio.Event()
        self.may_go_on = asyncio.Event()
        self.before: list[SessionConfirmed] = []

    async def handle(self, event: SessionConfirmed, tx: Transaction) -> None:
        step = int(event.session_id)
        tx.publish(*self.before)
        before = await tx.one(SEEN, event.client_id, event.session_id)
        tx.save(SEEN, Seen(event.client_id, event.session_id, 1 if before is None else before.times + 1, step, ()))
        if step < LAST:
            tx.go_on(_step(step + 1))
        if step in self.waits:
            self.waits.remove(step)
            self.at_work.set()
            await self.may_go_on.wait()
        if step in self.fails:
            self.fails.remove(step)
            raise ValueError("for once")


def _step(number: int) -> SessionConfirmed:
    return confirmed(f"client-{number}", str(number))


@pytest.fixture
def steps() -> Steps:
    return Steps()


@pytest.fixture
async def probe(service_under_test, steps) -> AsyncIterator[ServiceUnderTest]:
    service = replace(SERVICE, handlers={SessionConfirmed: steps.handle})
    probe = await service_under_test(service)
    probe.consumer = Releaser(service, probe.pool, attempts=2, wake=lambda: None, looks_ahead=True)
    yield probe
    await probe.consumer.ahead.stop()


async def _messages(probe: ServiceUnderTest) -> list[Incoming]:
    """What the relay would publish now, as it comes round."""
    rows = await probe.pool.fetch("delete from outbox returning id, topic, key, value, headers")
    return [
        Incoming(row["topic"], row["key"], row["value"], tuple(outbox.unpack(row["headers"])), f"x/0/{row['id']}")
        for row in sorted(rows, key=lambda row: row["id"])
    ]


async def _come_round(probe: ServiceUnderTest) -> None:
    """Let all messages come round, until there are no more."""
    while messages := await _messages(probe):
        await probe.consumer.batch(messages)
        await probe.consumer.ahead.settled()


async def _until_there_are(probe: ServiceUnderTest, rows: int) -> None:
    for _ in range(500):
        if await probe.pool.fetchval("select count(*) from seen") == rows:
            return
        await asyncio.sleep(0.01)
    raise TimeoutError


ALL_ONCE = {str(step): (1, step) for step in range(LAST + 1)}


async def test_the_steps_need_no_message_and_their_messages_change_nothing(probe):
    await probe.consumer.batch([probe.message(_step(0))])
    await probe.consumer.ahead.settled()

    assert await seen(probe) == ALL_ONCE
    await _come_round(probe)
    assert await seen(probe) == ALL_ONCE


@pytest.mark.parametrize("step", range(LAST + 1))
async def test_a_step_that_fails_is_left_to_its_message_and_nothing_is_done_twice(probe, steps, step):
    steps.fails = [step]

    await probe.consumer.batch([probe.message(_step(0))])
    await probe.consumer.ahead.settled()
    await _come_round(probe)

    assert await seen(probe) == ALL_ONCE
    assert await probe.pool.fetchval("select count(*) from set_aside") == 0


async def test_a_step_is_done_though_the_one_before_is_tried_again(probe, steps):
    steps.waits, steps.fails = [0], [0]
    first = asyncio.create_task(probe.consumer.batch([probe.message(_step(0))]))
    await steps.at_work.wait()
    await _until_there_are(probe, LAST)
    assert "0" not in await seen(probe)
    steps.may_go_on.set()
    await first

    await _come_round(probe)

    assert await seen(probe) == ALL_ONCE


async def test_a_message_waits_for_the_step_that_was_begun_and_others_do_not_wait_for_it(probe, steps):
    steps.waits = [1]
    await probe.consumer.batch([probe.message(_step(0))])
    await steps.at_work.wait()
    (message,) = [message for message in await _messages(probe) if message.key == "client-1"]

    batch = asyncio.create_task(probe.consumer.batch([message, probe.message(confirmed("other", str(LAST)))]))
    await _until_there_are(probe, LAST + 1)
    await asyncio.sleep(0.05)

    assert not batch.done()
    steps.may_go_on.set()
    await batch
    assert (await seen(probe))["1"] == (1, 1)


async def test_a_stop_cuts_the_step_off_and_leaves_it_to_its_message(probe, steps):
    steps.waits = [1]
    await probe.consumer.batch([probe.message(_step(0))])
    await steps.at_work.wait()

    await probe.consumer.ahead.stop()

    assert "1" not in await seen(probe)
    await _come_round(probe)
    assert (await seen(probe))["1"] == (1, 1)


async def test_what_a_handler_publishes_behind_other_events_waits_for_its_message(probe, steps):
    steps.before = [confirmed("another", str(LAST))]

    await probe.consumer.batch([probe.message(_step(0))])
    await probe.consumer.ahead.settled()

    assert await seen(probe) == {"0": (1, 0)}


async def test_a_step_of_a_parked_key_is_kept_behind_what_is_parked(probe, steps):
    steps.fails = [1, 1, 1]
    await probe.consumer.batch([probe.message(_step(1))])
    assert await probe.pool.fetchval("select count(*) from set_aside where parked") == 1

    await probe.consumer.batch([probe.message(_step(0))])
    await probe.consumer.ahead.settled()
    await _come_round(probe)
    assert await seen(probe) == {"0": (1, 0)} | {key: ALL_ONCE[key] for key in await seen(probe) if key > "1"}

    assert await probe.consumer.release("client-1") == 2
    await _come_round(probe)
    assert set(await seen(probe)) == set(ALL_ONCE)
