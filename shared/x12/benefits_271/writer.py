"""Writing 271s (005010X279A1); a payer's side, for the stand-in and for tests.

Source of the rule: 005010X279A1, loops 2000A to 2120D.
"""

from collections.abc import Sequence

from shared.x12.benefits_271.benefits import Benefit, BenefitsReport, Rejection
from shared.x12.syntax.elements import amount_text, day_text, decimal_text
from shared.x12.syntax.envelope_writer import Envelope, SetWriter, write_interchange
from shared.x12.syntax.loops_writer import (
    write_address,
    write_date,
    write_demographics,
    write_party,
    write_payer,
    write_person,
    write_provider,
)

IMPLEMENTATION = "005010X279A1"


def write_benefits(reports: Sequence[BenefitsReport], envelope: Envelope) -> bytes:
    """One interchange with one 271 set for each report."""
    return write_interchange(envelope, IMPLEMENTATION, [_write_set(report, envelope) for report in reports])


def _write_set(report: BenefitsReport, envelope: Envelope) -> SetWriter:
    writer, written = SetWriter("271", envelope.delimiters), envelope.written_at
    on = report.reported_on or written.date()
    writer.add("BHT", "0022", "11", writer.text(report.trace), day_text(on), f"{written:%H%M}")
    writer.add("HL", "1", "", "20", "1")
    _write_rejections(writer, report.rejections, "payer")
    write_payer(writer, report.payer)
    writer.add("HL", "2", "1", "21", "1")
    write_provider(writer, "1P", report.provider)
    _write_rejections(writer, report.rejections, "provider")
    writer.add("HL", "3", "2", "22", "1" if report.dependent else "0")
    if report.dependent is None:
        _write_trace(writer, report)
    write_person(writer, "IL", report.subscriber.person, "MI", report.subscriber.member_id)
    if report.dependent is not None:
        write_address(writer, report.subscriber.person.address)
        write_demographics(writer, report.subscriber.person)
        _write_rejections(writer, report.rejections, "subscriber")
        writer.add("HL", "4", "3", "23", "0")
        _write_trace(writer, report)
        write_person(writer, "03", report.dependent)
    _write_subject(writer, report)
    return writer


def _write_subject(writer: SetWriter, report: BenefitsReport) -> None:
    """The person asked about: what stands before the first EB, then the benefits."""
    person = report.dependent or report.subscriber.person
    for qualifier, value in report.references:
        writer.add("REF", qualifier, writer.text(value))
    write_address(writer, person.address)
    _write_rejections(writer, report.rejections, "dependent" if report.dependent else "subscriber")
    write_demographics(writer, person)
    if report.relation:
        writer.add("INS", "Y" if report.relation == "18" else "N", report.relation)
    for period in report.periods:
        write_date(writer, period.qualifier, period.since, period.to)
    for benefit in report.benefits:
        _write_benefit(writer, benefit)
    _write_rejections(writer, report.rejections, "benefit")


def _write_trace(writer: SetWriter, report: BenefitsReport) -> None:
    if report.trace:
        writer.add("TRN", "2", writer.text(report.trace), writer.text(report.trace_origin) or "9000000000")


def _write_rejections(writer: SetWriter, rejections: Sequence[Rejection], level: str) -> None:
    for rejection in rejections:
        if rejection.level == level:
            writer.add("AAA", "N", "", rejection.reason, rejection.follow_up)


def _write_benefit(writer: SetWriter, benefit: Benefit) -> None:
    text = writer.text
    writer.add(
        "EB",
        benefit.code,
        benefit.level,
        writer.repetition.join(map(text, benefit.service_types)),
        benefit.insurance_type,
        text(benefit.plan),
        benefit.period,
        "" if benefit.amount_cents is None else amount_text(benefit.amount_cents),
        "" if benefit.share is None else decimal_text(benefit.share),
        benefit.quantity_kind,
        "" if benefit.quantity is None else decimal_text(benefit.quantity),
        benefit.authorization,
        benefit.network,
        benefit.procedure,
    )
    for qualifier, value in benefit.references:
        writer.add("REF", qualifier, text(value))
    for period in benefit.periods:
        write_date(writer, period.qualifier, period.since, period.to)
    for message in benefit.messages:
        writer.add("MSG", text(message))
    if benefit.entities:
        writer.add("LS", "2120")
        for entity in benefit.entities:
            write_party(writer, entity.code, entity.party)
        writer.add("LE", "2120")
