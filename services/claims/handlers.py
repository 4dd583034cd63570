"""What claims does with each event: remember the fact, then let `billing.advance` do what is due.

The primary's claim goes once the session is cleared and completed; each later payer's follows the decision before it.
"""

from dataclasses import replace

from services.claims.acknowledgments.acknowledging import on_acknowledgment_received
from services.claims.claim.store import client_of, open_sessions, save_session, session_of
from services.claims.claim.tables import CLIENTS, PAYERS, PLANS, PROVIDERS, Clearance, Payer, Plan, Provider
from services.claims.filing.advancing import advance
from services.claims.filing.correcting import cancel, reorder, resume_after_pause
from services.claims.interchanges.receiving import on_interchange, on_interchange_continued
from services.claims.remittances.posting import on_remittance_received
from shared.events.claims import AcknowledgmentReceived, InterchangeContinued, RemittanceReceived
from shared.events.clients import ClientChanged, ClientDetails, ClientRegistered, PlansEntered
from shared.events.coverage import (
    AccountPaused,
    AccountUnpaused,
    CoordinationUndetermined,
    PlansCoordinated,
    SessionCleared,
    SessionRefused,
)
from shared.events.directory import PayerListed, ProviderListed
from shared.events.sessions import SessionCancelled, SessionCompleted, SessionConfirmed
from shared.runtime.interchange import Interchange
from shared.runtime.service import wire, wired
from shared.runtime.transaction import Transaction


async def on_session_confirmed(event: SessionConfirmed, tx: Transaction) -> None:
    """Keep what took place: procedures, place, diagnoses."""
    session = replace(await session_of(tx, event.client_id, event.session_id), confirmed=event)
    save_session(tx, session)
    await advance(tx, session)


async def on_session_completed(event: SessionCompleted, tx: Transaction) -> None:
    """It took place: claims may go."""
    session = replace(await session_of(tx, event.client_id, event.session_id), completed=True)
    save_session(tx, session)
    await advance(tx, session)


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
    session = replace(session, cleared=Clearance.of(event), refused=False)
    save_session(tx, session)
    if before is not None and before.plans != event.plans:
        await reorder(tx, session, before)
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
        await resume_after_pause(tx, session, event.order)
        await advance(tx, session)


async def on_undetermined(event: CoordinationUndetermined, tx: Transaction) -> None:
    """Claims wait for the client's answer, for a while."""
    client = await client_of(tx, event.client_id)
    tx.save(CLIENTS, replace(client, undetermined_since=client.undetermined_since or tx.today))


async def on_plans_coordinated(event: PlansCoordinated, tx: Transaction) -> None:
    """The order is known: claims that waited for it go on."""
    client = await client_of(tx, event.client_id)
    if client.undetermined_since is None:
        return
    tx.save(CLIENTS, replace(client, undetermined_since=None))
    for session in await open_sessions(tx, event.client_id):
        await advance(tx, session)


async def on_client(event: ClientDetails, tx: Transaction) -> None:
    """Keep who the patient is."""
    client = await client_of(tx, event.client_id)
    tx.save(CLIENTS, replace(client, details=ClientRegistered.model_validate(event.model_dump())))


async def on_plans_entered(event: PlansEntered, tx: Transaction) -> None:
    """Keep the plans as the cards have them."""
    for plan in event.plans:
        tx.save(PLANS, Plan(event.client_id, plan.plan_id, plan))


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
    wire(CoordinationUndetermined, on_undetermined),
    wire(PlansCoordinated, on_plans_coordinated),
    wire(ClientRegistered, on_client),
    wire(ClientChanged, on_client),
    wire(PlansEntered, on_plans_entered),
    wire(PayerListed, on_payer_listed),
    wire(ProviderListed, on_provider_listed),
    wire(RemittanceReceived, on_remittance_received),
    wire(AcknowledgmentReceived, on_acknowledgment_received),
    wire(InterchangeContinued, on_interchange_continued),
    wire(Interchange, on_interchange),
)
