"""What a client typed into a page's form: read into an answer, or into what is wrong with each field. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.coverage.pauses import pause
from services.coverage.pauses.pause import ConfirmationRefusal
from shared.events.clients import Decree, EnteredPlan, Entitlement, FamilyFacts, PlanFacts
from shared.events.coverage import AnswerReceived, ConfirmationReceived

NOT_SAID = "not-said"
SHOWN_AGAIN = 200


@dataclass(frozen=True, slots=True)
class FieldError:
    """A field and the word for what is wrong with it; the words are in the languages' files."""

    field: str
    word: str


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """What the insurer told the client on the phone, as typed."""

    reference: str
    called_on: date | None
    plan_named: str | None
    representative: str


FIELD_OF = {
    ConfirmationRefusal.NO_REFERENCE_NUMBER: "reference",
    ConfirmationRefusal.REFERENCE_TOO_LONG: "reference",
    ConfirmationRefusal.REFERENCE_NOT_READABLE: "reference",
    ConfirmationRefusal.REPRESENTATIVE_NOT_READABLE: "representative",
    ConfirmationRefusal.DATE_IN_FUTURE: "called_on",
    ConfirmationRefusal.DATE_TOO_OLD: "called_on",
    ConfirmationRefusal.CALL_BEFORE_REPORT: "called_on",
    ConfirmationRefusal.REFERENCE_ALREADY_USED: "reference",
    ConfirmationRefusal.UNKNOWN_PLAN: "plan",
}


def call_answer(form: Mapping[str, str], plans: tuple[str, ...], today: date) -> tuple[CallAnswer, list[FieldError]]:
    """The answer of the form and everything that is wrong with it, in the order of the fields."""
    called_on = read_day(form.get("called_on", ""))
    plan = form.get("plan", "")
    answer = CallAnswer(
        reference=pause.as_typed(form.get("reference", "")[: pause.MOST_REFERENCE * 10]),
        called_on=called_on,
        plan_named=plan if plan in plans else None,
        representative=pause.tidy(form.get("representative", "")[: pause.MOST_NAME * 10]),
    )
    errors = [
        _error(pause.reference_problem(answer.reference)),
        _day_error(called_on, today),
        FieldError("plan", "plan_missing") if plan not in (*plans, NOT_SAID) else None,
        _error(pause.representative_problem(answer.representative)),
    ]
    return answer, [error for error in errors if error is not None]


def _day_error(called_on: date | None, today: date) -> FieldError | None:
    if called_on is None:
        return FieldError("called_on", "date_unreadable")
    return _error(pause.day_problem(called_on, today))


def _error(refusal: ConfirmationRefusal | None) -> FieldError | None:
    return None if refusal is None else FieldError(FIELD_OF[refusal], refusal.value)


def confirmation(client_id: str, payer_id: str, answer: CallAnswer) -> ConfirmationReceived:
    """The answer as the event that counts."""
    assert answer.called_on is not None
    return ConfirmationReceived(
        client_id=client_id,
        payer_id=payer_id,
        reference_number=answer.reference,
        confirmed_on=answer.called_on,
        confirmed_by="client",
        recorded_by="client",
        channel="page",
        primary_named=answer.plan_named,
        representative=answer.representative,
    )


def one_plan(client_id: str, payer_id: str, today: date) -> ConfirmationReceived:
    """The yearly answer of a client who has one plan only: no call is needed."""
    return ConfirmationReceived(
        client_id=client_id,
        payer_id=payer_id,
        reference_number="",
        confirmed_on=today,
        confirmed_by="client",
        recorded_by="client",
        channel="page",
        only_one_plan=True,
    )


def plan_ended(
    client_id: str, plans: tuple[str, ...], form: Mapping[str, str], today: date
) -> tuple[AnswerReceived | None, list[FieldError]]:
    """The last day of a plan of the client's, or what is wrong with the form."""
    plan, day = form.get("ended_plan", ""), read_day(form.get("ended_on", ""))
    errors = [FieldError("ended_plan", "choice_missing")] if plan not in plans else []
    if day is None or not 1990 <= day.year <= today.year + 1:
        errors.append(FieldError("ended_on", "date_unreadable"))
        day = None
    if errors or day is None:
        return None, errors
    return AnswerReceived(client_id=client_id, plans={plan: PlanFacts(covered_to=day)}), []


def day_typed(text: str) -> str:
    """A day as a date field takes it; what is none comes back as it was typed, where the browser shows it."""
    day = read_day(text[:SHOWN_AGAIN])
    return text[:SHOWN_AGAIN] if day is None else day.isoformat()


