"""Changing a claim: every change goes through the state machine and leaves a row of history."""

from dataclasses import replace
from typing import Any

from services.claims.claim.claim_state import Arrival, Cause, State, transition
from services.claims.claim.control_number import key
from services.claims.claim.level import level_name
from services.claims.claim.store import save_claim
from services.claims.claim.tables import HISTORY, Claim, HistoryRow
from shared.runtime.transaction import Transaction


def named(claim: Claim) -> dict[str, Any]:
    """The fields by which an event names a claim, and the number under which it last went out."""
    return {
        "client_id": claim.client_id,
        "session_id": claim.session_id,
        "control": claim.control,
        "level": level_name(claim.level),
        "plan_id": claim.plan_id,
        "payer_id": claim.payer_id,
    }


def numbered(claim: Claim, payer_claim_id: str) -> Claim:
    """The claim as its payer numbers it from now on, empty where it is to number it anew."""
    return known_as(replace(claim, payer_claim_id=payer_claim_id), claim.payer_claim_id)


def known_as(claim: Claim, payer_claim_id: str) -> Claim:
    """The claim, found by this number of its payer's, too."""
    number = key(payer_claim_id)
    known = {"", key(claim.payer_claim_id), *claim.other_payer_keys}
    return claim if number in known else replace(claim, other_payer_keys=(*claim.other_payer_keys, number))


async def move(tx: Transaction, claim: Claim, cause: Cause, detail: str = "", **said: Any) -> Claim:
    """Save `claim` moved by `cause`, with its history; a repeated message leaves no row. `said` are fields that change.

    Raises ImpossibleTransitionError: something of ours that does not fit the state.
    """
    moved = transition(claim.state, cause)
    if moved.arrival is Arrival.REPEATED and not detail:
        claim = replace(claim, **said) if said else claim
        save_claim(tx, claim)
        return claim
    row = HistoryRow(
        client_id=claim.client_id,
        session_id=claim.session_id,
        level=claim.level,
        number=claim.changes + 1,
        before=moved.before.value,
        cause=cause.value,
        after=moved.after.value,
        arrival=moved.arrival.value,
        at=tx.now,
        message_id=tx.cause.id,
        detail=detail,
    )
    tx.save(HISTORY, row)
    claim = replace(claim, state=moved.after, changes=claim.changes + 1, **said)
    save_claim(tx, claim)
    return claim


async def begin(tx: Transaction, claim: Claim, detail: str = "") -> Claim:
    """Save a new claim in the state it begins in."""
    first = HistoryRow(
        claim.client_id,
        claim.session_id,
        claim.level,
        claim.changes + 1,
        "",
        "begin",
        claim.state.value,
        Arrival.MOVED.value,
        tx.now,
        tx.cause.id,
        detail,
    )
    tx.save(HISTORY, first)
    claim = replace(claim, changes=claim.changes + 1)
    save_claim(tx, claim)
    return claim


SENT = frozenset({State.SUBMITTED, State.ACKNOWLEDGED, State.PENDING})
"""States in which a payer has the claim and has not decided."""


def frequency_of_refused(claim: Claim) -> str:
    """That of a refused claim which goes again: 7 replaces what the payer knows under its number, 1 is new to it."""
    return "7" if claim.state is State.DENIED and claim.payer_claim_id else "1"
