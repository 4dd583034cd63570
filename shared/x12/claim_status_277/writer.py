"""Writing 277CAs (005010X214), 277s and 276s (005010X212).

Source of the rule: 005010X214 and 005010X212, loops 2000A to 2220E.
"""

from collections.abc import Sequence
from datetime import date

from shared.x12.claim_status_277.status import ClaimStatus, ClaimStatusReport, Outcome, Status, StatusInquiry
from shared.x12.syntax.elements import amount_text, day_text
from shared.x12.syntax.envelope_writer import Envelope, SetWriter, write_interchange
from shared.x12.syntax.loops_writer import write_date, write_party
from shared.x12.syntax.parties import NOBODY

ACKNOWLEDGMENT = "005010X214"
INQUIRY = "005010X212"


def write_claim_statuses(reports: Sequence[ClaimStatusReport], envelope: Envelope) -> bytes:
    """One interchange with one 277 set for each report: a 277CA, or an answer to a 276 if `acknowledgment` is False.

    Raises ValueError: the two kinds are mixed, which one group cannot hold.
    """
    kinds = {report.acknowledgment for report in reports}
    if len(kinds) > 1:
        raise ValueError("a group holds either 277CAs or 277s")
    implementation = ACKNOWLEDGMENT if True in kinds else INQUIRY
    return write_interchange(envelope, implementation, [_write_report(report, envelope) for report in reports])


def _write_report(report: ClaimStatusReport, envelope: Envelope) -> SetWriter:
    writer, written = SetWriter("277", envelope.delimiters), envelope.written_at
    on = report.reported_on or written.date()
    code, kind = ("0085", "TH") if report.acknowledgment else ("0010", "DG")
    writer.add("BHT", code, "08", writer.text(report.reference) or "1", day_text(on), f"{written:%H%M}", kind)
    writer.add("HL", "1", "", "20", "1")
    write_party(writer, "PR", report.payer, "2")
    if report.acknowledgment:
        writer.add("TRN", "1", writer.text(report.reference) or "1")
        write_date(writer, "050", on)
        write_date(writer, "009", on)
    writer.add("HL", "2", "1", "21", "1")
    write_party(writer, "41", report.receiver, "2")
    for batch in report.batches:
        writer.add("TRN", "2", writer.text(batch.id))
        _write_statuses(writer, batch.statuses, on)
    if report.acknowledgment and not report.batches:
        _write_batch_summary(writer, report, on)
    writer.add("HL", "3", "2", "19", "1")
    write_party(writer, "85" if report.acknowledgment else "1P", report.provider)
    if report.acknowledgment:
        writer.add("TRN", "1", writer.text(report.reference) or "1")
    for number, claim in enumerate(report.claims, 4):
        _write_claim(writer, claim, number, on, acknowledgment=report.acknowledgment)
    return writer


def _write_batch_summary(writer: SetWriter, report: ClaimStatusReport, on: date) -> None:
    """The receiver level of a 277CA must sum up the whole: how many claims were accepted and how many were not."""
    total_cents = sum(claim.charge_cents or 0 for claim in report.claims)
    rejected = [claim for claim in report.claims if claim.outcome is Outcome.REJECTED]
    writer.add("TRN", "2", writer.text(report.reference) or "1")
    writer.add("STC", writer.composite("A1", "19", "PR"), day_text(on), "WQ", amount_text(total_cents))
    if len(report.claims) > len(rejected):
        writer.add("QTY", "90", str(len(report.claims) - len(rejected)))
    if rejected:
        writer.add("QTY", "AA", str(len(rejected)))


def _write_claim(writer: SetWriter, claim: ClaimStatus, number: int, on: date, *, acknowledgment: bool) -> None:
    text = writer.text
    level, role = ("PT", "QC") if acknowledgment else ("22", "IL")
    writer.add("HL", str(number), "3", level, *(() if acknowledgment else ("0",)))
    write_party(writer, role, claim.patient or NOBODY, "1")
    writer.add("TRN", "2", text(claim.id))
    _write_statuses(writer, claim.statuses, on, claim.paid_cents)
    if claim.payer_claim_id:
        writer.add("REF", "1K", text(claim.payer_claim_id))
    if claim.patient_control:
        writer.add("REF", "EJ", text(claim.patient_control))
    if claim.clearinghouse_trace:
        writer.add("REF", "D9", text(claim.clearinghouse_trace))
    write_date(writer, "472", claim.service_from, claim.service_to)
    for control, statuses in claim.lines:
        writer.add("SVC", writer.composite("HC", "99999"), "0")
        _write_statuses(writer, statuses, on)
        writer.add("REF", "FJ", text(control))


def _write_statuses(writer: SetWriter, statuses: Sequence[Status], on: date, paid_cents: int | None = None) -> None:
    for status in statuses:
        writer.add(
            "STC",
            writer.composite(status.category, status.status, status.entity),
            day_text(status.on or on),
            status.action,
            "" if status.amount_cents is None else amount_text(status.amount_cents),
            "" if paid_cents is None else amount_text(paid_cents),
            *[""] * 6,
            writer.text(status.message),
        )


def write_status_inquiries(inquiries: Sequence[StatusInquiry], envelope: Envelope) -> bytes:
    """One interchange with one 276 set that holds `inquiries`."""
    writer, written = SetWriter("276", envelope.delimiters), envelope.written_at
    reference = f"{envelope.control:09}"
    writer.add("BHT", "0010", "13", reference, day_text(written.date()), f"{written:%H%M}")
    level = 0
    for inquiry in inquiries:
        level = _write_inquiry(writer, inquiry, level + 1)
    return write_interchange(envelope, INQUIRY, [writer])


def _write_inquiry(writer: SetWriter, inquiry: StatusInquiry, first: int) -> int:
    """The levels of one question, from the payer down; returns the last level that was used."""
    above = (("20", "PR", inquiry.payer), ("21", "41", inquiry.receiver), ("19", "1P", inquiry.provider))
    for number, (code, role, party) in enumerate(above, first):
        writer.add("HL", str(number), "" if code == "20" else str(number - 1), code, "1")
        write_party(writer, role, party, "2" if code != "19" else None)
    number = first + 3
    writer.add("HL", str(number), str(number - 1), "22", "1" if inquiry.dependent else "0")
    if inquiry.birth_date is not None:
        writer.add("DMG", "D8", day_text(inquiry.birth_date), inquiry.sex)
    write_party(writer, "IL", inquiry.subscriber, "1")
    if inquiry.dependent is not None:
        number += 1
        writer.add("HL", str(number), str(number - 1), "23")
        if inquiry.dependent_birth_date is not None:
            writer.add("DMG", "D8", day_text(inquiry.dependent_birth_date))
        write_party(writer, "QC", inquiry.dependent, "1")
    writer.add("TRN", "1", writer.text(inquiry.id))
    if inquiry.payer_claim_id:
        writer.add("REF", "1K", writer.text(inquiry.payer_claim_id))
    if inquiry.charge_cents is not None:
        writer.add("AMT", "T3", amount_text(inquiry.charge_cents))
    write_date(writer, "472", inquiry.service_from, inquiry.service_to)
    return number
