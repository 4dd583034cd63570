"""Plays worlds to their ends, also where one of them does not end: the others are played again without it."""

from collections.abc import Sequence
from datetime import timedelta

from tests.simulation.databases import Databases
from tests.simulation.moves import Plan
from tests.simulation.running import run
from tests.simulation.world import LASTS, World


async def play(databases: Databases, plans: Sequence[Plan], lasts: timedelta = LASTS) -> list[World]:
    """The worlds of these plans on fresh databases, in their order.

    What stops the services, or never lets them rest, is looked for by halves. The world that does so alone comes back
    without a history, and says what stopped it.
    """
    try:
        async with databases.stage() as stage:
            return await run(stage, plans, lasts)
    except Exception as error:
        if len(plans) == 1:
            return [_stopped(plans[0], error)]
    middle = len(plans) // 2
    return [*await play(databases, plans[:middle], lasts), *await play(databases, plans[middle:], lasts)]


def _stopped(plan: Plan, error: Exception) -> World:
    world = World(plan)
    world.stopped_by = f"{type(error).__name__}: {error}"
    return world
