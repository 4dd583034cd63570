"""The envelope around what we write: ISA, GS, ST ... SE, GE, IEA.

Source of the rule: 005010 guides, appendix C (interchange) and B (group and set); the basic and extended character
sets of appendix B.1.1.2, to which names are brought so that no payer refuses a claim for an accent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shared.x12.syntax.delimiters import STANDARD, Delimiters
from shared.x12.syntax.elements import day_text
from shared.x12.syntax.spelling import spelled

FUNCTIONAL_IDS = {"270": "HS", "271": "HB", "276": "HR", "277": "HN", "835": "HP", "837": "HC", "999": "FA"}


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who sends to whom, when, and under which control number (1 to 999,999,999; it is ours to keep unique).

    `written_at` is an argument because writers have no clock. `usage` is P (production) or T (test).
    `submitter_name` and `receiver_name` go to the 1000A/B loops of a claim file. Partners may agree other ids for the
    group (GS02, GS03) and for these loops (NM109) than for the interchange (ISA06, ISA08); "" takes the interchange's.
    """

    sender_id: str
    receiver_id: str
    control: int
    written_at: datetime
    sender_kind: str = "ZZ"
    receiver_kind: str = "ZZ"
    usage: str = "P"
    submitter_name: str = ""
    receiver_name: str = ""
    group_sender_id: str = ""
    group_receiver_id: str = ""
    submitter_id: str = ""
    claim_receiver_id: str = ""
    contact_name: str = "EDI"
    contact_phone: str = "8005550100"
    delimiters: Delimiters = STANDARD


class SetWriter:
    """Collects the segments of one transaction set, ST and SE left out."""

    def __init__(self, set_id: str, delimiters: Delimiters = STANDARD) -> None:
        self.set_id = set_id
        self.segments: list[str] = []
        self._element = delimiters.element
        self._terminator = delimiters.terminator
        self._component = delimiters.component
        separators = delimiters.element + delimiters.component + delimiters.repetition + delimiters.terminator
        self._blank = str.maketrans({**{chr(code): " " for code in range(32)}, **dict.fromkeys(separators, " ")})
        self.repetition = delimiters.repetition

    def add(self, *elements: str) -> None:
        """Add a segment; empty elements at its end are left out. Free text must have gone through `text`.

        A code that was read from a file with other separators may hold one of ours; it never ends an element here.
        """
        element = self._element
        segment = element.join(elements)
        if segment.count(element) >= len(elements) or self._terminator in segment:
            blank = str.maketrans(element + self._terminator, "  ")
            segment = element.join(value.translate(blank) for value in elements)
        self.segments.append(segment.rstrip(element))

    def add_carried(self, segment: Sequence[str], component: str = STANDARD.component) -> None:
        """Add a segment that is carried as it came, with `component` as the separator inside its composites."""
        pieces = (":".join(map(self.text, element.split(component))) for element in segment)
        self.add(*(piece.replace(":", self._component) for piece in pieces))

    def composite(self, *components: str) -> str:
        """The components as one element; empty ones at its end are left out."""
        component = self._component
        return component.join(components).rstrip(component)

    def text(self, value: str) -> str:
        """`value` without separators, control characters and accents."""
        return spelled(value).translate(self._blank).strip()


def write_interchange(envelope: Envelope, implementation: str, sets: Sequence[SetWriter]) -> bytes:
    """One interchange with one group that holds `sets`, all of the same kind and of `implementation`.

    Raises ValueError: no sets, or a control number outside 1 to 999,999,999 (a fault of the caller).
    """
    if not sets or not 1 <= envelope.control <= 999_999_999:
        raise ValueError("an interchange needs a set and a control number from 1 to 999999999")
    element, terminator = envelope.delimiters.element, envelope.delimiters.terminator
    control = str(envelope.control)
    envelope = _without_separators(envelope)
    parts = [_isa(envelope), element.join(_gs(envelope, implementation, FUNCTIONAL_IDS[sets[0].set_id]))]
    for number, transaction in enumerate(sets, 1):
        number_text = f"{number:04}"
        # The 835 guide does not use ST03; it predates the element.
        named = () if transaction.set_id == "835" else (implementation,)
        parts.append(element.join(("ST", transaction.set_id, number_text, *named)))
        parts += transaction.segments
        parts.append(element.join(("SE", str(len(transaction.segments) + 2), number_text)))
    parts += [element.join(("GE", str(len(sets)), control)), element.join(("IEA", "1", f"{envelope.control:09}")), ""]
    return (terminator + "\n").join(parts).encode("ascii", "replace")


def _without_separators(envelope: Envelope) -> Envelope:
    """The envelope with ids that hold none of its separators: partners of other separators may have agreed such ids."""
    text = SetWriter("", envelope.delimiters).text
    return replace(
        envelope,
        sender_id=text(envelope.sender_id),
        receiver_id=text(envelope.receiver_id),
        group_sender_id=text(envelope.group_sender_id),
        group_receiver_id=text(envelope.group_receiver_id),
    )


def _isa(envelope: Envelope) -> str:
    written, marks = envelope.written_at, envelope.delimiters
    return marks.element.join(
        (
            "ISA*00*          *00*          ".replace("*", marks.element),
            f"{envelope.sender_kind:2.2}",
            f"{envelope.sender_id:15.15}",
            f"{envelope.receiver_kind:2.2}",
            f"{envelope.receiver_id:15.15}",
            f"{written:%y%m%d}",
            f"{written:%H%M}",
            marks.repetition,
            "00501",
            f"{envelope.control:09}",
            "0",
            envelope.usage,
            marks.component,
        )
    )


def _gs(envelope: Envelope, implementation: str, functional_id: str) -> tuple[str, ...]:
    written = envelope.written_at
    return (
        "GS",
        functional_id,
        (envelope.group_sender_id or envelope.sender_id).strip(),
        (envelope.group_receiver_id or envelope.receiver_id).strip(),
        day_text(written.date()),
        f"{written:%H%M}",
        str(envelope.control),
        "X",
        implementation,
    )
