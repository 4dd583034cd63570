"""Worlds of the whole system, side by side: every promise kept, whatever happens on the way."""

from collections.abc import AsyncGenerator

import pytest

from shared.events.settlement import CostFinalized, PayoutPaid, RefundIssued
from tests.simulation.databases import Databases
from tests.simulation.generating import ordinary
from tests.simulation.running import run


@pytest.fixture
async def databases(stack_environment: dict[str, str]) -> AsyncGenerator[Databases]:
    found = Databases(stack_environment["TEST_STACK"])
    yield found
    await found.close()


async def test_an_ordinary_world_goes_the_ordinary_way(databases: Databases):
    async with databases.stage() as stage:
        (world,) = await run(stage, [ordinary(1)])

    history = world.history
    assert [letter.kind for _, letter in history.letters()] == ["charged", "refund"]
    (cost,) = [event for _, event in history.said(CostFinalized)]
    assert (cost.charged_cents, cost.final_cost_cents, cost.refund_cents) == (3000, 600, 2400)
    assert [event.amount_cents for _, event in history.said(RefundIssued)] == [2400]
    assert [event.amount_cents for _, event in history.said(PayoutPaid)] == [15_000]
