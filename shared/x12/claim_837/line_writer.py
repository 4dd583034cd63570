"""Writing the service lines of an 837P: loop 2400 (SV1) with what the other payers decided (loop 2430, SVD).

Source of the rule: 005010X222A1, loops 2400 to 2430.
"""

from shared.x12.claim_837.claim import LineAdjudication, OtherPayer, ProfessionalClaim, ServiceLine
from shared.x12.syntax.elements import amount_text
from shared.x12.syntax.envelope_writer import SetWriter
from shared.x12.syntax.loops_writer import procedure_text, units_text, write_adjustments, write_date

_BEFORE_DATE = ("SV5", "PWK", "CRC")
_BEFORE_CONTROL = ("DTP", "QTY", "MEA", "CN1", "REF")
_AFTER_CONTROL = ("AMT", "K3", "NTE", "PS1", "HCP", "LIN", "CTP")


def write_line(writer: SetWriter, claim: ProfessionalClaim, number: int, line: ServiceLine) -> None:
    """Line `number` of `claim`, with every other payer's decision about it."""
    text = writer.text
    writer.add("LX", str(number))
    writer.add(
        "SV1",
        procedure_text(writer, line.qualifier, line.procedure, line.modifiers),
        amount_text(line.charge_cents),
        line.unit_kind,
        units_text(line.units),
        "" if line.place == claim.place else text(line.place),
        "",
        writer.composite(*map(str, line.diagnosis_pointers)),
    )
    _write_carried(writer, line, _BEFORE_DATE)
    write_date(writer, "472", line.service_from, line.service_to)
    _write_carried(writer, line, _BEFORE_CONTROL)
    writer.add("REF", "6R", text(line.control) or f"{text(claim.id)}-{number}")
    _write_carried(writer, line, _AFTER_CONTROL)
    for segment in line.parties:
        writer.add_carried(segment)
    for other in claim.other_payers:
        for adjudication in other.lines:
            if adjudication.line == number:
                _write_adjudication(writer, other, adjudication)


def _write_carried(writer: SetWriter, line: ServiceLine, names: tuple[str, ...]) -> None:
    for name in names if line.carried else ():
        for segment in line.carried:
            if segment[0] == name:
                writer.add_carried(segment)


def _write_adjudication(writer: SetWriter, other: OtherPayer, adjudication: LineAdjudication) -> None:
    writer.add(
        "SVD",
        writer.text(other.payer.id),
        amount_text(adjudication.paid_cents),
        procedure_text(writer, adjudication.qualifier, adjudication.procedure, adjudication.modifiers),
        "",
        units_text(adjudication.units),
        "" if adjudication.bundled_line is None else str(adjudication.bundled_line),
    )
    write_adjustments(writer, adjudication.adjustments)
    write_date(writer, "573", adjudication.adjudicated_on)
    if adjudication.remaining_liability_cents is not None:
        writer.add("AMT", "EAF", amount_text(adjudication.remaining_liability_cents))
