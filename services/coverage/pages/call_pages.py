"""The pages that take what an insurer said on the phone: in a pause, and once a year."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.coverage import store
from services.coverage.incoming import confirming
from services.coverage.pages import page_answers
from services.coverage.pages.page_answers import FieldError
from services.coverage.pages.page_view import View
from services.coverage.pauses import pausing, recertification
from services.coverage.pauses.pause import ConfirmationRefusal
from services.coverage.plans.eligibility import Client
from services.coverage.rows import ANSWERED, OPEN, STILL_OPEN
from services.coverage.settings import policy
from shared.events.coverage import ConfirmationReceived, PayerToCall
from shared.runtime.transaction import Transaction

_FIELDS = ("reference", "called_on", "plan", "representative")


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls that a client is asked to make, and the insurers whose answer we have."""

    client: Client
    to_make: tuple[PayerToCall, ...]
    answered: tuple[str, ...] = ()


async def in_pause(tx: Transaction, subject: Mapping[str, str]) -> Calls:
    """The calls of the pause that the link is about."""
    client = await store.client(tx, subject["client_id"])
    current = await store.open_pause(tx, client.client_id)
    if current is None or current.pause_id != subject.get("pause_id", current.pause_id):
        return Calls(client, ())
    situation = await store.situation(tx, client.client_id, policy().benefits_fresh_days)
    issues = await store.issues_of(tx, current)
    calls = [await pausing.to_call_about(tx, situation, issue) for issue in issues if issue.state in (OPEN, STILL_OPEN)]
    answered = [await pausing.to_call_about(tx, situation, issue) for issue in issues if issue.state == ANSWERED]
    return Calls(client, tuple(calls), tuple(call.payer_name for call in answered))


async def once_a_year(tx: Transaction, subject: Mapping[str, str]) -> Calls:
    """The yearly call with the payer that the link is about, around the time when it is due."""
    client = await store.client(tx, subject["client_id"])
    payer_id = subject["payer_id"]
    known = await tx.one(store.CONFIRMATION, client.client_id, payer_id)
    plans = client.plans_of(payer_id)
    if known is None or not plans or not recertification.is_expected(known.due_on, tx.today):
        return Calls(client, ())
    listed = (await store.payers_of(tx, [payer_id])).get(payer_id)
    call = PayerToCall(
        payer_id=payer_id,
        plan_id=plans[0].plan_id,
        payer_name=listed.name if listed is not None else payer_id,
        phone=listed.member_phone if listed is not None else None,
        hours=listed.member_hours if listed is not None else None,
        cause="recertification",
        opened_on=tx.today,
    )
    return Calls(client, (call,))


@dataclass(frozen=True, slots=True)
class CallsPage:
    """The page of one purpose; both show the same form for each call."""

    template: str
    yearly: bool

    async def show(self, tx: Transaction, subject: Mapping[str, str]) -> View:
        """The calls to make, each with its form."""
        return await self._view(tx, await self._calls(tx, subject))

    async def take(self, tx: Transaction, subject: Mapping[str, str], form: Mapping[str, str]) -> View:
        """Publish the answer about one call; or show the form again with what is wrong with it."""
        calls = await self._calls(tx, subject)
        named = [call.payer_id for call in calls.to_make]
        if form.get("call") not in named:  # answered meanwhile, such as by the same button a second time
            return await self._view(tx, calls)
        at = named.index(form["call"])
        call = calls.to_make[at]
        event, errors = await self._event(tx, calls, call, form)
        if event is None:
            return await self._view(tx, calls, wrong=at, errors=errors, typed=form)
        tx.publish(event)
        rest = tuple(waiting for waiting in calls.to_make if waiting is not call)
        answered = (*calls.answered, call.payer_name)
        return await self._view(tx, Calls(calls.client, rest, answered), received=True)

    async def _calls(self, tx: Transaction, subject: Mapping[str, str]) -> Calls:
        return await (once_a_year(tx, subject) if self.yearly else in_pause(tx, subject))

    async def _event(
        self, tx: Transaction, calls: Calls, call: PayerToCall, form: Mapping[str, str]
    ) -> tuple[ConfirmationReceived | None, list[FieldError]]:
        client_id = calls.client.client_id
        if self.yearly and form.get("one_plan") == "yes":
            return await self._checked(tx, page_answers.one_plan(client_id, call.payer_id, tx.today))
        plans = tuple(plan.plan_id for plan in calls.client.plans or ())
        answer, errors = page_answers.call_answer(form, plans, tx.today)
        if errors:
            return None, errors
        return await self._checked(tx, page_answers.confirmation(client_id, call.payer_id, answer))

    async def _checked(
        self, tx: Transaction, event: ConfirmationReceived
    ) -> tuple[ConfirmationReceived | None, list[FieldError]]:
        """The event where it will count; else what is wrong with it."""
        known = await tx.one(store.CONFIRMATION, event.client_id, event.payer_id)
        reason = await confirming.refusal(event, tx, known)
        return (event, []) if reason is None else (None, [_as_error(reason)])

    async def _view(
        self,
        tx: Transaction,
        calls: Calls,
        *,
        wrong: int = 0,
        errors: Sequence[FieldError] = (),
        typed: Mapping[str, str] | None = None,
        received: bool = False,
    ) -> View:
        payers = await store.payers_of(tx, {plan.payer_id for plan in calls.client.plans or ()})
        plans = [
            {"id": plan.plan_id, "name": payers[plan.payer_id].name if plan.payer_id in payers else plan.payer_id}
            for plan in calls.client.plans or ()
        ]
        facts: dict[str, Any] = {
            "calls": [_shown(call, at, typed if at == wrong else None) for at, call in enumerate(calls.to_make)],
            "answered": calls.answered,
            "plans": plans,
            "received": received,
            "today": tx.today.isoformat(),
            "errors": [{"id": f"{error.field}-{wrong + 1}", "word": error.word} for error in errors],
        }
        language = calls.client.details.language if calls.client.details is not None else None
        return View(self.template, language, facts, status=422 if errors else 200)


def _as_error(reason: ConfirmationRefusal) -> FieldError:
    return FieldError(page_answers.FIELD_OF.get(reason, "reference"), reason.value)


def _shown(call: PayerToCall, at: int, typed: Mapping[str, str] | None) -> dict[str, Any]:
    """One call as the templates take it; what was typed comes back, cut to what anybody would type."""
    values = {name: (typed or {}).get(name, "")[: page_answers.SHOWN_AGAIN] for name in _FIELDS}
    day = page_answers.read_day(values["called_on"])
    return {
        "number": at + 1,
        "payer_id": call.payer_id,
        "name": call.payer_name,
        "phone": call.phone,
        "dial": re.sub(r"[^0-9+]", "", call.phone or ""),
        "hours": call.hours,
        "fields": {**values, "called_on": day.isoformat() if day is not None else ""},
    }


COORDINATION = CallsPage("coordination.html", yearly=False)
RECERTIFICATION = CallsPage("recertification.html", yearly=True)
