"""The sender on bad days: outages, crashes, rivals, hours of rest."""

import asyncio
import socket
import time
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from services.notification import store
from services.notification.composing.still_true import NEEDLESS
from services.notification.sending import sender
from services.notification.sending.sender import LEASE, Post
from services.notification.store import Claiming
from shared import clock
from shared.events.notification import LetterFailed, LetterSent, LetterSkipped, NotificationReviewRequested

AT_ONCE = Claiming(LEASE, timedelta())
CHARGED = "settlement.client.charged"
PAUSED = "coverage.account.paused"


@asynccontextmanager
async def way_to(url: str, port: int):
    """A way to the mail server through `port`."""
    there = urlsplit(url)

    async def forward(reader, writer):
        onward_reader, onward_writer = await asyncio.open_connection(there.hostname, there.port)
        await asyncio.gather(pump(reader, onward_writer), pump(onward_reader, writer), return_exceptions=True)

    async def pump(reader, writer):
        while data := await reader.read(65_536):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(forward, "127.0.0.1", port)
    yield
    server.close()


async def until(holds) -> None:
    """Wait for something outside this process."""
    for _ in range(1_000):
        if holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come about within 20 s")


async def test_a_server_that_is_dead_for_an_hour_gets_every_letter_once_when_it_is_back(desk):
    await desk.knows_everybody()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    away = {"smtp_url": f"smtp://127.0.0.1:{port}?starttls=never&timeout=2&connections=4"}
    for number in range(60):
        await desk.hears(CHARGED, session_id=f"session-{number}")
    async with desk.post(**away) as post:
        for _ in range(60):
            await post.take()
            await post.settled()
            desk.later(minutes=1)
        tries = await desk.sut.pool.fetchval("select sum(attempts) from letters")
        assert tries < 60 + 40

        async with way_to(desk.settings["smtp_url"], port):
            for _ in range(30):
                await post.take()
                await post.settled()
                desk.later(seconds=3)
    await desk.sut.collect()

    assert len({letter["message_id"] for letter in desk.inbox.to(desk.email)}) == len(desk.inbox.to(desk.email)) == 60
    assert [sent.perhaps_twice for sent in desk.sut.all(LetterSent)] == [False] * 60


async def test_a_letter_left_by_a_sender_that_died_goes_out_again_under_the_same_id_and_says_so(desk):
    await desk.knows_everybody()
    await desk.hears(CHARGED)
    first = await desk.sends()
    await desk.sut.pool.execute("update letters set state = 'ready', not_before = asked_at")  # died before it wrote
    async with desk.sut.pool.acquire() as connection:
        await store.claim(connection, clock.now(), 10, AT_ONCE)

    assert len(await desk.sends()) == 1, "the claim still holds"
    desk.later(seconds=LEASE.total_seconds())
    letters = await desk.sends()

    assert [letter["message_id"] for letter in letters] == [first[0]["message_id"]] * 2
    assert [sent.perhaps_twice for sent in desk.sut.all(LetterSent)] == [False, True]


async def test_two_senders_at_once_send_each_letter_once(desk):
    await desk.knows_everybody()
    for number in range(40):
        await desk.hears(CHARGED, session_id=f"session-{number}")

    await asyncio.gather(desk.sends(), desk.sends())

    assert len(desk.inbox.to(desk.email)) == 40
    assert len(desk.sut.all(LetterSent)) == 40


async def test_only_the_first_end_of_a_letter_counts(desk):
    await desk.knows_everybody()
    await desk.hears(CHARGED)
    async with desk.sut.pool.acquire() as connection:
        (row,) = await store.claim(connection, clock.now(), 10, AT_ONCE)
    await desk.sut.pool.execute("update letters set state = 'bounced', reason = 'no_such_mailbox'")

    async with desk.process().transaction([desk.client]) as tx:
        await sender.write_down([row], tx)

    assert await desk.states() == [("session-charged", "bounced", "no_such_mailbox")]


