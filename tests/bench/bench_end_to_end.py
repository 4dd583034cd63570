"""End to end: sessions a second from `session.confirmed` to `cost.finalized`, through all services and the payers.

Beside it in the same run the same story without our code (`tests/bench/peers`): the same messages with bodies of the
same size, as many rows, the same letters. The bare pipe is the limit; plain FastStream handlers are what people write
first; Celery and DBOS Transact are what they would pick instead. Each runs once more with a process killed in the
middle, and says what that cost. `BENCH_SESSIONS` sets the sessions of our run; the slower ones play fewer.
"""

import asyncio
import os
import platform
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

from deploy.embedded.stack import Stack
from tests.bench import parts
from tests.bench.peers import race
from tests.bench.peers.drawing import draw
from tests.bench.peers.race import Result
from tests.bench.session_story import Passage, System

SESSIONS = int(os.environ.get("BENCH_SESSIONS", "600"))
WARM = 50
PICTURE = Path(__file__).parents[2] / "docs" / "end_to_end.svg"
OF_BARE = 0.5
TIMES = {"plain FastStream": 10.0, "Celery": 5.0, "DBOS Transact": 5.0}

CONTENDERS: dict[str, Callable[[Stack, int, bool], Result]] = {
    "bare pipe": lambda stack, count, kill: race.on_kafka(stack, "bare", count, kill=kill),
    "plain FastStream": lambda stack, count, kill: race.on_kafka(stack, "plain_faststream", count, kill=kill),
    "Celery": lambda stack, count, kill: race.on_celery(stack, count, kill=kill),
    "DBOS Transact": lambda stack, count, kill: race.on_dbos(stack, count, kill=kill),
}


def run() -> Iterator[dict[str, Any]]:
    """One line a figure; the picture of them goes to docs/end_to_end.svg."""
    rates: dict[str, float] = {}
    lines = {replicas: _ours(replicas) for replicas in (1, 2)}
    rates["ours"] = lines[1]["value"]
    peers: list[dict[str, Any]] = []
    with Stack.start(environ={}) as stack:
        for name, contender in CONTENDERS.items():
            count = SESSIONS if name == "bare pipe" else max(20, SESSIONS // 6)
            whole, killed = contender(stack, count, False), contender(stack, count, True)
            rates[name] = whole.sessions_a_second
            peers.append(_peer_line(name, whole, killed, rates["ours"]))
    for replicas, figures in lines.items():
        yield {**figures, "floor": round(rates["bare pipe"] * OF_BARE, 2),
               "ratio": round(figures["value"] / (rates["bare pipe"] * OF_BARE), 2),
               "cpu_of_one_replica": _of_one(lines) if replicas > 1 else 1.0}  # fmt: skip
    yield from peers
    PICTURE.write_text(draw(rates, _machine()))


def _ours(replicas: int) -> dict[str, Any]:
    with Stack.start(environ={}) as stack:
        return asyncio.run(_measured(System(stack, replicas), replicas))


async def _measured(system: System, replicas: int) -> dict[str, Any]:
    await system.tell_directory()
    await system.play("w", WARM)
    cpu, size, rows = parts.cpu_seconds(), await system.database_bytes(), await system.rows_written()
    passage = await system.play("m", SESSIONS)
    spent = {part: used - cpu.get(part, 0.0) for part, used in parts.cpu_seconds().items()}
    written = await system.rows_written()
    return _line(
        passage,
        replicas=replicas,
        cpu_seconds_per_1000={part: round(used / SESSIONS * 1_000, 2) for part, used in sorted(spent.items())},
        memory_mb=parts.memory_mb(),
        postgres_bytes_a_session=round((await system.database_bytes() - size) / SESSIONS),
        rows_a_session={service: round((written[service] - rows[service]) / SESSIONS, 1) for service in written},
    )


def _line(passage: Passage, *, replicas: int, **more: Any) -> dict[str, Any]:
    return {
        "name": f"end_to_end_{replicas}_replica{'s' if replicas > 1 else ''}",
        "value": round(SESSIONS / passage.seconds, 2),
        "unit": "sessions/s",
        "sessions": SESSIONS,
        "messages_a_second": round(passage.messages / passage.seconds),
        "messages_a_session": round(passage.messages / SESSIONS, 1),
        "kafka_bytes_a_session": round(passage.kafka_bytes / SESSIONS),
        "step_p50_p99_ms": passage.step_ms(),
        **more,
    }


def _peer_line(name: str, whole: Result, killed: Result, ours: float) -> dict[str, Any]:
    """A contender's line: `ratio` is how many times we are faster, of the times that are asked for."""
    wanted = TIMES.get(name)
    return {
        "name": f"end_to_end_{name.lower().replace(' ', '_')}",
        "value": round(whole.sessions_a_second, 2),
        "unit": "sessions/s",
        "floor": wanted,
        "ratio": None if wanted is None else round(ours / whole.sessions_a_second / wanted, 2),
        "cpu_seconds_per_1000": round(whole.cpu_seconds_per_1000, 1),
        "memory_mb": round(whole.memory_mb),
        "after_a_kill": {
            "rows_lost": killed.rows_lost,
            "letters_lost": killed.letters_lost,
            "letters_doubled": killed.letters_doubled,
            "sessions_a_second": round(killed.sessions_a_second, 2),
        },
    }


def _of_one(lines: dict[int, dict[str, Any]]) -> float:
    """The CPU a session of two replicas, as a multiple of one's; the broker's and the database's are in both."""
    alone, paired = (sum(lines[replicas]["cpu_seconds_per_1000"].values()) for replicas in (1, 2))
    return round(paired / alone, 2)


def _machine() -> str:
    memory = round(psutil.virtual_memory().total / 2**30)
    return f"{psutil.cpu_count()} cores, {memory} GiB, Python {platform.python_version()}, {platform.system()}"
