"""A client asks to be forgotten: coverage says when no session is open, and erases its part after the others.

It is the first, since every session begins here, and erases late, since claims that are open still need its decisions.
"""

from dataclasses import replace
from datetime import timedelta

from services.coverage import store
from services.coverage.retention import OF_CLIENT
from shared.events.erasure import (
    CoverageErased,
    CoverageErasureWaits,
    ErasurePassedOn,
    ErasureRequested,
    NotificationErased,
)
from shared.runtime.forgetting import erasing
from shared.runtime.timers import Timer
from shared.runtime.transaction import Transaction

_LOOK_AGAIN = timedelta(days=1)
_LONGEST_OPEN = timedelta(days=365)
"""No payer takes a claim later: a session without an answer by then has none to come."""


async def on_erasure_requested(event: ErasureRequested, tx: Transaction) -> None:
    """From now on no new session is taken; what is open goes on to its end."""
    await begin(tx, event.client_id)


async def begin(tx: Transaction, client_id: str) -> store.Erasure:
    """Note the request, or look at it again; what became of it."""
    asked = await tx.one(store.ERASURE, client_id) or store.Erasure(client_id, tx.now)
    return await _look(tx, replace(asked, passed_on_at=None))


async def on_erasure_timer(timer: Timer, tx: Transaction) -> None:
    """Look every day whether the last session has ended."""
    asked = await tx.one(store.ERASURE, timer.client_id)
    if asked is not None and asked.passed_on_at is None:
        await _look(tx, asked)


async def _look(tx: Transaction, asked: store.Erasure) -> store.Erasure:
    waits_for = tuple(await store.sessions_not_ended(tx, asked.client_id, tx.today - _LONGEST_OPEN))
    if not waits_for:
        asked = replace(asked, passed_on_at=tx.now, waits_for=())
        tx.publish(ErasurePassedOn(client_id=asked.client_id))
    else:
        tx.schedule("erasure", asked.client_id, "client", tx.now + _LOOK_AGAIN)
        if waits_for != asked.waits_for:
            client_id = asked.client_id
            tx.publish(CoverageErasureWaits(client_id=client_id, waits_for=("session_open",), sessions=waits_for))
        asked = replace(asked, waits_for=waits_for)
    tx.save(store.ERASURE, asked)
    return asked


async def on_notification_erased(event: NotificationErased, tx: Transaction) -> None:
    """Settlement and notification are done: erase everything of the client."""
    await erasing.erase(tx, event.client_id, OF_CLIENT)
    tx.publish(CoverageErased(client_id=event.client_id))
