"""The segments of a file, one by one, whatever the file looks like.

Source of the rule: X12.5 / X12.6 for what should be; the tolerance (BOM, indentation, wrapped lines, several
interchanges with separators of their own, a last segment without terminator) comes from files that payers send.
"""

import codecs
import io
from collections.abc import Generator, Iterator
from typing import BinaryIO

from shared.x12.syntax.delimiters import (
    HEADER_SPAN,
    STANDARD,
    Delimiters,
    component_in_use,
    find_header,
    from_data,
    from_header,
    mend_line_ends,
)
from shared.x12.syntax.problems import Problem

CHUNK_BYTES = 1 << 17
_BLANKS = " \t\xa0\ufeff\u200b"
"""What editors and mail programs put around segments: blanks, no-break spaces, marks of no width."""
LONGEST_SEGMENT = 1 << 20
"""A longer run without a terminator is no segment; it is dropped with a problem, so that memory stays bounded."""


class SegmentReader:
    """Splits `source` into segments: lists of elements, the first the segment id in upper case.

    While iterating, `delimiters` are those of the interchange being read, `position` the 1-based number of the segment
    last given, `problems` what was odd so far. Never raises for what is in the file.
    """

    def __init__(self, source: bytes | BinaryIO) -> None:
        self._stream: BinaryIO = io.BytesIO(source) if isinstance(source, bytes) else source
        self.delimiters: Delimiters = STANDARD
        self.position = 0
        self.problems: list[Problem] = []
        self.found = False
        self._component_seen = False
        self._header_pending = False

    def __iter__(self) -> Iterator[list[str]]:
        held: str = ""
        for text in self._texts():
            held = held + text if held else text
            if not self.found:
                held = self._skip_to_start(held, final=False)
                if not self.found:
                    continue
            held = yield from self._interchanges(held, final=False)
        if not self.found:
            held = self._skip_to_start(held, final=True)
        if self.found:
            yield from self._interchanges(held, final=True)

    def note(self, name: str, text: str, segment: str | None = None) -> None:
        """Note a problem at the present position."""
        self.problems.append(Problem(name, text, segment, self.position or None))

    def _interchanges(self, held: str, *, final: bool) -> Generator[list[str], None, str]:
        """Give the whole segments of `held`; return what is left for the next piece of the file."""
        search_from = 0
        while True:
            if self._header_pending:
                if len(held) < HEADER_SPAN and not final:
                    return held
                self._take_header(held)
                search_from = 3
            header = find_header(held, search_from)
            if header < 0:
                break
            yield from self._split(held[:header])
            held = held[header:]
            self._header_pending = True
        if final:
            yield from self._split(held, final=True)
            return ""
        end = held.rfind(self.delimiters.terminator) + 1
        if end:
            yield from self._split(held[:end])
            return held[end:]
        if len(held) > LONGEST_SEGMENT:
            self.note("segment_too_long", f"more than {LONGEST_SEGMENT} characters without a segment terminator")
            return ""
        return held

    def _split(self, text: str, *, final: bool = False) -> Iterator[list[str]]:
        terminator, element = self.delimiters.terminator, self.delimiters.element
        if not self._component_seen:
            self._check_component(text)
        if terminator not in "\r\n" and "\n" in text:
            text = self._mended(text)
        for line_end in "\r\n":
            if line_end != terminator and line_end in text:
                text = text.replace(line_end, "")
        if (
            final
            and terminator not in "\r\n"
            and text.strip()
            and not text.rstrip(f"\r\n{_BLANKS}").endswith(terminator)
        ):
            self.note("last_segment_not_terminated", "the file ends without a segment terminator")
        for segment in text.split(terminator):
            if segment and (segment[0].isupper() or (segment := segment.strip(_BLANKS))):
                self.position += 1
                elements = segment.split(element)
                if not elements[0].isupper():
                    elements[0] = elements[0].strip().upper()
                yield elements

    def _mended(self, text: str) -> str:
        """`text` with the terminators that were left to the line ends put back."""
        mended = mend_line_ends(text, self.delimiters)
        if mended != text:
            self.note("terminator_missing", "a segment ends with its line instead of the terminator")
        return mended

    def _skip_to_start(self, held: str, *, final: bool) -> str:
        """`held` from the first ISA on (or the first bare GS or ST); sets `found` when there is one."""
        header = find_header(held)
        if header >= 0 and (len(held) - header >= HEADER_SPAN or final):
            self._begin(held[:header])
            self._header_pending = True
            return held[header:]
        if header < 0 and (final or len(held) > 4 * HEADER_SPAN) and (bare := from_data(held[:CHUNK_BYTES])):
            at, self.delimiters = bare
            self._begin(held[:at])
            return held[at:]
        return held if header >= 0 or len(held) < CHUNK_BYTES else held[-HEADER_SPAN:]

    def _begin(self, before: str) -> None:
        self.found = True
        if before.strip():
            self.note("text_before_interchange", "something that is not X12 stands before the first segment")

    def _take_header(self, held: str) -> None:
        self.delimiters = from_header(held)
        self._component_seen = self._header_pending = False

    def _check_component(self, text: str) -> None:
        used = component_in_use(text, self.delimiters)
        if used is None:
            return
        self._component_seen = True
        declared = self.delimiters
        if used not in (declared.component, declared.element, declared.terminator):
            self.delimiters = Delimiters(declared.element, used, declared.repetition, declared.terminator)
            self.note(
                "component_separator_differs", f"ISA16 says {declared.component!r}, the data uses {used!r}", "ISA"
            )

    def _texts(self) -> Iterator[str]:
        """The file as text: UTF-8, UTF-16 with its mark, else Windows-1252 from the first byte that is no UTF-8."""
        first = self._read()
        wide = first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        decoder = codecs.getincrementaldecoder("utf-16" if wide else "utf-8-sig")("replace" if wide else "strict")
        data = first
        while True:
            pending = decoder.getstate()[0]
            try:
                yield decoder.decode(data, final=not data)
            except UnicodeDecodeError:
                self.note("not_utf8", "the file is not UTF-8; read as Windows-1252")
                decoder = codecs.getincrementaldecoder("cp1252")("replace")
                yield decoder.decode(pending + data)
            if not data:
                return
            data = self._read()

    def _read(self) -> bytes:
        try:
            return self._stream.read(CHUNK_BYTES)
        except (OSError, ValueError, EOFError) as error:
            self.note("source_failed", f"the source could not be read to its end: {type(error).__name__}")
            return b""
