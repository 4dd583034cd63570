"""One letter goes once: with a mail server that is slow, a clock that jumps, and several senders."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from services.notification.letters.letter_kinds import GATHERED
from services.notification.sending.sender import LEASE
from services.notification.store import Claiming, claim, waiting
from shared import clock
from shared.events.notification import LetterSent
from shared.runtime import outbox
from tests.services.notification.desk import an
from tests.services.notification.sending.test_sender import until
from tests.services.notification.smtp_script import ScriptedServer, scripted
from tests.shared.runtime.test_tracing import TRACE, UPSTREAM, spans

_ = spans
CHARGED = "settlement.client.charged"


async def asked_for(desk, letters: int) -> None:
    """So many letters are due."""
    await desk.knows_everybody()
    for number in range(letters):
        await desk.hears(CHARGED, session_id=f"session-{number}")


class Slow(ScriptedServer):
    """A mail server that takes its time for each letter, until it is told to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = asyncio.Event()

    async def _say(self, writer: asyncio.StreamWriter, answer: str) -> bool:
        if answer == "250 2.0.0 taken":
            await self.go_on.wait()
        return await super()._say(writer, answer)


def url_of(server: ScriptedServer, connections: int = 2) -> str:
    """Where the mail server is; a letter may take a minute."""
    return f"smtp://127.0.0.1:{server.port}?starttls=never&timeout=60&connections={connections}"


async def test_a_slow_server_and_a_clock_that_jumps_get_no_letter_twice_from_several_senders(desk):
    await asked_for(desk, 8)
    async with scripted(Slow()) as server, desk.post(smtp_url=url_of(server)) as first:
        taken = await first.take()
        await until(lambda: len(server.messages) == 2)
        desk.later(seconds=LEASE.total_seconds() * 300)
        async with desk.post(smtp_url=url_of(server)) as second:
            again = [await second.take(), await first.take()]
        server.go_on.set()
        await first.settled()
        async with desk.post(smtp_url=url_of(server)) as third:
            again.append(await third.take())
    await desk.sut.collect()

    assert (taken, again, len(server.messages)) == (8, [0, 0, 0], 8)
    assert [letter.perhaps_twice for letter in desk.sut.all(LetterSent)] == [False] * 8


async def test_a_sender_that_is_gone_leaves_its_letters_to_the_next_once_its_claim_has_run_out(desk):
    await asked_for(desk, 1)
    async with scripted(ScriptedServer()) as server, desk.post(smtp_url=url_of(server)) as post:
        async with desk.sut.pool.acquire() as connection:
            await claim(connection, clock.now(), 10, Claiming(LEASE, timedelta(), sender=4711))
        held = await post.take()
        desk.later(seconds=LEASE.total_seconds())
        taken = await post.take()
        await post.settled()

    assert (held, taken, len(server.messages)) == (0, 1, 1)


async def test_a_claim_whose_answer_was_lost_on_the_way_is_taken_up_again_by_the_same_sender(desk):
    await asked_for(desk, 1)
    async with scripted(ScriptedServer()) as server, desk.post(smtp_url=url_of(server)) as post:
        number = post._presence.number
        async with desk.sut.pool.acquire() as connection:
            await claim(connection, clock.now(), 10, Claiming(LEASE, timedelta(), sender=number))
        desk.later(seconds=LEASE.total_seconds())
        await post.take()
        await post.settled()

    assert len(server.messages) == 1


async def test_letters_that_wait_count_those_in_hand(desk):
    await asked_for(desk, 5)
    async with desk.sut.pool.acquire() as connection:
        await claim(connection, clock.now(), 3, Claiming(LEASE, timedelta(), sender=4711))
        desk.later(seconds=10)

        assert await waiting(connection, clock.now()) == (5, 10.0)


@pytest.mark.parametrize(("kind", "gathered"), [(CHARGED, False), ("coverage.account.paused", True)])
async def test_only_what_the_next_insurer_may_contradict_waits_for_it(desk, kind: str, gathered: bool):
    await desk.knows_everybody()
    await desk.hears(kind)

    at_once = await desk.sends(letter_gather_seconds=20)
    desk.later(seconds=20)
    later = await desk.sends(letter_gather_seconds=20)

    assert ([len(at_once), len(later)] == [0, 1]) if gathered else (len(at_once) == len(later) == 1)


def test_what_was_charged_promised_or_asked_for_is_told_at_once():
    assert not [letter for letter in GATHERED if letter.startswith(("cost-final", "session-charged", "new-link"))]


async def test_a_letter_goes_on_with_the_trace_of_the_event_that_asked_for_it(desk, spans):
    await desk.knows_everybody()
    message = desk.sut.message(an(CHARGED, desk.client))
    await desk.sut.handles(replace(message, headers=(*message.headers, ("traceparent", UPSTREAM.encode()))))
    (handled,) = [span for span in spans.get_finished_spans() if span.name == "handle ClientCharged"]
    async with desk.post() as post:
        await post.take()
        await post.settled()

    (sent,) = [span for span in spans.get_finished_spans() if span.name == "send session-charged"]
    assert (sent.context.trace_id, sent.parent.span_id) == (TRACE, handled.context.span_id)
    headers = outbox.unpack(await desk.sut.pool.fetchval("select headers from outbox"))
    assert dict(headers)["traceparent"].decode() == f"00-{TRACE:032x}-{sent.context.span_id:016x}-01"
