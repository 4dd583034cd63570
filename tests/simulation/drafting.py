"""A world on its way to a plan, and the moves that many behaviours are made of."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.simulation.facts import SECOND_OF_A_DAY
from tests.simulation.moves import Move

MAIN, SHORT, EXTRA = "90837", "90834", "96127"
PROCEDURES = (MAIN, SHORT, EXTRA)


@dataclass(frozen=True)
class Draft:
    """A world on its way: its plans in the true order, its sessions by day, the dice, and what was drawn so far."""

    dice: random.Random
    plans: str
    sessions: tuple[int, ...]
    moves: list[Move]

    def session(self) -> int:
        """One of the sessions."""
        return self.dice.choice(self.sessions)

    def payer(self) -> str:
        """One of the payers."""
        return self.dice.choice(self.plans)

    def days(self, least: int, most: int) -> float:
        """So many days, sometimes with half of one."""
        return self.dice.randint(least, most) + self.dice.choice((0.0, 0.0, 0.5))


Behaviour = Callable[[Draft], Iterable[Move]]


def listed(payer: str, **told: object) -> list[Move]:
    """The directory's facts of a payer: the payer, the provider's credential, and the rates. `told` is of the payer."""
    moves = [Move("payer", told={"payer": payer, **told}), Move("credential", told={"payer": payer})]
    return moves + [Move("rate", told={"payer": payer, "procedure": procedure}) for procedure in PROCEDURES]


def visit(session: int, procedures: tuple[str, ...], completed_after: float) -> list[Move]:
    """A session, confirmed on its day and completed some days after."""
    day = float(session % SECOND_OF_A_DAY)
    confirmed = Move("confirm", day, {"session": session, "procedures": list(procedures)})
    return [confirmed, Move("complete", day + completed_after, {"session": session})]
