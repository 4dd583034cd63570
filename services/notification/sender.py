"""Sends the letters that are due, outside the transactions that asked for them.

A letter is claimed, composed, offered to the mail server, and its outcome written with the event that tells it. A
sender that dies leaves a claim that runs out; the next one sends the same Message-ID again and says that it may have
come twice.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from services.notification import quiet_hours
from services.notification.composition import Addresses, MissingFactError, compose
from services.notification.delivery import Outcome, SmtpSender, Status
from services.notification.language import closest_language
from services.notification.letters import FactsError
from services.notification.message import build, message_id
from services.notification.render import Letter, prepare, render
from services.notification.settings import Branding
from services.notification.smtp_server import SmtpServer
from services.notification.store import LETTERS, Known, LetterRow, claim, known_of
from shared import clock, log
from shared.events.notification import LetterFailed, LetterSent, LetterSkipped
from shared.process import Process
from shared.transaction import Transaction

_LEASE = timedelta(minutes=5)
_AT_A_TIME = 50
_LOOK_AGAIN_SECONDS = 0.2
_FACTS_PATIENCE = timedelta(hours=24)
_WORRYING = {"coordination-issue", "coordination-reminder", "coordination-still-open"}


async def run(process: Process) -> None:
    """Send letters until the process stops."""
    prepare()
    post = Post(process)
    async with SmtpSender(post.server) as sender:
        while not process.stopping.is_set():
            if await post.send_due(sender) == 0:
                await process.pause(_LOOK_AGAIN_SECONDS)


def retry_at(now: datetime, attempts: int) -> datetime:
    """When to try again: after 2, 4, 8 ... seconds, at the most every 15 minutes, for as long as it takes."""
    return now + timedelta(seconds=min(900, 2 ** min(attempts, 10)))


class Post:
    """The sending of one process: its brand, its pages' addresses, its mail server."""

    def __init__(self, process: Process) -> None:
        settings: Any = process.settings
        self.process, self.branding = process, Branding()
        self.server = SmtpServer.from_url(settings.smtp_url)
        self.quiet = quiet_hours.QuietHours.parse(settings.quiet_hours, settings.quiet_time_zone)
        self.rate = settings.letters_per_second
        self.addresses = Addresses(
            coverage_url=settings.coverage_url,
            settlement_url=settings.settlement_url,
            key=settings.link_key.get_secret_value(),
            link_days=settings.link_days,
        )

    async def send_due(self, sender: SmtpSender) -> int:
        """Send what is due now; return how many letters that were."""
        async with self.process.pool.acquire() as connection:
            rows = await claim(connection, clock.now(), _AT_A_TIME, _LEASE)
            known = await known_of(connection, rows)
        started = asyncio.get_running_loop().time()
        ended = await asyncio.gather(*(self._send(sender, row, known[row.letter_id]) for row in rows))
        if rows:
            await self._write_down(ended)
            spent = asyncio.get_running_loop().time() - started
            await asyncio.sleep(max(0.0, len(rows) / self.rate - spent))
        return len(rows)

    async def _send(self, sender: SmtpSender, row: LetterRow, known: Known) -> LetterRow:
        """Offer one letter; return its row as it stands now."""
        now = clock.now()
        if (until := self.quiet.until(now)) is not None and row.letter not in _WORRYING:
            return replace(row, state="ready", not_before=until, attempts=row.attempts - 1)
        skipped = why_skipped(row, known)
        if skipped is not None:
            return replace(row, state="skipped", reason=skipped, ended_at=now)
        try:
            letter = self._letter(row, known, now)
        except MissingFactError as error:
            return self._wait_for_facts(row, str(error), now)
        except FactsError as error:
            log.get().error("letter lacks facts", letter=row.letter, letter_id=row.letter_id, count=len(error.missing))
            return replace(row, state="failed", reason="facts_incomplete", ended_at=now)
        mail = build(letter, to=_address(row, known), fact_id=row.letter_id, at=now, branding=self.branding)
        identity = message_id(row.letter, row.letter_id, self.branding)
        row = replace(row, template_version=letter.version, message_id=identity)
        return after(row, await sender.deliver(mail), now)

    def _letter(self, row: LetterRow, known: Known, now: datetime) -> Letter:
        facts = compose(row, known, self.addresses, now)
        language = closest_language(known.recipient.language if known.recipient and row.provider_id is None else "en")
        return render(row.letter, facts, language, self.branding)

    def _wait_for_facts(self, row: LetterRow, reason: str, now: datetime) -> LetterRow:
        """The client or the directory may be on its way; after a day a person hears of it."""
        if now - row.asked_at > _FACTS_PATIENCE:
            return replace(row, state="failed", reason=reason, ended_at=now)
        return replace(row, state="ready", not_before=retry_at(now, row.attempts), reason=reason)

    async def _write_down(self, rows: Sequence[LetterRow]) -> None:
        """What became of the letters, with the events that say so."""
        ids = ",".join(sorted(row.letter_id for row in rows))
        async with self.process.transaction((row.client_id for row in rows), f"letters:{ids}") as tx:
            for row in rows:
                tx.save(LETTERS, row)
                announce(row, tx)


def why_skipped(row: LetterRow, known: Known) -> str | None:
    """Why a letter must not be sent at all, or None."""
    if row.provider_id is not None:
        provider = known.provider
        if provider is None:
            return None
        if provider.email is None:
            return "no_email"
        return "address_suppressed" if provider.suppressed == provider.email else None
    client = known.recipient
    if client is None:
        return None
    if client.email is None:
        return "no_email"
    if client.letters == "none":
        return "letters_off"
    return "address_suppressed" if client.suppressed == client.email else None


def _address(row: LetterRow, known: Known) -> str:
    person = known.recipient if row.provider_id is None else known.provider
    assert person is not None
    assert person.email is not None
    return person.email


def after(row: LetterRow, outcome: Outcome, now: datetime) -> LetterRow:
    """The row once the mail server has, or has not, answered."""
    match outcome.status:
        case Status.SENT:
            return replace(row, state="sent", ended_at=now, reason=None)
        case Status.REJECTED:
            return replace(row, state="failed", ended_at=now, reason="refused_by_server")
        case Status.UNKNOWN:
            return replace(row, state="ready", not_before=retry_at(now, row.attempts), perhaps_twice=True)
        case Status.DEFERRED:
            return replace(row, state="ready", not_before=retry_at(now, row.attempts))


def announce(row: LetterRow, tx: Transaction) -> None:
    """Publish what became of a letter that has ended."""
    said = {"client_id": row.client_id, "letter_id": row.letter_id, "letter": row.letter}
    said["template_version"] = row.template_version or "none"
    tx.caused_by_fact(f"{row.letter_id}:{row.state}")
    match row.state:
        case "sent":
            tx.publish(LetterSent.model_validate({**said, "perhaps_twice": row.perhaps_twice}))
        case "failed":
            tx.publish(LetterFailed.model_validate({**said, "reason": row.reason}))
        case "skipped":
            tx.publish(LetterSkipped.model_validate({**said, "reason": row.reason}))
        case _:
            return
    log.get().info("letter ended", letter=row.letter, letter_id=row.letter_id, state=row.state, reason=row.reason)
