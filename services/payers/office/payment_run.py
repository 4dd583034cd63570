"""Sending 835s: what was decided, taken back or corrected, with the payment around it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from pydantic import TypeAdapter

from services.payers import store
from services.payers.adjudication import remittance
from services.payers.adjudication.denial import service_day
from services.payers.adjudication.remittance import Delivery
from services.payers.book.book import Insurer
from services.payers.office.office import Office
from services.payers.store import ACCOUNTS, AWAITING, FILED_CLAIMS, MEMBER_YEARS, Account, Awaiting, FiledClaim
from shared.runtime.timers import Timer
from shared.x12.remittance_835.remittance import RemittedClaim
from shared.x12.remittance_835.writer import write_remittances

_CLAIMS: TypeAdapter[tuple[RemittedClaim, ...]] = TypeAdapter(tuple[RemittedClaim, ...])
_OVER = frozenset({"voided", "reversed"})


async def deliver(office: Office, filed: FiledClaim, deliveries: Sequence[Delivery]) -> None:
    """Send what is due now, and set a timer for the rest."""
    for delivery in deliveries:
        if delivery.after_days <= 0:
            await send(office, filed, delivery)
            filed = await office.tx.one(FILED_CLAIMS, filed.client_id, filed.payer_claim_id) or filed
        else:
            data: dict[str, Any] = {
                "number": filed.payer_claim_id,
                "delivery": delivery.name,
                "claims": _CLAIMS.dump_python(delivery.claims, mode="json"),
            }
            subject = f"{filed.payer_claim_id}/{delivery.name}"
            office.schedule("remit", filed.client_id, subject, delivery.after_days, **data)


async def deliver_later(office: Office, timer: Timer) -> None:
    """Send an 835 whose time has come, unless the claim was voided or taken back since."""
    filed = await office.tx.one(FILED_CLAIMS, timer.client_id, timer.data["number"])
    if filed is None or filed.state in _OVER:
        return
    claims = _CLAIMS.validate_python(timer.data["claims"])
    await send(office, filed, Delivery(timer.data["delivery"], 0, claims))


async def send(office: Office, filed: FiledClaim, delivery: Delivery) -> None:
    """Send one 835, now or with the others of the day, and keep on file what it changes."""
    insurer = office.directions.book.insurer(filed.payer_id)
    assert insurer is not None, "a claim is on file with an insurer of the book only"
    payee = filed.claim.billing
    account = f"{filed.payer_id}/{payee.npi}"
    fact = f"{filed.payer_claim_id}/{delivery.name}"
    awaiting = Awaiting(account, fact, filed.submitter_id, payee, delivery.claims)
    if insurer.pays == "daily":
        office.tx.save(AWAITING, awaiting)
        office.tx.schedule("pay", account, "", _end_of_day(office.tx.now), payer_id=filed.payer_id)
    else:
        await office.lock(account)
        await _pay(office, insurer, [awaiting])
    await _keep(office, filed, delivery)


async def pay_together(office: Office, timer: Timer) -> None:
    """At the end of a daily insurer's day: one 835 for each submitter of a payee's claims."""
    insurer = office.directions.book.insurer(timer.data["payer_id"])
    assert insurer is not None, "only an insurer of the book pays"
    waiting = sorted(await office.tx.all(AWAITING, timer.client_id), key=lambda payment: payment.fact)
    for submitter_id in sorted({payment.submitter_id for payment in waiting}):
        await _pay(office, insurer, [payment for payment in waiting if payment.submitter_id == submitter_id])
    for payment in waiting:
        office.tx.delete(AWAITING, payment.client_id, payment.fact)


async def _pay(office: Office, insurer: Insurer, awaiting: Sequence[Awaiting]) -> None:
    """Send the 835 of claims that are paid together; the caller holds the account's lock, so debts are taken once."""
    first, claims = awaiting[0], [claim for payment in awaiting for claim in payment.claims]
    account = await office.tx.one(ACCOUNTS, first.client_id) or Account(first.client_id, 0)
    trace = remittance.trace(office.directions.seed, insurer, first.fact)
    told, owed = remittance.remittance(insurer, first.payee, claims, trace, office.tx.today, account.owed_cents)
    if owed != account.owed_cents:
        office.tx.save(ACCOUNTS, replace(account, owed_cents=owed))
    payer_id, write = insurer.payer_id, partial(write_remittances, [told])
    office.send(payer_id, payer_id, first.submitter_id, write, "835", first.fact)


def _end_of_day(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


async def _keep(office: Office, filed: FiledClaim, delivery: Delivery) -> None:
    """After a payment was taken back its correction stands, or nothing does."""
    ours = [claim for claim in delivery.claims if claim.payer_claim_id == filed.payer_claim_id]
    if not any(claim.reversal for claim in ours):
        return
    corrected = next((claim for claim in ours if not claim.reversal), None)
    if corrected is not None:
        office.tx.save(FILED_CLAIMS, replace(filed, decided=corrected))
        return
    await give_back(office, filed)
    office.tx.save(
        FILED_CLAIMS, replace(filed, state="reversed", decided=None, deductible_cents=0, out_of_pocket_cents=0)
    )


async def give_back(office: Office, filed: FiledClaim) -> None:
    """Take what a decision used up off the member's year."""
    await use(office, filed, -filed.deductible_cents, -filed.out_of_pocket_cents)


async def use(office: Office, filed: FiledClaim, deductible_cents: int, out_of_pocket_cents: int) -> None:
    """Put amounts on the member's year of service."""
    if not deductible_cents and not out_of_pocket_cents:
        return
    year = (service_day(filed.claim) or filed.received_on).year
    held = await store.member_year(office.tx, filed.client_id, year)
    office.tx.save(
        MEMBER_YEARS,
        replace(
            held,
            deductible_cents=max(0, held.deductible_cents + deductible_cents),
            out_of_pocket_cents=max(0, held.out_of_pocket_cents + out_of_pocket_cents),
        ),
    )
