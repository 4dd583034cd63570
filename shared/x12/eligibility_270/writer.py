"""Writing 270s (005010X279A1), for a subscriber or a dependent.

Source of the rule: 005010X279A1, loops 2000A to 2110D. Each inquiry has one date of service; the trace comes
back as TRN*2.
"""

from collections.abc import Sequence

from shared.x12.eligibility_270.inquiry import EligibilityInquiry
from shared.x12.syntax.elements import day_text
from shared.x12.syntax.envelope_writer import Envelope, SetWriter, write_interchange
from shared.x12.syntax.loops_writer import write_address, write_demographics, write_payer, write_person, write_provider

IMPLEMENTATION = "005010X279A1"


def write_inquiries(inquiries: Sequence[EligibilityInquiry], envelope: Envelope) -> bytes:
    """One interchange with one 270 set for each inquiry."""
    return write_interchange(envelope, IMPLEMENTATION, [_write_set(inquiry, envelope) for inquiry in inquiries])


def _write_set(inquiry: EligibilityInquiry, envelope: Envelope) -> SetWriter:
    writer, written = SetWriter("270", envelope.delimiters), envelope.written_at
    writer.add("BHT", "0022", "13", writer.text(inquiry.trace), day_text(written.date()), f"{written:%H%M}")
    writer.add("HL", "1", "", "20", "1")
    write_payer(writer, inquiry.payer)
    writer.add("HL", "2", "1", "21", "1")
    write_provider(writer, "1P", inquiry.provider)
    writer.add("HL", "3", "2", "22", "1" if inquiry.dependent else "0")
    if inquiry.dependent is None:
        _write_trace(writer, inquiry)
    write_person(writer, "IL", inquiry.subscriber.person, "MI", inquiry.subscriber.member_id)
    write_address(writer, inquiry.subscriber.person.address)
    write_demographics(writer, inquiry.subscriber.person)
    if inquiry.dependent is not None:
        writer.add("HL", "4", "3", "23", "0")
        _write_trace(writer, inquiry)
        write_person(writer, "03", inquiry.dependent)
        write_address(writer, inquiry.dependent.address)
        write_demographics(writer, inquiry.dependent)
        writer.add("INS", "N", inquiry.relation)
    writer.add("DTP", "291", "D8", day_text(inquiry.on))
    writer.add("EQ", writer.repetition.join(map(writer.text, inquiry.service_types)))
    return writer


def _write_trace(writer: SetWriter, inquiry: EligibilityInquiry) -> None:
    writer.add("TRN", "1", writer.text(inquiry.trace), writer.text(inquiry.trace_origin))
