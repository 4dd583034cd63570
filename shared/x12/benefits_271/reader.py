"""Reading 271s: what a payer says about a person's cover.

Source of the rule: 005010X279A1, loops 2000A to 2120D; 4010 files have the same shape.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import BinaryIO

from shared.x12.benefits_271.benefits import Benefit, BenefitEntity, BenefitsReport, Period, Rejection
from shared.x12.eligibility_270.reader import payer_of, person_of, provider_of
from shared.x12.syntax.elements import cents, day, days, decimal
from shared.x12.syntax.envelope import EnvelopeReader, OpenTransaction, element
from shared.x12.syntax.hierarchy import DEPENDENT, PAYER, RECEIVER, SUBSCRIBER, Level, levels
from shared.x12.syntax.loops import party_from_nm1
from shared.x12.syntax.parties import Subscriber

_WHOLE = 100
_LEVELS = {PAYER: "payer", RECEIVER: "provider", SUBSCRIBER: "subscriber", DEPENDENT: "dependent"}


def read_benefits_files(source: bytes | BinaryIO) -> tuple[BenefitsReport, ...]:
    """Every report of every 271 in `source`. Never raises."""
    return tuple(
        report
        for transaction in EnvelopeReader(source).transactions()
        if transaction.set_id == "271"
        for report in read_benefits(transaction)
    )


def read_benefits(transaction: OpenTransaction) -> tuple[BenefitsReport, ...]:
    """Every report of one 271. A payer or provider that was rejected before any person gives a report of nobody."""
    reports: list[BenefitsReport] = []
    reported_on: date | None = None
    rejected: Level | None = None
    for level in levels(transaction):
        if level.code == "":
            reported_on = day(next((element(segment, 4) for segment in level.segments if segment[0] == "BHT"), ""))
        elif level.subject:
            reports.append(_report(level, reported_on, transaction))
        elif any(segment[0] == "AAA" for segment in level.segments):
            rejected = level
    if not reports and rejected is not None:
        reports.append(_report(rejected, reported_on, transaction))
    return tuple(reports)


def _report(level: Level, reported_on: date | None, transaction: OpenTransaction) -> BenefitsReport:
    subscriber = level.at(SUBSCRIBER)
    person, identifier = person_of(subscriber)
    report = BenefitsReport(
        "",
        payer_of(level),
        Subscriber(person, identifier),
        dependent=person_of(level)[0] if level.code == DEPENDENT else None,
        provider=provider_of(level),
        reported_on=reported_on,
    )
    rejections = [
        Rejection(element(segment, 3), element(segment, 4), _LEVELS.get(above.code, "subscriber"))
        for above in level.above
        for segment in above.segments
        if segment[0] == "AAA"
    ]
    reader = _SubjectReader(_LEVELS.get(level.code, "subscriber"), transaction)
    for elements in level.segments:
        reader.take(elements)
    return replace(
        report,
        trace=reader.trace[0],
        trace_origin=reader.trace[1],
        relation=reader.relation,
        periods=tuple(reader.periods),
        references=tuple(reader.references),
        rejections=(*rejections, *reader.rejections),
        benefits=tuple(benefit.finish() for benefit in reader.benefits),
        problems=tuple(transaction.problems),
    )


class _SubjectReader:
    """Reads the segments of the person's level; what follows an EB belongs to it."""

    def __init__(self, level: str, transaction: OpenTransaction) -> None:
        self._level = level
        self._transaction = transaction
        self.trace = ("", "")
        self._trace_is_ours = False
        self.relation = ""
        self.periods: list[Period] = []
        self.references: list[tuple[str, str]] = []
        self.rejections: list[Rejection] = []
        self.benefits: list[_OpenBenefit] = []

    def take(self, elements: list[str]) -> None:
        """Read one segment."""
        match elements[0]:
            case "EB":
                self.benefits.append(_OpenBenefit(elements, self._transaction))
            case "AAA":
                level = "benefit" if self.benefits else self._level
                self.rejections.append(Rejection(element(elements, 3), element(elements, 4), level))
            case _ if self.benefits:
                self.benefits[-1].take(elements)
            case "TRN":
                self._take_trace(elements)
            case "INS":
                self.relation = element(elements, 2)
            case "REF":
                self.references.append((element(elements, 1), element(elements, 2)))
            case "DTP":
                self.periods.append(period_from_dtp(elements, self._transaction))
            case _:
                pass

    def _take_trace(self, trn: list[str]) -> None:
        """Keep the first trace that is the inquiry's own (TRN01 2); the answerer's (TRN01 1) only for lack of it."""
        ours = element(trn, 1) == "2"
        if not self.trace[0] or (ours and not self._trace_is_ours):
            self.trace, self._trace_is_ours = (element(trn, 2), element(trn, 3)), ours


