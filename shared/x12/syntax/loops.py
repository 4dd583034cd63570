"""The segments and composites that transaction sets share (NM1, N1, N3, N4, CAS, procedures), read into values."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.elements import cents, decimal
from shared.x12.syntax.envelope import element
from shared.x12.syntax.parties import Address, Party, Payer, Person, Provider

MOST_TRIPLETS = 6
_BLANKS = ["", "", ""]

Complain = Callable[[str, str, str, bool], None]
"""How a loop's reader notes a problem: name, sentence, segment, and whether money is concerned."""


class Procedure(NamedTuple):
    """A procedure composite: SVC01, SVD03, SV101."""

    qualifier: str
    code: str
    modifiers: tuple[str, ...]


@lru_cache(maxsize=8192)
def procedure(text: str, component: str) -> Procedure:
    """The procedure composite `text` in upper case; a bare code without its qualifier is taken as the code."""
    parts = [part.strip() for part in text.split(component)]
    if len(parts) == 1:
        return Procedure("", parts[0].upper(), ())
    qualifier, code, *modifiers = (part.upper() for part in parts[:6])
    return Procedure(qualifier, code, tuple(modifier for modifier in modifiers if modifier))


def party_from_nm1(nm1: list[str]) -> Party:
    """The party of an NM1 segment."""
    nm1 = nm1 + _BLANKS * 3
    return Party(nm1[3].strip(), nm1[4].strip(), nm1[9].strip(), nm1[8].strip().upper())


def party_from_n1(n1: list[str]) -> Party:
    """The party of an N1 segment."""
    return Party(element(n1, 2), "", element(n1, 4), element(n1, 3).upper())


def person_from_nm1(nm1: list[str], birth_date: date | None = None, sex: str = "") -> Person:
    """The person of an NM1, with what a DMG before it said."""
    return Person(element(nm1, 3), element(nm1, 4), element(nm1, 5), birth_date, sex)


def payer_from_nm1(nm1: list[str]) -> Payer:
    """The payer of an NM1."""
    return Payer(element(nm1, 3), element(nm1, 9), element(nm1, 8).upper() or "PI")


def provider_from_nm1(nm1: list[str]) -> Provider:
    """The provider of an NM1; in old files the tax id stands where the NPI belongs."""
    kind, identifier = element(nm1, 8).upper(), element(nm1, 9)
    provider = Provider(element(nm1, 3), first_name=element(nm1, 4))
    if kind in ("24", "34"):
        return replace(provider, tax_id=identifier, tax_id_kind="EI" if kind == "24" else "SY")
    return replace(provider, npi=identifier) if kind in ("XX", "") else provider


def with_street(address: Address | None, n3: list[str]) -> Address:
    """`address` with the street of an N3 segment."""
    known = address or Address("", "", "", "")
    return Address(element(n3, 1), known.city, known.state, known.postal_code, element(n3, 2), known.country)


def with_place(address: Address | None, n4: list[str]) -> Address:
    """`address` with the city, state and postal code of an N4 segment."""
    known = address or Address("", "", "", "")
    city, state, postal_code, country = (element(n4, index) for index in range(1, 5))
    return Address(known.line1, city, state, postal_code, known.line2, country)


def amount_cents(text: str, complain: Complain, segment: str, what: str) -> int:
    """The amount `text` in cents; one that cannot be read is complained about and counts as 0."""
    if not text:
        return 0
    value = cents(text)
    if value is None and (text := text.strip()):
        value = cents(text)
        if value is None:
            complain("amount_not_readable", f"{what} is no amount in whole cents", segment, True)
    return value or 0


def read_adjustments(cas: list[str], complain: Complain) -> list[Adjustment]:
    """The adjustments of a CAS segment: a group, then up to six times reason, amount and quantity."""
    count = len(cas)
    group = cas[1].strip().upper() if count > 1 else ""
    if group not in ("CO", "PR", "OA", "PI", "CR"):
        complain("adjustment_group_unknown", "CAS01 is none of CO, PR, OA, PI, CR", "CAS", False)
    if count > 2 + 3 * MOST_TRIPLETS:
        complain("too_many_adjustments", "a CAS holds more than six adjustments", "CAS", False)
    adjustments: list[Adjustment] = []
    for at in range(2, count, 3):
        reason = cas[at].strip().upper()
        amount = cas[at + 1] if at + 1 < count else ""
        quantity = cas[at + 2] if at + 2 < count else ""
        if not (reason or amount or quantity):
            continue
        if not amount.strip():
            complain("adjustment_without_amount", "an adjustment states no amount; it counts as 0", "CAS", False)
        if not reason:
            complain("adjustment_without_reason", "an adjustment states no reason", "CAS", False)
        value = amount_cents(amount, complain, "CAS", "an adjustment's amount")
        adjustments.append(Adjustment(group, reason, value, decimal(quantity) if quantity else None))
    return adjustments
