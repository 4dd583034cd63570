"""Sends the letters that are due, outside the transactions that asked for them.

A letter is claimed, composed, offered to the mail server, and its outcome written with the event that tells it. What a
sender has in hand is its own while it lives (`presence`). One that dies leaves a claim that runs out; the next one
sends the same Message-ID again and says that it may have come twice.
"""

import asyncio
import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

from services.notification import store
from services.notification.composing.composition import compose
from services.notification.composing.known_names import MissingFactError
from services.notification.composing.letter_links import LetterLinks
from services.notification.known_store import Known, known_of
from services.notification.letters.address import InvalidAddressError
from services.notification.letters.branding import Branding
from services.notification.letters.language import closest_language
from services.notification.letters.letter_kinds import GATHERED, FactsError
from services.notification.letters.render import Letter, prepare, render
from services.notification.sending.announcing import announce
from services.notification.sending.delivery import SmtpSender
from services.notification.sending.last_look import LastLook
from services.notification.sending.mail_watch import ENDED, MailWatch
from services.notification.sending.message import build, message_id
from services.notification.sending.outcome import after, waiting_for_facts, why_skipped
from services.notification.sending.pace import ServerRest, pace
from services.notification.sending.presence import Presence
from services.notification.sending.quiet_hours import QuietHours
from services.notification.sending.smtp_server import SmtpServer
from services.notification.store import LETTERS, Claiming, LetterRow
from shared import clock, log
from shared.database import postgres
from shared.process.process import Process
from shared.runtime import tracing
from shared.runtime.transaction import Transaction

LEASE = timedelta(minutes=5)
ENDED_IN_HAND = "ended_in_hand"
"""Written nowhere: what ended the letter has written its own reason, and the first end counts."""
_IN_HAND_A_CONNECTION = 10
_IN_HAND_SECONDS = 2  # what is in hand goes before urgent letters that come later
_WRITTEN_AT_A_TIME = 200
_FINISH_SECONDS = 8
_DATABASE_AWAY_SECONDS = 1.0
_NO_ROOM_SECONDS = 0.05


async def run(process: Process) -> None:
    """Send letters until the process stops."""
    prepare()
    async with Post(process) as post:
        watching = asyncio.create_task(post.watch.keep_trying(process, post.sender, post.branding.from_address))
        try:
            await post.run()
        finally:
            watching.cancel()


