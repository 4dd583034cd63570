"""The separators of one interchange: told by its ISA, or guessed from the data where there is none.

Source of the rule: interchange control structure X12.5; ISA is the one segment of fixed length, so its separators can
be read before anything else can. Files in the wild break that length, leave the terminator to the line end, or use
another component separator than ISA16 says, so each is checked against what follows.
"""

import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase

_UPPER = str.maketrans(ascii_lowercase, ascii_uppercase)

HEADER_SPAN = 400
"""So many characters from an ISA on always hold its end and the beginning of the next segment."""

_ISA_FIELDS = 16
_SEGMENT_ID = (
    r"(?:ISA|GS|ST|SE|GE|IEA|BPR|BHT|TRN|HL|NM1|N1|N3|N4|REF|DTM|DTP|LX|CLP|CAS|SVC|AMT|MOA|PLB|LQ"
    r"|SBR|CLM|HI|SV1|SVD|DMG|PAT|PRV|PER|OI|EB|EQ|AAA|STC|AK1|AK2|IK3|IK4|IK5|AK9)"
)
_SEGMENT = r"(?:ISA|GS|TA1|ST|SE|GE|IEA|BPR|BHT|BGN|AK1|TRN|HL|NM1|N1|REF|DTM|LX|CLP)"


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The four separators, one character each."""

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    terminator: str = "~"


STANDARD = Delimiters()


def find_header(text: str, start: int = 0) -> int:
    """Where the next ISA begins in `text` from `start` on; -1 where there is none."""
    at = _find(text, start)
    while at >= 0:
        if _is_header(text, at):
            return at
        at = _find(text, at + 3)
    return -1


def from_header(text: str) -> Delimiters:
    """The separators that the ISA at the beginning of `text` declares, checked against the segment that follows it."""
    element = text[3]
    fields = text[:HEADER_SPAN].split(element, _ISA_FIELDS)
    if len(fields) <= _ISA_FIELDS:
        return replace(STANDARD, element=element)
    component, terminator = _ending(fields[_ISA_FIELDS], element, text)
    declared = fields[11]
    repetition = declared if len(declared) == 1 and not declared.isalnum() and declared != " " else "^"
    return Delimiters(element, component, repetition, terminator)


def from_data(text: str) -> tuple[int, Delimiters] | None:
    """Where X12 without an ISA begins in `text` (a bare GS or ST) and its separators; None where there is none."""
    bare = re.search(r"(?:^|(?<=[\s~'|]))(?:GS|ST)([^0-9A-Za-z \r\n])", text, re.IGNORECASE)
    if bare is None:
        return None
    element = bare.group(1)
    terminator = _most_common_ending(text[bare.start() :], element)
    return None if terminator is None else (bare.start(), Delimiters(element, ":", "^", terminator))


def component_in_use(text: str, delimiters: Delimiters) -> str | None:
    """The component separator that the composites of `text` use; None where no known composite is in it."""
    upper = text.translate(_UPPER)  # a search that minds case looks for the first letters at once
    for composite in _composites(delimiters.element):
        match = composite.search(upper)
        if match is not None:
            return match.group(1)
    return None


@lru_cache(maxsize=64)
def _composites(element: str) -> tuple[re.Pattern[str], ...]:
    """What finds the composites whose separator is certain, by the element separator."""
    e = re.escape(element)
    free = rf"[^{e}]*"
    composites = (
        rf"(?:SVC|SV1|SV3|SVD{e}{free}{e}{free}|SV2{e}{free}){e}(?:HC|AD|HP|ER|IV|WK|N4|NU)([^0-9A-Za-z\s{e}])\w",
        rf"CLM{e}{free}{e}{free}{e}{free}{e}{free}{e}\w{{1,2}}([^0-9A-Za-z\s{e}])[AB]\1\w",
        rf"STC{e}[A-Z]\d{{1,2}}([^0-9A-Za-z\s{e}])\d",
        rf"HI{e}A?BK([^0-9A-Za-z\s{e}])\w",
    )
    return tuple(map(re.compile, composites))


def mend_line_ends(text: str, delimiters: Delimiters) -> str:
    """`text` with a terminator where a line ends without one and the next line begins a segment.

    A line that only wraps a segment ends anywhere; one that lost its terminator is followed by a segment id.
    """
    ended = text.count(f"{delimiters.terminator}\n") + text.count(f"{delimiters.terminator}\r\n")
    if text.count("\n") == ended:
        return text
    element, terminator = re.escape(delimiters.element), re.escape(delimiters.terminator)
    lost = rf"(?<=[^{element}{terminator}\s])\s*\n\s*(?={_SEGMENT_ID}{element})"
    return re.sub(lost, lambda _: delimiters.terminator, text)


def _find(text: str, start: int) -> int:
    upper, lower = text.find("ISA", start), text.find("isa", start)
    return upper if lower < 0 else lower if upper < 0 else min(upper, lower)


def _is_header(text: str, at: int) -> bool:
    if at + 3 >= len(text) or text[at + 3].isalnum() or text[at + 3] in " \r\n" or (at and text[at - 1].isalnum()):
        return False
    fields = text[at : at + HEADER_SPAN].split(text[at + 3], 13)
    return len(fields) > 9 and all(len(fields[qualifier].strip()) <= 2 for qualifier in (1, 3, 5, 7))


def _ending(tail: str, element: str, text: str) -> tuple[str, str]:
    """Component separator and terminator, from what stands between ISA16 and the next segment."""
    following = re.search(rf"{_SEGMENT}{re.escape(element)}", tail, re.IGNORECASE)
    between = tail[: following.start()] if following and following.start() else tail[:2]
    visible = between.strip(" \r\n\t")
    if not between:
        return STANDARD.component, STANDARD.terminator
    if len(visible) > 1:
        return visible[0], visible[1]
    if not visible or visible == between or _ends_segments(visible, text, element):
        return STANDARD.component, visible or ("\n" if "\n" in between else between[0])
    return visible, "\n" if "\n" in between else between.replace(visible, "", 1)[0]


def _ends_segments(character: str, text: str, element: str) -> bool:
    return bool(re.search(rf"{re.escape(character)}\s*(?:ST|BPR|BHT|GE){re.escape(element)}", text, re.IGNORECASE))


def _most_common_ending(text: str, element: str) -> str | None:
    before = rf"{_SEGMENT}{re.escape(element)}"
    visible = Counter(re.findall(rf"([^\w\s])\s*(?={before})", text, re.IGNORECASE | re.ASCII))
    line_ends = Counter(re.findall(rf"([\r\n])[ \t]*(?={before})", text, re.IGNORECASE | re.ASCII))
    visible.pop(element, None)
    if visible and visible.most_common(1)[0][1] * 2 > sum(line_ends.values()):
        return visible.most_common(1)[0][0]
    if line_ends:
        return "\n" if "\n" in line_ends else "\r"
    return visible.most_common(1)[0][0] if visible else None
