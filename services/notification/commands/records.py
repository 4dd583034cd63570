"""The operators' commands: `sent`, `undelivered`, `resend`, `bounce`. They read DATABASE_URL_NOTIFICATION."""

import argparse
import dataclasses
import functools
import uuid
from datetime import datetime, timedelta
from typing import Any

from services.notification import store
from services.notification.commands.operator_session import acting, answer
from services.notification.composing.still_true import NEEDLESS
from services.notification.sending.bounced import take_notice
from services.notification.store import LETTERS, PROVIDERS, RECIPIENTS, LetterRow
from shared import clock
from shared.commands.command import UnreadableInputError, file_argument, read_bytes, reason, refused
from shared.commands.operator_session import operator, plain
from shared.database.postgres import Connection
from shared.runtime.transaction import Transaction

_RESENDS = uuid.UUID("5f0f6d0e-6a6b-5cf1-9f5d-6a1c3f0a7b22")
_MOST = 1000


def set_up_sent(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `sent`."""
    parser.add_argument("--client", metavar="CLIENT_ID", required=True)


def run_sent(arguments: argparse.Namespace) -> Any:
    """Every letter that was asked for about a client, the oldest first: which, why, when, and what became of it."""
    return answer(functools.partial(_sent, client_id=arguments.client))


async def _sent(connection: Connection, client_id: str) -> list[dict[str, Any]]:
    rows = await store.letters_of(connection, client_id, _MOST)
    return [_entry(row) for row in rows]


def set_up_undelivered(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `undelivered`."""
    parser.add_argument("--days", type=int, default=30, help="how far back (30)")


def run_undelivered(arguments: argparse.Namespace) -> Any:
    """The letters of the last days that did not reach their readers and were not made good since, urgent ones first."""
    if arguments.days < 1:
        raise UnreadableInputError("--days must be 1 or more")
    return answer(functools.partial(_undelivered, days=arguments.days))


async def _undelivered(connection: Connection, days: int) -> list[dict[str, Any]]:
    since = clock.now() - timedelta(days=min(days, 36_500))
    rows = await store.undelivered(connection, since, NEEDLESS, _MOST)
    return [_entry(row) for row in rows]


def _entry(row: LetterRow) -> dict[str, Any]:
    """A letter as operators see it: ids and words, no address and no text."""
    shown = ("letter_id", "letter", "client_id", "provider_id", "urgent", "cause", "asked_at", "state", "reason")
    more = ("ended_at", "attempts", "perhaps_twice", "template_version", "message_id", "resend_of", "why")
    entry = {name: plain(getattr(row, name)) for name in (*shown, *more)}
    return entry | ({"next_try_at": plain(row.not_before)} if row.waits else {})


def set_up_resend(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `resend`."""
    parser.add_argument("letter_id", metavar="LETTER_ID", help="from `sent` or `undelivered`")
    parser.add_argument("--why", required=True, help="for the record")
    parser.add_argument("--lift", action="store_true", help="mail came back, and the reader says that it works again")


def run_resend(arguments: argparse.Namespace) -> Any:
    """Ask for a letter once more, with fresh facts and links. Raises RefusedError, and says why."""
    why = reason(arguments.why)
    return answer(functools.partial(_resend, letter_id=arguments.letter_id, why=why, lift=arguments.lift))


async def _resend(connection: Connection, letter_id: str, why: str, *, lift: bool) -> dict[str, Any]:
    letter = await store.letter_named(connection, letter_id)
    if letter is None:
        raise refused("unknown_letter", "no letter has this id: `sent --client ID` lists a client's")
    async with acting(connection, [letter.client_id]) as tx:
        row = await tx.one(LETTERS, letter.client_id, letter.letter_id)
        assert row is not None
        again = await tx.find(LETTERS, "client_id = $1 and resend_of = $2", row.client_id, row.letter_id)
        if row.waits or any(resent.waits for resent in again):
            raise refused("still_waiting", "it is waiting to be sent already")
        if not row.data:
            raise refused("facts_forgotten", "it is so old that its facts were forgotten (LETTER_FACTS_DAYS)")
        await _check_address(row, tx, lift=lift)
        fresh = _again(row, len(again) + 1, f"{operator()}: {why}", tx.now)
        tx.save(LETTERS, fresh)
    return {"letter_id": fresh.letter_id, "resend_of": row.letter_id, "letter": row.letter, "client_id": row.client_id}


def _again(row: LetterRow, number: int, why: str, now: datetime) -> LetterRow:
    """A new letter on the same fact: a new Message-ID, so that no mail server takes it for the first one."""
    return dataclasses.replace(
        row,
        letter_id=str(uuid.uuid5(_RESENDS, f"{row.letter_id}|{number}")),
        asked_at=now,
        state="ready",
        not_before=now,
        attempts=0,
        perhaps_twice=False,
        template_version="",
        message_id=None,
        ended_at=None,
        reason=None,
        resend_of=row.letter_id,
        why=why,
    )


async def _check_address(row: LetterRow, tx: Transaction, *, lift: bool) -> None:
    """Raises RefusedError: the address has bounced, and nobody says that it works again."""
    if row.provider_id is not None:
        provider = await tx.one(PROVIDERS, row.provider_id)
        suppressed = provider is not None and provider.suppressed is not None
        if provider is not None and lift:
            tx.save(PROVIDERS, dataclasses.replace(provider, suppressed=None))
    else:
        client = await tx.one(RECIPIENTS, row.client_id)
        suppressed = client is not None and client.suppressed is not None
        if client is not None and lift:
            tx.save(RECIPIENTS, dataclasses.replace(client, suppressed=None))
    if suppressed and not lift:
        raise refused("address_suppressed", "mail to this address came back; --lift if the reader says it works again")


set_up_bounce = file_argument


def run_bounce(arguments: argparse.Namespace) -> Any:
    """Take a mail that came back. What is no bounce, or of a letter that is not ours, changes nothing."""
    raw = read_bytes(arguments.file)
    if not raw.strip():
        raise UnreadableInputError(f"{arguments.file} is empty: give the mail that came back")
    return answer(functools.partial(_bounce, raw=raw))


async def _bounce(connection: Connection, raw: bytes) -> dict[str, Any]:
    taken = await take_notice(raw, connection, functools.partial(acting, connection))
    return {"notices": [dataclasses.asdict(notice) for notice in taken]}
