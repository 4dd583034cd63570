"""Our control numbers: short enough for every payer, the same on every run, and found again however they come back.

CLM01 holds 38 characters, but payers keep 20 (005010X222A1 CLM01), so a session's id is used as it is only where it is
short and plain; else a hash of it stands in. The store checks that no other session has the same key and takes the
next `salt` where one does.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from shared.x12.claim_837.edits import RESPONSIBILITIES

LONGEST = 20
_LONGEST_BASE = 14
_PLAIN = re.compile(r"[A-Z0-9]+(-[A-Z0-9]+)*")
_CONTROL = re.compile(rf"(?P<base>.+)-(?P<level>[{RESPONSIBILITIES}])(?P<submission>[2-9]|[1-9]\d)?")
_NOT_PLAIN = re.compile(r"[^A-Z0-9]")
# Crockford's alphabet: no I, L, O, U, so that nobody who reads a number over the phone mistakes it.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class UnusableLevelError(ValueError):
    """There are eleven payer levels and 99 submissions of a claim; this is none of them."""


@dataclass(frozen=True)
class ControlNumber:
    """A control number taken apart: the session's `base`, the payer level's letter, and the submission, from 1."""

    base: str
    level: str
    submission: int


def base(session_id: str, salt: int = 0) -> str:
    """The part that all claims of a session share, at most 14 characters of A-Z, 0-9 and single hyphens.

    Twelve characters of the hash make 60 bits: a million sessions meet a collision once in two million tries.
    """
    readable = salt == 0 and len(session_id) <= _LONGEST_BASE and _PLAIN.fullmatch(session_id) is not None
    # A plain id that itself ends like a level would read back as another session's claim.
    if readable and _CONTROL.fullmatch(session_id) is None:
        return session_id
    number = int.from_bytes(sha256(f"{session_id}#{salt}".encode()).digest()[:8]) >> 4
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(55, -1, -5))


def control_number(session_base: str, level: int, submission: int = 1) -> str:
    """CLM01 of a claim: `<base>-P`, and `<base>-P2` for the second submission at that level.

    `level` counts payers from 0. Replacements, voids and claims sent anew each get their own number, so that an
    answer tells which of them it answers.

    Raises UnusableLevelError.
    """
    if not 0 <= level < len(RESPONSIBILITIES) or not 1 <= submission <= 99:
        raise UnusableLevelError(f"level {level}, submission {submission}")
    number = f"{session_base}-{RESPONSIBILITIES[level]}{'' if submission == 1 else submission}"
    assert len(number) <= LONGEST, "a base is at most 14 characters long"
    return number


def line_control(session_base: str, line: int) -> str:
    """REF*6R of the 1-based `line`: the same at every payer, so that lines can be followed from payer to payer."""
    return f"{session_base}-{line}"


def taken_apart(control: str) -> ControlNumber | None:
    """The parts of a control number of ours; None for a number of another shape."""
    match = _CONTROL.fullmatch(control.strip().upper())
    return match and ControlNumber(match["base"], match["level"], int(match["submission"] or 1))


@lru_cache(maxsize=16_384)
def key(control: str) -> str:
    """A control number without what payers change: case, hyphens, blanks and padding. The store indexes by it."""
    plain = control.upper().replace("-", "").replace(" ", "")
    if not (plain.isascii() and plain.isalnum()):
        plain = _NOT_PLAIN.sub("", plain)
    return plain.lstrip("0")
