"""The mix: sessions of clients whose insurers have every character there is, through all services, over 200 days.

One JSON line: how many sessions ended how, and what an independent checker has against it.
"""

import asyncio
import random
import time
from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any

from deploy.embedded.services import Services
from deploy.embedded.stack import SERVICES, Stack
from shared import clock
from shared.events.types import Event
from shared.kafka import creating_topics
from tests.faults.mix_cast import Person, book, directory
from tests.faults.mix_checker import check
from tests.faults.mix_evidence import Evidence, gather
from tests.faults.mix_kinds import kinds
from tests.faults.mix_people import agenda, people
from tests.faults.mix_stage import StageHand
from tests.faults.moved_clock import clock_of

SESSIONS, DAYS = 1_000, 200
_LONGEST_STRIDE_DAYS = 7.0
_STRIDES_DAYS = ((24, 1.0), (70, 2.0), (10_000, 5.0))
"""Until which day of the mix the clock moves by how many days at a time."""
_REPEATED_AFTER_DAYS, _REPEATED_SHARE = (12, 45, 110), 0.1
_SEEN_BY_ALL_SECONDS = 0.1  # each process reads the clock's file anew at most so often
_ENVIRONMENT = {"TIMER_POLL_SECONDS": "0.1", "LOG_FORMAT": "json"}


async def _play(stage: StageHand, cast: list[Person], seed: int, since: date, days: int) -> None:
    """Publish what upstream says on its day, and let the days pass; each ends when the services are quiet."""
    chance = random.Random(seed)
    due: dict[date, list[Event]] = defaultdict(list)
    for person in cast:
        for day, event in agenda(person, chance):
            due[day].append(event)
    await stage.publish(directory())
    await stage.quiet()
    repeats = [since + timedelta(days=day) for day in _REPEATED_AFTER_DAYS]
    while (clock.today() - since).days < days:
        for day in sorted(day for day in due if day <= clock.today()):
            await stage.publish(due.pop(day))
        if repeats and clock.today() >= repeats[0]:
            repeats.pop(0)
            await stage.repeat_remittances(chance, _REPEATED_SHARE)
        await stage.quiet()
        await _pass_days(stage, since, min(due, default=None))


async def _pass_days(stage: StageHand, since: date, following: date | None) -> None:
    """To the next timer or the next thing that happens upstream: some days at least, the later the more."""
    ahead = (clock.today() - since).days
    least = next(days for until, days in _STRIDES_DAYS if ahead < until)
    days = max(least, min(_LONGEST_STRIDE_DAYS, await stage.next_due_days()))
    if following is not None:
        days = min(days, (following - clock.today()).days)
    clock.advance(timedelta(days=days))
    await asyncio.sleep(_SEEN_BY_ALL_SECONDS)


async def _mix(stack: Stack, sessions: int, seed: int, days: int) -> tuple[list[Person], Evidence]:
    await creating_topics.create(stack.kafka_bootstrap)
    since = clock.today()
    cast = people(kinds(), sessions, seed, since)
    async with StageHand(stack) as stage:
        await _play(stage, cast, seed, since, days)
        return cast, await gather(stage)


def run(sessions: int, seed: int, days: int = DAYS) -> dict[str, Any]:
    """Play the mix on a stack of its own; return the line of the report."""
    began = time.monotonic()
    with Stack.start(environ={}) as stack:
        environment = {**_ENVIRONMENT, "PAYERS_BOOK": str(book(stack.run.folder / "mix-book.json"))}
        services = Services(stack, environment)
        with clock_of(services):
            services.start(dict.fromkeys(SERVICES, 1))
            services.wait()
            played = time.monotonic()
            cast, evidence = asyncio.run(_mix(stack, sessions, seed, days))
            took = time.monotonic() - played
    findings = check(cast, evidence)
    wrong = [finding for finding in findings if finding.wrong]
    return {
        "name": "mix",
        "sessions": len(findings),
        "kinds": len({person.kind.name for person in cast}),
        **Counter(finding.end for finding in findings),
        "wrong": len(wrong),
        "seconds": round(time.monotonic() - began),
        "played_seconds": round(took),
        **({"findings": [finding.said() for finding in wrong][:20]} if wrong else {}),
    }
