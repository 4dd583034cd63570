"""A world that does not end is told by its seed, and the others beside it are played to their ends."""

import contextlib
import re
from collections.abc import AsyncGenerator, Sequence
from datetime import timedelta
from typing import Any

from shared import clock
from tests.simulation import playing
from tests.simulation.generating import ordinary
from tests.simulation.moves import Plan
from tests.simulation.mutations import MUTATIONS
from tests.simulation.promises.all import ENDS, PROMISES, breaches
from tests.simulation.running import NeverQuietError
from tests.simulation.world import World


class NoDatabases:
    """Stages without databases; it counts them."""

    def __init__(self) -> None:
        self.opened = 0

    @contextlib.asynccontextmanager
    async def stage(self) -> AsyncGenerator[None]:
        self.opened += 1
        yield None


async def never_quiet_with_seed_5(_stage: Any, plans: Sequence[Plan], _lasts: Any) -> list[World]:
    if any(plan.seed == 5 for plan in plans):
        raise NeverQuietError("still at work")
    return [World(plan) for plan in plans]


async def test_the_world_that_never_ends_is_found_among_others(monkeypatch: Any):
    monkeypatch.setattr(playing, "run", never_quiet_with_seed_5)

    worlds = await playing.play(NoDatabases(), [ordinary(seed) for seed in range(1, 9)])  # pyright: ignore

    stopped = {world.plan.seed: world.stopped_by for world in worlds}
    assert stopped == {seed: "NeverQuietError: still at work" if seed == 5 else "" for seed in range(1, 9)}


async def interrupted_in_a_service(_stage: Any, _plans: Any, _lasts: Any) -> list[World]:
    """What a moment's time limit does: what was going on is the cause of the TimeoutError."""
    try:
        clock.advance(timedelta(days=1))
    except RuntimeError as error:
        raise TimeoutError("busy") from error
    return []


async def test_a_world_that_was_stopped_says_where(monkeypatch: Any):
    monkeypatch.delenv("CLOCK_OFFSET_FILE", raising=False)
    monkeypatch.setattr(playing, "run", interrupted_in_a_service)

    (world,) = await playing.play(NoDatabases(), [ordinary(5)])  # pyright: ignore

    assert re.fullmatch(r"TimeoutError: busy \(shared/clock\.py:[0-9]+ in advance\)", world.stopped_by)


async def test_a_world_that_was_stopped_breaks_the_promise_to_end(monkeypatch: Any):
    monkeypatch.setattr(playing, "run", never_quiet_with_seed_5)

    (world,) = await playing.play(NoDatabases(), [ordinary(5)])  # pyright: ignore

    assert [(breach.promise, breach.broken.words) for breach in breaches(world)] == [
        (ENDS, "NeverQuietError: still at work")
    ]


def test_each_promise_has_a_mutation_that_breaks_it():
    assert {promise.name for promise in (*PROMISES, ENDS)} == {mutation.promise for mutation in MUTATIONS}
