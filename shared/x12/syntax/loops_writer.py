"""The segments that every transaction set shares, written: NM1, N3, N4, DMG, CAS, DTP."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.elements import amount_text, day_text, decimal_text
from shared.x12.syntax.envelope_writer import SetWriter
from shared.x12.syntax.parties import Address, Party, Payer, Person, Provider

_MOST_TRIPLETS = 6


def write_person(writer: SetWriter, role: str, person: Person, id_kind: str = "", identifier: str = "") -> None:
    """The NM1 of a natural person."""
    text = writer.text
    middle = text(person.middle_name) if person.middle_name else ""
    first = text(person.first_name)
    writer.add("NM1", role, "1", text(person.last_name), first, middle, "", "", id_kind, text(identifier))


def write_provider(writer: SetWriter, role: str, provider: Provider) -> None:
    """The NM1 of a provider: a person where it has a first name, else an organisation."""
    text = writer.text
    kind = "1" if provider.first_name else "2"
    npi = ("XX", text(provider.npi)) if provider.npi else ("", "")
    writer.add("NM1", role, kind, text(provider.name), text(provider.first_name), "", "", "", *npi)


def write_payer(writer: SetWriter, payer: Payer, role: str = "PR") -> None:
    """The NM1 of a payer."""
    writer.add("NM1", role, "2", writer.text(payer.name), "", "", "", "", payer.id_kind, writer.text(payer.id))


def write_party(writer: SetWriter, role: str, party: Party, kind: str | None = None) -> None:
    """The NM1 of a party; a person where it has a first name, unless `kind` says otherwise."""
    text = writer.text
    kind = kind or ("1" if party.first_name else "2")
    id_kind = party.id_kind if party.id else ""
    writer.add("NM1", role, kind, text(party.name), text(party.first_name), "", "", "", id_kind, text(party.id))


def write_address(writer: SetWriter, address: Address | None) -> None:
    """N3 and N4; nothing where there is no address."""
    if address is None:
        return
    text = writer.text
    writer.add("N3", text(address.line1), text(address.line2))
    writer.add("N4", text(address.city), text(address.state), text(address.postal_code), text(address.country))


def write_demographics(writer: SetWriter, person: Person) -> None:
    """DMG; nothing where the birth date is not known."""
    if person.birth_date is not None:
        writer.add("DMG", "D8", day_text(person.birth_date), person.sex)


def write_adjustments(writer: SetWriter, adjustments: Sequence[Adjustment]) -> None:
    """CAS segments: one for each group (in the order of first appearance), a further one after six adjustments."""
    groups: dict[str, list[Adjustment]] = {}
    for adjustment in adjustments:
        groups.setdefault(adjustment.group, []).append(adjustment)
    for group, members in groups.items():
        for start in range(0, len(members), _MOST_TRIPLETS):
            elements = ["CAS", group]
            for adjustment in members[start : start + _MOST_TRIPLETS]:
                quantity = "" if adjustment.quantity is None else decimal_text(adjustment.quantity)
                elements += (writer.text(adjustment.reason), amount_text(adjustment.amount_cents), quantity)
            writer.add(*elements)


def write_date(writer: SetWriter, qualifier: str, since: date | None, to: date | None = None) -> None:
    """DTP with a date, or a range where the ends differ; nothing where there is no date."""
    if since is None:
        return
    if to is None or to == since:
        writer.add("DTP", qualifier, "D8", day_text(since))
    else:
        writer.add("DTP", qualifier, "RD8", f"{day_text(since)}-{day_text(to)}")


def procedure_text(writer: SetWriter, qualifier: str, code: str, modifiers: Sequence[str]) -> str:
    """The procedure composite."""
    text = writer.text
    return writer.composite(qualifier, text(code), *map(text, modifiers)) if qualifier else text(code)


def units_text(units: Decimal | int) -> str:
    """A quantity as an X12 decimal."""
    return decimal_text(units)
