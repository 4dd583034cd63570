"""Reading another payer of an 837 claim: loop 2320 (SBR) with 2330A and 2330B.

Source of the rule: 005010X222A1, loops 2320, 2330A, 2330B.
"""

from dataclasses import replace
from datetime import date

from shared.x12.claim_837.claim import LineAdjudication, OtherPayer
from shared.x12.claim_837.line_reader import Reader
from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.elements import day
from shared.x12.syntax.envelope import element
from shared.x12.syntax.loops import (
    amount_cents,
    payer_from_nm1,
    person_from_nm1,
    read_adjustments,
    with_place,
    with_street,
)
from shared.x12.syntax.parties import NO_PAYER, Payer, Person, Subscriber


class OpenOtherPayer:
    """Another payer while it is read."""

    def __init__(self, sbr: list[str]) -> None:
        self._sbr = sbr
        self.payer: Payer = NO_PAYER
        self._subscriber = Subscriber(Person(""))
        self._party = ""
        self._claim_id = ""
        self._adjudicated_on: date | None = None
        self._adjustments: list[Adjustment] = []
        self._remarks: list[str] = []
        self._amounts: dict[str, int] = {}
        self._benefits_assigned = ""
        self._release = ""

    def take(self, elements: list[str], reader: Reader) -> None:
        """Read one segment of the loop."""
        match elements[0]:
            case "CAS":
                self._adjustments += read_adjustments(elements, reader.complain)
            case "AMT":
                text = element(elements, 2)
                self._amounts[element(elements, 1).upper()] = amount_cents(text, reader.complain, "AMT", "AMT02")
            case "OI":
                self._benefits_assigned = element(elements, 3).upper()
                self._release = element(elements, 6).upper()
            case "MOA":
                self._remarks += [code.strip() for code in elements[3:8] if code.strip()]
            case "MIA":
                self._remarks += [code.strip() for code in elements[5:6] + elements[20:24] if code.strip()]
            case "DMG" if not self._party or self._party == "IL":
                born = day(element(elements, 2))
                person = replace(self._subscriber.person, birth_date=born, sex=element(elements, 3))
                self._subscriber = replace(self._subscriber, person=person)
            case _:
                self._take_party(elements)

    def finish(self, lines: tuple[LineAdjudication, ...]) -> OtherPayer:
        """The other payer with what it decided about the claim and its `lines`."""
        sbr, amounts = self._sbr, self._amounts
        return OtherPayer(
            responsibility=element(sbr, 1).upper(),
            payer=self.payer,
            subscriber=self._subscriber,
            relation=element(sbr, 2).upper(),
            group_number=element(sbr, 3),
            group_name=element(sbr, 4),
            filing_indicator=element(sbr, 9).upper(),
            medicare_secondary_reason=element(sbr, 5),
            claim_id=self._claim_id,
            paid_cents=amounts.get("D"),
            noncovered_cents=amounts.get("A8"),
            remaining_liability_cents=amounts.get("EAF"),
            adjustments=tuple(self._adjustments),
            lines=lines,
            remarks=tuple(self._remarks),
            adjudicated_on=self._adjudicated_on,
            benefits_assigned=self._benefits_assigned,
            release=self._release,
        )

    def _take_party(self, elements: list[str]) -> None:
        match elements[0], self._party:
            case "NM1", _:
                self._open_party(elements)
            case ("N3" | "N4") as name, "IL":
                person = self._subscriber.person
                address = (with_street if name == "N3" else with_place)(person.address, elements)
                self._subscriber = replace(self._subscriber, person=replace(person, address=address))
            case ("N3" | "N4") as name, "PR":
                address = (with_street if name == "N3" else with_place)(self.payer.address, elements)
                self.payer = replace(self.payer, address=address)
            case "REF", "PR" if element(elements, 1).upper() == "F8":
                self._claim_id = element(elements, 2)
            case "DTP", "PR" if element(elements, 1) == "573":
                self._adjudicated_on = day(element(elements, 3))
            case _:
                pass

    def _open_party(self, nm1: list[str]) -> None:
        self._party = element(nm1, 1).upper()
        if self._party == "IL":
            person = self._subscriber.person
            self._subscriber = Subscriber(person_from_nm1(nm1, person.birth_date, person.sex), element(nm1, 9))
        elif self._party == "PR":
            self.payer = payer_from_nm1(nm1)
