"""A client asks to be forgotten: settlement says when no money is open. It knows no names; its ledger stays."""

from collections.abc import Sequence
from datetime import timedelta

from services.settlement.money.settle import settle
from services.settlement.settings import policy
from services.settlement.store import SESSIONS, Session
from shared.events.erasure import ErasurePassedOn, Kept, SettlementErased, SettlementErasureWaits
from shared.kept_days import kept_days
from shared.runtime.timers import Timer
from shared.runtime.transaction import Transaction

_LOOK_AGAIN = timedelta(days=1)
_LEDGER = "the books of a business must be kept; they hold ids, dates and amounts alone"


async def on_erasure_passed_on(event: ErasurePassedOn, tx: Transaction) -> None:
    """No session is open any more: is money?"""
    await _look(tx, event.client_id, told=())


async def on_erasure_timer(timer: Timer, tx: Transaction) -> None:
    """Look every day whether the last money has moved."""
    await _look(tx, timer.client_id, told=timer.data["told"])


async def _look(tx: Transaction, client_id: str, told: Sequence[str]) -> None:
    sessions = sorted(await tx.all(SESSIONS, client_id), key=lambda session: session.session_id)
    is_open = {session.session_id: reason for session in sessions if (reason := open_matter(session)) is not None}
    if not is_open:
        tx.publish(SettlementErased(client_id=client_id, kept=_kept(sessions)))
        return
    reasons = sorted(set(is_open.values()))
    if reasons != list(told):
        waits = {"waits_for": reasons, "sessions": list(is_open)}
        tx.publish(SettlementErasureWaits.model_validate({"client_id": client_id, **waits}))
    tx.schedule("erasure", client_id, "client", tx.now + _LOOK_AGAIN, told=reasons)


def open_matter(session: Session) -> str | None:
    """Why the money of a session is not settled, or None. What a provider is still paid is no matter of the client."""
    facts = session.facts
    if session.stopped:
        return "stopped"
    if facts.refund_pending or facts.failed_refunds:
        return "refund_open"
    if facts.charge_pending:
        return "cost_open"
    if facts.cancelled or session.cleared is None:
        return None
    if session.final_cost_cents is None:
        return "cost_open"
    if settle(session.name, facts, policy().terms.forgive_below_cents).balance_due_cents > 0:
        return "balance_due"
    return "answers_awaited" if facts.claims_say is not None and facts.claims_say.awaited else None


def _kept(sessions: Sequence[Session]) -> tuple[Kept, ...]:
    """The books, for as long as law asks."""
    if not sessions:
        return ()
    last = max(session.date_of_service for session in sessions)
    return (Kept(category="ledger", until=last + timedelta(days=kept_days().ledger_days), why=_LEDGER),)
