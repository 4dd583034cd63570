"""The levels (HL) of the eligibility and claim status sets: payer, receiver, provider, subscriber, dependent.

Source of the rule: 005010X279A1, X212 and X214, loops 2000A to 2000E. Levels follow one another from payer down to
patient; HL02 (the parent) is often wrong in real files, the order is not, so the order counts.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from shared.x12.syntax.envelope import element

PAYER, RECEIVER, PROVIDER, SUBSCRIBER, DEPENDENT = "20", "21", "19", "22", "23"
_DEPTHS = {PAYER: 0, RECEIVER: 1, PROVIDER: 2, SUBSCRIBER: 3, DEPENDENT: 4, "PT": 3}


@dataclass(slots=True)
class Level:
    """One level with its segments and the levels above it; `code` is HL03, "" for what stands before the first HL.

    `subject` says that the level is about the patient: a dependent, or a subscriber without a dependent below.
    """

    code: str
    above: tuple["Level", ...] = ()
    segments: list[list[str]] = field(default_factory=list[list[str]])
    has_dependent: bool = False

    @property
    def subject(self) -> bool:
        """Whether the set speaks about this level's person."""
        own = any(segment[0] in ("EB", "EQ", "STC", "AAA") for segment in self.segments)
        return self.code in (DEPENDENT, "PT") or (self.code == SUBSCRIBER and (own or not self.has_dependent))

    def at(self, code: str) -> "Level | None":
        """This level or the one above it whose HL03 is `code`."""
        return next((level for level in (self, *reversed(self.above)) if level.code == code), None)


def levels(segments: Iterable[list[str]]) -> Iterator[Level]:
    """The levels of a set, each complete, from the top of the set to its end."""
    current, path = Level(""), list[Level]()
    for elements in segments:
        if elements[0] != "HL":
            current.segments.append(elements)
            continue
        code = element(elements, 3)
        current.has_dependent = current.code == SUBSCRIBER and code == DEPENDENT
        yield current
        depth = _DEPTHS.get(code, 5)
        path = [level for level in path if _DEPTHS.get(level.code, 5) < depth]
        current = Level(code, tuple(path))
        path.append(current)
    yield current
