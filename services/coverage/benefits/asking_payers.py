"""The questions to payers (270): on a plan that is new, for a session's date, or to look again."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from services.coverage import store
from services.coverage.benefits.inquiry_270 import inquiry_to
from services.coverage.plans import eligibility
from services.coverage.plans.eligibility import Client, Inquiry
from services.coverage.plans.situation import Situation
from services.coverage.settings import policy
from shared.events.clients import EnteredPlan
from shared.events.topics import PAYERS_OUTBOUND
from shared.runtime.interchange import outgoing
from shared.runtime.transaction import Transaction
from shared.x12.eligibility_270.writer import write_inquiries
from shared.x12.syntax.envelope_writer import Envelope
from shared.x12.syntax.parties import Payer


async def ask_missing(tx: Transaction, situation: Situation, on: date) -> None:
    """Ask about the plans of which nothing is known on the date and nothing was asked."""
    situation = replace(situation, inquiries=tuple(await tx.all(store.INQUIRY, situation.client.client_id)))
    for plan in situation.may_count_on(on):
        asked = eligibility.asked_near(situation.asked(plan, on), plan.plan_id, on)
        if situation.answer(plan.plan_id, on) is None and not asked:
            await ask(tx, situation.client, plan, on)


async def ask_all(tx: Transaction, client: Client) -> None:
    """Ask every payer about today, whatever is known."""
    for plan in client.plans or ():
        await ask(tx, client, plan, tx.today)


async def ask_anew(tx: Transaction, client: Client, plan_ids: Sequence[str], date_of_service: date) -> list[str]:
    """Ask about these plans (none given: all) whatever is known; return the plans asked about.

    A question that has just gone out is not put twice: payers need that long to answer.
    """
    on = eligibility.asked_on(date_of_service, tx.today)
    inquiries = await tx.all(store.INQUIRY, client.client_id)
    asked = [
        plan
        for plan in client.plans or ()
        if (not plan_ids or plan.plan_id in plan_ids)
        and client.details is not None
        and not eligibility.just_asked(inquiries, plan.plan_id, on, tx.now)
    ]
    for plan in asked:
        await ask(tx, client, plan, on)
    return [plan.plan_id for plan in asked]


async def ask(tx: Transaction, client: Client, plan: EnteredPlan, on: date) -> None:
    """Ask the plan's payer about a date of service; without the client's details there is nobody to ask about."""
    if client.details is None:
        return
    await send(tx, client, plan, on)
    patience = timedelta(hours=policy().benefits_patience_hours)
    tx.schedule(
        "benefits.silent", client.client_id, f"{plan.plan_id}|{on}", tx.now + patience, plan_id=plan.plan_id, on=str(on)
    )


async def send(tx: Transaction, client: Client, plan: EnteredPlan, on: date, unanswered: Inquiry | None = None) -> None:
    """Send one 270: a first question, or the question of `unanswered` again."""
    assert client.details is not None
    config, payer_id = policy(), plan.for_care(on).payer_id
    attempt = 1 if unanswered is None else unanswered.attempt + 1
    row = Inquiry(
        client_id=client.client_id,
        trace=_trace(f"{tx.cause.id}|{client.client_id}|{plan.plan_id}|{on}|{attempt}"),
        plan_id=plan.plan_id,
        payer_id=payer_id,
        date_of_service=on,
        asked_at=tx.now,
        first_asked_at=tx.now if unanswered is None else unanswered.first_asked_at,
        attempt=attempt,
    )
    tx.save(store.INQUIRY, row)
    listed = (await store.payers_of(tx, [payer_id])).get(payer_id)
    payer = Payer(payer_id if listed is None else listed.name, payer_id)
    control = await store.next_control(tx)
    envelope = Envelope(config.submitter_id, config.receiver_id, control, tx.now)
    value = write_inquiries([inquiry_to(client.details, plan, payer, row, config)], envelope)
    tx.send(outgoing(PAYERS_OUTBOUND.name, payer_id=payer_id, control=f"{control:09}", value=value, source="/coverage"))


def _trace(cause: str) -> str:
    """A short id for TRN02, the same whenever the same cause is handled again."""
    return "T" + hashlib.sha256(cause.encode()).hexdigest()[:19].upper()
