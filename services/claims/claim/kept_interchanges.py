"""Interchanges kept as they went out and came in, so that years later it can be proved what was sent, when, and what
the payer said to it. They hold personal data: the database's own protection and retention apply."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.claims.claim.control_number import key
from services.claims.claim.tables import ControlNumber
from shared.database.postgres import Connection
from shared.runtime.interchange import Interchange
from shared.runtime.rows import fetch
from shared.runtime.table import Table
from shared.runtime.transaction import Transaction
from shared.x12.acknowledgment_999.acknowledgment import Acknowledgment
from shared.x12.claim_status_277.status import ClaimStatusReport
from shared.x12.document.interchange import TransactionSet
from shared.x12.remittance_835.remittance import Remittance


@dataclass(frozen=True, slots=True)
class KeptInterchange:
    """One interchange; `direction` is `sent` or `received`."""

    interchange_id: str
    direction: str
    payer_id: str
    at: datetime
    value: bytes


@dataclass(frozen=True, slots=True)
class Mention:
    """An interchange says something about the claim with this key."""

    key: str
    interchange_id: str


INTERCHANGES = Table("interchanges", KeptInterchange, key=("interchange_id",), sealed=("value",))
MENTIONS = Table("mentions", Mention, key=("key", "interchange_id"))


def keep_sent(tx: Transaction, payer_id: str, number: int, value: bytes, *controls: str) -> None:
    """Keep what goes out under our interchange control `number`, about the claims with these control numbers."""
    identity = f"sent-{number:09}"
    tx.save(INTERCHANGES, KeptInterchange(identity, "sent", payer_id, tx.now, value))
    for control in controls:
        tx.save(MENTIONS, Mention(key(control), identity))


def keep_received(tx: Transaction, interchange: Interchange, sets: Iterable[TransactionSet]) -> None:
    """Keep what came in, unless nothing in it is about claims."""
    keys = {mentioned for transaction in sets for mentioned in _mentioned(transaction) if mentioned}
    if not keys:
        return
    payer_id = interchange.key.rsplit("-", 1)[0]
    tx.save(INTERCHANGES, KeptInterchange(interchange.id, "received", payer_id, tx.now, interchange.value))
    for mentioned in keys:
        tx.save(MENTIONS, Mention(mentioned, interchange.id))


def _mentioned(transaction: TransactionSet) -> list[str]:
    match transaction.content:
        case Remittance(claims=claims):
            return [key(claim.id) for claim in claims]
        case ClaimStatusReport(claims=claims):
            return [key(claim.id) for claim in claims]
        case Acknowledgment(control=control):
            return [_sent_with(int(control))] if control.strip().isdigit() else []
        case _:
            return []


def _sent_with(number: int) -> str:
    return f"isa:{number}"


async def kept(connection: Connection, sent: Iterable[ControlNumber]) -> list[KeptInterchange]:
    """The interchanges about a claim, the oldest first; `sent` are the claim's submissions."""
    keys = [mentioned for row in sent for mentioned in (row.key, _sent_with(row.interchange))]
    where = "where interchange_id in (select interchange_id from mentions where key = any($1))"
    return await fetch(connection, INTERCHANGES, f"{where} order by at, interchange_id", keys)
