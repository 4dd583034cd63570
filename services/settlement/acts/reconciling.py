"""Payments against deposits, and the nightly control of the books.

Once a night, on the service's clock: the day's books are closed, payments are compared with the deposits of their
sessions, and sessions whose money moved with what they should hold. A difference stops payouts and refunds of its
sessions and tells a person; the night on which it is gone lets them go on.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from services.settlement import store
from services.settlement.acts import control_store
from services.settlement.acts.charging import rate_now_cents
from services.settlement.acts.nightly_control import Difference, payment_difference, session_differences
from services.settlement.acts.reviewing import review, review_evidence_once
from services.settlement.acts.settling import settle_session
from services.settlement.ledger.posting_rows import entries_of
from services.settlement.money.rate import RateMissingError
from services.settlement.money.settle import settle
from services.settlement.settings import policy
from services.settlement.store import CONTROLS, PAYMENTS, SESSIONS, ControlRow, RemittedPayment, Session
from shared import clock, log
from shared.events.claims import PaymentRemitted
from shared.process.process import Process
from shared.runtime.transaction import Transaction

_AFTER_MIDNIGHT = timedelta(hours=2)
_DEPOSITS_WITHIN = timedelta(days=1)
_STILL_UNDER_WAY = timedelta(minutes=10)
_AT_A_TIME = 200
_LOOK_SECONDS = 5.0
_LOCK = 0x5E77


async def on_payment_remitted(event: PaymentRemitted, tx: Transaction) -> None:
    """Keep the payment; the control compares it once the answers of its claims had time to arrive.

    One that is announced again with other figures was corrected, and is compared anew.
    """
    known = await tx.one(PAYMENTS, event.payer_id, event.trace)
    if known is None or known.payment != event:
        tx.save(PAYMENTS, RemittedPayment(event.payer_id, event.trace, event, tx.now))


async def nightly(process: Process) -> None:
    """Control the books each night, until the process stops; of several replicas one does it."""
    while not process.stopping.is_set():
        day = day_to_close(clock.now())
        async with process.pool.acquire() as connection:
            if not await control_store.is_controlled(connection, day) and await control_store.try_lock(
                connection, _LOCK
            ):
                try:
                    await control(process, day)
                finally:
                    await control_store.unlock(connection, _LOCK)
        await process.pause(_LOOK_SECONDS)


def day_to_close(now: datetime) -> date:
    """The last day that is over for good: nothing that began on it is still under way."""
    return (now - _AFTER_MIDNIGHT).date() - timedelta(days=1)


async def control(process: Process, day: date) -> ControlRow:
    """Close the books of `day`, compare, and keep what was found."""
    async with process.transaction([]) as tx:
        await control_store.close_books(tx.connection, day, datetime.combine(day + timedelta(days=1), time(), UTC))
        last = await control_store.last_control(tx.connection)
        suspect = await _payments(tx)
        moved = await control_store.sessions_moved(tx.connection, last and last - _STILL_UNDER_WAY)
    wanted = sorted({*moved, *suspect})
    differences = 0
    for first in range(0, len(wanted), _AT_A_TIME):
        differences += await _sessions(process, wanted[first : first + _AT_A_TIME], suspect)
    async with process.transaction([]) as tx:
        row = ControlRow(day, tx.now, len(wanted), differences)
        tx.save(CONTROLS, row)
    log.get().info("books controlled", day=day.isoformat(), sessions=row.sessions, differences=differences)
    return row


async def _payments(tx: Transaction) -> dict[tuple[str, str], Difference]:
    """Compare the payments that are not settled yet; return the sessions of those that differ."""
    suspect: dict[tuple[str, str], Difference] = {}
    for row in await control_store.open_payments(tx, tx.now - _DEPOSITS_WITHIN):
        deposits = await control_store.deposits_of_payment(tx, row.payer_id, row.trace)
        deposited = sum(deposit.cents for deposit in deposits)
        why = payment_difference(row.payment, deposited)
        tx.save(PAYMENTS, replace(row, deposited_cents=deposited, difference=why))
        if why is not None:
            difference = Difference("payment_differs", f"{row.payer_id} {row.trace}: {why}")
            suspect |= {(deposit.client_id, deposit.session_id): difference for deposit in deposits}
    return suspect


async def _sessions(
    process: Process, keys: Sequence[tuple[str, str]], suspect: dict[tuple[str, str], Difference]
) -> int:
    """Compare these sessions' books with what they should hold; return how many differ."""
    count = 0
    async with process.transaction(
        {client for client, _ in keys}, f"control:{clock.now().isoformat()}:{keys[0]}"
    ) as tx:
        await tx.load(SESSIONS, keys)
        await store.load_postings(tx, keys)
        for key in keys:
            session = await tx.one(SESSIONS, *key)
            if session is not None:
                announced = [suspect[key]] if key in suspect else []
                count += await _control(tx, session, [*announced, *await _differences(tx, session)])
    return count


async def _differences(tx: Transaction, session: Session) -> list[Difference]:
    target = settle(session.name, session.facts, policy().terms.forgive_below_cents)
    posted = entries_of(await store.postings_of(tx, session.client_id, session.session_id))
    rate_cents = None
    if session.cleared is not None:
        try:
            rate_cents = await rate_now_cents(tx, session.cleared)
        except RateMissingError:
            rate_cents = None
    return session_differences(session, target, posted, rate_cents)


async def _control(tx: Transaction, session: Session, differences: Sequence[Difference]) -> int:
    """Stop the session's money and tell a person, or let it go on; 1 where it differs.

    Another rate than the pay was fixed at stops nothing: the provider is paid, and a person decides on the difference.
    """
    before = session
    stops = [difference for difference in differences if difference.reason != "rate_differs"]
    for difference in stops:
        if difference.reason not in session.stopped:
            review(tx, session, difference.reason, difference.evidence)
    for difference in differences:
        if difference not in stops:
            session = review_evidence_once(tx, session, difference.reason, difference.evidence)
    session = replace(session, stopped=tuple(dict.fromkeys(difference.reason for difference in stops)))
    if session.stopped != before.stopped and not session.stopped:
        await settle_session(tx, session, policy().terms)
    elif session != before:
        tx.save(SESSIONS, session)
    return 1 if differences else 0
