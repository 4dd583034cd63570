"""The last look before a letter goes: many letters are looked at together, and a busy client holds up nobody else."""

import asyncio
from datetime import timedelta

from services.notification import store
from services.notification.sending.last_look import LastLook
from services.notification.sending.sender import LEASE
from services.notification.store import Claiming, LetterRow
from shared import clock
from tests.services.notification.sending.test_mail_goes_once import asked_for


async def in_hand(desk, letters: int) -> list[LetterRow]:
    await asked_for(desk, letters)
    async with desk.sut.pool.acquire() as connection:
        return await store.claim(connection, clock.now(), letters, Claiming(LEASE, timedelta()))


async def test_letters_whose_turns_come_together_are_looked_at_together(desk, monkeypatch):
    rows = await in_hand(desk, 20)
    await desk.sut.pool.execute("update letters set state = 'skipped' where letter_id = $1", rows[7].letter_id)
    looks, look = [], store.still_waiting

    async def counted(connection, letters):
        looks.append(len(letters))
        return await look(connection, letters)

    monkeypatch.setattr(store, "still_waiting", counted)
    last_look = LastLook(desk.sut.pool)

    wanted = await asyncio.gather(*(last_look.is_wanted(row) for row in rows))

    assert [place for place, answer in enumerate(wanted) if not answer] == [7]
    assert looks == [20]


async def test_a_letter_waits_for_a_fact_of_its_client_that_is_being_handled_and_the_others_do_not(desk):
    (busy,) = await in_hand(desk, 1)
    desk.client, desk.email = "somebody-else", "somebody-else@example.test"
    (free,) = await in_hand(desk, 1)
    last_look = LastLook(desk.sut.pool)

    async with desk.process().transaction([busy.client_id]) as tx:
        waits = asyncio.create_task(last_look.is_wanted(busy))
        assert await last_look.is_wanted(free)
        assert not waits.done()
        await tx.connection.execute("update letters set state = 'skipped' where letter_id = $1", busy.letter_id)

    assert not await waits


async def test_a_look_that_fails_fails_for_those_who_asked_and_the_next_one_is_made(desk, monkeypatch):
    rows = await in_hand(desk, 3)
    look, failures = store.still_waiting, [ConnectionResetError()]

    async def once_away(connection, letters):
        if failures:
            raise failures.pop()
        return await look(connection, letters)

    monkeypatch.setattr(store, "still_waiting", once_away)
    last_look = LastLook(desk.sut.pool)

    failed = await asyncio.gather(*(last_look.is_wanted(row) for row in rows), return_exceptions=True)
    assert [type(answer) for answer in failed] == [ConnectionResetError] * 3

    assert await last_look.is_wanted(rows[0])
