"""Whose service a remittance is about: the people and the days that it names.

A control number alone is not trusted: payers mix claims up. Names come back shortened, married or spelled otherwise, so
that half a name is enough to be the same person; nothing is concluded from what a remittance leaves out.
"""

from collections.abc import Iterable
from datetime import date

from shared.x12.remittance_835.remittance import RemittedClaim
from shared.x12.syntax.parties import Party
from shared.x12.syntax.spelling import spelled

Name = tuple[str, str]
"""Last name, first name."""


def letters(name: str) -> str:
    """`name` as it is compared: letters and digits alone, in one case, as X12 spells them."""
    return "".join(letter for letter in spelled(name).casefold() if letter.isalnum())


def named_alike(one: Name, another: Name) -> bool:
    """Whether two names share the last or the first name."""
    return any(letters(ours) == letters(theirs) != "" for ours, theirs in zip(one, another, strict=True))


def people(claim: RemittedClaim) -> list[Party]:
    """The people that the claim names: patient, subscriber, the patient as the payer corrected it."""
    named = (claim.patient, claim.subscriber, claim.corrected_patient)
    return [person for person in named if person is not None and (person.name or person.id)]


def names_only_others(claim: RemittedClaim, name: Name, member_id: str) -> bool:
    """Whether the claim names people, and none of them is, by member id or half a name, the one asked for."""
    named = people(claim)
    return (
        bool(named)
        and bool(letters(name[0]))
        and not any(
            named_alike(name, (person.name, person.first_name)) or letters(person.id) == letters(member_id) != ""
            for person in named
        )
    )


def stated_days(claims: Iterable[RemittedClaim]) -> frozenset[date]:
    """The days of service that the claims state, on claim or line."""
    return frozenset(
        day
        for claim in claims
        for day in (claim.service_from, *(line.service_from for line in claim.lines))
        if day is not None
    )
