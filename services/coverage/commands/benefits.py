"""The command `benefits`: what payers say of a client's plans on a date, from when, how sure; and asking them anew."""

import argparse
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from services.coverage import store
from services.coverage.benefits import asking_payers
from services.coverage.plans import eligibility
from services.coverage.plans.eligibility import SILENT, WAITING, Benefits, Inquiry
from services.coverage.plans.situation import Situation
from services.coverage.plans.working_order import working_order
from services.coverage.settings import Settings, policy
from shared import clock
from shared.commands import operator_session
from shared.commands.command import UnreadableInputError, refused
from shared.database.postgres import Connection
from shared.events.clients import EnteredPlan
from shared.runtime.timers import TIMERS

Due = dict[tuple[str, str], datetime]
"""When a question is put again, or given up, by the timer's name and subject."""


def set_up(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("client_id", metavar="CLIENT_ID")
    parser.add_argument("--plan", metavar="PLAN_ID", help="this plan alone")
    parser.add_argument("--on", metavar="DATE", help="the date of service, such as 2026-03-01; today without it")
    parser.add_argument("--ask", action="store_true", help="ask the payers anew; the running service sends the 270s")


def run(arguments: argparse.Namespace) -> Any:
    """The JSON document of `benefits`.

    Raises UnreadableInputError: the date makes no sense, or the database does not answer. Raises RefusedError: there
    is no such client or plan, or nothing to ask with.
    """
    on = _day(arguments.on) or clock.today()

    async def act(connection: Connection) -> Any:
        return await shown(connection, arguments.client_id, arguments.plan, on, ask=arguments.ask)

    return operator_session.answer("coverage", Settings, act)


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise UnreadableInputError("--on: write a date such as 2026-03-01") from None


async def shown(connection: Connection, client_id: str, plan_id: str | None, on: date, *, ask: bool) -> dict[str, Any]:
    """What is known of the client's plans on the date; with `ask`, after the questions went into the outbox.

    Raises RefusedError.
    """
    async with operator_session.acting(connection, "coverage", [client_id], f"benefits:{clock.now()}") as tx:
        situation = await store.situation(tx, client_id, policy().benefits_fresh_days)
        plans = _wanted(situation, plan_id, on)
        asked: list[str] = []
        if ask:
            if situation.client.details is None:
                raise refused("client_not_registered", f"who client {client_id} is has not come yet")
            asked = await asking_payers.ask_anew(tx, situation.client, [plan.plan_id for plan in plans], on)
            situation = await store.situation(tx, client_id, policy().benefits_fresh_days)
        about = eligibility.asked_on(on, tx.today)
        due = {(timer.name, timer.subject): timer.due_at for timer in await tx.all(TIMERS, client_id)}
        working = working_order(situation, on)
        return {
            "client_id": client_id,
            "on": on.isoformat(),
            "order": list(working.order),
            "rule": working.rule,
            "provisional": working.marked,
            "asked": asked,
            "plans": [_plan(situation, plan, about, due) for plan in plans],
        }


def _wanted(situation: Situation, plan_id: str | None, on: date) -> Sequence[EnteredPlan]:
    """The plans that may count on the date, former ones too; only present ones are asked about by hand."""
    client, plans = situation.client, situation.may_count_on(on)
    if not plans:
        raise refused("no_plans", f"no plans are known of a client {client.client_id}")
    if plan_id is None:
        return plans
    plan = next((plan for plan in plans if plan.plan_id == plan_id), None)
    if plan is None:
        known = ", ".join(plan.plan_id for plan in plans)
        raise refused("unknown_plan", f"client {client.client_id} has no plan {plan_id}: there are {known}")
    return (plan,)


def _plan(situation: Situation, plan: EnteredPlan, about: date, due: Due) -> dict[str, Any]:
    """One plan: the answer that holds on the date, and the question that is on its way or met silence."""
    answer = situation.answer(plan.plan_id, about)
    payer_id = plan.for_care(about).payer_id
    return {
        "plan_id": plan.plan_id,
        "payer_id": payer_id,
        "payer_name": situation.names.get(payer_id),
        "status": "unknown" if answer is None else answer.report.status,
        "answer": None if answer is None else _answer(answer),
        "question": _question(situation, plan, about, due),
    }


def _answer(answer: Benefits) -> dict[str, Any]:
    """What a payer said, without names and member ids."""
    report = answer.report
    return {
        "date_of_service": report.date_of_service.isoformat(),
        "reported_at": answer.reported_at.isoformat(),
        "trace": report.trace,
        "plan_from": None if report.plan_from is None else report.plan_from.isoformat(),
        "plan_to": None if report.plan_to is None else report.plan_to.isoformat(),
        "relation": report.relation,
        "cost_share": report.cost_share.model_dump(mode="json"),
        "own_role": report.own_role,
        "other_payers": [
            {"name": other.name, "payer_id": other.payer_id, "role": other.role} for other in report.other_payers
        ],
        "overtaken": answer.overtaken,
        "problems": list(report.problems),
    }


def _question(situation: Situation, plan: EnteredPlan, about: date, due: Due) -> dict[str, Any] | None:
    """The last question about the plan near the date: whether it waits, was answered, or met silence."""
    asked = eligibility.asked_near(situation.inquiries, plan.plan_id, about)
    last: Inquiry | None = max(asked, key=lambda inquiry: (inquiry.asked_at, inquiry.state == WAITING), default=None)
    if last is None:
        return None
    subject = f"{last.plan_id}|{last.date_of_service}"
    again, given_up = due.get(("benefits.again", subject)), due.get(("benefits.silent", subject))
    waits = last.state == WAITING
    return {
        "state": "silent" if last.state == SILENT else "waiting" if waits else "answered",
        "date_of_service": last.date_of_service.isoformat(),
        "first_asked_at": last.first_asked_at.isoformat(),
        "asked_at": last.asked_at.isoformat(),
        "attempt": last.attempt,
        "rejections": [{"code": rejection.code, "follow_up": rejection.follow_up} for rejection in last.rejections],
        "next_try_at": again.isoformat() if waits and again is not None else None,
        "counts_as_silent_at": given_up.isoformat() if waits and given_up is not None else None,
    }
