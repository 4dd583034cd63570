"""`reviews decide`: a person says at which rate a session's pay is fixed, where the directory states another one."""

from dataclasses import replace

from services.settlement.acts.charging import rate_now_cents
from services.settlement.acts.settling import settle_session
from services.settlement.money.rate import RateMissingError
from services.settlement.settings import policy
from services.settlement.store import ReviewRow, session_of
from shared.commands.command import refused
from shared.runtime.transaction import Transaction

RATES = ("booked", "directory")
"""The rate at which the pay was fixed, or the one that the directory states now."""


async def decide_rate(tx: Transaction, row: ReviewRow, rate: str) -> None:
    """Fix the session's pay at the rate; what is owed beyond it is paid, and nothing is taken back.

    Raises RefusedError: the review is about something else, or the directory states no rate.
    """
    if row.reason != "rate_differs":
        raise refused("no_rate_to_decide", f"{row.review_id} is about {row.reason}, not about a rate")
    if rate == "booked":
        return
    session = await session_of(tx, row.client_id, row.session_id)
    assert session.cleared is not None, "a session without a decision has no rate"
    try:
        rate_cents = await rate_now_cents(tx, session.cleared)
    except RateMissingError as error:
        raise refused("rate_missing", str(error)) from None
    await settle_session(tx, replace(session, facts=replace(session.facts, rate_cents=rate_cents)), policy().terms)
