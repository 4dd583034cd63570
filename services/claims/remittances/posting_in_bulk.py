"""A large 835 is posted where it is read: no fact of it goes round by the topic that need not.

One transaction splits a piece of the file, takes its clients' locks and posts. What cannot be posted here becomes a
fact as ever, and is posted when that comes: a client's whose lock is held elsewhere, or that is parked; a whole file
that takes something back, because there the order counts, which only the topic keeps among its pieces; and a whole
piece in which a claim's posting failed, so that on its topic the bad claim stands alone.
"""

from collections import OrderedDict
from collections.abc import Sequence

from services.claims.claim.store import load_sessions
from services.claims.remittances.matched_claim import Matched
from services.claims.remittances.posting import post
from shared.runtime.interchange import Interchange
from shared.runtime.transaction import Transaction
from shared.x12.remittance_835.remittance import RemittedClaim

WORTH_IT = 50
"""From so many claims in an 835 on; smaller ones go by the topic, where facts of many files share a transaction."""

_MOST_REMEMBERED = 100
_failed: "OrderedDict[str, None]" = OrderedDict()
"""Interchanges of which a piece could not be posted here; their next try goes by the topic."""


def is_posted_here(interchange: Interchange, numbered: Sequence[tuple[RemittedClaim, int]]) -> bool:
    """Whether a remittance's claims, numbered in the order of posting, may be posted where it is read."""
    return len(numbered) >= WORTH_IT and not numbered[0][0].reversal and interchange.id not in _failed


async def post_here(tx: Transaction, interchange: Interchange, claims: Sequence[Matched]) -> None:
    """Post claims of clients whose locks were taken.

    Raises what a posting raises: the transaction is then undone, and tried again without posting here.
    """
    if not claims:
        return
    try:
        await load_sessions(tx, {(one.client_id, one.session_id) for one in claims})
        for one in claims:
            await post(one, tx)
            await tx.breathe()
        await tx.rows.flush()
    except Exception:
        _failed[interchange.id] = None
        while len(_failed) > _MOST_REMEMBERED:
            _failed.popitem(last=False)
        raise
