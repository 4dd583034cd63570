"""Reading 270s: what a provider asks a payer about a person.

Source of the rule: 005010X279A1, loops 2000A to 2110D.
"""

from dataclasses import replace
from datetime import date

from shared.x12.eligibility_270.inquiry import EligibilityInquiry
from shared.x12.syntax.elements import day, days
from shared.x12.syntax.envelope import OpenTransaction, element
from shared.x12.syntax.hierarchy import DEPENDENT, PAYER, RECEIVER, SUBSCRIBER, Level, levels
from shared.x12.syntax.loops import payer_from_nm1, person_from_nm1, provider_from_nm1, with_place, with_street
from shared.x12.syntax.parties import NO_PAYER, NO_PROVIDER, Payer, Person, Provider, Subscriber

_NO_DAY = date(1, 1, 1)


def read_inquiries(transaction: OpenTransaction) -> tuple[EligibilityInquiry, ...]:
    """Every inquiry of one 270. `on` is the date of the set where the inquiry states none."""
    inquiries: list[EligibilityInquiry] = []
    asked_on: date | None = None
    for level in levels(transaction):
        if level.code == "":
            asked_on = day(next((element(segment, 4) for segment in level.segments if segment[0] == "BHT"), ""))
        elif level.subject:
            inquiries.append(_inquiry(level, asked_on or _NO_DAY, transaction.delimiters.repetition))
    return tuple(inquiries)


def person_of(level: Level | None) -> tuple[Person, str]:
    """The person of a subscriber or dependent level, and the id that its NM1 gives."""
    person, identifier = Person(""), ""
    for elements in level.segments if level else ():
        match elements[0]:
            case "NM1" if element(elements, 1) in ("IL", "03", "QC"):
                person = replace(person_from_nm1(elements), birth_date=person.birth_date, sex=person.sex)
                identifier = element(elements, 9)
            case "N3":
                person = replace(person, address=with_street(person.address, elements))
            case "N4":
                person = replace(person, address=with_place(person.address, elements))
            case "DMG":
                person = replace(person, birth_date=day(element(elements, 2)), sex=element(elements, 3))
            case "EB" | "EQ" | "STC":
                break
            case _:
                pass
    return person, identifier


def payer_of(level: Level) -> Payer:
    """The payer above `level`."""
    above = level.at(PAYER)
    names = (segment for segment in above.segments if segment[0] == "NM1") if above else iter(())
    nm1 = next(names, None)
    return payer_from_nm1(nm1) if nm1 else NO_PAYER


def provider_of(level: Level) -> Provider:
    """The provider or receiver above `level`."""
    above = level.at(RECEIVER)
    names = (segment for segment in above.segments if segment[0] == "NM1") if above else iter(())
    nm1 = next(names, None)
    return provider_from_nm1(nm1) if nm1 else NO_PROVIDER


def _inquiry(level: Level, asked_on: date, repetition: str) -> EligibilityInquiry:
    person, identifier = person_of(level.at(SUBSCRIBER))
    dependent = person_of(level)[0] if level.code == DEPENDENT else None
    inquiry = EligibilityInquiry("", payer_of(level), provider_of(level), Subscriber(person, identifier), asked_on)
    if dependent is not None:
        inquiry = replace(inquiry, relation="")  # a dependent is not the subscriber, whatever INS leaves unsaid
    types: list[str] = []
    for elements in level.segments:
        match elements[0]:
            case "TRN":
                inquiry = replace(inquiry, trace=element(elements, 2), trace_origin=element(elements, 3))
            case "INS":
                inquiry = replace(inquiry, relation=element(elements, 2))
            case "DTP":
                inquiry = replace(inquiry, on=days(element(elements, 3))[0] or inquiry.on)
            case "EQ":
                types += [service_type for service_type in element(elements, 1).split(repetition) if service_type]
            case _:
                pass
    return replace(inquiry, dependent=dependent, service_types=tuple(types))