class _OpenBenefit:
    """One EB while what follows it is read."""

    def __init__(self, eb: list[str], transaction: OpenTransaction) -> None:
        self._eb = eb
        self._transaction = transaction
        self._periods: list[Period] = []
        self._references: list[tuple[str, str]] = []
        self._messages: list[str] = []
        self._entities: list[BenefitEntity] = []

    def take(self, elements: list[str]) -> None:
        """Read one segment that follows the EB."""
        match elements[0]:
            case "DTP":
                self._periods.append(period_from_dtp(elements, self._transaction))
            case "REF":
                self._references.append((element(elements, 1), element(elements, 2)))
            case "MSG":
                self._messages.append(element(elements, 1))
            case "NM1":
                self._entities.append(BenefitEntity(element(elements, 1).upper(), party_from_nm1(elements)))
            case _:
                pass

    def finish(self) -> Benefit:
        """The benefit."""
        eb, repetition = self._eb, self._transaction.delimiters.repetition
        return Benefit(
            code=element(eb, 1).upper(),
            level=element(eb, 2).upper(),
            service_types=tuple(
                service_type.strip()
                for service_type in element(eb, 3).upper().split(repetition)
                if service_type.strip()
            ),
            insurance_type=element(eb, 4).upper(),
            plan=element(eb, 5),
            period=element(eb, 6),
            amount_cents=self._amount_cents(element(eb, 7)),
            share=self._share(element(eb, 8)),
            quantity_kind=element(eb, 9),
            quantity=decimal(element(eb, 10)),
            authorization=element(eb, 11),
            network=element(eb, 12).upper(),
            procedure=element(eb, 13),
            periods=tuple(self._periods),
            references=tuple(self._references),
            messages=tuple(self._messages),
            entities=tuple(self._entities),
        )

    def _amount_cents(self, text: str) -> int | None:
        """What the member pays; an amount below nothing is none, so that it lowers nobody's estimate."""
        value = cents(text) if text else None
        if text and (value is None or value < 0):
            self._transaction.note("amount_not_readable", "EB07 is no amount in whole cents", "EB")
            return None
        return value

    def _share(self, text: str) -> Decimal | None:
        """The member's share as a fraction; some payers write 20 for 20 %."""
        value = decimal(text) if text else None
        if text and (value is None or not 0 <= value <= _WHOLE):
            self._transaction.note("share_not_readable", "EB08 is no number from 0 to 1, nor a percentage", "EB")
            return None
        if value is not None and value > 1:
            self._transaction.note("share_not_a_fraction", "EB08 is above 1; it is read as a percentage", "EB")
            return value / _WHOLE
        return value


def period_from_dtp(dtp: list[str], transaction: OpenTransaction) -> Period:
    """The period of a DTP; one that ends before it begins says nothing about any day."""
    since, to = days(element(dtp, 3))
    if since is not None and to is not None and to < since:
        transaction.note("period_not_readable", "a DTP ends before it begins", "DTP")
        return Period(element(dtp, 1), None, None)
    return Period(element(dtp, 1), since, to)
