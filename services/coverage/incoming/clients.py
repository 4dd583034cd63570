"""What a client is and states: the details, the plans in the client's order, the answers to our questions."""

from dataclasses import replace
from datetime import timedelta

from services.coverage import store
from services.coverage.benefits import asking_payers
from services.coverage.incoming import redeciding
from services.coverage.incoming.asking_since_when import ask_since_when
from services.coverage.pauses import unpausing
from services.coverage.plans import entered_plans, former_plans, stated_facts
from services.coverage.plans.eligibility import Client
from services.coverage.settings import policy
from shared.events.clients import (
    BenefitsRequested,
    ClientChanged,
    ClientDetails,
    ClientRegistered,
    FactsStated,
    PlansEntered,
)
from shared.events.coverage import AnswerReceived, CoverageReviewRequested
from shared.events.topics import UPSTREAM_TOPICS
from shared.events.types import ClientEvent
from shared.runtime.late_or_wrong.refusal import Refusal, Told, refuse, refuse_earlier, told_by
from shared.runtime.timers import Timer
from shared.runtime.transaction import Transaction


async def on_client_details(event: ClientRegistered | ClientChanged, tx: Transaction) -> None:
    """Keep who the client is; where what payers know them by has changed, ask the payers again."""
    client = await store.client(tx, event.client_id)
    details = ClientDetails.model_validate(event.model_dump())
    if client.details == details or _refused(
        tx, event, entered_plans.impossible_birth(details.birth_date, "the client", tx.today)
    ):
        return
    known_before = client.details is not None
    asked_anew = known_before and entered_plans.identity(client.details) != entered_plans.identity(details)
    client = replace(client, details=details)
    tx.save(store.CLIENT, client)
    if asked_anew:
        await asking_payers.ask_all(tx, client)
    await redeciding.redecide(tx, event.client_id)


async def on_plans_entered(event: PlansEntered, tx: Transaction) -> None:
    """Keep the plans in the client's order, and ask the payers of those that are new or changed.

    A plan that the list leaves out stays as a former plan: order is per date of service, and a later change of coverage
    doesn't rewrite it.
    """
    client = await store.client(tx, event.client_id)
    if client.plans == event.plans:
        return
    problem = entered_plans.problem(event.plans, tx.today)
    if _refused(tx, event, problem):
        tx.save(store.CLIENT, replace(client, plans_refused=None if problem is None else problem[0]))
        return
    known = await tx.all(store.BENEFITS, event.client_id)
    was_active = {answer.plan_id for answer in known if answer.report.status == "active"}
    after, corrected = former_plans.with_list(client, event.plans, tx.today, was_active)
    await _forget(tx, event.client_id, corrected)
    after = replace(after, plans_refused=None)
    tx.save(store.CLIENT, after)
    await _ask_who_spoke_of_the_gone(tx, client, after)
    await unpausing.drop_issues_of_gone_plans(tx, after)
    await redeciding.redecide(tx, event.client_id)


async def _ask_who_spoke_of_the_gone(tx: Transaction, before: Client, after: Client) -> None:
    """Ask the payers that remain again, where what they or the client's calls said was about a plan that is gone."""
    gone = set(before.plan_ids or ()) - set(after.plan_ids or ())
    remaining = [plan_id for plan_id in after.plan_ids or () if plan_id in (before.plan_ids or ())]
    if not gone or not remaining:
        return
    spoke = {statement.plan_id for statement in await tx.all(store.STATEMENT, after.client_id)}
    answers = await tx.all(store.BENEFITS, after.client_id)
    spoke |= {answer.plan_id for answer in answers if answer.report.other_payers or answer.report.own_role}
    calls = await tx.all(store.CONFIRMATION, after.client_id)
    if any(call.primary_named in gone for call in calls):
        spoke |= set(remaining)
    asked = [plan_id for plan_id in remaining if plan_id in spoke]
    if asked:
        await asking_payers.ask_anew(tx, after, asked, tx.today)


