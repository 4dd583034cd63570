"""What follows when a fact about a client is new: the same steps, whichever it was, in whatever order they come."""

from services.coverage import store
from services.coverage.incoming import coordinating_plans
from services.coverage.pauses import recertifying, unpausing
from services.coverage.sessions import clearing as sessions
from services.coverage.settings import policy
from shared.runtime.transaction import Transaction


async def redecide(tx: Transaction, client_id: str) -> None:
    """Settle the order of benefits, see whether a pause may end, and decide the sessions that wait or may change."""
    situation = await store.situation(tx, client_id, policy().benefits_fresh_days)
    await coordinating_plans.coordinate(tx, situation)
    await unpausing.judge(tx, situation)
    await recertifying.follow_payers_dates(tx, situation)
    await sessions.decide_open(tx, situation)
