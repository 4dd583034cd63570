"""An interchange as it was read: once, even where it is split piece by piece with others in between."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence

from services.claims.claim.control_number import key
from services.claims.claim.posted_remittance import in_posting_order
from shared.runtime.interchange import Interchange
from shared.x12.document.interchange import read_file
from shared.x12.remittance_835.remittance import Remittance, RemittedClaim

LARGE_BYTES = 100_000
"""From this size on an interchange is read in a thread: others need not wait for it."""
_ABOUT_CLAIMS = {"835", "277", "999", "997"}
_KEPT_BYTES = 8 * 1024 * 1024
_unfinished: "OrderedDict[tuple[str, str], Reading]" = OrderedDict()
"""What is being split, by key and id; the last is kept whatever its size.

It outlives a transaction that fails, which is harmless: a reading says only what its own bytes say, a message that is
handled again puts a new one in its place, and where one is missing the bytes are read again from their row.
"""


class Reading:
    """A file as it was read, with what concerns a whole remittance however many pieces it is split into.

    `value` is the file as it came. `numbered` has each set's remitted claims in the order of posting, each with how
    many equal ones come before it; nothing for a set that is no remittance. `restated` are the numbers of those claims
    of a set that are no reversals.
    """

    def __init__(self, value: bytes) -> None:
        self.value = value
        # NUL, with which some pad, is read as a blank: no database keeps it in a text.
        self.file = read_file(value.replace(b"\x00", b" "), only=_ABOUT_CLAIMS)
        self.sets = [
            (interchange, transaction)
            for interchange in self.file.interchanges
            for transaction in interchange.transactions
        ]
        contents = [transaction.content for _, transaction in self.sets]
        self.numbered = [_numbered(content.claims) if isinstance(content, Remittance) else [] for content in contents]
        self.restated = [{key(claim.id) for claim, _ in claims if not claim.reversal} for claims in self.numbered]

    @property
    def claims(self) -> int:
        """How many remitted claims there are in all."""
        return sum(map(len, self.numbered))


def _numbered(claims: Sequence[RemittedClaim]) -> list[tuple[RemittedClaim, int]]:
    seen: dict[RemittedClaim, int] = {}
    numbered: list[tuple[RemittedClaim, int]] = []
    for claim in in_posting_order(claims):
        occurrence = seen.get(claim, 0)
        seen[claim] = occurrence + 1
        numbered.append((claim, occurrence))
    return numbered


async def read(value: bytes) -> Reading:
    """Read a file; a large one lets others go on meanwhile."""
    return Reading(value) if len(value) < LARGE_BYTES else await asyncio.to_thread(Reading, value)


def keep(interchange: Interchange, reading: Reading) -> None:
    """Keep what was read for the pieces that follow."""
    _unfinished[interchange.key, interchange.id] = reading
    _unfinished.move_to_end((interchange.key, interchange.id))
    while len(_unfinished) > 1 and sum(len(reading.value) for reading in _unfinished.values()) > _KEPT_BYTES:
        _unfinished.popitem(last=False)


def kept(key: str, identity: str) -> Reading | None:
    """What was read of the interchange, where it is still kept."""
    return _unfinished.get((key, identity))


def forget(interchange: Interchange) -> None:
    """It is split to its end."""
    _unfinished.pop((interchange.key, interchange.id), None)
