"""`make simulate`: worlds of fresh seeds, many side by side; one JSON object a line.

A broken promise prints its seed and its story to standard error; `--shrink` prints its shortest plan, too.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from deploy.embedded.stack import Stack
from shared import log
from tests.simulation import generating
from tests.simulation.converging import end_of, schedules
from tests.simulation.databases import Databases
from tests.simulation.moves import Plan
from tests.simulation.promises.all import Breach, breaches
from tests.simulation.running import run
from tests.simulation.shrinking import shrink
from tests.simulation.world import World

_SIDE_BY_SIDE = 250


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--worlds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1, help="the first seed; each world has the next one")
    parser.add_argument("--plan", type=Path, help="run the one world of this file")
    parser.add_argument("--stories", type=int, default=3, help="how many broken worlds are told in full")
    parser.add_argument("--shrink", action="store_true", help="make the first broken world shorter")
    parser.add_argument("--converge", action="store_true", help="run each world twice, the second time out of order")
    parser.add_argument("--without", default="", help="behaviours to leave out, comma separated")
    return parser.parse_args()


def main() -> int:
    """Run the worlds; 0 where every promise was kept."""
    arguments = _arguments()
    log.configure("simulation", "error", "console")
    with Stack.start(kafka=False, inbox=False, fsync=False, environ={}) as stack:
        admin = stack.database_admin_url
        assert admin is not None
        return asyncio.run(_main(arguments, Databases(admin)))


async def _main(arguments: argparse.Namespace, databases: Databases) -> int:
    broken = count = 0
    started = time.monotonic()
    for plans in _groups(_plans(arguments)):
        async with databases.stage() as stage:
            worlds = await run(stage, plans)
        if arguments.converge:
            broken += _compare(worlds)
        for world in worlds:
            count += 1
            breached = breaches(world)
            if breached:
                broken += 1
                _tell(world, breached, in_full=broken <= arguments.stories)
                if arguments.shrink and broken == 1:
                    await _shrink(databases, world.plan, breached[0])
    seconds = time.monotonic() - started
    _say({"name": "simulate", "worlds": count, "broken": broken, "seconds": round(seconds, 1)})
    return 1 if broken else 0


def _plans(arguments: argparse.Namespace) -> Iterator[Plan]:
    if arguments.plan is not None:
        yield Plan.from_json(arguments.plan.read_text())
        return
    without = frozenset(name.strip() for name in arguments.without.split(",") if name.strip())
    for seed in range(arguments.seed, arguments.seed + arguments.worlds):
        plan = generating.world(seed, without)
        yield from schedules(plan) if arguments.converge else (plan,)


def _groups(plans: Iterator[Plan]) -> Iterator[Sequence[Plan]]:
    group: list[Plan] = []
    for plan in plans:
        group.append(plan)
        if len(group) == _SIDE_BY_SIDE:
            yield group
            group = []
    if group:
        yield group


def _compare(worlds: Sequence[World]) -> int:
    """Tell the pairs of worlds of one plan that ended differently; return how many."""
    apart = 0
    for ordered, shuffled in zip(worlds[::2], worlds[1::2], strict=True):
        ends = end_of(ordered), end_of(shuffled)
        if ends[0] != ends[1]:
            apart += 1
            _say({"name": "diverged", "seed": ordered.plan.seed, "in order": str(ends[0]), "shuffled": str(ends[1])})
    return apart


def _tell(world: World, breached: list[Breach], *, in_full: bool) -> None:
    promises = sorted({breach.promise.name for breach in breached})
    _say({"name": "broken", "seed": world.plan.seed, "promises": promises, "first": str(breached[0])})
    if in_full:
        print(world.history.story(), file=sys.stderr)
        for breach in breached:
            print(f"BROKEN {breach}\n  {breach.promise.sentence}", file=sys.stderr)


async def _shrink(databases: Databases, plan: Plan, breach: Breach) -> None:
    shortest = await shrink(databases, plan, breach, lambda words: print(words, file=sys.stderr))
    print(shortest.to_json(), file=sys.stderr)
    async with databases.stage() as stage:
        (world,) = await run(stage, [shortest])
    _tell(world, breaches(world), in_full=True)


def _say(document: dict[str, Any]) -> None:
    print(json.dumps(document), flush=True)


if __name__ == "__main__":
    sys.exit(main())
