"""What a session costs with many in the tables, beside what it costs with few: seconds of CPU, by part.

`BENCH_FILLED` sets how many sessions are copied in between (a million takes 17 minutes and 50 GB), `BENCH_SESSIONS`
how many are played before and after. What is played is the whole story, as in `bench_end_to_end`.
"""

import asyncio
import os
import time
from collections.abc import Iterator
from typing import Any

from deploy.embedded.stack import SERVICES, Stack
from tests.bench import many_sessions, parts
from tests.bench.session_story import System

FILLED = int(os.environ.get("BENCH_FILLED", "20000"))
SESSIONS = int(os.environ.get("BENCH_SESSIONS", "300"))
WARM = 50
MOST_TIMES = 1.1


def run() -> Iterator[dict[str, Any]]:
    """One line: the cost of a session in full tables; `floor` is what it may be, a tenth above that in empty ones."""
    with Stack.start(environ={}) as stack:
        yield asyncio.run(_measured(stack, System(stack)))


async def _measured(stack: Stack, system: System) -> dict[str, Any]:
    await system.tell_directory()
    await system.play(many_sessions.TEMPLATE, many_sessions.TEMPLATES)
    await many_sessions.keep_templates(stack)
    few = await _cost(system, "few")
    size, began = await system.database_bytes(), time.perf_counter()
    system.services.stop()
    rows = await many_sessions.fill(stack, FILLED)
    system.services.start(dict.fromkeys(SERVICES, 1))
    system.services.wait()
    took, grown = time.perf_counter() - began, await system.database_bytes() - size
    read_before = await many_sessions.rows_read_in_whole(stack)
    many = await _cost(system, "many")
    read = await many_sessions.rows_read_in_whole(stack)
    allowed = sum(few.values()) * MOST_TIMES
    return {
        "name": "full_tables",
        "value": round(sum(many.values()), 1),
        "unit": "CPU seconds for 1,000 sessions",
        "floor": round(allowed, 1),
        "ratio": round(allowed / sum(many.values()), 2),
        "sessions_in_the_tables": FILLED,
        "rows_filled": rows,
        "bytes_a_session": round(grown / FILLED),
        "seconds_to_fill": round(took),
        "with_few": few,
        "with_many": many,
        "rows_of_whole_tables_read": dict((read - read_before).most_common(5)),
    }


async def _cost(system: System, run: str) -> dict[str, float]:
    """The seconds of CPU for 1,000 sessions of this run, by part, after some that only warm up."""
    await system.play(f"{run}w", WARM)
    before = parts.cpu_seconds()
    await system.play(run, SESSIONS)
    after = parts.cpu_seconds()
    return {part: round((after[part] - before.get(part, 0.0)) / SESSIONS * 1_000, 2) for part in sorted(after)}
