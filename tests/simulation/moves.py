"""What happens in a world, as data: a list of moves that can be printed, kept in a file, and made shorter.

A move is one thing that an actor does, or one thing that the broker does to a message. Everything that no move tells
goes the ordinary way: payers answer after ten days by their terms, cards are charged at once, messages come in order.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Move:
    """One move. `day` counts from the world's first day, in parts of a day; moves of the broker have none."""

    kind: str
    day: float = 0.0
    told: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def __getitem__(self, name: str) -> Any:
        return self.told[name]

    def get(self, name: str, default: Any = None) -> Any:
        """What the move tells under `name`."""
        return self.told.get(name, default)

    def __str__(self) -> str:
        words = " ".join(f"{name}={json.dumps(value)}" for name, value in self.told.items())
        return f"day {self.day:g} {self.kind} {words}".rstrip()


@dataclass(frozen=True)
class Plan:
    """A world before it runs. `token` begins every id in it, so that many worlds share one database."""

    seed: int
    moves: tuple[Move, ...]
    token: str = ""

    @property
    def name(self) -> str:
        """What begins every id of this world."""
        return self.token or f"S{self.seed}"

    def of(self, *kinds: str) -> list[Move]:
        """The moves of these kinds, in their order."""
        return [move for move in self.moves if move.kind in kinds]

    def to_json(self) -> str:
        """The plan as it is kept in a file: a move a line."""
        moves = ",\n  ".join(json.dumps([move.kind, move.day, dict(move.told)]) for move in self.moves)
        return f'{{"seed": {self.seed}, "moves": [\n  {moves}\n]}}\n'

    @classmethod
    def from_json(cls, text: str) -> "Plan":
        """The plan of such a file."""
        read = json.loads(text)
        return cls(read["seed"], tuple(Move(kind, day, told) for kind, day, told in read["moves"]))
