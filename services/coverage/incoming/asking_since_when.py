"""Asks the client when a changed fact began, where the order of an earlier session depends on it."""

from datetime import timedelta

from services.coverage import store
from services.coverage.plans.since_when import SINCE, sessions_that_depend
from services.coverage.plans.working_order import working_order
from services.coverage.settings import policy
from shared.events.coverage import CoordinationUndetermined, CoverageReviewRequested
from shared.runtime.timers import Timer
from shared.runtime.transaction import Transaction

_PERSON_AFTER = timedelta(days=14)


async def ask_since_when(tx: Transaction, client_id: str) -> None:
    """Ask on the question page, and a person where no answer comes; sessions before keep their order meanwhile."""
    situation = await store.situation(tx, client_id, policy().benefits_fresh_days)
    if not sessions_that_depend(situation, await store.undecided_sessions(tx, client_id)):
        return
    about = {plan_id for change in situation.client.stated.assumed for plan_id in change.plans}
    tx.publish(
        CoordinationUndetermined(
            client_id=client_id,
            missing=SINCE,
            question=f"On which day did what you told us on {tx.today} begin?",
            fallback=working_order(situation, tx.today).order,
            about=tuple(plan.plan_id for plan in situation.plans if plan.plan_id in about),
        )
    )
    tx.schedule("since", client_id, "", tx.now + _PERSON_AFTER)


async def on_since_unanswered(timer: Timer, tx: Transaction) -> None:
    """The client has not said since when: a person asks, where it still matters."""
    situation = await store.situation(tx, timer.client_id, policy().benefits_fresh_days)
    sessions = sessions_that_depend(situation, await store.undecided_sessions(tx, timer.client_id))
    if sessions:
        evidence = f"stated without since, and not answered; it would change the order of {', '.join(sessions)}"
        reason = "fact_changed_without_since"
        tx.publish(CoverageReviewRequested(client_id=timer.client_id, reason=reason, evidence=evidence[:2_000]))
