"""`make simulate`: worlds of fresh seeds, many side by side; one JSON object a line.

A broken promise prints its seed and its story to standard error; `--shrink` prints its shortest plan, too.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from deploy.embedded.stack import Stack
from tests.simulation import generating
from tests.simulation.converging import schedules
from tests.simulation.databases import Databases
from tests.simulation.groups import BrokenPlan, Told, group_told, quiet, story
from tests.simulation.moves import Plan
from tests.simulation.playing import play
from tests.simulation.promises.all import breaches
from tests.simulation.shrinking import shrink

_SIDE_BY_SIDE = 500
"""Worlds of one group: the more, the more of them share a batch; and the longer until the first is told."""


def _behaviours(words: str) -> tuple[str, ...]:
    """Names of behaviours. Raises argparse.ArgumentTypeError: there is no such behaviour."""
    names = tuple(name.strip() for name in words.split(",") if name.strip())
    if unknown := [name for name in names if name not in generating.BEHAVIOURS]:
        known = ", ".join(sorted(generating.BEHAVIOURS))
        raise argparse.ArgumentTypeError(f"no behaviour is called {', '.join(unknown)}; there are: {known}")
    return names


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--worlds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1, help="the first seed; each world has the next one")
    parser.add_argument("--dense", action="store_true", help="worlds in which more plans and behaviours meet")
    parser.add_argument("--plan", type=Path, help="run the one world of this file")
    parser.add_argument("--stories", type=int, default=3, help="how many broken worlds are told in full")
    parser.add_argument("--shrink", action="store_true", help="make the first broken world shorter")
    parser.add_argument("--converge", action="store_true", help="run each world twice, the second time out of order")
    parser.add_argument(
        "--server", help="a PostgreSQL that runs already: its address, for a user who may make databases"
    )
    parser.add_argument("--without", type=_behaviours, default=(), help="behaviours to leave out, comma separated")
    parser.add_argument("--also", type=_behaviours, default=(), help="behaviours to add to every world")
    parser.add_argument("--processes", type=int, default=min(2, os.cpu_count() or 1), help="groups at the same time")
    return parser.parse_args()


def main() -> int:
    """Run the worlds; 0 where every promise was kept."""
    arguments = _arguments()
    quiet()
    if arguments.server is not None:
        return _run(arguments, arguments.server)
    with Stack.start(kafka=False, inbox=False, fsync=False, environ={}) as stack:
        admin = stack.database_admin_url
        assert admin is not None
        return _run(arguments, admin)


def _run(arguments: argparse.Namespace, admin: str) -> int:
    started = time.monotonic()
    count = 0
    broken: list[BrokenPlan] = []
    diverged = 0
    for told in _groups_told(arguments, admin):
        for line in told.lines:
            _say(line)
        for words in told.stories[: max(0, arguments.stories - len(broken))]:
            print(words, file=sys.stderr)
        count += told.worlds
        broken += told.broken
        diverged += sum(line["name"] == "diverged" for line in told.lines)
    if arguments.shrink and broken:
        asyncio.run(_shrink(admin, broken[0]))
    seconds = round(time.monotonic() - started, 1)
    _say({"name": "simulate", "worlds": count, "broken": len(broken) + diverged, "seconds": seconds})
    return 1 if broken or diverged else 0


def _groups_told(arguments: argparse.Namespace, admin: str) -> Iterator[Told]:
    """What each group has to tell, in the order of the seeds; several groups run at the same time."""
    groups = list(_groups(list(_plans(arguments)), arguments.processes))
    tell = partial(group_told, admin, arguments.stories, arguments.converge)
    if len(groups) == 1:
        yield tell(groups[0])
        return
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(arguments.processes, fresh, quiet) as pool:
        yield from pool.map(tell, groups)


def _plans(arguments: argparse.Namespace) -> Iterator[Plan]:
    if arguments.plan is not None:
        yield Plan.from_json(arguments.plan.read_text())
        return
    draw = generating.dense if arguments.dense else generating.world
    for seed in range(arguments.seed, arguments.seed + arguments.worlds):
        plan = draw(seed, frozenset(arguments.without), arguments.also)
        yield from schedules(plan) if arguments.converge else (plan,)


def _groups(plans: Sequence[Plan], processes: int) -> Iterator[Sequence[Plan]]:
    """Groups of an even number of worlds, so that no pair of schedules is torn; a few worlds stay together."""
    size = min(_SIDE_BY_SIDE, max(20, 2 * -(-len(plans) // (2 * processes))))
    for start in range(0, len(plans), size):
        yield plans[start : start + size]


async def _shrink(admin: str, broken: BrokenPlan) -> None:
    databases = Databases(admin)
    shortest = await shrink(databases, broken, lambda words: print(words, file=sys.stderr))
    print(shortest.to_json(), file=sys.stderr)
    (world,) = await play(databases, [shortest])
    print(story(world, breaches(world)), file=sys.stderr)


def _say(document: dict[str, Any]) -> None:
    print(json.dumps(document), flush=True)


if __name__ == "__main__":
    sys.exit(main())
