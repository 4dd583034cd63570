"""The numbers that the stand-in gives: made from the seed and the fact they belong to, never drawn or counted.

So the same messages get the same answers whatever the order in which they come.
"""

import hashlib
import re

_SHORT = 10


def digits(seed: str, length: int, *parts: object) -> str:
    """`length` decimal digits that belong to `parts`."""
    text = "\x1f".join((seed, *map(str, parts)))
    return str(int.from_bytes(hashlib.sha256(text.encode()).digest(), "big") % 10**length).zfill(length)


def control(seed: str, *parts: object) -> int:
    """An interchange control number, 1 to 999,999,999."""
    return 1 + int(digits(seed, 9, *parts)) % 999_999_999


def claim_number(seed: str, payer_id: str, claim_id: str, nth: int) -> str:
    """The payer's own number (CLP07) of the `nth` claim with our control number `claim_id`."""
    short = re.sub(r"[^A-Z0-9]", "", payer_id.upper())[:7]
    return f"{short}{digits(seed, _SHORT, payer_id, claim_id, nth)}"


def trace(seed: str, *parts: object) -> str:
    """A payment's trace number (TRN02)."""
    return digits(seed, 15, *parts)