async def test_in_quiet_hours_only_urgent_letters_go(desk):
    await desk.knows_everybody()
    await desk.hears(CHARGED)
    await desk.hears(PAUSED, provider_ids=[])
    quiet = {"quiet_hours": "01:00-10:30", "quiet_time_zone": "Europe/Paris"}  # it is 10:00 there

    letters = await desk.sends(**quiet)
    assert ["insurance" in letter["text"] for letter in letters] == [True]
    assert ("session-charged", "ready", None) in await desk.states()

    desk.later(minutes=31)
    assert len(await desk.sends(**quiet)) == 2


async def test_urgent_letters_go_first(desk):
    await desk.knows_everybody()
    for number in range(5):
        await desk.hears(CHARGED, session_id=f"session-{number}")
    await desk.hears(PAUSED, provider_ids=[])

    async with desk.sut.pool.acquire() as connection:
        claimed = await store.claim(connection, clock.now(), 3, AT_ONCE)

    assert [row.letter for row in claimed] == ["coordination-issue", "session-charged", "session-charged"]


async def test_no_more_letters_a_second_go_than_the_setting_says(desk):
    await desk.knows_everybody()
    for number in range(12):
        await desk.hears(CHARGED, session_id=f"session-{number}")
    process = desk.process(letters_per_second=8)  # two at once, then one every 125 ms

    begun = time.monotonic()
    running = asyncio.create_task(sender.run(process))
    await until(lambda: len(desk.inbox.to(desk.email)) == 12)
    took = time.monotonic() - begun
    process.stopping.set()
    await running

    assert took > 10 / 8 * 0.95


async def test_a_stop_ends_the_sender_at_once_and_leaves_nothing_in_hand(desk):
    await desk.knows_everybody()
    desk.inbox.fault(to=desk.email, at="rcpt", reply="451 4.3.0 later", delay_seconds=0.3, times=4)
    for number in range(30):
        await desk.hears(CHARGED, session_id=f"session-{number}")
    process = desk.process(letters_per_second=10_000)
    running = asyncio.create_task(sender.run(process))
    await asyncio.sleep(0.2)

    begun = time.monotonic()
    process.stopping.set()
    running.cancel()
    await asyncio.wait([running])

    assert time.monotonic() - begun < 1.5
    states = {state for _, state, _ in await desk.states()}
    assert states <= {"ready", "sent"}
    assert await desk.sut.pool.fetchval("select count(*) from letters where state = 'sent'") == len(
        desk.inbox.to(desk.email)
    )


async def test_a_database_that_is_away_for_a_moment_costs_no_letter(desk, monkeypatch):
    await desk.knows_everybody()
    await desk.hears(CHARGED)
    claim, failures = store.claim, iter([ConnectionResetError()])

    async def claims(*arguments, **options):
        for failure in failures:
            raise failure
        return await claim(*arguments, **options)

    monkeypatch.setattr(store, "claim", claims)
    monkeypatch.setattr(sender, "_DATABASE_AWAY_SECONDS", 0.01)
    process = desk.process()
    running = asyncio.create_task(sender.run(process))
    await until(lambda: desk.inbox.to(desk.email))
    process.stopping.set()
    await running

    assert await desk.states() == [("session-charged", "sent", None)]


SKIPPED = {
    "no address": ({"email": None}, "no_email"),
    "letters off": ({"letters": "none"}, "letters_off"),
    "an address that is none": ({"email": "sam@-example-.test"}, "address_not_valid"),
}


@pytest.mark.parametrize(("client", "reason"), SKIPPED.values(), ids=SKIPPED)
async def test_a_skipped_letter_says_why_and_where_an_account_waits_a_person_hears_of_it(desk, client, reason):
    await desk.knows_everybody(**client)
    await desk.hears(CHARGED)
    await desk.hears(PAUSED, provider_ids=[])

    await desk.sends()

    skipped = {(event.letter, event.reason) for event in desk.sut.all(LetterSkipped)}
    assert skipped == {("session-charged", reason), ("coordination-issue", reason)}
    review = desk.sut.only(NotificationReviewRequested)
    assert (review.letter, review.reason, review.evidence) == (
        "coordination-issue",
        "pause_letter_undelivered",
        f"skipped: {reason}",
    )
    async with desk.sut.pool.acquire() as connection:
        assert await store.unreached(connection, NEEDLESS) == 1


