"""How many letters a core renders a second, and how many one process gets through its sender into an inbox."""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from pydantic import SecretStr

from deploy.embedded.stack import Stack
from services.notification.app import SERVICE
from services.notification.letters.branding import Branding
from services.notification.letters.letter_kinds import LETTERS
from services.notification.letters.render import prepare, render
from services.notification.sending.sender import Post
from services.notification.settings import Settings
from services.notification.store import LETTERS as ROWS
from services.notification.store import RECIPIENTS, LetterRow, Recipient
from shared import clock, log
from shared.events.coverage import AccountPaused
from shared.events.examples import example
from shared.process.process import Process

RENDERED_A_SECOND = 1_000
SENT_A_SECOND = 200
LETTERS_SENT = 2_000
BRAND = Branding()


def run() -> Iterator[dict[str, Any]]:
    """Yield one figure a benchmark; `floor` is what is asked for, `ratio` how many times that it is."""
    yield _figure("letters rendered (one core)", _rendered_a_second(4_000), RENDERED_A_SECOND)
    with Stack.start(kafka=False, environ={}) as stack:
        wall, cpu = asyncio.run(_sent_a_second(stack, LETTERS_SENT))
    more = {"of_a_core": round(wall / cpu, 2)}
    yield _figure("letters sent: database, SMTP, inbox (one process)", wall, SENT_A_SECOND) | more


def _figure(name: str, value: float, floor: float) -> dict[str, Any]:
    return {"name": name, "value": round(value), "unit": "letters/s", "floor": floor, "ratio": round(value / floor, 2)}


def _rendered_a_second(letters: int) -> float:
    """Every letter in turn, in both languages, from its facts as a handler gives them; seconds of this process."""
    prepare()
    kinds = list(LETTERS.values())
    begun = time.process_time()
    for number in range(letters):
        kind, language = kinds[number % len(kinds)], "es" if number % 2 else "en"
        render(kind.name, {**kind.sample}, language, BRAND)
    return letters / (time.process_time() - begun)


async def _sent_a_second(stack: Stack, letters: int) -> tuple[float, float]:
    """Letters a second, and letters a second of this process's own time; events and records are written too."""
    log.configure("bench", "error", "console")
    settings = Settings(
        letter_gather_seconds=0,
        database_url=SecretStr(stack.database_url("notification")),
        smtp_url=stack.smtp_url,
        letters_per_second=100_000,
    )
    process = Process(SERVICE, settings)
    await process.open()
    await _ask_for(process, letters)
    prepare()
    begun, cpu_begun = time.perf_counter(), time.process_time()
    async with Post(process) as post:
        sending = asyncio.create_task(post.run())
        while await process.pool.fetchval("select true from letters where state <> 'sent' limit 1"):
            await process.pause(0.05)
        took, cpu = time.perf_counter() - begun, time.process_time() - cpu_begun
        process.stopping.set()
        await sending
    events = await process.pool.fetchval("select count(*) from outbox")
    assert events == letters, f"{events} events of {letters} letters"
    await process.pool.close()
    return letters / took, letters / cpu


async def _ask_for(process: Process, letters: int) -> None:
    """As many clients, each with the longest letter to come."""
    paused = AccountPaused.model_validate(example(AccountPaused))
    now = clock.now() - timedelta(seconds=1)
    row = LetterRow(
        client_id="",
        letter_id="",
        letter="coordination-issue",
        provider_id=None,
        urgent=True,
        cause=paused.noun_verb,
        data=paused.model_dump(mode="json"),
        asked_at=now,
        state="ready",
        not_before=now,
    )
    async with process.transaction([]) as tx:
        for number in range(letters):
            client = f"client-{number}"
            email = f"{client}@inbox.example"
            tx.save(RECIPIENTS, Recipient(client, "Sam", "Doe", email, now, "en", "email", "NY"))
            tx.add(ROWS, replace(row, client_id=client, letter_id=f"letter-{number}"))


if __name__ == "__main__":
    for figure in run():
        print(json.dumps(figure), file=sys.stdout, flush=True)
