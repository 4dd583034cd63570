"""Writing 835s (005010X221A1); a payer's side, for the stand-in and for tests.

Source of the rule: 005010X221A1, loops 1000A to 2110 and PLB.
"""

from collections.abc import Sequence
from datetime import date

from shared.x12.remittance_835.remittance import (
    ProviderAdjustment,
    Remittance,
    RemittanceHeader,
    RemittedClaim,
    RemittedLine,
)
from shared.x12.syntax.elements import amount_text, day_text
from shared.x12.syntax.envelope_writer import Envelope, SetWriter, write_interchange
from shared.x12.syntax.loops_writer import procedure_text, units_text, write_address, write_adjustments, write_party
from shared.x12.syntax.parties import NOBODY, Address, Party

IMPLEMENTATION = "005010X221A1"
_UNKNOWN_ADDRESS = Address("PO BOX 1", "NEW YORK", "NY", "10001")
_MOST_PAIRS = 6
_FILING_INDICATORS = {"CI": "12", "BL": "12", "11": "ZZ", "FI": "ZZ", "09": "ZZ"}
"""The 837 knows filing indicators that the 835 does not; commercial plans are told as PPO there."""


def write_remittances(remittances: Sequence[Remittance], envelope: Envelope) -> bytes:
    """One interchange with one 835 set for each remittance. What is given is written, balanced or not."""
    return write_interchange(envelope, IMPLEMENTATION, [_write_set(remittance, envelope) for remittance in remittances])


def _write_set(remittance: Remittance, envelope: Envelope) -> SetWriter:
    writer = SetWriter("835", envelope.delimiters)
    _write_header(writer, remittance.header, envelope.written_at.date())
    if remittance.claims:
        writer.add("LX", "1")
    for claim in remittance.claims:
        _write_claim(writer, claim)
    _write_provider_adjustments(writer, remittance.provider_adjustments, envelope.written_at.date())
    return writer


def _write_header(writer: SetWriter, header: RemittanceHeader, today: date) -> None:
    text = writer.text
    paid_on = day_text(header.paid_on or today)
    amount = amount_text(abs(header.payment_cents))
    direction = "D" if header.payment_cents < 0 else "C"
    method = header.method if header.payment_cents else "NON"
    writer.add("BPR", header.handling, amount, direction, method, *[""] * 11, paid_on)
    writer.add("TRN", "1", text(header.trace), text(header.payer_tax_id) or "1999999999")
    writer.add("DTM", "405", day_text(header.produced_on or today))
    _write_n1(writer, "PR", header.payer)
    write_address(writer, header.payer_address or _UNKNOWN_ADDRESS)
    writer.add("PER", "BL", "", "TE", text(header.payer_contact) or "8005550100")
    _write_n1(writer, "PE", header.payee)
    write_address(writer, header.payee_address)
    if header.payee_tax_id:
        writer.add("REF", "TJ", text(header.payee_tax_id))


def _write_n1(writer: SetWriter, role: str, party: Party) -> None:
    kind = party.id_kind if party.id else ""
    writer.add("N1", role, writer.text(party.name), kind, writer.text(party.id))


def _write_claim(writer: SetWriter, claim: RemittedClaim) -> None:
    text = writer.text
    patient_cents = claim.patient_responsibility_cents
    writer.add(
        "CLP",
        text(claim.id),
        claim.status,
        amount_text(claim.charge_cents),
        amount_text(claim.paid_cents),
        "" if patient_cents is None else amount_text(patient_cents),
        _FILING_INDICATORS.get(claim.filing_indicator, text(claim.filing_indicator)),
        text(claim.payer_claim_id),
        text(claim.place),
        text(claim.frequency),
    )
    write_adjustments(writer, claim.adjustments)
    parties = (
        ("QC", claim.patient or NOBODY),
        ("IL", claim.subscriber),
        ("74", claim.corrected_patient),
        ("82", claim.rendering),
        ("TT", claim.crossover_to),
        ("PR", claim.corrected_priority_payer),
    )
    for role, party in parties:
        if party is not None:
            write_party(writer, role, party, kind=None if role in ("IL", "74", "82") else _KINDS[role])
    if claim.remarks:
        writer.add("MOA", "", "", *map(text, claim.remarks[:5]))
    for qualifier, value in claim.references:
        writer.add("REF", qualifier, text(value))
    for qualifier, when in (("232", claim.service_from), ("233", claim.service_to), ("050", claim.received_on)):
        if when is not None:
            writer.add("DTM", qualifier, day_text(when))
    for qualifier, cents in claim.amounts:
        writer.add("AMT", qualifier, amount_text(cents))
    for line in claim.lines:
        _write_line(writer, line)


_KINDS = {"QC": "1", "TT": "2", "PR": "2"}


def _write_line(writer: SetWriter, line: RemittedLine) -> None:
    text = writer.text
    billed = procedure_text(writer, line.qualifier, line.billed_procedure, ()) if line.billed_procedure else ""
    writer.add(
        "SVC",
        procedure_text(writer, line.qualifier, line.procedure, line.modifiers),
        amount_text(line.charge_cents),
        amount_text(line.paid_cents),
        text(line.revenue_code),
        units_text(line.units),
        billed,
    )
    if line.service_from is not None and line.service_to is None:
        writer.add("DTM", "472", day_text(line.service_from))
    elif line.service_from is not None and line.service_to is not None:
        writer.add("DTM", "150", day_text(line.service_from))
        writer.add("DTM", "151", day_text(line.service_to))
    write_adjustments(writer, line.adjustments)
    if line.control:
        writer.add("REF", "6R", text(line.control))
    if line.allowed_cents is not None:
        writer.add("AMT", "B6", amount_text(line.allowed_cents))
    for code in line.remarks:
        writer.add("LQ", "HE", text(code))


def _write_provider_adjustments(writer: SetWriter, adjustments: Sequence[ProviderAdjustment], today: date) -> None:
    """PLB segments: one for each provider and fiscal year, a further one after six adjustments."""
    by_provider: dict[tuple[str, date], list[ProviderAdjustment]] = {}
    for adjustment in adjustments:
        until = adjustment.fiscal_period_end or date(today.year, 12, 31)
        by_provider.setdefault((adjustment.provider_id, until), []).append(adjustment)
    for (provider, until), members in by_provider.items():
        for start in range(0, len(members), _MOST_PAIRS):
            elements = ["PLB", writer.text(provider) or "9999999999", day_text(until)]
            for adjustment in members[start : start + _MOST_PAIRS]:
                reason = writer.composite(writer.text(adjustment.reason), writer.text(adjustment.reference))
                elements += (reason, amount_text(adjustment.amount_cents))
            writer.add(*elements)
