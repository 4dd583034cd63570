"""The command `forgive`: a person forgives what a client still owes for a session, and says why."""

import argparse
from dataclasses import replace
from typing import Any

from services.settlement.acts import control_store
from services.settlement.acts.settling import settle_session
from services.settlement.money.settle import settle
from services.settlement.settings import Settings, policy
from services.settlement.store import session_of
from shared import clock, log
from shared.commands import operator_session
from shared.commands.command import reason, refused
from shared.commands.operator_session import operator
from shared.database.postgres import Connection
from shared.runtime.transaction import Transaction


def set_up(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("session_id", metavar="SESSION")
    parser.add_argument("--why", required=True, help="for the record, such as a ticket's number; no names")


def run(arguments: argparse.Namespace) -> Any:
    """What was forgiven. Raises RefusedError: see `forgiven`. Raises UnreadableInputError: no reason, no database."""
    why = reason(arguments.why)

    async def act(connection: Connection) -> Any:
        return await forgiven(connection, arguments.session_id.replace("\x00", ""), why)

    return operator_session.answer("settlement", Settings, act)


async def forgiven(connection: Connection, session_id: str, why: str) -> dict[str, Any]:
    """Forgive the balance, also one that a later answer raises: the books carry it as the marketplace's loss.

    Raises RefusedError: no such session, nothing is owed, or a charge of it has no answer yet.
    """
    known = await control_store.session_by_id(Transaction(connection, "settlement", clock.now()), session_id)
    if known is None:
        raise refused("unknown_session", f"no session is called {session_id}")
    async with operator_session.acting(connection, "settlement", [known.client_id], f"forgive:{session_id}") as tx:
        session = await session_of(tx, known.client_id, session_id)
        owed = settle(session.name, session.facts, policy().terms.forgive_below_cents).balance_due_cents
        if session.facts.charge_pending:
            raise refused("charge_pending", "a charge of this session has no answer yet: wait for it")
        if owed == 0:
            raise refused("nothing_owed", "the client owes nothing for this session, or its cost is not known yet")
        session = replace(session, facts=replace(session.facts, forgiven=True))
        await settle_session(tx, session, policy().terms)
    said = f"{operator()}: {why}"
    log.get().warning("a balance was forgiven", client_id=known.client_id, session_id=session_id, reason=said)
    return {"client_id": known.client_id, "session_id": session_id, "forgiven_cents": owed}
