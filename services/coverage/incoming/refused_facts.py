"""Facts of the directory that contradict others: kept until those others change."""

from shared.runtime.transaction import Transaction


async def refuse(tx: Transaction, key: str, scope: str, reason: str, fact: str) -> None:
    """Keep a fact of the directory that contradicts others, for a person and for when those others change."""
    await tx.connection.execute(
        "insert into refused_fact (key, scope, reason, fact, refused_at) values ($1, $2, $3, $4, $5)"
        " on conflict (key) do update set reason = excluded.reason, fact = excluded.fact",
        key,
        scope,
        reason,
        fact,
        tx.now,
    )


async def take(tx: Transaction, key: str) -> bool:
    """Forget that a fact was refused: it fits now, or was corrected. Return whether it was."""
    return await tx.connection.execute("delete from refused_fact where key = $1", key) != "DELETE 0"


async def facts_of(tx: Transaction, scope: str) -> list[str]:
    """The refused facts that were in the way of each other, as JSON."""
    rows = await tx.connection.fetch("select fact from refused_fact where scope = $1 order by key", scope)
    return [row["fact"] for row in rows]
