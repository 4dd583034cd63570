"""The page that asks about a plan which an insurer names and the client never entered."""

from collections.abc import Mapping, Sequence
from typing import Any, cast, get_args

from services.coverage import store
from services.coverage.pages import page_answers
from services.coverage.pages.page_answers import FieldError
from services.coverage.pages.page_view import Seen, View
from services.coverage.pauses import pause
from services.coverage.plans.eligibility import Client
from services.coverage.store import NamedPlan
from shared.events.clients import Relation
from shared.events.coverage import PlanStated
from shared.runtime.transaction import Transaction

RELATIONS: tuple[Relation, ...] = get_args(Relation)
_MOST_MEMBER_ID = 80


async def show(tx: Transaction, subject: Mapping[str, str], seen: Seen) -> View:
    """The plan that is asked about, while there is no answer."""
    client, plan = await _open(tx, subject)
    return _view(client, plan, typed=seen.typed, received=seen.done is not None)


async def take(tx: Transaction, subject: Mapping[str, str], form: Mapping[str, str]) -> View:
    """Publish what the client says of the plan, or show the form again with what is wrong with it."""
    client, plan = await _open(tx, subject)
    if plan is None:
        return _view(client, plan)
    if form.get("has_plan") == "no":
        tx.publish(_stated(plan, has_plan=False))
        return View("plan.html", None, {}, done="no")
    member_id = pause.tidy(form.get("member_id", "")[:1_000])
    relation = form.get("relation", "")
    errors = _errors(member_id, relation)
    if errors:
        return _view(client, plan, errors=errors, typed=form)
    event = _stated(plan, has_plan=True)
    more = {"member_id": member_id, "relation": cast(Relation, relation)}
    tx.publish(event.model_copy(update=more))
    return View("plan.html", None, {}, done="yes")


def _errors(member_id: str, relation: str) -> list[FieldError]:
    readable = member_id.isascii() and member_id.replace("-", "").replace(" ", "").isalnum()
    errors = [] if readable and len(member_id) <= _MOST_MEMBER_ID else [FieldError("member_id", "member_id_unreadable")]
    return errors if relation in RELATIONS else [*errors, FieldError("relation", "choice_missing")]


def _stated(plan: NamedPlan, *, has_plan: bool) -> PlanStated:
    return PlanStated(
        client_id=plan.client_id,
        named_by=plan.named_by,
        has_plan=has_plan,
        payer_name=plan.name,
        payer_id=plan.payer_id,
    )


async def _open(tx: Transaction, subject: Mapping[str, str]) -> tuple[Client, NamedPlan | None]:
    client = await store.client(tx, subject["client_id"])
    named = await tx.all(store.NAMED_PLAN, client.client_id)
    waiting = (plan for plan in named if plan.named_by == subject.get("payer_id") and plan.answered_on is None)
    return client, next(waiting, None)


def _view(
    client: Client,
    plan: NamedPlan | None,
    *,
    errors: Sequence[FieldError] = (),
    typed: Mapping[str, str] | None = None,
    received: bool = False,
) -> View:
    values = typed or {}
    facts: dict[str, Any] = {
        "open": plan is not None,
        "name": plan.name if plan is not None else "",
        "received": received,
        "form_id": None if received or plan is None else "answer",
        "relations": RELATIONS,
        "member_id": values.get("member_id", "")[: page_answers.SHOWN_AGAIN],
        "relation": values.get("relation", ""),
        "errors": [{"id": error.field, "word": error.word} for error in errors],
    }
    language = client.details.language if client.details is not None else None
    return View("plan.html", language, facts, status=422 if errors else 200)
