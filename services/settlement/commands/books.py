"""The commands `show`, `trial-balance` and `overdue`: what an operator sees of the money. They only read."""

import argparse
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.settlement import store
from services.settlement.acts import control_store
from services.settlement.acts.falling_due import awaited_payer
from services.settlement.commands.reviews import review_entry
from services.settlement.ledger.ledger import Entry, balances
from services.settlement.ledger.posting_rows import PostingRow, entries_of
from services.settlement.ledger.t_account import t_accounts
from services.settlement.money.progress import Step
from services.settlement.money.settle import Target, settle
from services.settlement.settings import Settings, policy
from services.settlement.store import Session
from shared import clock
from shared.commands import operator_session
from shared.commands.command import UnreadableInputError, refused
from shared.runtime.transaction import Transaction

_MOST_ROWS = 1_000


def set_up_show(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `show`."""
    parser.add_argument("session_id", metavar="SESSION")
    parser.add_argument("--text", action="store_true", help="the T-accounts alone, as text")


def run_show(arguments: argparse.Namespace) -> Any:
    """A session's state and books. Raises RefusedError: there is no such session. Raises UnreadableInputError."""
    document = _answer(lambda tx: show(tx, arguments.session_id))
    return document["text"] if arguments.text else document


def set_up_trial_balance(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `trial-balance`."""
    parser.add_argument("--at", metavar="ISO", help="the moment, such as 2026-03-31 (its end) or 2026-03-31T12:00Z")


def run_trial_balance(arguments: argparse.Namespace) -> Any:
    """Every account's debits and credits. Raises UnreadableInputError: a moment is none, the database is silent."""
    moment = _moment(arguments.at)
    return _answer(lambda tx: trial_balance(tx, moment))


def set_up_overdue(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `overdue`."""
    parser.add_argument("--from-day", type=int, default=75, metavar="N", help="since the day of confirmation")


def run_overdue(arguments: argparse.Namespace) -> Any:
    """The sessions whose final cost is late. Raises UnreadableInputError: the database does not answer."""
    return _answer(lambda tx: overdue(tx, arguments.from_day))


def _answer(ask: Callable[[Transaction], Awaitable[Any]]) -> Any:
    return operator_session.answer(
        "settlement", Settings, lambda connection: ask(Transaction(connection, "settlement", clock.now()))
    )


def _moment(text: str | None) -> datetime:
    """The moment that is meant: a day means its end; without a zone it is UTC. Raises UnreadableInputError."""
    if text is None:
        return clock.now()
    try:
        if len(text) == 10:
            day = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
            return day + timedelta(days=1) - timedelta(microseconds=1)
        moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise UnreadableInputError(f"--at: {text[:40]!r} is no date or time such as 2026-03-31T12:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


async def show(tx: Transaction, session_id: str) -> dict[str, Any]:
    """A session's state and entries; `text` has them as T-accounts. Raises RefusedError: it is not known."""
    session = await control_store.session_by_id(tx, session_id)
    if session is None:
        raise refused("unknown_session", f"no session {session_id}")
    rows = await store.postings_of(tx, session.client_id, session.session_id)
    entries = entries_of(rows)
    posted = {(row.fact, row.generation, row.reverses): row for row in rows}
    return {
        "client_id": session.client_id,
        "session_id": session.session_id,
        **_state(session, _target(session)),
        "balances_cents": {account.value: cents for account, cents in balances(entries).items()},
        "entries": [_entry(number, entry, posted) for number, entry in enumerate(entries, 1)],
        "reviews": [review_entry(row, tx.today) for row in await control_store.reviews_of(tx, session)],
        "text": t_accounts(entries) if entries else "no entries",
    }


def _target(session: Session) -> Target:
    return settle(session.name, session.facts, policy().terms.forgive_below_cents)


def _state(session: Session, target: Target) -> dict[str, Any]:
    facts = session.facts
    return {
        "provider_id": session.provider_id,
        "date_of_service": session.date_of_service.isoformat() if session.cleared is not None else None,
        "charge_cents": facts.charge_cents,
        "rate_cents": facts.rate_cents,
        "estimate_cents": facts.estimate_cents,
        "client_paid_cents": facts.paid_cents,
        "refunded_cents": facts.refunded_cents,
        "final_cost_cents": target.final_cost_cents,
        "on_day_90": target.on_day_90,
        "balance_due_cents": target.balance_due_cents,
        "payout": {
            "pay_on": session.pay_on.isoformat() if session.pay_on else None,
            "scheduled_cents": session.payout_cents,
            "paid_out_cents": facts.paid_out_cents,
        },
        "completed": facts.completed,
        "cancelled": facts.cancelled,
        "waits_for": session.waits_for,
        "awaited_payer_id": awaited_payer(session),
        "stopped": list(session.stopped),
        "happened": {step.value: session.happened[step].isoformat() for step in Step if step in session.happened},
        "open_questions": [review.as_json() for review in target.review],
    }


def _entry(number: int, entry: Entry, posted: Mapping[tuple[str, int, bool], PostingRow]) -> dict[str, Any]:
    row = posted[entry.key]
    return {
        "number": number,
        "kind": entry.kind.value,
        "fact": entry.fact,
        "generation": entry.generation,
        "reverses": entry.reverses,
        "posted_at": row.posted_at.isoformat(),
        "cause": row.cause,
        "postings": [
            {"debit": posting.debit.value, "credit": posting.credit.value, "cents": posting.cents}
            for posting in entry.postings
        ],
    }


async def trial_balance(tx: Transaction, at: datetime) -> dict[str, Any]:
    """Debits and credits of every account over all sessions, as they were at a moment."""
    rows = await tx.connection.fetch("select * from trial_balance($1) order by account", at)
    debits, credits = sum(row["debit_cents"] for row in rows), sum(row["credit_cents"] for row in rows)
    return {
        "at": at.isoformat(),
        "accounts": [dict(row) | {"balance_cents": row["debit_cents"] - row["credit_cents"]} for row in rows],
        "debit_cents": debits,
        "credit_cents": credits,
        "balanced": debits == credits,
    }


async def overdue(tx: Transaction, from_day: int) -> list[dict[str, Any]]:
    """The sessions that wait for their final cost since `from_day` days or more, the longest first.

    Those whose 90 days are over are final on what is known: `on_day_90`.
    """
    waiting: list[dict[str, Any]] = []
    confirmed_until = tx.today - timedelta(days=max(0, min(from_day, 100_000)))
    for session in await control_store.sessions_waiting(tx, confirmed_until, _MOST_ROWS):
        target = _target(session)
        if target.final_cost_cents is None or target.on_day_90:
            day = (tx.today - session.happened[Step.CONFIRMED]).days
            whose = {"client_id": session.client_id, "session_id": session.session_id, "day": day}
            waiting.append(whose | _state(session, target))
    return waiting
