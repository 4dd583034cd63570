"""Reading the levels above the claims of an 837: who bills, for whom, to which payer.

Source of the rule: 005010X222A1, loops 1000A to 2010CA.
"""

from dataclasses import replace

from shared.x12.claim_837.claim import SELF
from shared.x12.syntax.elements import day
from shared.x12.syntax.envelope import OpenTransaction, element
from shared.x12.syntax.loops import (
    party_from_nm1,
    payer_from_nm1,
    person_from_nm1,
    provider_from_nm1,
    with_place,
    with_street,
)
from shared.x12.syntax.parties import NO_PAYER, NO_PROVIDER, NOBODY, Address, Party, Payer, Person, Provider, Subscriber


class LevelReader:
    """What the loops above the claim say: submitter, billing provider, subscriber, patient, destination payer."""

    def __init__(self, transaction: OpenTransaction) -> None:
        self._transaction = transaction
        self.submitter: Party = NOBODY
        self.receiver: Party = NOBODY
        self.reference = ""
        self.contact_name = self.contact_phone = ""
        self.billing: Provider = NO_PROVIDER
        self.pay_to: Address | None = None
        self._clear_subscriber()

    def _clear_subscriber(self) -> None:
        self.sbr: list[str] = []
        self.subscriber = Subscriber(Person(""))
        self.payer: Payer = NO_PAYER
        self.patient: Person | None = None
        self.relation = SELF
        self._party = ""

    def open_level(self, hl: list[str]) -> None:
        """Start a level at its HL."""
        self._party = ""
        match element(hl, 3):
            case "20":
                self.billing, self.pay_to = NO_PROVIDER, None
                self._clear_subscriber()
            case "22":
                self._clear_subscriber()
            case "23":
                self.patient, self.relation = Person(""), ""
            case _:
                self._transaction.note("level_unknown", "HL03 is none of 20, 22, 23", "HL")

    def take(self, elements: list[str]) -> None:
        """Read a segment above a claim."""
        match elements[0]:
            case "BHT":
                self.reference = element(elements, 3)
            case "SBR":
                self.sbr = elements
                self.relation = element(elements, 2).upper() or SELF
            case "PAT":
                self.relation = element(elements, 1).upper() or self.relation
            case "NM1":
                self._name(elements)
            case "CUR" if element(elements, 2).upper() != "USD":
                text = "CUR says that the amounts are not in US dollars"
                self._transaction.note("foreign_currency", text, "CUR", "balance")
            case "N3" | "N4":
                self._address(elements)
            case "DMG":
                self._demographics(elements)
            case "REF" | "PRV" | "PER":
                self._billing_detail(elements)
            case "SV1" | "SV2" | "SV3" | "SVD" | "CAS":
                text = f"{elements[0]} belongs to no claim"
                self._transaction.note("segment_without_claim", text, elements[0], "balance")
            case _:
                pass

    def _name(self, nm1: list[str]) -> None:
        self._party = element(nm1, 1).upper()
        match self._party:
            case "41":
                self.submitter = party_from_nm1(nm1)
            case "40":
                self.receiver = party_from_nm1(nm1)
            case "85":
                self.billing = replace(provider_from_nm1(nm1), taxonomy=self.billing.taxonomy)
            case "IL":
                self.subscriber = Subscriber(person_from_nm1(nm1), element(nm1, 9))
            case "PR":
                self.payer = payer_from_nm1(nm1)
            case "QC":
                self.patient = person_from_nm1(nm1)
            case _:
                pass

    def _address(self, elements: list[str]) -> None:
        extend = with_street if elements[0] == "N3" else with_place
        match self._party:
            case "85":
                self.billing = replace(self.billing, address=extend(self.billing.address, elements))
            case "87":
                self.pay_to = extend(self.pay_to, elements)
            case "IL":
                person = self.subscriber.person
                person = replace(person, address=extend(person.address, elements))
                self.subscriber = replace(self.subscriber, person=person)
            case "PR":
                self.payer = replace(self.payer, address=extend(self.payer.address, elements))
            case "QC" if self.patient is not None:
                self.patient = replace(self.patient, address=extend(self.patient.address, elements))
            case _:
                pass

    def _demographics(self, dmg: list[str]) -> None:
        born, sex = day(element(dmg, 2)), element(dmg, 3)
        if self._party == "IL":
            person = replace(self.subscriber.person, birth_date=born, sex=sex)
            self.subscriber = replace(self.subscriber, person=person)
        elif self._party == "QC" and self.patient is not None:
            self.patient = replace(self.patient, birth_date=born, sex=sex)

    def _billing_detail(self, elements: list[str]) -> None:
        qualifier = element(elements, 1)
        if elements[0] == "PRV" and qualifier == "BI":
            self.billing = replace(self.billing, taxonomy=element(elements, 3))
        elif self._party == "85" and elements[0] == "REF" and qualifier in ("EI", "SY"):
            self.billing = replace(self.billing, tax_id=element(elements, 2), tax_id_kind=qualifier)
        elif self._party == "85" and elements[0] == "PER":
            self.billing = replace(self.billing, contact=element(elements, 2), phone=element(elements, 4))
        elif self._party == "41" and elements[0] == "PER" and not self.contact_phone:
            numbers = dict(zip(elements[3::2], elements[4::2], strict=False))
            self.contact_name, self.contact_phone = element(elements, 2), numbers.get("TE", "").strip()
