"""The people and organisations that every transaction set names: the NM1, N3, N4, DMG and REF of a loop."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address (N3 and N4); US unless `country` says otherwise. `postal_code` is 5 or 9 digits, no hyphen."""

    line1: str
    city: str
    state: str
    postal_code: str
    line2: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A natural person: patient or subscriber. `sex` is F, M, U or "" (not stated)."""

    last_name: str
    first_name: str = ""
    middle_name: str = ""
    birth_date: date | None = None
    sex: str = ""
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider. An organisation has its name in `name` and no `first_name`; a person's last name is in `name`.

    `tax_id` is an EIN (`tax_id_kind` "EI") or an SSN ("SY"), digits only; `taxonomy` the provider taxonomy code;
    `phone` 10 digits of the contact, "" where there is none.
    """

    name: str
    npi: str = ""
    first_name: str = ""
    tax_id: str = ""
    tax_id_kind: str = "EI"
    taxonomy: str = ""
    address: Address | None = None
    contact: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Payer:
    """A payer. `id_kind` is PI (payer's own id) or XV (national plan id)."""

    name: str
    id: str = ""
    id_kind: str = "PI"
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class Subscriber:
    """The person who holds a plan, with the member id on the card."""

    person: Person
    member_id: str = ""


@dataclass(frozen=True, slots=True)
class Party:
    """A name with an id as a payer's answer gives it (NM1 or N1); nothing in it is certain to be there."""

    name: str = ""
    first_name: str = ""
    id: str = ""
    id_kind: str = ""


NOBODY = Party()
NO_PROVIDER = Provider("")
NO_PAYER = Payer("")
