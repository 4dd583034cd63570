"""What happens elsewhere becomes letters here. Each handler only notes that a letter is due, and why.

The facts are filled in when the letter is sent (`composition`): by then the client and the directory are known,
whatever order the topics came in.
"""

from dataclasses import replace
from datetime import datetime

from services.notification.erasing import on_settlement_erased
from services.notification.letters.letter_kinds import letter_kind
from services.notification.matters import ORDER, SINCE, matter_of, named_plan, visit
from services.notification.store import (
    CLIENT_PLANS,
    CONFIRMATIONS,
    LAST_WORDS,
    LETTERS,
    PAUSES,
    PAYERS,
    PROVIDERS,
    RECIPIENTS,
    ClientPlan,
    Confirmed,
    LastWord,
    LetterRow,
    Pause,
    Payer,
    Provider,
    Recipient,
)
from shared.events.clients import ClientChanged, ClientDetails, ClientRegistered, PlansEntered
from shared.events.coverage import (
    AccountPaused,
    AccountUnpaused,
    ConfirmationAccepted,
    CoordinationReminderDue,
    CoordinationStillOpen,
    CoordinationUndetermined,
    CoverageLinkRequested,
    PlansCoordinated,
    PlanStated,
    PlanUnentered,
    RecertificationDue,
    SecondaryNotBillable,
    SessionCleared,
    SessionRefused,
)
from shared.events.directory import OpeningHours, PayerListed, ProviderListed
from shared.events.erasure import SettlementErased
from shared.events.notification import LinksEnded
from shared.events.settlement import ClientCharged, CostFinalized, CostOverdue, SettlementLinkRequested
from shared.events.types import ClientEvent, LinkRequest
from shared.fact_ids import FactIds
from shared.runtime.service import wire, wired
from shared.runtime.transaction import Transaction

_LETTERS = FactIds("0d6c4a52-3c0f-5b7e-8a51-5a0c8f2f7a11")


async def ask_once(
    tx: Transaction, letter: str, event: ClientEvent, *fact: object, provider_id: str | None = None
) -> None:
    """Note that a letter is due, once a business fact: `fact` names it beside the client and the letter."""
    identity = "|".join(map(str, (letter, event.client_id, provider_id or "", *fact)))
    letter_id = _LETTERS.of(identity)
    row = LetterRow(
        client_id=event.client_id,
        letter_id=letter_id,
        letter=letter,
        provider_id=provider_id,
        urgent=letter_kind(letter).urgent,
        cause=type(event).noun_verb,
        data=event.model_dump(mode="json"),
        asked_at=tx.now,
        state="ready",
        not_before=tx.now,
        traceparent=tx.cause.traceparent,
    )
    tx.add(LETTERS, row)
    tx.save(LAST_WORDS, LastWord(event.client_id, matter_of(letter, row.data, provider_id), letter_id))


def settled(tx: Transaction, event: ClientEvent, matter: str) -> None:
    """A fact leaves nothing to say on the matter: what is not sent yet need not be."""
    tx.save(LAST_WORDS, LastWord(event.client_id, matter, None))


async def on_client(event: ClientDetails, tx: Transaction) -> None:
    """Keep how the client is reached; a new address is no longer suppressed, and links sent to another one end."""
    before = await tx.one(RECIPIENTS, event.client_id)
    reason = _why_links_end(before, event)
    version = (before.link_version if before is not None else 0) + (reason is not None)
    if reason is not None:
        tx.publish(LinksEnded(client_id=event.client_id, version=version, reason=reason))
    since, suppressed = _of_address(before, event.email, tx)
    row = Recipient(
        client_id=event.client_id,
        first_name=event.first_name,
        last_name=event.last_name,
        email=event.email,
        email_since=since,
        language=event.language,
        letters=event.letters,
        lives_in=event.address.state,
        suppressed=suppressed,
        link_version=version,
    )
    tx.save(RECIPIENTS, row)


def _why_links_end(before: Recipient | None, event: ClientDetails) -> str | None:
    """Why the links sent so far must not open any more, or None."""
    if before is None or before.email is None:
        return None
    if before.email != event.email:
        return "address_changed"
    return "letters_off" if event.letters == "none" and before.letters != "none" else None


