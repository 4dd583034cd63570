"""What is listed after the primary has answered ends as if it had been there from the start."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.simulation.converging import end_of
from tests.simulation.databases import Databases
from tests.simulation.moves import Move, Plan
from tests.simulation.promises.all import breaches
from tests.simulation.running import run
from tests.simulation.test_simulation import databases

__all__ = ["databases"]

AFTER_THE_ANSWER = 40.0
PLAN_ADDED = Path(__file__).parent / "kept" / "09-a-plan-added-between-claim-and-answer.json"


def _listed(late: str, day: float) -> Plan:
    """The world in which one fact about plan B comes on this day, and all others before the session."""
    plan = Plan.from_json(PLAN_ADDED.read_text())
    first_list = next(move for move in plan.moves if move.kind == "plans")

    def moved(move: Move) -> Move:
        about_b = move.get("payer") == "B" or move.get("plans") == ["A", "B"]
        return replace(move, day=day if about_b and move.kind == late else 0.0)

    left = [moved(move) for move in plan.moves if move != first_list or late == "plans"]
    moves = sorted(left, key=lambda move: move.day)
    return replace(plan, moves=tuple(moves), token=f"S{int(day)}")


@pytest.mark.parametrize("late", ["plans", "credential", "payer"])
async def test_a_plan_that_becomes_billable_after_the_primary_answered_is_billed(databases: Databases, late: str):
    async with databases.stage() as stage:
        early, afterwards = await run(stage, [_listed(late, 0.0), _listed(late, AFTER_THE_ANSWER)])

    assert end_of(afterwards) == end_of(early)
    assert (breaches(early), breaches(afterwards)) == ([], [])
    ((_, session),) = end_of(afterwards).sessions
    assert session.claims == (("A", "P"), ("B", "S"))
