"""Makes a plan shorter that still breaks a promise: fewer moves, many shorter plans tried side by side.

Each round leaves out each move by itself, all in one group of worlds; then as many as possible of those that were not
needed, at once. What is left needs every one of its moves.
"""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tests.simulation.databases import Databases
from tests.simulation.moves import Plan
from tests.simulation.playing import play
from tests.simulation.promises.all import Breach, breaches
from tests.simulation.world import BEGINS, LASTS

_MARGIN = timedelta(days=3)


@dataclass(frozen=True)
class BrokenPlan:
    """A plan, the name of a promise that its world breaks, and when it does so first."""

    plan: Plan
    promise: str
    at: datetime


async def shrink(databases: Databases, broken: BrokenPlan, note: Callable[[str], None]) -> Plan:
    """The shortest plan found whose world still breaks the promise; it runs no longer than needed."""
    plan = broken.plan
    trying = _Trying(databases, broken.promise, min(LASTS, broken.at - BEGINS + _MARGIN))
    if not await trying.broken([plan]):
        trying = _Trying(databases, broken.promise, LASTS)
    while True:
        numbers = range(len(plan.moves))
        spare = await trying.broken([_without(plan, {number}) for number in numbers])
        note(f"{len(plan.moves)} moves, {len(spare)} of them not needed by themselves")
        if not spare:
            return plan
        some = [spare[: max(1, len(spare) * share // 8)] for share in (8, 7, 6, 4, 2, 1, 0)]
        shorter = [_without(plan, set(numbers)) for numbers in some]
        failing = await trying.broken(shorter)
        plan = shorter[failing[0]] if failing else _without(plan, {spare[0]})


class _Trying:
    def __init__(self, databases: Databases, promise: str, lasts: timedelta) -> None:
        self._databases, self._promise, self._lasts = databases, promise, lasts

    async def broken(self, plans: Sequence[Plan]) -> list[int]:
        """Which of these plans break the promise."""
        named = [replace(plan, token=f"S{plan.seed}R{number}") for number, plan in enumerate(plans)]
        worlds = await play(self._databases, named, self._lasts)
        return [number for number, world in enumerate(worlds) if self._breaks(breaches(world, self._lasts))]

    def _breaks(self, breaches: Sequence[Breach]) -> bool:
        return any(breach.promise.name == self._promise for breach in breaches)


def _without(plan: Plan, numbers: Set[int]) -> Plan:
    return replace(plan, moves=tuple(move for number, move in enumerate(plan.moves) if number not in numbers))
