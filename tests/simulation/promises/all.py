"""All promises, and which of them a world breaks."""

from dataclasses import dataclass
from datetime import timedelta

from tests.simulation.oracle import COSTS
from tests.simulation.promises import accounts, charges, claims, refunds
from tests.simulation.promises.promise import Broken, Case, Promise
from tests.simulation.world import BEGINS, LASTS, World

PROMISES: tuple[Promise, ...] = (
    *charges.PROMISES,
    *refunds.PROMISES,
    *claims.PROMISES,
    *accounts.PROMISES,
    COSTS,
)

ENDS = Promise("ends", "Every world comes to its end: no service stops, none goes on for ever.", lambda _: ())
"""Told of a world that was stopped; there is no history to check."""


@dataclass(frozen=True)
class Breach:
    """A promise and where it was broken."""

    promise: Promise
    broken: Broken

    def __str__(self) -> str:
        session = "" if self.broken.session is None else f" session {self.broken.session}"
        return f"{self.broken.at:%b %d %H:%M}{session} {self.promise.name}: {self.broken.words}"


def breaches(world: World, lasts: timedelta = LASTS) -> list[Breach]:
    """What a world that lasted so long breaks, in the order of the promises."""
    if world.stopped_by:
        return [Breach(ENDS, Broken(BEGINS, None, world.stopped_by))]
    case = Case(world.history, BEGINS + lasts, world.name)
    return [Breach(promise, broken) for promise in PROMISES for broken in promise.check(case)]