def read_day(text: str) -> date | None:
    """A day as a date field sends it (2026-03-12), or as people in the United States type it (3/12/2026)."""
    typed = re.fullmatch(r"\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\s*", text)
    try:
        if typed is not None:
            return date(int(typed[3]), int(typed[1]), int(typed[2]))
        return date.fromisoformat(text.strip()) if re.fullmatch(r"\s*\d{4}-\d{2}-\d{2}\s*", text) else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Asked:
    """One field of the question page. `kind`: choice, date or number; `label` names the plan's payer, or is empty."""

    name: str
    fact: str
    kind: str
    plan_id: str | None = None
    choices: tuple[str, ...] = ()


_CHOICES = {
    "employment": ("active", "retired", "laid_off", "cobra", "none"),
    "medicare_entitlement": ("age", "disability", "esrd", "esrd_alone"),
    "parents": ("together", "apart", "never_together"),
}
_DAYS = {"birth_date", "covered_from", "continues_from", "subscriber_covered_from", "known_to_plan_from"}
_NUMBERS = {"employer_size", "esrd_month"}
_MOST_EMPLOYEES = 1_000_000


def asked(missing: str, plans: tuple[EnteredPlan, ...]) -> tuple[Asked, ...]:
    """The fields that answer a missing fact, such as `plans.A.employment`; none where only a person can take it."""
    fields = tuple(field for path in missing.split(",") if (field := _field(path.strip(), plans)) is not None)
    return fields if len(fields) == len(missing.split(",")) else ()


def _field(path: str, plans: tuple[EnteredPlan, ...]) -> Asked | None:
    plan = next((plan.plan_id for plan in plans if path.startswith(f"plans.{plan.plan_id}.")), None)
    fact = path.removeprefix(f"plans.{plan}.") if plan is not None else path.removeprefix("family.")
    fact = {"subscriber.birth_date": "birth_date", "subscriber.covered_from": "subscriber_covered_from"}.get(fact, fact)
    fact = fact.rsplit(".", 1)[-1]
    name = f"{fact}-{[plan.plan_id for plan in plans].index(plan)}" if plan is not None else fact
    if fact in _CHOICES:
        return Asked(name, fact, "choice", plan, _CHOICES[fact])
    if fact in _DAYS:
        return Asked(name, fact, "date", plan)
    if fact in _NUMBERS:
        return Asked(name, fact, "number", plan)
    return None


def question_answer(
    client_id: str, question: str, fields: tuple[Asked, ...], form: Mapping[str, str], today: date
) -> tuple[AnswerReceived | None, list[FieldError]]:
    """The stated facts of the question's form, or what is wrong with it."""
    errors: list[FieldError] = []
    plans: dict[str, PlanFacts] = {}
    family: FamilyFacts | None = None
    for field in fields:
        value = _value(field, form.get(field.name, "").strip(), today)
        if isinstance(value, FieldError):
            errors.append(value)
        elif field.plan_id is not None:
            plans[field.plan_id] = PlanFacts.model_validate({_FACT_FIELDS.get(field.fact, field.fact): value})
        else:
            family = FamilyFacts.model_validate(_family(field.fact, value))
    if errors:
        return None, errors
    return AnswerReceived(client_id=client_id, plans=plans, family=family, answers_question=question), []


_FACT_FIELDS = {"birth_date": "subscriber_birth_date", "esrd_month": "medicare_entitlement"}


def _family(fact: str, value: object) -> dict[str, object]:
    return {"decree": Decree.model_validate({fact: value})} if fact == "known_to_plan_from" else {fact: value}


def _value(field: Asked, typed: str, today: date) -> object:
    """The fact as the catalogue takes it, or the FieldError."""
    match field.kind:
        case "choice":
            return _choice(field, typed)
        case "date":
            day = read_day(typed)
            return (
                FieldError(field.name, "date_unreadable") if day is None or not 1880 <= day.year <= today.year else day
            )
        case "number":
            if not typed.isascii() or not typed.isdigit() or not 1 <= int(typed[:9]) <= _MOST_EMPLOYEES:
                return FieldError(field.name, "number_unreadable")
            return Entitlement(reason="esrd", esrd_month=int(typed)) if field.fact == "esrd_month" else int(typed)
        case _:
            pass
    raise AssertionError(f"unknown kind of field {field.kind}")


def _choice(field: Asked, typed: str) -> object:
    if typed not in field.choices:
        return FieldError(field.name, "choice_missing")
    if field.fact == "medicare_entitlement":
        return {"reason": "esrd", "alone": True} if typed == "esrd_alone" else {"reason": typed}
    return None if typed == "none" else typed
