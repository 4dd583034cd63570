"""Reading the lines of an 837 claim: loop 2400 (SV1, SV2, SV3) and loop 2430 (SVD).

Source of the rule: 005010X222A1, X223A2, X224A2, loops 2400 and 2430.
"""

from datetime import date
from decimal import Decimal
from typing import Protocol

from shared.x12.claim_837.claim import LineAdjudication, Segment, ServiceLine
from shared.x12.syntax.adjustments import Adjustment
from shared.x12.syntax.elements import cents, day, days, decimal
from shared.x12.syntax.envelope import element
from shared.x12.syntax.loops import Procedure, amount_cents, procedure, read_adjustments

_CARRIED = frozenset(
    ("SV5", "PWK", "CRC", "DTP", "QTY", "MEA", "CN1", "REF", "AMT", "K3", "NTE", "PS1", "HCP", "LIN", "CTP")
)

_QUALIFIED = frozenset(("REF", "DTP", "AMT", "NM1", "PRV", "NTE", "PWK"))
"""Segments that begin with a qualifier, which is written in upper case; K3 begins with free text."""


class Reader(Protocol):
    """What a loop needs of its claim's reader."""

    @property
    def component(self) -> str:
        """The component separator in use."""
        ...

    def complain(self, name: str, text: str, segment: str, money: bool) -> None:
        """Note a problem; `money` when an amount cannot be read or belongs nowhere."""
        ...


class OpenLine:
    """A service line while it is read."""

    def __init__(self) -> None:
        self.charged = False
        self._charge_cents = 0
        self._procedure = Procedure("", "", ())
        self._units = Decimal(1)
        self._unit_kind = "UN"
        self._place = ""
        self._revenue_code = ""
        self._pointers: tuple[int, ...] = ()
        self._since: date | None = None
        self._to: date | None = None
        self._control = ""
        self._carried: list[Segment] = []
        self._parties: list[Segment] = []

    def take_service(self, elements: list[str], reader: Reader) -> None:
        """Read the SV1, SV2 or SV3."""
        self.charged = True
        name = elements[0]
        at_procedure, at_charge, at_units = {"SV1": (1, 2, 4), "SV2": (2, 3, 5), "SV3": (1, 2, 6)}[name]
        self._procedure = procedure(element(elements, at_procedure), reader.component)
        self._charge_cents = amount_cents(element(elements, at_charge), reader.complain, name, "the line's charge")
        self._units = _units(element(elements, at_units), name, reader)
        match name:
            case "SV1":
                self._unit_kind, self._place = element(elements, 3).upper() or "UN", element(elements, 5)
                pointers = element(elements, 7).split(reader.component)
                self._pointers = tuple(
                    int(pointer)
                    for pointer in pointers
                    if pointer in ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"]
                )
            case "SV2":
                self._unit_kind, self._revenue_code = element(elements, 4).upper() or "UN", element(elements, 1)
            case _:
                self._place = element(elements, 3).partition(reader.component)[0]

    def take(self, elements: list[str], reader: Reader) -> None:
        """Read a segment that follows the SV1."""
        match elements[0], element(elements, 1).upper():
            case "DTP", "472":
                self._since, self._to = days(element(elements, 3))
                if self._since is None:
                    reader.complain("date_not_readable", "DTP03 is no date", "DTP", False)
            case "REF", "6R":
                self._control = element(elements, 2)
            case "CAS", _:
                reader.complain("adjustment_without_payer", "a CAS of a line follows no SVD", "CAS", True)
            case name, _ if name in _CARRIED:
                self._carried.append(carried(elements, reader.component))
            case _:
                pass

    def take_party(self, elements: list[str], reader: Reader) -> None:
        """Read a segment of a provider of this line (2420): a payer's own number for it (REF) stays behind."""
        match elements[0]:
            case "NM1":
                known = element(elements, 8).upper() == "XX"
                self._parties.append(carried(elements if known else elements[:8], reader.component))
            case "PRV" | "N3" | "N4" | "PER":
                self._parties.append(carried(elements, reader.component))
            case _:
                pass

    def finish(self, reader: Reader) -> ServiceLine:
        """The line."""
        if not self.charged:
            reader.complain("line_without_charge", "an LX without its service; it counts as 0", "LX", False)
        return ServiceLine(
            charge_cents=self._charge_cents,
            procedure=self._procedure.code,
            modifiers=self._procedure.modifiers,
            units=self._units,
            unit_kind=self._unit_kind,
            place=self._place,
            diagnosis_pointers=self._pointers,
            service_from=self._since,
            service_to=self._to,
            control=self._control,
            qualifier=self._procedure.qualifier,
            revenue_code=self._revenue_code,
            carried=tuple(self._carried),
            parties=tuple(self._parties),
        )


class OpenAdjudication:
    """What another payer decided about a line, while it is read."""

    def __init__(self, line: int, svd: list[str], reader: Reader) -> None:
        self.line = line
        self.payer_id = element(svd, 1)
        self._paid_cents = amount_cents(element(svd, 2), reader.complain, "SVD", "SVD02 (paid)")
        self._procedure = procedure(element(svd, 3), reader.component)
        self._units = _units(element(svd, 5), "SVD", reader)
        bundled = element(svd, 6)
        self._bundled_line = int(bundled) if bundled.isascii() and bundled.isdigit() and len(bundled) < 7 else None
        self._adjustments: list[Adjustment] = []
        self._adjudicated_on: date | None = None
        self._remaining_cents: int | None = None

    def take(self, elements: list[str], reader: Reader) -> None:
        """Read a segment that follows the SVD."""
        match elements[0], element(elements, 1):
            case "CAS", _:
                self._adjustments += read_adjustments(elements, reader.complain)
            case "DTP", "573":
                self._adjudicated_on = day(element(elements, 3))
                if self._adjudicated_on is None:
                    reader.complain("date_not_readable", "DTP03 is no date", "DTP", False)
            case "AMT", "EAF":
                self._remaining_cents = cents(element(elements, 2))
            case _:
                pass

    def finish(self) -> LineAdjudication:
        """The decision."""
        return LineAdjudication(
            line=self.line,
            paid_cents=self._paid_cents,
            procedure=self._procedure.code,
            modifiers=self._procedure.modifiers,
            units=self._units,
            adjustments=tuple(self._adjustments),
            adjudicated_on=self._adjudicated_on,
            remaining_liability_cents=self._remaining_cents,
            qualifier=self._procedure.qualifier,
            bundled_line=self._bundled_line,
        )


def carried(elements: list[str], component: str) -> Segment:
    """A segment to carry as it came, with ":" between its components and its qualifier in upper case."""
    if elements[0] in _QUALIFIED and len(elements) > 1:
        elements = [elements[0], elements[1].upper(), *elements[2:]]
    if component == ":":
        return tuple(elements)
    return tuple(value.replace(":", " ").replace(component, ":") for value in elements)


def _units(text: str, segment: str, reader: Reader) -> Decimal:
    value = decimal(text) if text else Decimal(1)
    if value is None:
        reader.complain("quantity_not_readable", "a quantity is no number; it counts as 1", segment, False)
    return Decimal(1) if value is None else value
