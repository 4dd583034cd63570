"""A large 835 is posted where it is read: no fact of it goes round by the topic that need not.

One transaction splits a piece of the file, takes its clients' locks and posts. What cannot be posted here becomes a
fact as ever, and is posted when that comes: a client's whose lock is held elsewhere, or that is parked; a whole file
that takes something back, because there the order counts, which only the topic keeps among its pieces; and a whole
piece in which a claim's posting failed, so that on its topic the bad claim stands alone.
"""

from collections import OrderedDict
from collections.abc import Sequence

from services.claims.matched_claim import Matched
from services.claims.posting import post
from services.claims.store import load_sessions
from shared.interchange import Interchange
from shared.transaction import Transaction
from shared.x12.remittance_835 import Remittance

WORTH_IT = 50
"""From so many claims in an 835 on; smaller ones go by the topic, where facts of many files share a transaction."""

_MOST_REMEMBERED = 100
_failed: "OrderedDict[str, None]" = OrderedDict()
"""Interchanges of which a piece could not be posted here; their next try goes by the topic."""


def is_posted_here(interchange: Interchange, remittance: Remittance) -> bool:
    """Whether the claims of the remittance may be posted where it is read."""
    if len(remittance.claims) < WORTH_IT or interchange.id in _failed:
        return False
    return not any(claim.reversal for claim in remittance.claims)


async def post_here(tx: Transaction, interchange: Interchange, piece: Sequence[Matched]) -> list[Matched]:
    """Post what may be posted here and now; return the rest, which goes by the topic.

    Raises what a posting raises: the transaction is then undone, and tried again without posting here.
    """
    free = await tx.take({one.client_id for one in piece})
    here = [one for one in piece if one.client_id in free]
    try:
        await load_sessions(tx, {(one.client_id, one.session_id) for one in here})
        for one in here:
            await post(one, tx)
            await tx.breathe()
        await tx.rows.flush()
    except Exception:
        _failed[interchange.id] = None
        while len(_failed) > _MOST_REMEMBERED:
            _failed.popitem(last=False)
        raise
    return [one for one in piece if one.client_id not in free]
