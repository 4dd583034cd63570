"""The one decision on a session: cleared with plans and the primary's cost share, refused with the reason, or not yet.

Pure. Settlement and claims act on it alone, so it carries all they need.
"""

from dataclasses import dataclass
from datetime import date, datetime

from services.coverage.order import medicare
from services.coverage.order.facts import Kind, Plan
from services.coverage.pauses import pause
from services.coverage.plans import other_payers
from services.coverage.plans.eligibility import Client
from services.coverage.plans.situation import Situation
from services.coverage.plans.working_order import WorkingOrder, working_order
from services.coverage.rows import Directory, Pause
from services.coverage.sessions import network
from services.coverage.sessions.network import NotBillable, PlanOnDate
from shared.events.coverage import ClearedPlan, CostShare, MedicareSecondaryReason, SessionCleared, SessionRefused
from shared.events.sessions import SessionConfirmed
from shared.events.types import Level

LEVELS: tuple[Level, ...] = ("primary", "secondary", "tertiary")


@dataclass(frozen=True, slots=True)
class Undecided:
    """A confirmed session to decide on.

    `asked_on` is the date that the payers were asked about for it; `overdue`: it has waited long enough, so what is
    missing now counts as not there.
    """

    event: SessionConfirmed
    confirmed_at: datetime
    asked_on: date
    overdue: bool


def decide(
    session: Undecided, situation: Situation, directory: Directory, paused: Pause | None
) -> SessionCleared | SessionRefused | None:
    """The decision on a confirmed session, or None while facts are missing.

    The number of the decision is for the caller to set.
    """
    event, overdue = session.event, session.overdue
    if pause.refuses(paused, event.date_of_service, session.confirmed_at):
        return _refused(event, "account_paused", "The account is paused until the client has called the insurer.")
    plans = situation.may_count_on(event.date_of_service)
    if situation.client.plans is None or (plans and situation.client.details is None):
        return _nothing_known(event, situation.client) if overdue else None
    if plans and not situation.is_settled(session.asked_on) and not overdue:
        return None
    situation = situation.on(event.date_of_service)
    if not situation.plans:
        return _refused(event, "no_active_plan", "The client has entered no plan.")
    working = working_order(situation, event.date_of_service)
    if _lacks(working, situation, directory) and not overdue:
        return None
    missing = _not_listed(event, working, situation, directory)
    return missing or _decided(session, working, situation, directory)


def _nothing_known(event: SessionConfirmed, client: Client) -> SessionRefused:
    """The refusal where plans or the client have not come in time; a list that could not be taken is named as such."""
    if client.plans is None and client.plans_refused is not None:
        return _refused(event, client.plans_refused, "The client's plans could not be taken as they were entered.")
    if client.plans is None:
        return _refused(event, "no_active_plan", "No plans are known for this client.")
    return _refused(event, "client_not_registered", "Who the client is has not come.")


def _not_listed(
    event: SessionConfirmed, working: WorkingOrder, situation: Situation, directory: Directory
) -> SessionRefused | None:
    """The refusal where the directory lacks the provider or the first plan's payer: neither is out of network."""
    if directory.provider is None:
        return _refused(event, "provider_not_listed", f"Provider {event.provider_id} is not listed.")
    if not working.order:
        return None
    first = situation.client.plan(working.order[0])
    payer_id = None if first is None else first.for_care(event.date_of_service).payer_id
    if payer_id is not None and payer_id not in directory.payers:
        return _refused(event, "payer_not_listed", f"Payer {payer_id} is not listed.")
    return None


def _lacks(working: WorkingOrder, situation: Situation, directory: Directory) -> bool:
    """Whether the provider or a payer of the order is not listed yet."""
    if directory.provider is None:
        return True
    plans = [plan for plan in situation.plans if plan.plan_id in working.order]
    return any(plan.for_care(working.facts.on).payer_id not in directory.payers for plan in plans)


