"""Plays worlds to their ends, also where one of them does not end: the others are played again without it."""

import traceback
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from tests.simulation.databases import Databases
from tests.simulation.moves import Plan
from tests.simulation.running import run
from tests.simulation.world import LASTS, World

_ROOT = Path(__file__).resolve().parents[2]


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
    world.stopped_by = f"{type(error).__name__}: {error}{_place(error)}"
    return world


def _place(error: BaseException) -> str:
    """The line of ours that stopped the world: the innermost one of the first error that has any, causes first."""
    for cause in reversed(list(_chain(error))):
        for frame in reversed(traceback.extract_tb(cause.__traceback__)):
            path = Path(frame.filename)
            if path.is_relative_to(_ROOT) and path.relative_to(_ROOT).parts[0] in ("services", "shared"):
                return f" ({path.relative_to(_ROOT)}:{frame.lineno} in {frame.name})"
    return ""


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error, and those that it came of."""
    while error is not None:
        yield error
        error = error.exceptions[0] if isinstance(error, BaseExceptionGroup) else error.__cause__ or error.__context__
