"""The page with the one question whose answer decides which plan pays first."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.coverage import store
from services.coverage.incoming.coordinating_plans import UNDETERMINED, fact_name
from services.coverage.pages import page_answers
from services.coverage.pages.page_answers import Asked, FieldError
from services.coverage.pages.page_view import Seen, View
from services.coverage.plans.eligibility import Client
from services.coverage.store import Coordination
from shared.runtime.transaction import Transaction


async def show(tx: Transaction, subject: Mapping[str, str], seen: Seen) -> View:
    """The question that is open now; the one of an older letter may be answered since."""
    client, question = await _open(tx, subject)
    return await _view(tx, client, question, typed=seen.typed, received=seen.done is not None)


async def take(tx: Transaction, subject: Mapping[str, str], form: Mapping[str, str]) -> View:
    """Publish the answer, or show the question again with what is wrong with the form."""
    client, question = await _open(tx, subject)
    if question is None or question.missing is None:
        return await _view(tx, client, question)
    fields = page_answers.asked(question.missing, client.plans or ())
    if not fields:
        return await _view(tx, client, question)
    name = fact_name(question.missing)
    event, errors = page_answers.question_answer(client.client_id, name, fields, form, tx.today)
    if event is None:
        return await _view(tx, client, question, errors=errors, typed=form)
    tx.publish(event)
    return View("question.html", None, {}, done="yes")


async def _open(tx: Transaction, subject: Mapping[str, str]) -> tuple[Client, Coordination | None]:
    client = await store.client(tx, subject["client_id"])
    last = await store.last_coordination(tx, client.client_id)
    return client, last if last is not None and last.kind == UNDETERMINED else None


async def _view(
    tx: Transaction,
    client: Client,
    question: Coordination | None,
    *,
    errors: Sequence[FieldError] = (),
    typed: Mapping[str, str] | None = None,
    received: bool = False,
) -> View:
    fields = page_answers.asked(question.missing or "", client.plans or ()) if question is not None else ()
    payers = await store.payers_of(tx, {plan.payer_id for plan in client.plans or ()})
    names = {
        plan.plan_id: payers[plan.payer_id].name if plan.payer_id in payers else plan.payer_id
        for plan in client.plans or ()
    }
    facts: dict[str, Any] = {
        "open": question is not None,
        "received": received,
        "form_id": None if received or not fields else "answer",
        "fields": [_shown(field, names, (typed or {}).get(field.name, "")) for field in fields],
        "errors": [{"id": error.field, "word": error.word} for error in errors],
    }
    language = client.details.language if client.details is not None else None
    return View("question.html", language, facts, status=422 if errors else 200)


def _shown(one: Asked, names: Mapping[str, str], typed: str) -> dict[str, Any]:
    """A field as the template takes it."""
    value = typed[: page_answers.SHOWN_AGAIN]
    if one.kind == "date":
        day = page_answers.read_day(value)
        value = day.isoformat() if day is not None else ""
    return {
        "name": one.name,
        "fact": one.fact,
        "kind": one.kind,
        "choices": one.choices,
        "label": names.get(one.plan_id or "", ""),
        "value": value,
    }