class Post:
    """The sending of one process: its brand, its pages' addresses, its mail server. Use as `async with`."""

    def __init__(self, process: Process) -> None:
        settings: Any = process.settings
        self.process, self.branding = process, Branding()
        self.server = SmtpServer.from_url(settings.smtp_url)
        self.quiet = QuietHours.parse(settings.quiet_hours, settings.quiet_time_zone)
        self.pace, self.rest = pace(settings.letters_per_second), ServerRest()
        self.gather = timedelta(seconds=settings.letter_gather_seconds)
        self.poll_seconds: float = settings.letter_poll_seconds
        self.links = LetterLinks(
            coverage_url=settings.coverage_url,
            settlement_url=settings.settlement_url,
            keys=settings.link_keys(),
            link_days=settings.link_days,
            statement_link_days=settings.statement_link_days,
            plans_url=settings.plans_url,
        )
        self._presence = Presence(settings.database_url.get_secret_value())
        self.sender, self.watch = SmtpSender(self.server), MailWatch()
        self._places = asyncio.Semaphore(self.server.connections)
        self._most_in_hand = min(
            self.server.connections * _IN_HAND_A_CONNECTION, settings.letters_per_second * _IN_HAND_SECONDS
        )
        self._in_hand: set[asyncio.Task[None]] = set()
        self._held: set[str] = set()  # the letters in hand, until what became of them is written down
        self._ended: asyncio.Queue[LetterRow] = asyncio.Queue()
        self._news = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self._presence.__aenter__()
        self._last_look = LastLook(self.process.pool)
        self._writing = asyncio.create_task(self._write())
        self.process.woken_by_commit.append(self._news.set)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish what is in hand, also where this very task is being cancelled: a letter offered is a letter sent."""
        self.process.woken_by_commit.remove(self._news.set)
        finishing = asyncio.create_task(self._finish())
        try:
            await asyncio.shield(finishing)
        except asyncio.CancelledError:
            await finishing
            raise

    async def run(self) -> None:
        """Send what falls due until the process stops. What is in hand outlives a database that is away for a while."""
        while not self.process.stopping.is_set():
            try:
                taken = await self.take()
            except Exception as error:
                if not postgres.passes(error):
                    raise
                log.get().warning("no letters taken", reason=log.failure(error))
                await self.process.pause(_DATABASE_AWAY_SECONDS)
                continue
            if taken == 0:
                await self._wait()

    async def _wait(self) -> None:
        """Until handlers may have asked for letters or there is room for more; or it is time to look again."""
        seconds = self.poll_seconds if self._room(clock.now()) else min(_NO_ROOM_SECONDS, self.poll_seconds)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), seconds)
        self._news.clear()

    async def take(self) -> int:
        """Claim what is due and there is room for, and begin to send it; return how many letters that were."""
        now = clock.now()
        most = self._room(now)
        if most < 1:
            return 0
        quiet = self.quiet.until(now) is not None
        async with self.process.pool.acquire() as connection:
            how = Claiming(LEASE, self.gather, quiet, GATHERED, self._presence.number, self._held)
            rows = await store.claim(connection, now, most, how)
            known = await known_of(connection, rows)
        for row in rows:
            self._held.add(row.letter_id)
            task = asyncio.create_task(self._send(row, known[row.letter_id]))
            self._in_hand.add(task)
            task.add_done_callback(self._let_go)
        return len(rows)

    def _room(self, now: datetime) -> int:
        """How many letters to claim: by the half of what fits in hand, so that a claim is worth its statements."""
        free = self._most_in_hand - len(self._in_hand)
        if free < self._most_in_hand // 2 or (self.rest.failures and self._in_hand):
            return 0
        return self.rest.allows(now, free)

    def _let_go(self, task: asyncio.Task[None]) -> None:
        self._in_hand.discard(task)
        if len(self._in_hand) == self._most_in_hand // 2:
            self._news.set()

    async def settled(self) -> None:
        """Wait until what is in hand has ended and is written down."""
        while self._in_hand:
            await asyncio.wait(self._in_hand)
        await self._ended.join()

    async def _send(self, row: LetterRow, known: Known) -> None:
        """Offer one letter when its turn comes; a stop comes first."""
        async with self.pace, self._places:
            if self.process.stopping.is_set():
                row = replace(row, state="ready", not_before=clock.now())
            else:
                with tracing.sending(row.traceparent, row.letter, row.letter_id) as traceparent:
                    row = await self._outcome_or_later(row, known)
                if not row.waits:  # the event that tells of it goes on from here
                    row = replace(row, traceparent=traceparent)
        self._ended.put_nowait(row)

    async def _outcome_or_later(self, row: LetterRow, known: Known) -> LetterRow:
        """The same; without a database that says whether the letter is wanted it is given back."""
        try:
            return await self._outcome(row, known)
        except Exception as error:
            log.get().warning("letter given back", letter_id=row.letter_id, reason=log.failure(error))
            return replace(row, state="ready", not_before=clock.now())

    async def _outcome(self, row: LetterRow, known: Known) -> LetterRow:
        """The row as it stands once the letter was offered, or need not be."""
        now = clock.now()
        try:
            if (skipped := why_skipped(row, known)) is not None:
                return replace(row, state="skipped", reason=skipped, ended_at=now)
            letter = self._letter(row, known, now)
            mail = build(letter, to=_address(row, known), fact_id=row.letter_id, at=now, branding=self.branding)
        except MissingFactError as error:
            return waiting_for_facts(row, str(error), now)
        except FactsError as error:
            fields = ", ".join([*error.missing, *error.invalid])
            log.get().error("letter lacks facts", letter=row.letter, letter_id=row.letter_id, reason=fields)
            return replace(row, state="failed", reason="facts_incomplete", ended_at=now)
        except InvalidAddressError:
            return replace(row, state="skipped", reason="address_not_valid", ended_at=now)
        except Exception as error:  # a fault of ours in one letter must not hold up the others
            log.get().error("letter broke", letter=row.letter, letter_id=row.letter_id, reason=log.failure(error))
            return replace(row, state="failed", reason="could_not_be_made", ended_at=now)
        identity = message_id(row.letter, row.letter_id, self.branding)
        row = replace(
            row, template_version=letter.version, message_id=identity, offered_at=row.offered_at or clock.now()
        )
        if not await self._last_look.is_wanted(row):
            return replace(row, state="skipped", reason=ENDED_IN_HAND, ended_at=now)
        outcome = await self.sender.deliver(mail)
        self.watch.heard(outcome)
        if outcome.server_away:
            self.rest.failed(now)
        else:
            self.rest.answered()
        return after(row, outcome, clock.now())

    def _letter(self, row: LetterRow, known: Known, now: datetime) -> Letter:
        facts = compose(row, known, self.links, now)
        language = closest_language(known.recipient.language if known.recipient and row.provider_id is None else "en")
        return render(row.letter, facts, language, self.branding)

    async def _write(self) -> None:
        """Write down what has become of letters, as many at a time as there are."""
        while True:
            rows = [await self._ended.get()]
            while len(rows) < _WRITTEN_AT_A_TIME and not self._ended.empty():
                rows.append(self._ended.get_nowait())
            await self._write_down(rows)
            self._held.difference_update(row.letter_id for row in rows)
            for _ in rows:
                self._ended.task_done()

    async def _write_down(self, rows: Sequence[LetterRow]) -> None:
        """Write, for as long as it takes: what is not written is sent again when its claim has run out."""
        attempts = 0
        while True:
            try:
                async with self.process.transaction(row.client_id for row in rows) as tx:
                    await write_down(rows, tx)
                for row in rows:
                    if not row.waits:
                        ENDED.labels(row.state).inc()
                return
            except Exception as error:
                log.get().warning("letters not written down", reason=log.failure(error), count=len(rows))
                if not postgres.passes(error):
                    await self._write_apart(rows)
                    return
                attempts += 1
                await asyncio.sleep(min(5.0, 0.1 * 2**attempts))

    async def _write_apart(self, rows: Sequence[LetterRow]) -> None:
        if len(rows) > 1:
            for row in rows:
                await self._write_down([row])
            return
        async with self.process.pool.acquire() as connection:
            await store.end_unrecorded(connection, rows[0])

    async def _finish(self) -> None:
        """What is being offered may end; what is not is given back; all is written; the connections are closed."""
        try:
            async with asyncio.timeout(_FINISH_SECONDS):
                await self.settled()
        except TimeoutError:
            log.get().warning("letters left in hand", count=len(self._in_hand) + self._ended.qsize())
        finally:
            await _end([*self._in_hand, self._writing])
            self._last_look.stop()
            await self.sender.close()
            await self._presence.__aexit__()


async def write_down(rows: Iterable[LetterRow], tx: Transaction) -> None:
    """What became of claimed letters, with the events that say so. Only the first end of a letter counts."""
    ended = list(rows)
    await tx.load(LETTERS, [(row.client_id, row.letter_id) for row in ended])
    for row in ended:
        current = await tx.one(LETTERS, row.client_id, row.letter_id)
        if current is None or not current.waits:
            continue
        if row.waits and current.attempts != row.attempts:
            continue  # the claim had run out, and another sender has it now
        row = replace(row, perhaps_twice=row.perhaps_twice or current.perhaps_twice, claimed_by=None)
        tx.save(LETTERS, row)
        announce(row, tx)


def _address(row: LetterRow, known: Known) -> str:
    person = known.recipient if row.provider_id is None else known.provider
    if person is None or person.email is None:
        raise MissingFactError("provider_unknown" if row.provider_id is not None else "client_unknown")
    return person.email


async def _end(tasks: Iterable[asyncio.Task[None]]) -> None:
    ended = list(tasks)
    for task in ended:
        task.cancel()
    await asyncio.gather(*ended, return_exceptions=True)
