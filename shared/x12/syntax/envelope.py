"""The envelopes of a file: ISA/IEA, GS/GE, ST/SE, their counts and control numbers.

Source of the rule: X12.5 interchange and X12.6 group and set structure; the 005010 guides, appendix C.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from shared.x12.syntax.delimiters import Delimiters
from shared.x12.syntax.problems import Kind, Problem
from shared.x12.syntax.segments import SegmentReader

CONTROL_SEGMENTS = frozenset({"ISA", "GS", "ST", "SE", "GE", "IEA", "TA1"})
_SEGMENT_ID = re.compile(r"[A-Z][A-Z0-9]{1,2}")
_BESIDE_SETS = frozenset({"ISB", "ISE", "TA3"})
"""Control segments of X12.5 that belong outside the sets and say nothing here."""

MOST_PROBLEMS = 1000
"""So many problems of one envelope are kept; a hostile file must not fill the memory with them."""


@dataclass(slots=True)
class OpenInterchange:
    """An interchange while it is read. Without an ISA `control` is "" and `stated` False."""

    stated: bool = False
    sender_id: str = ""
    receiver_id: str = ""
    control: str = ""
    usage: str = ""
    sender_kind: str = ""
    receiver_kind: str = ""
    groups: int = 0
    acknowledges: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    problems: list[Problem] = field(default_factory=list[Problem])


@dataclass(slots=True)
class OpenGroup:
    """A functional group while it is read."""

    stated: bool = False
    control: str = ""
    functional_id: str = ""
    version: str = ""
    sender_id: str = ""
    receiver_id: str = ""
    sets: int = 0
    controls: set[str] = field(default_factory=set[str])


class OpenTransaction:
    """A transaction set while it is read: iterate it for its segments, ST and SE left out.

    `problems` are complete when the iteration has ended; `position` is that of the segment last given.
    """

    def __init__(self, reader: "EnvelopeReader", st: list[str], interchange: OpenInterchange, group: OpenGroup) -> None:
        self._reader = reader
        self.set_id = element(st, 1)
        self.control = element(st, 2)
        self.implementation = element(st, 3) or group.version
        self.interchange = interchange
        self.group = group
        self.first_position = reader.position
        self.problems: list[Problem] = []
        self._segments = reader.body(self)

    def __iter__(self) -> Iterator[list[str]]:
        return self._segments

    @property
    def position(self) -> int:
        """The number in the file of the segment last given."""
        return self._reader.position

    @property
    def delimiters(self) -> Delimiters:
        """The separators in use."""
        return self._reader.delimiters

    def note(self, name: str, text: str, segment: str, kind: Kind = "note", off_by_cents: int | None = None) -> None:
        """Note a problem of this set at the present position."""
        keep(self.problems, Problem(name, text, segment, self.position, off_by_cents, kind))


class EnvelopeReader:
    """Reads `source` envelope by envelope. `problems` are those outside transaction sets, over the whole file."""

    def __init__(self, source: bytes | BinaryIO) -> None:
        self._source = SegmentReader(source)
        self._segments = iter(self._source)
        self._pushed: list[str] | None = None
        self._noted = 0
        self.problems: list[Problem] = []
        self.interchanges: list[OpenInterchange] = []
        self._controls: set[str] = set()
        self._interchange: OpenInterchange | None = None
        self._group: OpenGroup | None = None

    @property
    def position(self) -> int:
        """The number in the file of the segment last read."""
        return self._source.position

    @property
    def delimiters(self) -> Delimiters:
        """The separators in use."""
        return self._source.delimiters

    def transactions(self) -> Iterator[OpenTransaction]:
        """Every transaction set in turn; what the caller leaves of one is read over before the next."""
        for elements in self._next_segments():
            match elements[0]:
                case "ISA":
                    self._open_interchange(elements)
                case "GS":
                    self._open_group(elements)
                case "ST":
                    yield from self._transaction(elements)
                case "GE":
                    self._close_group(elements)
                case "IEA":
                    self._close_interchange(elements)
                case "TA1":
                    self._acknowledge(elements)
                case "SE":
                    self._note("trailer_without_header", "an SE without its ST", "SE", "envelope")
                case _:
                    kind: Kind = "envelope" if _is_data(elements) else "note"
                    self._note("segment_outside_set", "a segment outside any transaction set", elements[0][:3], kind)
        self._end_group()
        self._end_interchange()
        self._take_source_problems()

    def body(self, transaction: OpenTransaction) -> Iterator[list[str]]:
        """The segments of `transaction` up to its SE, which is checked."""
        for elements in self._segments:
            if elements[0] in CONTROL_SEGMENTS:
                if elements[0] == "SE":
                    self._check_trailer(transaction, elements)
                else:
                    self._pushed = elements
                    transaction.note("set_not_closed", "the set has no SE", elements[0], "envelope")
                return
            yield elements
        transaction.note("set_not_closed", "the file ends before the set's SE", "ST", "envelope")

    def _next_segments(self) -> Iterator[list[str]]:
        while True:
            elements, self._pushed = self._pushed or next(self._segments, None), None
            if elements is None:
                return
            self._take_source_problems()
            yield elements

    def _transaction(self, st: list[str]) -> Iterator[OpenTransaction]:
        interchange = self._interchange or self._start_interchange(OpenInterchange())
        group = self._group or OpenGroup()
        if not interchange.stated and not interchange.groups and group.sets == 0 and not group.stated:
            self._note("no_interchange_envelope", "a transaction set without ISA and GS", "ST")
        self._group = group
        group.sets += 1
        if element(st, 2) in group.controls:
            self._note("set_control_repeated", "two sets of a group have the same control number", "ST")
        if len(group.controls) < MOST_PROBLEMS:
            group.controls.add(element(st, 2))
        transaction = OpenTransaction(self, st, interchange, group)
        yield transaction
        for _ in transaction:
            pass

    def _check_trailer(self, transaction: OpenTransaction, se: list[str]) -> None:
        counted = self.position - transaction.first_position + 1
        _check(transaction.note, "SE", "segment_count_differs", "segments", element(se, 1), counted)
        _check_control(transaction.note, "SE", "set_control_differs", transaction.control, element(se, 2))

    def _open_interchange(self, isa: list[str]) -> None:
        self._end_group()
        self._end_interchange()
        opened = OpenInterchange(
            stated=True,
            sender_id=element(isa, 6),
            receiver_id=element(isa, 8),
            control=element(isa, 13),
            usage=element(isa, 15),
            sender_kind=element(isa, 5),
            receiver_kind=element(isa, 7),
        )
        repeated = opened.control in self._controls
        if len(self._controls) < MOST_PROBLEMS:
            self._controls.add(opened.control)
        self._start_interchange(opened)
        if repeated:
            self._note("interchange_control_repeated", "two interchanges have the same control number", "ISA")
        if len(isa) != 17:
            self._note("interchange_header_malformed", f"the ISA has {len(isa) - 1} elements, not 16", "ISA")

    def _start_interchange(self, opened: OpenInterchange) -> OpenInterchange:
        self._interchange = opened
        self.interchanges.append(opened)
        return opened

    def _open_group(self, gs: list[str]) -> None:
        self._end_group()
        interchange = self._interchange or self._start_interchange(OpenInterchange())
        if not interchange.stated and not interchange.groups:
            self._note("no_interchange_envelope", "a group without ISA", "GS")
        interchange.groups += 1
        self._group = OpenGroup(True, element(gs, 6), element(gs, 1), element(gs, 8), element(gs, 2), element(gs, 3))

    def _close_group(self, ge: list[str]) -> None:
        group, self._group = self._group, None
        if group is None or not group.stated:
            self._note("trailer_without_header", "a GE without its GS", "GE", "envelope")
            return
        _check(self._note, "GE", "set_count_differs", "transaction sets", element(ge, 1), group.sets)
        _check_control(self._note, "GE", "group_control_differs", group.control, element(ge, 2))

    def _close_interchange(self, iea: list[str]) -> None:
        self._end_group()
        interchange = self._interchange
        if interchange is None or not interchange.stated:
            self._note("trailer_without_header", "an IEA without its ISA", "IEA", "envelope")
        else:
            _check(self._note, "IEA", "group_count_differs", "groups", element(iea, 1), interchange.groups)
            _check_control(self._note, "IEA", "interchange_control_differs", interchange.control, element(iea, 2))
        self._interchange = None

    def _end_group(self) -> None:
        if self._group is not None and self._group.stated:
            self._note("group_not_closed", "a group has no GE", "GS", "envelope")
        self._group = None

    def _end_interchange(self) -> None:
        if self._interchange is not None and self._interchange.stated:
            self._note("interchange_not_closed", "an interchange has no IEA", "ISA", "envelope")
        self._interchange = None

    def _acknowledge(self, ta1: list[str]) -> None:
        interchange = self._interchange or self._start_interchange(OpenInterchange())
        if len(interchange.acknowledges) < MOST_PROBLEMS:
            interchange.acknowledges.append((element(ta1, 1), element(ta1, 4), element(ta1, 5)))

    def _note(self, name: str, text: str, segment: str, kind: Kind = "note", off_by_cents: int | None = None) -> None:
        problem = Problem(name, text, segment, self.position, off_by_cents, kind)
        keep(self.problems, problem)
        if self._interchange is not None:
            keep(self._interchange.problems, problem)

    def _take_source_problems(self) -> None:
        for problem in self._source.problems[self._noted :]:
            self._noted += 1
            keep(self.problems, problem)


class _Note(Protocol):
    """The shape of the two `note` methods."""

    def __call__(
        self, name: str, text: str, segment: str, kind: Kind = "note", off_by_cents: int | None = None
    ) -> None: ...


def _is_data(elements: list[str]) -> bool:
    """Whether what stands outside any set was cut off from one (or is a cut ISA), and not just noise in the file."""
    name = elements[0]
    is_segment = len(elements) > 1 and _SEGMENT_ID.fullmatch(name) is not None
    return name.startswith("ISA") or (is_segment and name not in _BESIDE_SETS)


def element(elements: list[str], index: int) -> str:
    """The element `index` of a segment without surrounding blanks, "" where the segment is shorter."""
    return elements[index].strip() if index < len(elements) else ""


def keep(problems: list[Problem], problem: Problem) -> None:
    """Append `problem` unless there are too many of them already; a grave one still gets in where none is yet."""
    if len(problems) < MOST_PROBLEMS or (problem.grave and not any(earlier.grave for earlier in problems)):
        problems.append(problem)


def _check(note: _Note, segment: str, name: str, what: str, stated: str, counted: int) -> None:
    if not (stated.isascii() and stated.isdigit() and len(stated) < 16):
        note(name, f"{segment}01 holds no count of {what}; there are {counted}", segment, "envelope")
    elif int(stated) != counted:
        note(name, f"{segment}01 says {int(stated)} {what}, there are {counted}", segment, "envelope")


def _check_control(note: _Note, segment: str, name: str, opened: str, closed: str) -> None:
    if opened == closed:
        return
    padded = opened.lstrip("0") == closed.lstrip("0")
    note(
        name,
        f"{segment}02 does not repeat the control number of its header" + (" digit by digit" if padded else ""),
        segment,
        "note" if padded else "envelope",
    )
