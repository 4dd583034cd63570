"""The pages that take what an insurer said on the phone: in a pause, and once a year."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.coverage import store
from services.coverage.incoming import confirming
from services.coverage.pages import page_answers
from services.coverage.pages.page_answers import FieldError
from services.coverage.pages.page_view import Seen, View
from services.coverage.pauses import pausing, recertification
from services.coverage.pauses.member_line import member_line
from services.coverage.pauses.pause import ConfirmationRefusal
from services.coverage.plans.eligibility import Client
from services.coverage.rows import ANSWERED, OPEN, STILL_OPEN
from services.coverage.settings import policy
from shared.events.coverage import ConfirmationReceived, PayerToCall
from shared.pages.opening_words import hours_in_words
from shared.pages.page_frame import LANGUAGES
from shared.runtime.transaction import Transaction

ENDED = "ended"
_AT_FIRST = Seen()
_FIELDS = ("reference", "called_on", "plan", "representative")


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls that a client is asked to make, and the insurers whose answer we have."""

    client: Client
    to_make: tuple[PayerToCall, ...]
    answered: tuple[str, ...] = ()
    open_since: date | None = None

    def without(self, mark: str | None) -> "Calls":
        """As it will be once the answer just sent has been handled."""
        sent = [call for call in self.to_make if mark_of(call) == mark]
        rest = tuple(call for call in self.to_make if call not in sent)
        answered = dict.fromkeys((*self.answered, *(call.payer_name for call in sent)))
        return Calls(self.client, rest, tuple(answered), self.open_since)


def mark_of(call: PayerToCall) -> str:
    """A word for the call in the page's address that says nothing about anybody's insurer."""
    return hashlib.sha256(call.payer_id.encode()).hexdigest()[:10]


async def in_pause(tx: Transaction, subject: Mapping[str, str]) -> Calls:
    """The calls of the pause that is open, also where the link is of a letter about an earlier one."""
    client = await store.client(tx, subject["client_id"])
    current = await store.open_pause(tx, client.client_id)
    if current is None:
        pause = await tx.one(store.PAUSE, client.client_id, subject.get("pause_id", ""))
        opened_at = pause.unpaused_at if pause is not None else None
        return Calls(client, (), open_since=opened_at.date() if opened_at is not None else None)
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
        **member_line(payer_id, listed),
        plan_id=plans[0].plan_id,
        cause="recertification",
        opened_on=tx.today,
    )
    return Calls(client, (call,))