async def test_a_letter_about_a_pause_that_is_over_is_not_sent_and_nobody_worries(desk):
    await desk.knows_everybody()
    await desk.hears("coverage.account.paused", provider_ids=[])
    await desk.sends()
    await desk.hears("coverage.coordination.reminder_due", day=3)
    await desk.hears("coverage.account.unpaused")

    letters = await desk.sends()

    assert len(letters) == 2
    assert {(event.letter, event.reason) for event in desk.sut.all(LetterSkipped)} == {
        ("coordination-reminder", "pause_over")
    }
    assert desk.sut.none(NotificationReviewRequested)


async def test_facts_that_never_come_fail_the_letter_and_a_person_hears_of_a_paused_account_within_the_hour(desk):
    await desk.hears(PAUSED, provider_ids=[])
    await desk.hears("settlement.client.charged")
    await desk.sends()
    desk.later(minutes=61)
    await desk.sends()
    assert [(failed.letter, failed.reason) for failed in desk.sut.all(LetterFailed)] == [
        ("coordination-issue", "client_unknown")
    ]
    desk.sut.only(NotificationReviewRequested)

    desk.later(days=14)
    await desk.sends()
    assert [failed.letter for failed in desk.sut.all(LetterFailed)] == ["coordination-issue", "session-charged"]
    assert [
        (review.letter, review.reason, review.evidence) for review in desk.sut.all(NotificationReviewRequested)
    ] == [
        ("coordination-issue", "pause_letter_undelivered", "failed: client_unknown"),
        ("session-charged", "letter_facts_missing", "failed: client_unknown"),
    ]


async def test_a_letter_whose_client_becomes_known_days_later_is_still_sent(desk):
    await desk.hears(CHARGED)
    await desk.sends()
    desk.later(days=13)
    await desk.sends()
    await desk.knows_everybody()
    desk.later(hours=1)

    await desk.sends()

    assert [letter.letter for letter in desk.sut.all(LetterSent)] == ["session-charged"]
    assert desk.sut.none(LetterFailed)
    assert desk.sut.none(NotificationReviewRequested)


async def test_a_letter_that_no_server_takes_for_days_is_given_up_with_the_reason(desk):
    await desk.knows_everybody()
    desk.inbox.fault(to=desk.email, at="rcpt", reply="450 4.2.0 later")
    await desk.hears(CHARGED)
    for _ in range(7):
        await desk.sends()
        desk.later(days=1)

    assert await desk.states() == [("session-charged", "failed", "not_accepted_in_time")]


async def test_the_days_that_a_letter_waited_for_a_fact_do_not_count_against_the_mail_server(desk):
    await desk.hears(CHARGED)
    for _ in range(6):
        await desk.sends()
        desk.later(days=2)
    await desk.knows_everybody()
    desk.inbox.fault(to=desk.email, at="rcpt", reply="450 4.2.0 later", times=1)
    await desk.sends()
    desk.later(days=1)

    await desk.sends()

    assert await desk.states() == [("session-charged", "sent", None)]


async def test_a_letter_goes_when_its_event_is_committed_and_not_at_the_next_look(desk):
    await desk.knows_everybody()
    process = desk.process(letter_poll_seconds=60)
    async with Post(process) as post:
        sending = asyncio.create_task(post.run())
        await asyncio.sleep(0.2)  # it has looked, and found nothing
        await desk.hears(CHARGED)
        for wake in process.woken_by_commit:
            wake()
        await until(lambda: desk.inbox.to(desk.email))
        process.stopping.set()
        sending.cancel()

    assert (await desk.states())[0][:2] == ("session-charged", "sent")


async def test_what_became_of_a_letter_names_the_session_and_the_edition_of_the_cost_that_it_tells(desk):
    await desk.knows_everybody()
    await desk.hears("settlement.cost.finalized", session_id="session-1", edition=3)
    await desk.hears(CHARGED, session_id="session-2")
    await desk.sends()

    told = {sent.letter: (sent.session_id, sent.edition) for sent in desk.sut.all(LetterSent)}

    assert told.pop("session-charged") == (None, None)
    assert list(told.values()) == [("session-1", 3)]
