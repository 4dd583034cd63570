"""One group of worlds as a process of its own plays it, and what it tells to the process that asked."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared import log
from tests.simulation.converging import differences, end_of
from tests.simulation.databases import Databases
from tests.simulation.moves import Plan
from tests.simulation.playing import play
from tests.simulation.promises.all import Breach, breaches
from tests.simulation.shrinking import BrokenPlan
from tests.simulation.world import World


@dataclass(frozen=True)
class Told:
    """What a group of worlds has to tell: lines of JSON, the stories of broken worlds, and their plans."""

    worlds: int
    lines: tuple[dict[str, Any], ...]
    stories: tuple[str, ...]
    broken: tuple[BrokenPlan, ...]


def quiet() -> None:
    """Log errors alone."""
    log.configure("simulation", "error", "console")


def group_told(admin: str, stories: int, converge: bool, plans: Sequence[Plan]) -> Told:
    """Play the worlds on the server of `admin`; `converge`: the plans are pairs of schedules."""
    return asyncio.run(_tell(admin, stories, converge, plans))


async def _tell(admin: str, stories: int, converge: bool, plans: Sequence[Plan]) -> Told:
    databases = Databases(admin)
    worlds = await play(databases, plans)
    await databases.close()
    lines = _apart(worlds) if converge else []
    broken = [(world, breached) for world in worlds if (breached := breaches(world))]
    return Told(
        len(worlds),
        (*lines, *(_line(world, breached) for world, breached in broken)),
        tuple(story(world, breached) for world, breached in broken[:stories]),
        tuple(BrokenPlan(world.plan, breached[0].promise.name, breached[0].broken.at) for world, breached in broken),
    )


def _apart(worlds: Sequence[World]) -> list[dict[str, Any]]:
    """The pairs of worlds of one plan that ended differently."""
    pairs = zip(worlds[::2], worlds[1::2], strict=True)
    ends = [(ordered.plan.seed, end_of(ordered), end_of(shuffled)) for ordered, shuffled in pairs]
    return [
        {"name": "diverged", "seed": seed, "in order and shuffled": differences(first, second)}
        for seed, first, second in ends
        if first != second
    ]


def _line(world: World, breached: Sequence[Breach]) -> dict[str, Any]:
    promises = sorted({breach.promise.name for breach in breached})
    return {"name": "broken", "seed": world.plan.seed, "promises": promises, "first": str(breached[0])}


def story(world: World, breached: Sequence[Breach]) -> str:
    """A broken world as its timeline, and what it breaks."""
    broken = [f"BROKEN {breach}\n  {breach.promise.sentence}" for breach in breached]
    return "\n".join([world.history.story(), *broken])