def _of_address(before: Recipient | Provider | None, email: str | None, tx: Transaction) -> tuple[datetime, str | None]:
    """Since when the address is this one, and whether it is suppressed."""
    if before is None or before.email != email:
        return tx.now, None
    return before.email_since, before.suppressed


async def on_plans_entered(event: PlansEntered, tx: Transaction) -> None:
    """Keep which payer each plan is of, in the client's order; the names of former plans are still needed."""
    entered = {plan.plan_id for plan in event.plans}
    for former in await tx.all(CLIENT_PLANS, event.client_id):
        if former.plan_id not in entered:
            tx.save(CLIENT_PLANS, replace(former, place=-1))
    for place, plan in enumerate(event.plans):
        row = ClientPlan(event.client_id, plan.plan_id, plan.payer_id, plan.subscriber.relation, place)
        tx.save(CLIENT_PLANS, row)


async def on_payer_listed(event: PayerListed, tx: Transaction) -> None:
    """Keep the payer's public name and its line for members."""
    hours = OpeningHours(opening=event.opening, time_zone=event.time_zone)
    tx.save(PAYERS, Payer(event.payer_id, event.name, event.member_phone, event.member_hours, hours))


async def on_provider_listed(event: ProviderListed, tx: Transaction) -> None:
    """Keep how the provider is reached."""
    before = await tx.one(PROVIDERS, event.provider_id)
    since, suppressed = _of_address(before, event.email, tx)
    name = f"{event.first_name} {event.last_name}"
    tx.save(PROVIDERS, Provider(event.provider_id, name, event.email, since, suppressed))


async def on_account_paused(event: AccountPaused, tx: Transaction) -> None:
    """The client learns whom to call and what to say, anew for each payer; each provider that all is well, once."""
    issues = tuple(issue.model_dump(mode="json") for issue in event.issues)
    tx.save(PAUSES, Pause(event.client_id, event.pause_id, event.paused_on, is_open=True, issues=issues))
    payers = ",".join(sorted(issue.payer_id for issue in event.issues))
    await ask_once(tx, "coordination-issue", event, event.pause_id, payers)
    for provider_id in event.provider_ids:
        await ask_once(tx, "provider-client-paused", event, event.pause_id, provider_id=provider_id)


async def on_reminder_due(event: CoordinationReminderDue, tx: Transaction) -> None:
    """Remind, with a fresh link."""
    await ask_once(tx, "coordination-reminder", event, event.pause_id, event.day)


async def on_still_open(event: CoordinationStillOpen, tx: Transaction) -> None:
    """The insurer still says otherwise: coverage says so once an answer, and each answer gets its letter."""
    confirmed = await tx.one(CONFIRMATIONS, event.client_id, event.issue.payer_id)
    answer = confirmed.confirmed_on if confirmed is not None else ""
    await ask_once(tx, "coordination-still-open", event, event.pause_id, event.issue.payer_id, answer)


async def on_confirmation_accepted(event: ConfirmationAccepted, tx: Transaction) -> None:
    """Keep the day of the client's answer, and when it came to count."""
    tx.save(CONFIRMATIONS, Confirmed(event.client_id, event.payer_id, event.confirmed_on, tx.now))


async def on_account_unpaused(event: AccountUnpaused, tx: Transaction) -> None:
    """All goes on; what was still to be said about the pause needs no saying any more."""
    pause = await tx.one(PAUSES, event.client_id)
    if pause is not None and pause.pause_id == event.pause_id:
        tx.save(PAUSES, replace(pause, is_open=False))
    await ask_once(tx, "account-unpaused", event, event.pause_id)


async def on_plans_coordinated(event: PlansCoordinated, tx: Transaction) -> None:
    """A friendly word, only where we changed the client's order; an earlier question or change is out of date."""
    settled(tx, event, ORDER)
    if event.reordered:
        await ask_once(tx, "plans-reordered", event, ">".join(event.order), event.from_day)