@dataclass(frozen=True, slots=True)
class CallsPage:
    """The page of one purpose; both show the same form for each call."""

    template: str
    yearly: bool

    async def show(self, tx: Transaction, subject: Mapping[str, str], seen: Seen) -> View:
        """The calls to make, each with its fields."""
        calls = (await self._calls(tx, subject)).without(seen.done)
        return await self._view(tx, calls, typed=seen.typed, seen=seen)

    async def take(self, tx: Transaction, subject: Mapping[str, str], form: Mapping[str, str]) -> View:
        """Publish the answer about one call; or show the form again with what is wrong with it."""
        calls = await self._calls(tx, subject)
        at = _meant(calls.to_make, form)
        if at is None:  # answered meanwhile, such as by the same button a second time
            return await self._view(tx, calls)
        call = calls.to_make[at]
        if self.yearly and _about_an_end(form, call):
            return await self._ended(tx, calls, form)
        event, errors = await self._event(tx, calls, call, form)
        if event is None:
            return await self._view(tx, calls, wrong=at, errors=errors, typed=form)
        tx.publish(event)
        return View(self.template, None, {}, done=mark_of(call))

    async def _ended(self, tx: Transaction, calls: Calls, form: Mapping[str, str]) -> View:
        """A plan of the client's has ended: the order of benefits needs to know, and the insurer still asks."""
        plans = tuple(plan.plan_id for plan in calls.client.plans or ())
        event, errors = page_answers.plan_ended(calls.client.client_id, plans, form, tx.today)
        if event is None:
            return await self._view(tx, calls, errors=errors, typed=form)
        tx.publish(event)
        return View(self.template, None, {}, done=ENDED)

    async def _calls(self, tx: Transaction, subject: Mapping[str, str]) -> Calls:
        return await (once_a_year(tx, subject) if self.yearly else in_pause(tx, subject))

    async def _event(
        self, tx: Transaction, calls: Calls, call: PayerToCall, form: Mapping[str, str]
    ) -> tuple[ConfirmationReceived | None, list[FieldError]]:
        client_id = calls.client.client_id
        if self.yearly and form.get("one_plan") == "yes":
            if len(calls.client.plans or ()) > 1:
                return None, [FieldError("plan", "several_plans")]
            return await self._checked(tx, page_answers.one_plan(client_id, call.payer_id, tx.today))
        plans = tuple(plan.plan_id for plan in calls.client.plans or ())
        answer, errors = page_answers.call_answer(_typed_about(call, form), plans, tx.today)
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
        seen: Seen = _AT_FIRST,
    ) -> View:
        payers = await store.payers_of(tx, {plan.payer_id for plan in calls.client.plans or ()})
        plans = [
            {"id": plan.plan_id, "name": payers[plan.payer_id].name if plan.payer_id in payers else plan.payer_id}
            for plan in calls.client.plans or ()
        ]
        facts: dict[str, Any] = {
            "calls": [_shown(call, at, _typed_about(call, typed or {})) for at, call in enumerate(calls.to_make)],
            "answered": calls.answered,
            "plans": plans,
            "received": seen.done is not None,
            "ended": seen.done == ENDED,
            "open_since": calls.open_since,
            "form_id": "answer" if calls.to_make else None,
            "ended_plan": (typed or {}).get("ended_plan", ""),
            "ended_on": page_answers.day_typed((typed or {}).get("ended_on", "")),
            "today": tx.today.isoformat(),
            "errors": [{"id": f"{error.field}-{wrong + 1}", "word": error.word} for error in errors],
        }
        language = calls.client.details.language if calls.client.details is not None else None
        return View(self.template, language, facts, status=422 if errors else 200)


def _as_error(reason: ConfirmationRefusal) -> FieldError:
    return FieldError(page_answers.FIELD_OF.get(reason, "reference"), reason.value)


def _meant(calls: Sequence[PayerToCall], form: Mapping[str, str]) -> int | None:
    """Which call a form is about; the first that anything was typed about where the Enter key has sent it."""
    named = [call.payer_id for call in calls]
    if "call" in form:
        return named.index(form["call"]) if form["call"] in named else None
    begun = [at for at, call in enumerate(calls) if any(_typed_about(call, form).values())]
    return next(iter(begun), 0 if calls else None)


def _about_an_end(form: Mapping[str, str], call: PayerToCall) -> bool:
    """Whether a plan's end is sent: by its button, or by the Enter key where nothing was typed about the call."""
    if "ended" in form or "call" in form:
        return "ended" in form
    return bool(form.get("ended_plan") or form.get("ended_on")) and not any(_typed_about(call, form).values())


def _typed_about(call: PayerToCall, form: Mapping[str, str]) -> dict[str, str]:
    """What was typed about one call: all calls stand in one form, so that nothing typed is lost, whatever is sent.

    Each field's name ends in the call's mark; one without a mark is about the call that the form names.
    """
    plain: Mapping[str, str] = form if form.get("call") == call.payer_id else {}
    return {name: form.get(f"{name}-{mark_of(call)}", plain.get(name, "")) for name in _FIELDS}


def _shown(call: PayerToCall, at: int, typed: Mapping[str, str]) -> dict[str, Any]:
    """One call as the templates take it; what was typed comes back, cut to what anybody would type."""
    values = {name: value[: page_answers.SHOWN_AGAIN] for name, value in typed.items()}
    return {
        "number": at + 1,
        "mark": mark_of(call),
        "payer_id": call.payer_id,
        "name": call.payer_name,
        "phone": call.phone,
        "dial": re.sub(r"[^0-9+]", "", call.phone or ""),
        "hours": {language: hours_in_words(call, language) or call.hours for language in LANGUAGES},
        "fields": {**values, "called_on": page_answers.day_typed(values["called_on"])},
    }


COORDINATION = CallsPage("coordination.html", yearly=False)
RECERTIFICATION = CallsPage("recertification.html", yearly=True)
