"""What claims does with each event: remember the fact, then let `filing.advancing.advance` do what is due.

The primary's claim goes once the session is cleared and completed; each later payer's follows the decision before it.
"""

from dataclasses import replace
from datetime import timedelta

from services.claims.acknowledgments.acknowledging import on_acknowledgment_received
from services.claims.acknowledgments.insured_corrected import send_refused_again
from services.claims.claim.store import client_of, open_sessions, save_session, session_of
from services.claims.claim.tables import CLIENTS, PAYERS, PLANS, PROVIDERS, Clearance, Payer, Plan, Provider, Session
from services.claims.claim.work_queue import leave_to_a_person
from services.claims.erasing import on_coverage_erased
from services.claims.filing.advancing import advance
from services.claims.filing.awaiting_correction import look_again
from services.claims.filing.claim_facts import in_order
from services.claims.filing.correcting import cancel, put_right, reorder, resume_after_pause
from services.claims.filing.correcting_details import correct_details, differ
from services.claims.interchanges.receiving import on_interchange, on_interchange_continued
from services.claims.remittances.posting import on_remittance_received, post_what_is_back_in_place
from shared.events.claims import AcknowledgmentReceived, InterchangeContinued, RemittanceReceived
from shared.events.clients import ClientChanged, ClientDetails, ClientRegistered, PlansEntered
from shared.events.coverage import (
    AccountPaused,
    AccountUnpaused,
    SessionCleared,
    SessionRefused,
)
from shared.events.directory import PayerListed, ProviderListed
from shared.events.erasure import CoverageErased
from shared.events.sessions import SessionCancelled, SessionCompleted, SessionConfirmed
from shared.runtime.interchange import Interchange
from shared.runtime.service import wire, wired
from shared.runtime.transaction import Transaction

_DECISION_WITHIN = timedelta(days=1)


async def on_session_confirmed(event: SessionConfirmed, tx: Transaction) -> None:
    """Keep what took place: procedures, place, diagnoses; what was sent otherwise is replaced."""
    session = await session_of(tx, event.client_id, event.session_id)
    before = session.confirmed
    session = replace(session, confirmed=event)
    save_session(tx, session)
    await _refuse_another_day(tx, session)
    if before is not None and differ(before, event):
        await correct_details(tx, session)
    await advance(tx, session)


async def on_session_completed(event: SessionCompleted, tx: Transaction) -> None:
    """It took place: claims may go, on its day."""
    session = await session_of(tx, event.client_id, event.session_id)
    session = replace(session, completed=True, completed_for=event.date_of_service)
    save_session(tx, session)
    await _refuse_another_day(tx, session)
    await put_right(tx, session)
    await advance(tx, session)


async def _refuse_another_day(tx: Transaction, session: Session) -> None:
    """A session that took place on another day than the confirmed one is not billed until upstream corrects either."""
    if session.confirmed is None or not session.completed_on_another_day:
        return
    said, confirmed = str(session.completed_for), str(session.confirmed.date_of_service)
    why = f"Completed for {said}, confirmed for {confirmed}: correct one of them; no claim goes until they agree."
    whose = (session.client_id, session.session_id)
    await leave_to_a_person(tx, *whose, "completed_on_another_day", why, said, confirmed, completed_for=said)


async def on_session_cancelled(event: SessionCancelled, tx: Transaction) -> None:
    """Unsent claims are dropped, sent ones voided."""
    session = await session_of(tx, event.client_id, event.session_id)
    if session.cancelled:
        return
    session = replace(session, cancelled=True)
    save_session(tx, session)
    await cancel(tx, session)


async def on_session_cleared(event: SessionCleared, tx: Transaction) -> None:
    """Coverage's decision: whom to bill, in which order; a later one corrects what was already sent."""
    session = await session_of(tx, event.client_id, event.session_id)
    before = session.cleared
    if before is not None and before.decision >= event.decision:
        return
    session = replace(session, cleared=Clearance.of(event, before, tx.today), refused=False)
    save_session(tx, session)
    if before is not None and before.plans != event.plans:
        await reorder(tx, session, before)
        await post_what_is_back_in_place(tx, session)
    elif before is not None:
        await put_right(tx, session)
    await advance(tx, session)


async def on_session_refused(event: SessionRefused, tx: Transaction) -> None:
    """Nobody is charged, nothing is claimed."""
    session = replace(await session_of(tx, event.client_id, event.session_id), refused=True)
    save_session(tx, session)


async def on_account_paused(event: AccountPaused, tx: Transaction) -> None:
    """Claims that would fail wait."""
    client = await client_of(tx, event.client_id)
    tx.save(CLIENTS, replace(client, pause_id=event.pause_id, paused_on=event.paused_on))


async def on_account_unpaused(event: AccountUnpaused, tx: Transaction) -> None:
    """What was denied for coordination goes again, what was held goes on."""
    client = await client_of(tx, event.client_id)
    tx.save(CLIENTS, replace(client, pause_id=None, paused_on=None))
    for session in await open_sessions(tx, event.client_id):
        if in_order(session, event.order):
            await resume_after_pause(tx, session)
            await advance(tx, session)
        else:
            # Only coverage's decision moves claims: the one on this session comes, and takes it to the new order.
            due = tx.now + _DECISION_WITHIN
            tx.schedule("look", session.client_id, session.session_id, due, resume=True)


async def on_client(event: ClientDetails, tx: Transaction) -> None:
    """Keep who the patient is."""
    client = await client_of(tx, event.client_id)
    tx.save(CLIENTS, replace(client, details=ClientRegistered.model_validate(event.model_dump())))
    if client.details is not None:
        await look_again(tx, event.client_id)
        await send_refused_again(tx, event.client_id)


async def on_plans_entered(event: PlansEntered, tx: Transaction) -> None:
    """Keep the plans as the cards have them."""
    for plan in event.plans:
        tx.save(PLANS, Plan(event.client_id, plan.plan_id, plan))
    await look_again(tx, event.client_id)
    await send_refused_again(tx, event.client_id)


async def on_payer_listed(event: PayerListed, tx: Transaction) -> None:
    """Keep the payer's name and limits."""
    tx.save(PAYERS, Payer(event.payer_id, event))


async def on_provider_listed(event: ProviderListed, tx: Transaction) -> None:
    """Keep who renders services."""
    tx.save(PROVIDERS, Provider(event.provider_id, event))


HANDLERS = wired(
    wire(SessionConfirmed, on_session_confirmed),
    wire(SessionCompleted, on_session_completed),
    wire(SessionCancelled, on_session_cancelled),
    wire(SessionCleared, on_session_cleared),
    wire(SessionRefused, on_session_refused),
    wire(AccountPaused, on_account_paused),
    wire(AccountUnpaused, on_account_unpaused),
    wire(ClientRegistered, on_client),
    wire(ClientChanged, on_client),
    wire(PlansEntered, on_plans_entered),
    wire(PayerListed, on_payer_listed),
    wire(ProviderListed, on_provider_listed),
    wire(RemittanceReceived, on_remittance_received),
    wire(AcknowledgmentReceived, on_acknowledgment_received),
    wire(InterchangeContinued, on_interchange_continued),
    wire(CoverageErased, on_coverage_erased),
    wire(Interchange, on_interchange),
)
