"""Who appears in the mix: insurers, providers, rates, and each kind of client with the characters of its insurers.

A kind says what upstream enters and which plans truly pay in which order; what ought to come of it is the checker's
affair (`mix_rules.py`). Everything is drawn from one seed.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from services.payers.book.book import DEMO_BOOK
from shared.events.directory import PayerListed, ProviderCredentialed, ProviderListed, RateAgreed
from shared.events.types import Event

ONE, TWO, OUT, HARBOR, AID, MEADOW, FULL = "PLANONE", "PLANTWO", "OUTNET", "DISPUTE", "MEDIAID", "MEADOW", "FULLPAY"
KIM, LEE = "provider-kim", "provider-lee"
"""The first is credentialed with every payer, the second not with Plan Two."""

FEES = {"90791": 18_000, "90834": 11_500, "90837": 15_000, "90836": 9_000, "99214": 13_500}
"""What the insurers of the demo's book allow for the procedures of the mix."""
_NAMES = {
    ONE: "Plan One Health",
    TWO: "Plan Two Mutual",
    OUT: "Outland Insurance",
    HARBOR: "Harbor Life",
    AID: "State Medicaid Program",
    MEADOW: "Meadow Benefits",
    FULL: "Fullpay Assurance",
}
_PREFIX = {ONE: "ONE7", TWO: "TWO7", OUT: "OUT7", HARBOR: "DIS7", AID: "AID7", MEADOW: "MEA7", FULL: "FUL7"}
_ENDED = "ONE9001"
_METHODS = {TWO: "maintenance_of_benefits", AID: "medicaid_lesser_of", MEADOW: "naic_standard"}
_ADDRESS = {"line1": "12 Elm Street", "city": "Albany", "state": "NY", "postal_code": "12207"}


def rate_cents(payer_id: str, procedure: str) -> int:
    """The contracted rate of a procedure: a payer's own, so that the pay tells whose rate was taken."""
    return FEES[procedure] - (1_000 if payer_id == TWO else 0)


def book(where: Path) -> Path:
    """Write the book of the stand-in: the demo's, and an insurer that leaves nothing to the member."""
    held: dict[str, Any] = json.loads(DEMO_BOOK.read_text())
    plan = {"name": "All", "allowed_cents": FEES, "otherwise_allowed_percent": 60, "anyone": "FUL*"}
    held["insurers"].append({"payer_id": FULL, "name": _NAMES[FULL], "plans": [plan]})
    where.write_text(json.dumps(held))
    return where


def directory() -> list[Event]:
    """The payers, two providers, their credentials, and the contracted rates."""
    events: list[Event] = []
    for payer_id, name in _NAMES.items():
        listed = {
            "payer_id": payer_id,
            "name": name,
            "member_phone": "+1-800-555-0101",
            "in_network": [] if payer_id == OUT else [{"from_day": "2020-01-01"}],
            "coordination_method": _METHODS.get(payer_id, "lesser_of"),
            "kind": "medicaid" if payer_id == AID else "group",
        }
        events.append(PayerListed.model_validate(listed))
    for number, provider in enumerate((KIM, LEE)):
        events.append(_provider(provider, number))
        for payer_id in _NAMES:
            events += _contract(provider, payer_id)
    return events


def _provider(provider_id: str, number: int) -> ProviderListed:
    facts = {"provider_id": provider_id, "first_name": "Jo", "last_name": provider_id.removeprefix("provider-").title()}
    about = {"npi": ("1999999984", "1999999992")[number], "taxonomy": "103TC0700X", "states": ["NY"]}
    return ProviderListed.model_validate(
        {**facts, **about, "address": _ADDRESS, "email": f"{provider_id}@example.test"}
    )


def _contract(provider_id: str, payer_id: str) -> Iterable[Event]:
    facts = {"provider_id": provider_id, "payer_id": payer_id, "from_day": "2020-01-01"}
    if credentialed(provider_id, payer_id):
        yield ProviderCredentialed.model_validate({**facts, "state": "NY"})
    for procedure in FEES:
        yield RateAgreed.model_validate(
            {**facts, "procedure": procedure, "rate_cents": rate_cents(payer_id, procedure)}
        )


def credentialed(provider_id: str, payer_id: str) -> bool:
    """Whether the provider can bill the payer."""
    return (provider_id, payer_id) != (LEE, TWO)


@dataclass(frozen=True)
class Cover:
    """One plan of a client: its insurer, whose plan it is, and how the insurer behaves towards this member."""

    payer_id: str
    relation: str = "self"
    characters: tuple[str, ...] = ()
    ended: bool = False

    def member_id(self, number: int) -> str:
        """The member id that names the characters: `ONE700012.pays_twice.answers_after-60`."""
        stem = f"{_ENDED}.n{number:05}" if self.ended else f"{_PREFIX[self.payer_id]}{number:05}"
        return ".".join([stem, *(word.replace("=", "-", 1) for word in self.characters)])

    def has(self, character: str) -> bool:
        """Whether the insurer has this character, with whatever argument."""
        return any(word.partition("=")[0] == character for word in self.characters)


@dataclass(frozen=True)
class Kind:
    """One kind of client. `covers` are in the order in which the plans truly pay; `entered` is the client's order.

    `calls_after` days after the first session the client reports a call to each payer; `cancelled_after` as many the
    sessions are cancelled. `changes`: the order turns round between the client's first session and the second.
    `ends` says how its sessions may end where that does not follow from the payers' words alone.
    """

    name: str
    covers: tuple[Cover, ...]
    weight: int = 1
    entered: tuple[int, ...] | None = None
    provider: str = KIM
    suffix: str = ""
    calls_after: int | None = None
    cancelled_after: int | None = None
    completed: bool = True
    changes: bool = False
    ends: tuple[str, ...] = ()


@dataclass(frozen=True)
class Visit:
    """One session as upstream tells it."""

    session_id: str
    day: date
    lines: tuple[tuple[str, tuple[str, ...], int], ...]


@dataclass(frozen=True)
class Person:
    """One client of the mix."""

    number: int
    kind: Kind
    client_id: str
    covers: tuple[Cover, ...]
    visits: tuple[Visit, ...] = ()
    turns_on: date | None = None

    def order_on(self, day: date) -> tuple[Cover, ...]:
        """The plans as they truly pay on that day."""
        turned = self.turns_on is not None and (day.month, day.day) >= (self.turns_on.month, self.turns_on.day)
        return tuple(reversed(self.covers)) if turned else self.covers

    def provider_npi(self) -> str:
        """Who saw the client."""
        return "1999999984" if self.kind.provider == KIM else "1999999992"


def turning(kind: Kind, day: date) -> tuple[Cover, ...]:
    """The covers of a kind whose insurers change the order on `day`; both say so."""
    first, second = kind.covers
    words = (f"changes_order={day:%m-%d}/{TWO}/secondary", f"changes_order={day:%m-%d}/{ONE}/primary")
    return (
        replace(first, characters=(words[0], *first.characters)),
        replace(second, characters=(words[1], *second.characters)),
    )