def _decided(
    session: Undecided, working: WorkingOrder, situation: Situation, directory: Directory
) -> SessionCleared | SessionRefused:
    event = session.event
    details, provider = situation.client.details, directory.provider
    assert provider is not None, "a session of an unlisted provider is refused before"
    state = event.state or (details.address.state if details is not None else provider.states[0])
    billing = network.billable_plans(
        [_on_date(situation, directory, plan, event.date_of_service) for plan in working.order],
        network.Contracts(directory.networks, directory.credentials, state, event.date_of_service),
        excluded=working.excluded,
        pays_as_primary=working.decision.pays_as_primary,
    )
    first = next(iter(working.order), None)
    if billing.refusal is not None or first is None:
        detail = billing.unbilled[0].reason.value if billing.unbilled else ""
        return _refused(event, str(billing.refusal or network.Refusal.NO_ACTIVE_PLAN), detail)
    reasons = {plan.id: plan.reason for plan in billing.unbilled}
    plans = [*working.order, *(exclusion.id for exclusion in working.excluded)]
    payers = {plan.plan_id: plan.for_care(event.date_of_service).payer_id for plan in situation.plans}
    sbr05: dict[str, MedicareSecondaryReason | None] = {
        plan.id: _medicare_reason(situation, working, plan.id) for plan in working.facts.plans if _is_card(plan)
    }
    return SessionCleared(
        client_id=event.client_id,
        session_id=event.session_id,
        provider_id=event.provider_id,
        date_of_service=event.date_of_service,
        confirmed_on=session.confirmed_at.date(),
        state=state,
        place=event.place,
        lines=event.lines,
        plans=tuple(
            ClearedPlan(
                plan_id=plan,
                payer_id=payers[plan],
                level=LEVELS[min(place, 2)],
                billable=plan in billing.billed,
                reason=_reason(reasons.get(plan)),
                medicare_secondary_reason=sbr05.get(plan) if place > 0 else None,
            )
            for place, plan in enumerate(plans)
        ),
        rule=working.rule,
        cost_share=_cost_share(situation, first, event.date_of_service),
        secondary_cost_share=(
            _cost_share(situation, working.order[1], event.date_of_service) if len(working.order) > 1 else None
        ),
        rate_payer_id=payers[first],
        marked=working.marked,
    )


def _is_card(plan: Plan) -> bool:
    return plan.kind is Kind.MEDICARE


def _medicare_reason(situation: Situation, working: WorkingOrder, card_id: str) -> MedicareSecondaryReason | None:
    """Why Medicare pays later: its own word on a plan before it, by which it reads the claim; else our rule's."""
    card, answer = situation.client.plan(card_id), situation.answer(card_id, working.facts.on)
    if card is not None and answer is not None and card_id in working.order:
        earlier = working.order[: working.order.index(card_id)]
        plans = [plan for plan in situation.plans if plan.plan_id in earlier]
        among = other_payers.Candidates(card, plans, situation.names)
        told = other_payers.secondary_reason(answer.report, among, working.facts.on)
        if told is not None:
            return told
    return medicare.secondary_reason(working.facts, working.order)


def _on_date(situation: Situation, directory: Directory, plan_id: str, on: date) -> PlanOnDate:
    plan, answer = situation.client.plan(plan_id), situation.answer(plan_id, on)
    assert plan is not None
    known = network.Coverage(answer.report.status) if answer is not None else network.Coverage.UNKNOWN
    payer_id = plan.for_care(on).payer_id
    return PlanOnDate(plan_id, payer_id, known, listed=payer_id in directory.payers)


def _reason(reason: NotBillable | None) -> str | None:
    """A plan for another kind of care shares no benefits, so there is nothing to coordinate."""
    if reason is NotBillable.NO_SHARED_BENEFIT:
        return NotBillable.NOT_SUBJECT_TO_COB.value
    return None if reason is None else reason.value


def _cost_share(situation: Situation, plan_id: str, on: date) -> CostShare:
    answer = situation.answer(plan_id, on)
    return CostShare() if answer is None else answer.report.cost_share


def _refused(event: SessionConfirmed, reason: str, detail: str) -> SessionRefused:
    return SessionRefused(
        client_id=event.client_id,
        session_id=event.session_id,
        provider_id=event.provider_id,
        date_of_service=event.date_of_service,
        reason=reason,
        detail=detail,
    )
