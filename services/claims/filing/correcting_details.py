"""What took place was stated anew after claims went: each payer gets a replacement, the first payer's first."""

from dataclasses import replace

from services.claims.claim.claim_state import UNSENT, State
from services.claims.claim.store import claims_of, save_claim
from services.claims.claim.tables import Session
from services.claims.filing.correcting import put_right
from shared.events.sessions import SessionConfirmed
from shared.runtime.transaction import Transaction

_ENDED = (State.VOIDED, State.WRITTEN_OFF)


def differ(before: SessionConfirmed, now: SessionConfirmed) -> bool:
    """Whether a claim would state another service: procedures, charges, day, place, diagnoses or provider."""
    stated = ("lines", "date_of_service", "place", "diagnoses", "provider_id")
    return any(getattr(before, name) != getattr(now, name) for name in stated)


async def correct_details(tx: Transaction, session: Session) -> None:
    """Mark the claims that state what is no longer true, and replace those that can be replaced now."""
    assert session.confirmed is not None
    charge_cents = sum(line.charge_cents for line in session.confirmed.lines)
    for claim in await claims_of(tx, session):
        if claim.sent_on is None and claim.state in UNSENT:
            save_claim(tx, replace(claim, service_on=session.confirmed.date_of_service, charge_cents=charge_cents))
        elif claim.state not in _ENDED:
            save_claim(tx, replace(claim, details_corrected=True))
    await put_right(tx, session)
