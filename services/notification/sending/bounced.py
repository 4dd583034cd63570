"""What a mail that came back changes: the letter has bounced, and its address gets no more until it is another."""

from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace

from services.notification.sending.announcing import announce
from services.notification.sending.bounces import Bounce, read_bounces
from services.notification.sending.outcome import reason_of
from services.notification.store import LETTERS, PROVIDERS, RECIPIENTS, LetterRow, letter_of_message
from shared import log
from shared.database.postgres import Connection
from shared.runtime.transaction import Transaction

Begin = Callable[[Iterable[str]], AbstractAsyncContextManager[Transaction]]
"""Begins a transaction with the locks of clients."""


@dataclass(frozen=True)
class Taken:
    """What came of one recipient's fate in a notice. `outcome`: bounced, or why it changes nothing."""

    outcome: str
    status: str
    letter_id: str | None = None
    client_id: str | None = None
    suppressed: bool = False


async def take_notice(raw: bytes, connection: Connection, begin: Begin) -> list[Taken]:
    """Take what a mail server sent back; the same notice twice changes nothing. Any other mail gives an empty list.

    `connection` is for looking the letters up, `begin` for changing them.
    """
    return [await _take(bounce, connection, begin) for bounce in read_bounces(raw)]


async def _take(bounce: Bounce, connection: Connection, begin: Begin) -> Taken:
    if bounce.action == "delayed":
        return _ignored(bounce, "delayed")
    letter = await letter_of_message(connection, bounce.message_id) if bounce.message_id is not None else None
    if letter is None:
        return _ignored(bounce, "unknown_message")
    async with begin([letter.client_id]) as tx:
        row = await tx.one(LETTERS, letter.client_id, letter.letter_id)
        assert row is not None
        if row.state == "bounced":
            return _ignored(bounce, "told_before", row)
        if not await _went_to(bounce.recipient, row, tx):
            return _ignored(bounce, "other_address", row)
        reason = reason_of(bounce.status, "mail_returned")
        after = replace(row, state="bounced", reason=reason, ended_at=tx.now)
        tx.save(LETTERS, after)
        announce(after, tx)
        suppressed = bounce.permanent and await _suppress(row, tx)
    return Taken("bounced", bounce.status, row.letter_id, row.client_id, suppressed)


async def _went_to(recipient: str | None, row: LetterRow, tx: Transaction) -> bool:
    """Whether the notice is of the address that the letter went to, as far as both are known."""
    if row.provider_id is not None:
        person = await tx.one(PROVIDERS, row.provider_id)
    else:
        person = await tx.one(RECIPIENTS, row.client_id)
    if recipient is None or person is None or person.email is None or person.email_since > (row.ended_at or tx.now):
        return True  # the address is another one by now: nothing is suppressed
    return recipient == person.email.lower()


async def _suppress(row: LetterRow, tx: Transaction) -> bool:
    """Write to the address no more, if it is still the one that the letter went to."""
    sent_at = row.ended_at or tx.now
    if row.provider_id is not None:
        provider = await tx.one(PROVIDERS, row.provider_id)
        if provider is None or provider.email is None or provider.email_since > sent_at:
            return False
        tx.save(PROVIDERS, replace(provider, suppressed=provider.email))
        return True
    client = await tx.one(RECIPIENTS, row.client_id)
    if client is None or client.email is None or client.email_since > sent_at:
        return False
    tx.save(RECIPIENTS, replace(client, suppressed=client.email))
    return True


def _ignored(bounce: Bounce, why: str, row: LetterRow | None = None) -> Taken:
    letter_id, client_id = (row.letter_id, row.client_id) if row is not None else (None, None)
    log.get().info("mail that came back ignored", reason=why, state=bounce.status, letter_id=letter_id)
    return Taken(why, bounce.status, letter_id, client_id)
