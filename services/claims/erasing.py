"""A client is forgotten: who they are and their cards go; claims that were sent stay as records of billing.

Payers may answer such a claim, or take a payment back, for years: what they say is still heard and posted.
"""

from datetime import timedelta

from services.claims.retention import OF_SESSION
from shared.events.erasure import ClaimsErased, CoverageErased, Kept
from shared.kept_days import kept_days
from shared.runtime.forgetting import erasing
from shared.runtime.transaction import Transaction

STILL_HEARD = frozenset({"claims"})
"""The topic on which claims reads what payers answered."""
_UNBILLED = """
select session_id from sessions where client_id = $1 and not exists (
    select from claims
    where claims.client_id = $1 and claims.session_id = sessions.session_id and claims.sent_on is not null
)
"""
_WAITS = "select exists (select from work_queue where client_id = $1 and resolved_at is null)"
_BILLING = "claims, remittances and decisions: records of care and billing must be kept for years"
_FILES = "X12 files as they went and came: the proof in an appeal"
_WORK = "until a person has dealt with it"


async def on_coverage_erased(event: CoverageErased, tx: Transaction) -> None:
    """Everybody else is done: erase what law does not make us keep."""
    client_id, connection = event.client_id, tx.connection
    await erasing.erase(tx, client_id, ("clients", "plans"))
    unbilled = [row["session_id"] for row in await connection.fetch(_UNBILLED, client_id)]
    for table in ("sessions", *OF_SESSION):
        whose = "client_id = $1 and session_id = any($2::text[])"
        await connection.execute(f"delete from {table} where {whose}", client_id, unbilled)
    await connection.execute(
        "update work_queue set evidence = '{}' where client_id = $1 and resolved_at is not null", client_id
    )
    tx.publish(ClaimsErased(client_id=client_id, kept=await _kept(tx, client_id)))


async def _kept(tx: Transaction, client_id: str) -> tuple[Kept, ...]:
    billed = await tx.connection.fetchrow(
        "select max(service_on) as visited, max(coalesce(decided_on, sent_on)) as decided"
        " from claims where client_id = $1 and sent_on is not null",
        client_id,
    )
    days, kept = kept_days(), list[Kept]()
    if billed is not None and billed["visited"] is not None:
        records = billed["visited"] + timedelta(days=days.record_days)
        files = billed["decided"] + timedelta(days=days.evidence_days)
        kept.append(Kept(category="billing_records", until=records, why=_BILLING))
        kept.append(Kept(category="files", until=files, why=_FILES))
    if await tx.connection.fetchval(_WAITS, client_id):
        kept.append(Kept(category="open_work", until=None, why=_WORK))
    return tuple(kept)
