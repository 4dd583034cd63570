"""The commands `issues list` and `issues show`: what an operator sees of pauses. They only read; nothing unpauses."""

import argparse
import json
from datetime import date
from typing import Any

from asyncpg import Record

from services.coverage.settings import Settings
from shared import clock
from shared.commands import operator_session
from shared.commands.command import refused
from shared.commands.operator_session import plain
from shared.database.postgres import Connection

_LISTED = """
select i.client_id, i.pause_id, i.payer_id, p.listed->>'name' as payer_name, i.state, i.cause, i.codes, i.opened_on,
       i.answered_at, i.looks, u.paused_on, u.unpaused_at
from issue i join pause u using (client_id, pause_id) left join payer p using (payer_id)
where $1 or i.state <> 'closed'
order by i.opened_on, i.client_id, i.payer_id limit 1000
"""
_SHOWN = """
select i.client_id, i.pause_id, i.payer_id, p.listed->>'name' as payer_name, i.state, i.cause, i.codes, i.opened_on,
       i.answered_at, i.confirmed_on, i.reference_number <> '' as has_reference_number, i.looks
from issue i left join payer p using (payer_id) where i.client_id = $1 and i.pause_id = $2
order by i.opened_on, i.payer_id
"""
_SESSIONS = """
select session_id, date_of_service, state, final from session
where client_id = $1 and date_of_service >= $2::date - 180 and not final order by date_of_service, session_id
"""


def set_up(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    words = parser.add_subparsers(dest="word", required=True, metavar="list|show")
    listed = words.add_parser("list", help="the open issues, the oldest first")
    listed.add_argument("--closed", action="store_true", help="the closed ones too")
    words.add_parser("show", help="everything about one pause").add_argument("pause_id", metavar="PAUSE_ID|CLIENT_ID")


def run(arguments: argparse.Namespace) -> Any:
    """The JSON document of `issues list` or `issues show`.

    Raises UnreadableInputError: the database does not answer. Raises RefusedError: no such pause.
    """
    return operator_session.answer("coverage", Settings, lambda connection: _answer(connection, arguments))


async def _answer(connection: Connection, arguments: argparse.Namespace) -> Any:
    if arguments.word == "list":
        return await listed(connection, clock.today(), closed=arguments.closed)
    return await shown(connection, arguments.pause_id.replace("\x00", ""), clock.today())


async def listed(connection: Connection, today: date, *, closed: bool) -> list[dict[str, Any]]:
    """The issues, the oldest first, each with its age in days."""
    rows = await connection.fetch(_LISTED, closed)
    return [_plain(row) | {"age_days": (today - row["opened_on"]).days} for row in rows]


async def shown(connection: Connection, name: str, today: date) -> dict[str, Any]:
    """One pause, by its id or the client's (then the last one), with its issues, sessions and reminders to come.

    Raises RefusedError: there is no such pause.
    """
    pause = await connection.fetchrow(
        "select * from pause where pause_id = $1 or client_id = $1 order by paused_at desc limit 1", name
    )
    if pause is None:
        raise refused("unknown_pause", f"no pause and no client {name}")
    client_id, pause_id = pause["client_id"], pause["pause_id"]
    issues = await connection.fetch(_SHOWN, client_id, pause_id)
    sessions = await connection.fetch(_SESSIONS, client_id, pause["paused_on"])
    timers = await connection.fetch(
        "select name, due_at from timers where client_id = $1 and subject = $2 order by due_at", client_id, pause_id
    )
    return _plain(pause) | {
        "age_days": (today - pause["paused_on"]).days,
        "issues": [_plain(row) | {"age_days": (today - row["opened_on"]).days} for row in issues],
        "sessions": [_plain(row) for row in sessions],
        "next": [_plain(row) for row in timers],
    }


def _plain(row: Record) -> dict[str, Any]:
    """A record as JSON takes it."""
    return {name: _word(name, value) for name, value in row.items()}


def _word(name: str, value: Any) -> Any:
    if name == "codes":
        return json.loads(value)
    return plain(value)