async def on_undetermined(event: CoordinationUndetermined, tx: Transaction) -> None:
    """The one question that decides."""
    again = (event.question,) if event.missing == SINCE else ()  # each change is asked about, by the day it was stated
    await ask_once(tx, "coordination-question", event, event.missing, ">".join(event.fallback), *again)


async def on_plan_unentered(event: PlanUnentered, tx: Transaction) -> None:
    """Ask for the plan that an insurer names."""
    await ask_once(tx, "plan-unknown", event, event.named_by, event.payer_id or event.name)


async def on_plan_stated(event: PlanStated, tx: Transaction) -> None:
    """The client has answered whether there is such a plan."""
    settled(tx, event, named_plan(event.named_by))


async def on_recertification_due(event: RecertificationDue, tx: Transaction) -> None:
    """The yearly question, 60, 30 and 7 days before."""
    await ask_once(tx, "recertification-due", event, event.payer_id, event.due_on, event.days_before)


async def on_secondary_not_billable(event: SecondaryNotBillable, tx: Transaction) -> None:
    """Told once for a plan, a provider and a reason."""
    await ask_once(tx, "secondary-not-billable", event, event.plan_id, event.provider_id, event.reason)


async def on_session_refused(event: SessionRefused, tx: Transaction) -> None:
    """A visit cannot be confirmed."""
    await ask_once(tx, "session-refused", event, event.session_id, event.reason)


async def on_session_cleared(event: SessionCleared, tx: Transaction) -> None:
    """A visit that was refused can be confirmed after all."""
    if event.decision > 1:
        settled(tx, event, visit(event.session_id))


async def on_link_requested(event: LinkRequest, tx: Transaction) -> None:
    """A client whose link has ended asked for a new one; often on one day is once."""
    await ask_once(tx, "new-link", event, event.purpose, event.about, tx.today)


async def on_client_charged(event: ClientCharged, tx: Transaction) -> None:
    """What was charged, on the primary's estimate alone."""
    if event.purpose == "estimate":
        await ask_once(tx, "session-charged", event, event.session_id)


async def on_cost_finalized(event: CostFinalized, tx: Transaction) -> None:
    """The final cost, once an edition; at the end of the 90 days the overdue letter speaks instead."""
    if event.reason != "waited_90_days":
        await ask_once(tx, _letter_of(event), event, event.session_id, event.edition)


def _letter_of(event: CostFinalized) -> str:
    if event.reason == "session_cancelled":
        return "session-cancelled"
    if event.refund_cents > 0:
        return "cost-final-refund"
    return "cost-final-balance" if event.refund_cents < 0 and event.forgiven_cents == 0 else "cost-final-unchanged"


async def on_cost_overdue(event: CostOverdue, tx: Transaction) -> None:
    """The 90 days are over and the cost is open; told again where more comes back before the answer does."""
    again = (event.edition,) if event.paid_cents is not None else ()
    await ask_once(tx, "cost-overdue", event, event.session_id, *again)


HANDLERS = wired(
    wire(ClientRegistered, on_client),
    wire(ClientChanged, on_client),
    wire(PlansEntered, on_plans_entered),
    wire(PayerListed, on_payer_listed),
    wire(ProviderListed, on_provider_listed),
    wire(AccountPaused, on_account_paused),
    wire(CoordinationReminderDue, on_reminder_due),
    wire(CoordinationStillOpen, on_still_open),
    wire(ConfirmationAccepted, on_confirmation_accepted),
    wire(AccountUnpaused, on_account_unpaused),
    wire(PlansCoordinated, on_plans_coordinated),
    wire(CoordinationUndetermined, on_undetermined),
    wire(PlanUnentered, on_plan_unentered),
    wire(PlanStated, on_plan_stated),
    wire(RecertificationDue, on_recertification_due),
    wire(SecondaryNotBillable, on_secondary_not_billable),
    wire(SessionRefused, on_session_refused),
    wire(SessionCleared, on_session_cleared),
    wire(ClientCharged, on_client_charged),
    wire(CostFinalized, on_cost_finalized),
    wire(CostOverdue, on_cost_overdue),
    wire(SettlementErased, on_settlement_erased),
    wire(CoverageLinkRequested, on_link_requested),
    wire(SettlementLinkRequested, on_link_requested),
)
