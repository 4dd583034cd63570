"""Writing 999s (005010X231A1).

Source of the rule: 005010X231A1, AK1 to AK9.
"""

from collections.abc import Sequence

from shared.x12.acknowledgment_999.acknowledgment import AcknowledgedSet, Acknowledgment, SyntaxFault
from shared.x12.syntax.envelope_writer import Envelope, SetWriter, write_interchange

IMPLEMENTATION = "005010X231A1"


def write_acknowledgments(acknowledgments: Sequence[Acknowledgment], envelope: Envelope) -> bytes:
    """One interchange with one 999 set for each acknowledgment."""
    return write_interchange(
        envelope, IMPLEMENTATION, [_write_set(acknowledgment, envelope) for acknowledgment in acknowledgments]
    )


def _write_set(acknowledgment: Acknowledgment, envelope: Envelope) -> SetWriter:
    writer = SetWriter("999", envelope.delimiters)
    text = writer.text
    writer.add("AK1", acknowledgment.functional_id, text(acknowledgment.control), text(acknowledgment.implementation))
    for answered in acknowledgment.sets:
        _write_answer(writer, answered)
    count = len(acknowledgment.sets)
    included = acknowledgment.sets_included if acknowledgment.sets_included is not None else count
    received = acknowledgment.sets_received if acknowledgment.sets_received is not None else count
    accepted = acknowledgment.sets_accepted
    if accepted is None:
        accepted = sum(answered.accepted for answered in acknowledgment.sets)
    writer.add("AK9", acknowledgment.code, str(included), str(received), str(accepted))
    return writer


def _write_answer(writer: SetWriter, answer: AcknowledgedSet) -> None:
    writer.add("AK2", answer.set_id, writer.text(answer.control), writer.text(answer.implementation))
    last: SyntaxFault | None = None
    for fault in answer.errors:
        if last is None or (fault.segment, fault.position, fault.code) != (last.segment, last.position, last.code):
            position = "" if fault.position is None else str(fault.position)
            writer.add("IK3", fault.segment, position, fault.loop, fault.code)
        if fault.context and not fault.element:
            writer.add("CTX", writer.text(fault.context))
        if fault.element:
            writer.add("IK4", fault.element, "", fault.element_code, writer.text(fault.value))
            if fault.context:
                writer.add("CTX", writer.text(fault.context))
        last = fault
    writer.add("IK5", answer.code, *answer.error_codes[:5])
