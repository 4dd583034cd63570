"""A client is forgotten: letters not sent yet are cancelled, links end, and name, address and contents go."""

from dataclasses import replace
from datetime import timedelta

from services.notification.composing.still_true import CLIENT_ERASED
from services.notification.retention import OF_CLIENT
from services.notification.sending.announcing import announce
from services.notification.store import LETTERS
from shared.events.erasure import Kept, NotificationErased, SettlementErased
from shared.events.notification import LinksEnded
from shared.kept_days import kept_days
from shared.runtime.forgetting import erasing
from shared.runtime.transaction import Transaction

_NO_LINK_OPENS = 1_000_000
"""Above every version that a link may have."""
_LETTERS = "that letters went out, when and which, without what they said"


async def on_settlement_erased(event: SettlementErased, tx: Transaction) -> None:
    """No money is open any more: erase everything of the client but the record that letters went out."""
    client_id = event.client_id
    letters = await tx.all(LETTERS, client_id)
    for letter in [letter for letter in letters if letter.waits]:
        cancelled = replace(letter, state="skipped", reason=CLIENT_ERASED, ended_at=tx.now)
        tx.save(LETTERS, cancelled)
        announce(cancelled, tx)
    await erasing.erase(tx, client_id, OF_CLIENT)
    await tx.connection.execute("update letters set data = '{}', why = null where client_id = $1", client_id)
    tx.caused_by_fact(f"erased:{client_id}")
    tx.publish(LinksEnded(client_id=client_id, version=_NO_LINK_OPENS, reason=CLIENT_ERASED))
    until = tx.today + timedelta(days=kept_days().record_days)
    kept = (Kept(category="letters_record", until=until, why=_LETTERS),) if letters else ()
    tx.publish(NotificationErased(client_id=client_id, kept=kept))
