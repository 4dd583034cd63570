"""What operators see of letters, and what they can do."""

import asyncio
import json
import os
import subprocess
import sys
from typing import Any

import pytest

from services.notification import store
from shared.events.notification import LetterSent, LinksEnded
from tests.services.notification.bounce_notice import notice

CHARGED = "settlement.client.charged"


async def command(desk, *words: str, stdin: bytes = b"") -> tuple[int, Any]:
    """The exit code and the document of a command on this desk's database."""
    environment = {**os.environ, "DATABASE_URL_NOTIFICATION": desk.sut.dsn}
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "services.notification", *words],
        input=stdin,
        capture_output=True,
        env=environment,
        check=False,
    )
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr.decode()


async def test_the_record_says_which_letter_why_when_and_what_became_of_it(desk):
    await desk.knows_everybody()
    await desk.hears(CHARGED)
    await desk.sends()

    code, letters = await command(desk, "sent", "--client", desk.client)

    assert code == 0
    ((letter),) = letters
    assert (letter["letter"], letter["cause"], letter["state"]) == ("session-charged", "client.charged", "sent")
    assert letter["asked_at"] == letter["ended_at"] == "2026-03-02T09:00:00+00:00"
    assert letter["template_version"]
    assert desk.email not in json.dumps(letters)


async def test_a_letter_that_bounced_is_listed_sent_again_once_its_address_works_and_then_no_longer_listed(desk):
    await desk.knows_everybody()
    await desk.hears(CHARGED)
    (first,) = await desk.sends()

    code, taken = await command(desk, "bounce", "-", stdin=notice(first["message_id"]))
    assert (code, taken["notices"][0]["outcome"], taken["notices"][0]["suppressed"]) == (0, "bounced", True)
    code, listed = await command(desk, "undelivered", "--days", "36500")
    assert [(letter["letter_id"], letter["reason"]) for letter in listed] == [
        (taken["notices"][0]["letter_id"], "no_such_mailbox")
    ]

    letter_id = listed[0]["letter_id"]
    code, refusal = await command(desk, "resend", letter_id, "--why", "asked for it")
    assert (code, refusal["reason"]) == (1, "address_suppressed")
    code, again = await command(desk, "resend", letter_id, "--why", "it works again", "--lift")
    assert (code, again["resend_of"]) == (0, letter_id)
    code, refusal = await command(desk, "resend", letter_id, "--why", "twice")
    assert (code, refusal["reason"]) == (1, "still_waiting")

    desk.later(days=36_500)  # a command has the machine's clock
    letters = await desk.sends()
    assert len({letter["message_id"] for letter in letters}) == 2
    assert [event.letter_id for event in desk.sut.all(LetterSent)] == [listed[0]["letter_id"], again["letter_id"]]
    async with desk.sut.pool.acquire() as connection:
        assert await store.undelivered(connection, desk.sut.clock.now.replace(year=2020), "pause_over", 10) == []


@pytest.mark.parametrize(
    ("words", "code"),
    [(["resend", "no-such-letter", "--why", "x"], 1), (["undelivered", "--days", "0"], 2), (["bounce", "/no/file"], 2),
     (["sent", "--client", "nobody"], 0)],
    ids=["unknown letter", "no days", "no file", "unknown client"],
)  # fmt: skip
async def test_what_cannot_be_done_is_said_in_one_line(desk, words, code):
    exit_code, document = await command(desk, *words)

    assert exit_code == code
    if code == 2:
        assert document.count("\n") == 1
        assert "Traceback" not in document


async def test_an_operator_takes_back_the_links_of_a_client(desk):
    await desk.knows_everybody()

    code, document = await command(desk, "end-links", "--client", desk.client, "--why", "phone lost")
    nobody, said = await command(desk, "end-links", "--client", "nobody", "--why", "phone lost")
    await desk.sut.collect()

    assert (code, document["version"], nobody, said["reason"]) == (0, 1, 1, "unknown_client")
    assert desk.sut.only(LinksEnded).version == 1
