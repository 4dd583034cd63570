"""What happened in a world: what it was told, and what left the system. The promises read nothing else.

The system's tables stay its own. What is read here are the facts that upstream, payers, the payment system and the
client told, and the events, claims, requests and letters that came of them.
"""

import itertools
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from operator import itemgetter
from typing import Any, TypeVar, cast

from shared.events.types import Event
from shared.x12.claim_837.claim import ProfessionalClaim
from shared.x12.remittance_835.remittance import RemittedClaim
from tests.simulation.wording import Letter

E = TypeVar("E")


@dataclass(frozen=True)
class Told:
    """A fact that reached the system from outside."""

    event: Event


@dataclass(frozen=True)
class Said:
    """An event that a service published."""

    service: str
    event: Event


@dataclass(frozen=True)
class Filed:
    """A claim that left for a payer."""

    payer: str
    claim: ProfessionalClaim


@dataclass(frozen=True)
class Remitted:
    """A payer's decision on a claim, as its 835 has it. `level`: in which place the payer decided (0 the first)."""

    payer: str
    claim: RemittedClaim
    session: int
    level: int


@dataclass(frozen=True)
class Lost:
    """A letter that never reached its reader: `how` it was refused, or came back."""

    letter: Letter
    how: str


@dataclass(frozen=True)
class Other:
    """Anything else, for the timeline alone."""

    who: str
    words: str


Thing = Told | Said | Filed | Remitted | Letter | Lost | Other


@dataclass(frozen=True)
class Entry:
    """One line of the timeline."""

    at: datetime
    thing: Thing

    @property
    def on(self) -> date:
        """The day."""
        return self.at.date()


class History:
    """A world's timeline. `begins` is its first moment."""

    def __init__(self, begins: datetime) -> None:
        self.begins = begins
        self.entries: list[Entry] = []
        self._by_kind: dict[tuple[type[Thing], type[Any]], list[tuple[int, datetime, Any]]] = defaultdict(list)

    def add(self, at: datetime, thing: Thing) -> None:
        """Write down what happened."""
        what = thing.event if isinstance(thing, Told | Said) else thing
        self._by_kind[(type(thing), type(what))].append((len(self.entries), at, what))
        self.entries.append(Entry(at, thing))

    def said(self, *kinds: type[E]) -> list[tuple[datetime, E]]:
        """The events of these kinds that services published."""
        return self._of(Said, *kinds)

    def told(self, *kinds: type[E]) -> list[tuple[datetime, E]]:
        """The facts of these kinds that came from outside."""
        return self._of(Told, *kinds)

    def letters(self) -> list[tuple[datetime, Letter]]:
        """The letters that arrived."""
        return self._of(Letter, Letter)

    def lost(self) -> list[tuple[datetime, Lost]]:
        """The letters that went out and did not arrive."""
        return self._of(Lost, Lost)

    def filed(self) -> list[tuple[datetime, Filed]]:
        """The claims that went out."""
        return self._of(Filed, Filed)

    def remitted(self) -> list[tuple[datetime, Remitted]]:
        """What payers decided."""
        return self._of(Remitted, Remitted)

    def others(self) -> list[tuple[datetime, Other]]:
        """What was noted for the timeline."""
        return self._of(Other, Other)

    def _of(self, how: type[Thing], *kinds: type[E]) -> list[tuple[datetime, E]]:
        """What was written down so, of these kinds, in its order."""
        lists = [self._by_kind[(how, kind)] for kind in kinds if (how, kind) in self._by_kind]
        ordered = lists[0] if len(lists) == 1 else sorted(itertools.chain(*lists), key=itemgetter(0))
        return [(at, what) for _, at, what in ordered]

    def story(self, *, quiet: bool = True) -> str:
        """The timeline for a person; `quiet` leaves out what only machines care for."""
        lines = [line for entry in self.entries if (line := self._line(entry, quiet)) is not None]
        return "\n".join(lines)

    def _line(self, entry: Entry, quiet: bool) -> str | None:
        words = _words(entry.thing, quiet)
        days = (entry.at - self.begins).total_seconds() / 86_400
        return None if words is None else f"{days:7.2f}  {entry.at:%b %d %H:%M}  {words}"


_QUIET = {
    "payment.remitted",
    "remittance.received",
    "acknowledgment.received",
    "benefits.reported",
    "session.estimated",
    "letter.sent",
    "interchange.continued",
}
_LONG = re.compile(
    r"client_id|posted|current|not_awaited|lines|diagnoses|cost_share|secondary_cost_share|evidence|adjudication_id"
)


def _words(thing: Thing, quiet: bool) -> str | None:
    match thing:
        case Told():
            return f"> {_event(thing.event)}"
        case Said():
            if quiet and thing.event.noun_verb in _QUIET:
                return None
            return f"  {thing.service}: {_event(thing.event)}"
        case Filed():
            claim = thing.claim
            return f"  claim to {thing.payer}: {claim.id} as {claim.responsibility}, frequency {claim.frequency}"
        case Remitted():
            return f"> {thing.payer} remits {_remitted(thing.claim)}"
        case Letter():
            return f"  letter: {thing}"
        case Lost():
            return f"  letter that does not arrive ({thing.how}): {thing.letter}"
        case Other():
            return f"  {thing.who}: {thing.words}"


def _remitted(claim: RemittedClaim) -> str:
    reasons = " ".join(f"{a.group}-{a.reason} {a.amount_cents / 100:g}" for a in claim.all_adjustments)
    remarks = " ".join(claim.all_remarks)
    return f"{claim.id} status {claim.status} paid {claim.paid_cents / 100:g} {reasons} {remarks}".rstrip()


def _event(event: Event) -> str:
    told = event.model_dump(mode="json", exclude_defaults=True)
    words = " ".join(f"{name}={_short(value)}" for name, value in told.items() if not _LONG.fullmatch(name))
    return f"{event.noun_verb} {words}"


_TELLING = {"plan_id", "payer_id", "billable", "reason", "why"}


def _short(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_short(part) for part in cast(list[Any], value)) + "]"
    if isinstance(value, dict):
        parts = cast(dict[str, Any], value)
        kept = {name: part for name, part in parts.items() if name in _TELLING}
        return "/".join(_short(part) for part in (kept or parts).values())
    return str(value)
