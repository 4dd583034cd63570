"""Plans that an insurer names and the client never entered: asked for once, and what the client says of them."""

from dataclasses import replace

from services.coverage import store
from services.coverage.plans import other_payers
from services.coverage.plans.situation import Situation
from services.coverage.store import NamedPlan
from shared.events.coverage import CoverageReviewRequested, OtherPayer, PlanStated, PlanUnentered
from shared.runtime.transaction import Transaction


async def ask_for_unentered(tx: Transaction, situation: Situation) -> None:
    """Ask the client, once a plan, to enter what an insurer names; a second insurer that names it asks nothing new."""
    client_id = situation.client.client_id
    for plan in situation.plans:
        answer = situation.answer(plan.plan_id, tx.today)
        if answer is None:
            continue
        among = other_payers.Candidates(plan, situation.client.ever_entered, situation.names)
        for other in other_payers.unentered(answer.report, among, tx.today):
            name = other.name or situation.names.get(other.payer_id or "", "")
            await _ask(tx, client_id, plan.for_care(tx.today).payer_id, other, name)


async def _ask(tx: Transaction, client_id: str, named_by: str, other: OtherPayer, name: str) -> None:
    subject = other.payer_id or other.name.casefold()
    if not await store.tell_once(tx, client_id, f"unentered|{subject}"):
        return
    tx.save(store.NAMED_PLAN, NamedPlan(client_id, named_by, subject, name, other.payer_id, other.role))
    tx.publish(
        PlanUnentered(client_id=client_id, named_by=named_by, name=name, payer_id=other.payer_id, role=other.role)
    )


async def on_plan_stated(event: PlanStated, tx: Transaction) -> None:
    """Keep that the client answered. A plan they don't have is a wrong record of the insurer: a person sees to it."""
    for plan in await tx.all(store.NAMED_PLAN, event.client_id):
        if plan.named_by == event.named_by and plan.answered_on is None:
            tx.save(store.NAMED_PLAN, replace(plan, answered_on=tx.today))
    if not event.has_plan:
        tx.publish(
            CoverageReviewRequested(
                client_id=event.client_id,
                reason="named_plan_denied",
                evidence="the client does not have the plan that the payer names",
                payer_id=event.named_by,
            )
        )
