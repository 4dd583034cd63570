"""The page with the question whose answer decides which plan pays first, or since when a changed fact is so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.coverage import store
from services.coverage.incoming.coordinating_plans import UNDETERMINED, fact_name
from services.coverage.pages import page_answers, since_answers
from services.coverage.pages.page_answers import Asked, FieldError
from services.coverage.pages.page_view import Seen, View
from services.coverage.plans.eligibility import Client
from services.coverage.plans.since_when import SINCE, sessions_that_depend
from services.coverage.plans.stated_facts import Change
from services.coverage.settings import policy
from shared.events.coverage import AnswerReceived
from shared.runtime.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: one missing fact, or since when each of these changes is so. No fields: a person takes it."""

    missing: str
    fields: tuple[Asked, ...]
    changes: tuple[Change, ...] = ()


async def show(tx: Transaction, subject: Mapping[str, str], seen: Seen) -> View:
    """The question that is open now; the one of an older letter may be answered since."""
    client = await store.client(tx, subject["client_id"])
    question = await _open(tx, client, subject)
    return await _view(tx, client, question, typed=seen.typed, received=seen.done is not None)


async def take(tx: Transaction, subject: Mapping[str, str], form: Mapping[str, str]) -> View:
    """Publish the answer, or show the question again with what is wrong with the form."""
    client = await store.client(tx, subject["client_id"])
    question = await _open(tx, client, subject)
    if question is None or not question.fields:
        return await _view(tx, client, question)
    answers, errors = _answers(tx, client, question, form)
    if errors:
        return await _view(tx, client, question, errors=errors, typed=form)
    tx.publish(*answers)
    return View("question.html", None, {}, done="yes")


def _answers(
    tx: Transaction, client: Client, question: Question, form: Mapping[str, str]
) -> tuple[list[AnswerReceived], list[FieldError]]:
    if question.changes:
        return since_answers.answers(client.client_id, question.changes, question.fields, form, tx.today)
    name = fact_name(question.missing)
    event, errors = page_answers.question_answer(client.client_id, name, question.fields, form, tx.today)
    return ([] if event is None else [event]), errors


async def _open(tx: Transaction, client: Client, subject: Mapping[str, str]) -> Question | None:
    """What is asked now, first what the link's letter asked."""
    asked = (await _missing(tx, client), await _since_when(tx, client))
    first, second = reversed(asked) if subject.get("missing") == SINCE else asked
    return first or second


async def _missing(tx: Transaction, client: Client) -> Question | None:
    last = await store.last_coordination(tx, client.client_id)
    if last is None or last.kind != UNDETERMINED or last.missing is None:
        return None
    return Question(last.missing, page_answers.asked(last.missing, client.plans or ()))


async def _since_when(tx: Transaction, client: Client) -> Question | None:
    changes = client.stated.assumed
    if not changes:
        return None
    situation = await store.situation(tx, client.client_id, policy().benefits_fresh_days)
    if not sessions_that_depend(situation, await store.undecided_sessions(tx, client.client_id)):
        return None
    return Question(SINCE, since_answers.fields(changes), changes)


async def _view(
    tx: Transaction,
    client: Client,
    question: Question | None,
    *,
    errors: Sequence[FieldError] = (),
    typed: Mapping[str, str] | None = None,
    received: bool = False,
) -> View:
    fields = question.fields if question is not None else ()
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


def _shown(field: Asked, names: Mapping[str, str], typed: str) -> dict[str, Any]:
    """A field as the template takes it."""
    return {
        "name": field.name,
        "fact": field.fact,
        "kind": field.kind,
        "choices": field.choices,
        "label": names.get(field.plan_id or "", ""),
        "value": page_answers.day_typed(typed) if field.kind == "date" else typed[: page_answers.SHOWN_AGAIN],
    }
