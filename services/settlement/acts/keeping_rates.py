"""The contracted rates of the directory. One that contradicts another is refused, until that one is corrected."""

from datetime import date

from services.settlement.money.rate import contradicted_by
from services.settlement.store import RATES, REFUSED_RATES, Rate, rate_row
from shared.events.directory import FactWithdrawn, RateAgreed
from shared.runtime.late_or_wrong.refusal import NOTHING_TO_WITHDRAW, Refusal, refuse
from shared.runtime.transaction import Transaction


async def on_rate_agreed(event: RateAgreed, tx: Transaction) -> None:
    """Keep the rate; one with the same first day corrects it. Those that contradicted it are looked at again."""
    row = rate_row(event)
    if await tx.one(RATES, *RATES.key_of(row)) == row:
        tx.delete(REFUSED_RATES, *REFUSED_RATES.key_of(row))
        return
    stand_in_the_way = await _contradicted_by(tx, row)
    if stand_in_the_way:
        tx.save(REFUSED_RATES, row)
        refuse(tx, event, _overlaps(stand_in_the_way))
        return
    _take(tx, row)
    await _take_refused(tx, row.payer_id, row.holder, row.procedure)


async def on_fact_withdrawn(event: FactWithdrawn, tx: Transaction) -> None:
    """Forget a rate that never held; what was booked by it stays until a decision re-states it.

    Those that contradicted it are taken now.
    """
    kind, *parts = event.fact.split(":")
    if kind != "rate":
        return  # coverage keeps the credentials
    payer_id, holder, procedure, first = parts
    key = (payer_id, holder, procedure, date.fromisoformat(first))
    if await tx.one(RATES, *key) is None and await tx.one(REFUSED_RATES, *key) is None:
        refuse(tx, event, NOTHING_TO_WITHDRAW)
        return
    tx.delete(RATES, *key)
    tx.delete(REFUSED_RATES, *key)
    await _take_refused(tx, payer_id, holder, procedure)


async def _contradicted_by(tx: Transaction, row: Rate) -> list[RateAgreed]:
    kept = await tx.under(RATES, row.payer_id, row.holder)
    return contradicted_by(row.rate, [other.rate for other in kept if other.procedure == row.procedure])


def _take(tx: Transaction, row: Rate) -> None:
    tx.save(RATES, row)
    tx.delete(REFUSED_RATES, *REFUSED_RATES.key_of(row))


async def _take_refused(tx: Transaction, payer_id: str, holder: str, procedure: str) -> None:
    """Take those that nothing contradicts any more; upstream was told of the others."""
    refused = await tx.under(REFUSED_RATES, payer_id, holder)
    for row in sorted(refused, key=lambda row: row.from_day):
        if row.procedure == procedure and not await _contradicted_by(tx, row):
            _take(tx, row)


def _overlaps(others: list[RateAgreed]) -> Refusal:
    days = ", ".join(f"{other.from_day} to {other.to_day or 'open'}" for other in others)
    what_to_do = (
        f"another rate is stated for days of {days}: end the earlier one first, or withdraw it (fact.withdrawn)"
    )
    return Refusal("overlaps", what_to_do, "from_day")
