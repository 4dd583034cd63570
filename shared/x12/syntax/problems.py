"""What a reader found odd: it never raises, it notes a problem and reads on."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["note", "balance", "envelope"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One oddity of a file, with its place.

    `name` is snake_case and stable, `text` is a sentence without personal data, `segment` is the segment's id and
    `position` its 1-based number in the file. `off_by_cents` is how much a balance is off (stated minus computed).
    `kind` is "balance" (money does not add up or cannot be read), "envelope" (something is missing or does not belong
    together) or "note" (odd, and read all the same).
    """

    name: str
    text: str
    segment: str | None = None
    position: int | None = None
    off_by_cents: int | None = None
    kind: Kind = "note"

    @property
    def grave(self) -> bool:
        """Whether this problem forbids posting."""
        return self.kind != "note"


def any_grave(problems: Iterable[Problem]) -> bool:
    """Whether one of `problems` forbids posting."""
    return any(problem.kind != "note" for problem in problems)


def any_off(problems: Iterable[Problem]) -> bool:
    """Whether one of `problems` says that money does not add up."""
    return any(problem.kind == "balance" for problem in problems)
