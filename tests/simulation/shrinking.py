"""Makes a plan shorter that still breaks a promise: fewer moves, many shorter plans tried side by side.

Delta debugging: leave out a part of the moves, half of them first, then ever smaller parts, down to each by itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from tests.simulation.databases import Databases
from tests.simulation.moves import Move, Plan
from tests.simulation.promises.all import breaches
from tests.simulation.running import run
from tests.simulation.world import World

_AT_ONCE = 40


async def shrink(databases: Databases, plan: Plan, promise: str, note: Callable[[str], None]) -> Plan:
    """The shortest plan found whose world still breaks the promise of this name."""
    parts = 2
    while len(plan.moves) > 1:
        shorter = await _first_broken(databases, _candidates(plan, parts), promise)
        if shorter is not None:
            plan, parts = shorter, max(2, parts - 1)
            note(f"{len(plan.moves)} moves")
        elif parts >= len(plan.moves):
            return plan
        else:
            parts = min(len(plan.moves), parts * 2)
    return plan


def _candidates(plan: Plan, parts: int) -> list[Plan]:
    """The plan without each of its parts."""
    size = -(-len(plan.moves) // parts)
    starts = range(0, len(plan.moves), size)
    return [replace(plan, moves=_without(plan.moves, start, size)) for start in starts]


def _without(moves: Sequence[Move], start: int, size: int) -> tuple[Move, ...]:
    return (*moves[:start], *moves[start + size :])


async def _first_broken(databases: Databases, candidates: Sequence[Plan], promise: str) -> Plan | None:
    for start in range(0, len(candidates), _AT_ONCE):
        group = candidates[start : start + _AT_ONCE]
        named = [replace(plan, token=f"S{plan.seed}R{number}") for number, plan in enumerate(group)]
        async with databases.stage() as stage:
            worlds = await run(stage, named)
        for plan, world in zip(group, worlds, strict=True):
            if _breaks(world, promise):
                return plan
    return None


def _breaks(world: World, promise: str) -> bool:
    return any(breach.promise.name == promise for breach in breaches(world))
