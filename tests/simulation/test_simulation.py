"""Worlds of the whole system, side by side: every promise kept, whatever happens on the way.

`kept/` holds worlds that once broke a promise, one a file, named after the fault. A world that breaks is run alone by
`make simulate WORLDS=1 SEED=...`; `ARGS=--shrink` makes it short enough to keep.
"""

import os
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from shared import log
from shared.events.claims import ClaimsReviewRequested
from shared.events.settlement import CostFinalized, PayoutPaid, RefundIssued
from tests.simulation import generating
from tests.simulation.converging import differences, end_of, schedules
from tests.simulation.databases import Databases
from tests.simulation.moves import Plan
from tests.simulation.payers.handwriting import HANDS, OF_THE_PAYER
from tests.simulation.promises.all import breaches
from tests.simulation.running import run

KEPT = sorted((Path(__file__).parent / "kept").glob("*.json"))
SEED = int(os.environ.get("SIMULATION_SEED", "1"))
WORLDS, PAIRS = 100, 15


@pytest.fixture
async def databases(stack_environment: dict[str, str]) -> AsyncGenerator[Databases]:
    log.configure("simulation", "error", "console")
    databases = Databases(stack_environment["TEST_STACK"])
    yield databases
    await databases.close()


async def broken(databases: Databases, plans: Sequence[Plan]) -> dict[str, list[str]]:
    """The promises that these worlds break, by the names of the worlds."""
    async with databases.stage() as stage:
        worlds = await run(stage, plans)
    told = {world.name: [str(breach) for breach in breaches(world)] for world in worlds}
    return {name: words for name, words in told.items() if words}


async def test_an_ordinary_world_goes_the_ordinary_way(databases: Databases):
    async with databases.stage() as stage:
        (world,) = await run(stage, [generating.ordinary(1)])

    history = world.history
    assert [letter.kind for _, letter in history.letters()] == ["charged", "refund"]
    (cost,) = [event for _, event in history.said(CostFinalized)]
    assert (cost.charged_cents, cost.final_cost_cents, cost.refund_cents) == (3000, 600, 2400)
    assert [event.amount_cents for _, event in history.said(RefundIssued)] == [2400]
    assert [event.amount_cents for _, event in history.said(PayoutPaid)] == [15_000]
    assert breaches(world) == []


async def test_worlds_that_once_broke_a_promise_keep_it(databases: Databases):
    plans = [replace(Plan.from_json(path.read_text()), token=f"S{number}") for number, path in enumerate(KEPT)]

    broken_worlds = await broken(databases, plans)

    named = {KEPT[int(name[1:])].stem: words for name, words in broken_worlds.items()}
    assert named == {}


async def test_no_world_of_new_seeds_breaks_a_promise(databases: Databases):
    plans = [generating.world(seed) for seed in range(SEED, SEED + WORLDS)]

    assert await broken(databases, plans) == {}


async def test_the_same_facts_in_any_order_end_in_the_same_state(databases: Databases):
    worlds = [generating.world(seed) for seed in range(SEED, SEED + PAIRS)]
    async with databases.stage() as stage:
        run_worlds = await run(stage, [plan for world in worlds for plan in schedules(world)])

    ends = [(end_of(ordered), end_of(late)) for ordered, late in zip(run_worlds[::2], run_worlds[1::2], strict=True)]
    assert [end for end, _ in ends] == [end for _, end in ends]


async def test_however_a_payer_writes_its_remittances_a_world_ends_alike(databases: Databases):
    hands = [None, *HANDS, *OF_THE_PAYER]
    async with databases.stage() as stage:
        worlds = await run(stage, [generating.written_by(number, hand) for number, hand in enumerate(hands)])

    ends = {hand: differences(end_of(worlds[0]), end_of(world)) for hand, world in zip(hands, worlds, strict=True)}
    assert {hand: words for hand, words in ends.items() if words} == {}
    assert [event for world in worlds for _, event in world.history.said(ClaimsReviewRequested)] == []
