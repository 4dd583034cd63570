"""Saying whose answers are awaited, in one place: after every message, for every session that it changed."""

from collections.abc import Awaitable, Callable
from typing import Any

from services.claims.claim.level import level_name
from services.claims.claim.store import claims_of, session_of, touched_sessions
from services.claims.claim.tables import ANSWERS_AWAITED, Awaited
from services.claims.filing import answers_awaited as rules
from shared.events.answers_awaited import AnswersAwaited
from shared.runtime.transaction import Transaction

Handler = Callable[[Any, Transaction], Awaitable[None]]


def and_tell(handler: Handler) -> Handler:
    """`handler`, followed by what it changed in who is awaited."""

    async def handle(message: Any, tx: Transaction) -> None:
        await handler(message, tx)
        await tell_who_is_awaited(tx)

    return handle


async def tell_who_is_awaited(tx: Transaction) -> None:
    """Publish `session.answers_awaited` for the sessions of which something was saved, where it changed."""
    for client_id, session_id in touched_sessions(tx):
        session = await session_of(tx, client_id, session_id)
        said = await tx.one(ANSWERS_AWAITED, client_id, session_id)
        now = rules.answers_awaited(session, await claims_of(tx, session), tx.today, said)
        if now is None:
            continue
        tx.save(ANSWERS_AWAITED, now)
        tx.publish(
            AnswersAwaited.model_validate(
                {
                    "client_id": client_id,
                    "session_id": session_id,
                    "version": now.version,
                    "decision": now.decision,
                    "awaited": [_said(entry) for entry in now.awaited],
                    "not_awaited": [_said(entry) for entry in now.not_awaited],
                    "posted": now.posted,
                    "current": now.current,
                }
            )
        )


def _said(entry: Awaited) -> dict[str, Any]:
    said = {"plan_id": entry.plan_id, "payer_id": entry.payer_id, "level": level_name(entry.level), "why": entry.why}
    return {**said, "reason": entry.reason} | ({} if entry.since is None else {"since": entry.since})
