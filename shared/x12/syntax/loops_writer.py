"""The segments that every transaction set shares, written: NM1, N3, N4, DMG, CAS, DTP."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.elements import amount_text, day_text, decimal_text
from shared.x12.syntax.envelope_writer import SetWriter
from shared.x12.syntax.parties import Address, Party, Payer, Person, Provider

_MOST_TRIPLETS = 6
_LONGEST_NAME = 60
_LONGEST_FIRST_NAME = 35
_LONGEST_MIDDLE_NAME = 25
_LONGEST_STREET = 55
_LONGEST_CITY = 30
_HOME = ("", "US", "USA")


def write_person(writer: SetWriter, role: str, person: Person, id_kind: str = "", identifier: str = "") -> None:
    """The NM1 of a natural person."""
    text = writer.text
    middle = text(person.middle_name)[:_LONGEST_MIDDLE_NAME] if person.middle_name else ""
    last, first = _names(writer, person.last_name, person.first_name)
    writer.add("NM1", role, "1", last, first, middle, "", "", id_kind, text(identifier))


def write_provider(writer: SetWriter, role: str, provider: Provider) -> None:
    """The NM1 of a provider: a person where it has a first name, else an organisation."""
    text = writer.text
    kind = "1" if provider.first_name else "2"
    npi = ("XX", text(provider.npi)) if provider.npi else ("", "")
    writer.add("NM1", role, kind, *_names(writer, provider.name, provider.first_name), "", "", "", *npi)


def write_payer(writer: SetWriter, payer: Payer, role: str = "PR") -> None:
    """The NM1 of a payer."""
    name = writer.text(payer.name)[:_LONGEST_NAME]
    writer.add("NM1", role, "2", name, "", "", "", "", payer.id_kind, writer.text(payer.id))


def write_party(writer: SetWriter, role: str, party: Party, kind: str | None = None) -> None:
    """The NM1 of a party; a person where it has a first name, unless `kind` says otherwise."""
    kind = kind or ("1" if party.first_name else "2")
    id_kind = party.id_kind if party.id else ""
    names = _names(writer, party.name, party.first_name)
    writer.add("NM1", role, kind, *names, "", "", "", id_kind, writer.text(party.id))


def _names(writer: SetWriter, name: str, first_name: str) -> tuple[str, str]:
    """NM103 and NM104, cut where the guides end them; nobody is recognised by the rest."""
    return writer.text(name)[:_LONGEST_NAME], writer.text(first_name)[:_LONGEST_FIRST_NAME]


def write_address(writer: SetWriter, address: Address | None) -> None:
    """N3 and N4; nothing where there is no address."""
    if address is None:
        return
    text = writer.text
    street, more = text(address.line1)[:_LONGEST_STREET], text(address.line2)[:_LONGEST_STREET]
    writer.add("N3", street, more)
    postal_code = text(address.postal_code)
    if address.country in _HOME:
        postal_code = postal_code.replace("-", "")
    writer.add("N4", text(address.city)[:_LONGEST_CITY], text(address.state), postal_code, text(address.country))


def write_demographics(writer: SetWriter, person: Person, sex_required: bool = False) -> None:
    """DMG; nothing where the birth date is not known. Claims must state the sex: U where nobody said it."""
    if person.birth_date is not None:
        sex = person.sex or ("U" if sex_required else "")
        writer.add("DMG", "D8", day_text(person.birth_date), sex)


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
