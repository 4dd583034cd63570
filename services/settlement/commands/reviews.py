"""The command `reviews`: what waits for a person about the money. What a person did about it is audited."""

import argparse
import functools
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from services.settlement.acts import control_store
from services.settlement.acts.announcing import announce_again
from services.settlement.answers.review import in_a_sentence
from services.settlement.commands.rate_decision import RATES, decide_rate
from services.settlement.settings import Settings
from services.settlement.store import REVIEWS, ReviewRow, session_of
from shared import clock
from shared.commands import operator_session
from shared.commands.command import reason, refused
from shared.commands.operator_session import operator, plain
from shared.database.postgres import Connection
from shared.runtime.transaction import Transaction

_MOST_ROWS = 1_000


def set_up(parser: argparse.ArgumentParser) -> None:
    """Add the arguments; without a word it lists."""
    parser.set_defaults(word="list", closed=False)
    parser.add_argument("--days", type=int, default=90, metavar="N", help="those of the last N days")
    words = parser.add_subparsers(dest="word", metavar="list|show|close|decide|announce")
    listed = words.add_parser(
        "list", help="what waits, the latest first; payments that differ; what is stopped; erasures that wait"
    )
    listed.add_argument("--days", type=int, default=argparse.SUPPRESS, metavar="N", help="those of the last N days")
    listed.add_argument("--closed", action="store_true", help="what was closed too")
    words.add_parser("show", help="one review with its session").add_argument("review", metavar="REVIEW")
    close = words.add_parser("close", help="take a review off the list; it changes no money")
    close.add_argument("review", metavar="REVIEW")
    close.add_argument("--why", required=True, help="what was done about it, for the audit")
    decide = words.add_parser("decide", help="say at which rate a session's pay is fixed, and close the review")
    decide.add_argument("review", metavar="REVIEW")
    decide.add_argument("--rate", required=True, choices=RATES, help="the one in the books, or the directory's")
    decide.add_argument("--why", required=True, help="what it was decided on, for the audit")
    announce = words.add_parser("announce", help="tell a balance in a new letter, and close the review")
    announce.add_argument("review", metavar="REVIEW")
    announce.add_argument("--why", required=True, help="what has changed since, for the audit")


def run(arguments: argparse.Namespace) -> Any:
    """The document of one of the words. Raises RefusedError, UnreadableInputError."""
    return operator_session.answer("settlement", Settings, lambda connection: _answer(connection, arguments))


async def _answer(connection: Connection, arguments: argparse.Namespace) -> Any:
    tx = Transaction(connection, "settlement", clock.now())
    match arguments.word:
        case "list" | None:
            return await listed(tx, arguments.days, closed=arguments.closed)
        case "show":
            return await shown(tx, arguments.review)
        case "close":
            return await closed(connection, arguments.review, arguments.why)
        case "decide":
            act = functools.partial(decide_rate, rate=arguments.rate)
            return await closed(connection, arguments.review, arguments.why, act)
        case "announce":
            return await closed(connection, arguments.review, arguments.why, announce_balance)
        case other:
            raise AssertionError(other)


async def listed(tx: Transaction, days: int, *, closed: bool) -> dict[str, Any]:
    """What waits for a person, the latest first; payments that differ; stopped sessions; erasures that wait."""
    since = tx.now - timedelta(days=max(0, min(days, 100_000)))
    rows = await control_store.reviews_since(tx, since, _MOST_ROWS, closed=closed)
    return {
        "reviews": [review_entry(row, tx.today) for row in rows],
        "payments": [
            {
                "payer_id": row.payer_id,
                "trace": row.trace,
                "payment_cents": row.payment.payment_cents,
                "deposited_cents": row.deposited_cents,
                "difference": row.difference,
            }
            for row in await control_store.payments_that_differ(tx, _MOST_ROWS)
        ],
        "stopped": [
            {"client_id": session.client_id, "session_id": session.session_id, "reasons": list(session.stopped)}
            for session in await control_store.sessions_stopped(tx, _MOST_ROWS)
        ],
        "erasures": [
            {"client_id": client_id, "waits_for": waits_for}
            for client_id, waits_for in await control_store.erasures_waiting(tx, _MOST_ROWS)
        ],
    }


async def shown(tx: Transaction, name: str) -> dict[str, Any]:
    """One review, with all that was ever asked about its session. Raises RefusedError: there is none of this id."""
    row = await _named(tx, name)
    session = await control_store.session_by_id(tx, row.session_id)
    others = [] if session is None else await control_store.reviews_of(tx, session)
    return review_entry(row, tx.today) | {
        "final_cost_cents": None if session is None else session.final_cost_cents,
        "stopped": [] if session is None else list(session.stopped),
        "others": [review_entry(other, tx.today) for other in others if other.review_id != name],
    }


async def closed(
    connection: Connection,
    name: str,
    why: str,
    act: Callable[[Transaction, ReviewRow], Awaitable[None]] | None = None,
) -> dict[str, Any]:
    """Take a review off the list, with who and why. What holds a cost or a payout goes on holding it.

    What was decided is done first, by `act`.

    Raises RefusedError: there is none of this id, or it was closed before. Raises UnreadableInputError: no reason.
    """
    why = reason(why, "say what was done about it")
    before = await _named(Transaction(connection, "settlement", clock.now()), name)
    async with operator_session.acting(connection, "settlement", [before.client_id], fact=f"close:{name}") as tx:
        row = await _named(tx, name)  # as it is under the client's lock
        if row.closed_at is not None:
            said = f"{name} was closed by {row.closed_by}: {row.closed_why}"
            raise refused("already_closed", said)
        if act is not None:
            await act(tx, row)
        row = replace(row, closed_at=tx.now, closed_by=operator(), closed_why=why)
        tx.save(REVIEWS, row)
    return review_entry(row, tx.today)


async def announce_balance(tx: Transaction, row: ReviewRow) -> None:
    """Tell the client the balance that no letter has told. Raises RefusedError: the review is about something else."""
    if row.reason != "balance_not_announced":
        raise refused("no_balance_to_announce", f"{row.review_id} is about {row.reason}, not about a balance")
    await announce_again(tx, await session_of(tx, row.client_id, row.session_id))


async def _named(tx: Transaction, name: str) -> ReviewRow:
    row = await control_store.review_named(tx, name.replace("\x00", ""))
    if row is None:
        raise refused("unknown_review", f"no review is called {name}")
    return row


def review_entry(row: ReviewRow, today: date) -> dict[str, Any]:
    """A review as the commands print it."""
    end = {"closed_at": plain(row.closed_at), "closed_by": row.closed_by, "closed_why": row.closed_why}
    return {
        "review": row.review_id,
        "client_id": row.client_id,
        "session_id": row.session_id,
        "reason": row.reason,
        "why": in_a_sentence(row.reason),
        "evidence": row.evidence,
        "opened_at": row.opened_at.isoformat(),
        "age_days": (today - row.opened_at.date()).days,
        **(end if row.closed_at else {}),
    }