def _refused(tx: Transaction, event: ClientEvent, problem: entered_plans.Problem | None) -> bool:
    """Whether it can't be taken; upstream and a person hear what to correct, and what was known stays."""
    if problem is None:
        return False
    reason, evidence = problem
    tx.publish(CoverageReviewRequested(client_id=event.client_id, reason=reason, evidence=evidence))
    refuse(tx, event, Refusal("impossible", evidence, problem=reason))
    return True


async def _forget(tx: Transaction, client_id: str, plans: frozenset[str]) -> None:
    """What payers said of a card that was wrong says nothing of the right one."""
    for row in await tx.all(store.BENEFITS, client_id):
        if row.plan_id in plans:
            tx.delete(store.BENEFITS, row.client_id, row.plan_id, row.date_of_service)
    for inquiry in await tx.all(store.INQUIRY, client_id):
        if inquiry.plan_id in plans:
            tx.delete(store.INQUIRY, inquiry.client_id, inquiry.trace)
    for statement in await tx.all(store.STATEMENT, client_id):
        if statement.plan_id in plans:
            tx.delete(store.STATEMENT, statement.client_id, statement.plan_id)


async def on_benefits_requested(event: BenefitsRequested, tx: Transaction) -> None:
    """Ask the payers anew, whatever is known; a plan that the client has not entered is for upstream to correct."""
    client = await store.client(tx, event.client_id)
    unknown = [plan_id for plan_id in event.plan_ids if client.plan(plan_id) is None]
    if unknown or not client.plans:
        evidence = f"plan {unknown[0]} is not entered" if unknown else "no plan is entered"
        reason = "benefits_of_unknown_plan"
        tx.publish(CoverageReviewRequested(client_id=event.client_id, reason=reason, evidence=evidence))
        refuse(tx, event, Refusal("not_known", f"{evidence}: publish plans.entered first", "plan_ids"))
    await asking_payers.ask_anew(tx, client, event.plan_ids, event.date_of_service or tx.today)


async def on_facts_stated(event: FactsStated | AnswerReceived, tx: Transaction) -> None:
    """Add what the client stated to what is known, and decide with it.

    What is stated of a plan may come before the plan: upstream hears of it after a while, where that never comes.
    """
    client = await store.client(tx, event.client_id)
    not_entered = {field: plan_id for field, plan_id in _plans_named(event).items() if not client.plan_ever(plan_id)}
    if not_entered and event.topic in UPSTREAM_TOPICS:
        patience = timedelta(hours=policy().directory_patience_hours)
        tx.schedule("facts", event.client_id, tx.cause.id, tx.now + patience, plans=not_entered, told=told_by(tx))
    stated = stated_facts.merged(client.stated, event, tx.today)
    if stated == client.stated or _refused(tx, event, entered_plans.stated_problem(event, stated, tx.today)):
        return
    tx.save(store.CLIENT, replace(client, stated=stated))
    await redeciding.redecide(tx, event.client_id)
    if len(stated.assumed) > len(client.stated.assumed):
        await ask_since_when(tx, event.client_id)


def _plans_named(event: FactsStated) -> dict[str, str]:
    """The plans that must be there for what is stated, each under the field that names it."""
    billed_first = {} if event.billed_first is None else {"billed_first": event.billed_first}
    return {f"plans.{plan_id}": plan_id for plan_id in event.plans} | billed_first


async def on_facts_of_no_plan(timer: Timer, tx: Transaction) -> None:
    """Something was stated of plans a while ago: upstream hears which of them were never entered."""
    client = await store.client(tx, timer.client_id)
    missing = {field: plan_id for field, plan_id in timer.data["plans"].items() if not client.plan_ever(plan_id)}
    if not missing:
        return
    plans = ", ".join(dict.fromkeys(missing.values()))
    what_to_do = f"not entered: {plans}. Is the id right? What was stated is kept, and counts once the plan is entered"
    refusal = Refusal("not_known", what_to_do, next(iter(missing)))
    refuse_earlier(tx, FactsStated(client_id=timer.client_id), refusal, Told(**timer.data["told"]))
