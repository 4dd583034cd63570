"""A large 835 is posted where it is read: no fact of it goes round by the topic that need not.

One transaction splits a piece of the file, takes its clients' locks and posts. What cannot be posted here becomes a
fact as ever, and is posted when that comes: a client's whose lock is held elsewhere, or that is parked; a whole file
that takes something back, because there the order counts, which only the topic keeps among its pieces; and a whole
piece in which a claim's posting failed, so that on its topic the bad claim stands alone.
"""

from collections.abc import Sequence

from services.claims.claim.store import load_for_next_claims, load_sessions
from services.claims.remittances.matched_claim import Matched
from services.claims.remittances.posting import post
from shared.runtime.transaction import Transaction
from shared.x12.remittance_835.remittance import RemittedClaim

WORTH_IT = 50
"""From so many claims in an 835 on; smaller ones go by the topic, where facts of many files share a transaction."""


def is_posted_here(tx: Transaction, numbered: Sequence[tuple[RemittedClaim, int]]) -> bool:
    """Whether a remittance's claims, numbered in the order of posting, may be posted where it is read.

    Not where that failed before: on its topic the bad claim stands alone.
    """
    return len(numbered) >= WORTH_IT and not numbered[0][0].reversal and not tx.alone


async def post_here(tx: Transaction, claims: Sequence[Matched]) -> None:
    """Post claims of clients whose locks were taken.

    Raises what a posting raises: the transaction is then undone, and the message is tried alone, without posting here.
    """
    if not claims:
        return
    sessions = {(remitted.client_id, remitted.session_id) for remitted in claims}
    await load_sessions(tx, sessions)
    await load_for_next_claims(tx, sessions)
    for remitted in claims:
        await post(remitted, tx)
        await tx.breathe()
    await tx.rows.flush()
