"""The operator's access to the database of claims, and to the claim that a name means."""

import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

from services.claims.claim.tables import CLAIMS, CONTROL_NUMBERS, Claim, ControlNumber
from services.claims.filing.telling_who_is_awaited import tell_who_is_awaited
from services.claims.settings import Settings
from shared.commands import operator_session
from shared.commands.command import RefusedError, refused
from shared.database.postgres import Connection
from shared.runtime.rows import fetch
from shared.runtime.transaction import Transaction


class UnknownClaimError(RefusedError):
    """No claim has this number."""

    def __init__(self, name: str) -> None:
        super().__init__(refused("unknown_claim", f"no claim {name}: give a control number or SESSION/LEVEL").document)


def answer(act: Callable[[Connection], Awaitable[Any]]) -> Any:
    """The result of `act` on the database of claims. Raises UnreadableInputError: it does not answer."""
    return operator_session.answer("claims", Settings, act)


@contextlib.asynccontextmanager
async def acting(connection: Connection, *clients: str, fact: str = "") -> AsyncGenerator[Transaction]:
    """A transaction of claims with the clients' locks; `fact` names what is done."""
    async with operator_session.acting(connection, "claims", clients, fact) as tx:
        yield tx
        await tell_who_is_awaited(tx)


async def claim_named(connection: Connection, name: str) -> Claim:
    """The claim that `name` means: a control number of any submission, however spelt, or `<session>/<level>`.

    Raises UnknownClaimError; RefusedError where it means several.
    """
    from services.claims.claim.control_number import key
    from services.claims.claim.level import LEVELS, level_number

    session_id, _, level = name.rpartition("/")
    if session_id and level in LEVELS:
        where, arguments = "session_id = $1 and role = $2", (session_id, level_number(level))
    else:
        where = "(client_id, session_id, role) in (select client_id, session_id, role from control_numbers"
        where, arguments = f"{where} where key = $1)", (key(name),)
    claims = await fetch(connection, CLAIMS, f"where {where}", *arguments)
    if not claims:
        raise UnknownClaimError(name)
    if len(claims) > 1:
        raise refused("ambiguous_claim", f"{name} means {len(claims)} claims")
    return claims[0]


async def submissions(connection: Connection, claim: Claim) -> list[ControlNumber]:
    """How often the claim went out, in order."""
    where = "where client_id = $1 and session_id = $2 and role = $3 order by interchange"
    return await fetch(connection, CONTROL_NUMBERS, where, claim.client_id, claim.session_id, claim.level)


def name_of(claim: Claim) -> str:
    """How an operator names the claim: its last control number, or session and level where it was never sent."""
    return claim.name if claim.sent_on is None else claim.control
