"""The first day of each changed fact, as the client types it: each change is stated again with its day. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date

from services.coverage.pages.page_answers import Asked, FieldError, read_day
from services.coverage.plans.since_when import SINCE
from services.coverage.plans.stated_facts import Change
from shared.events.coverage import AnswerReceived

_EARLIEST_YEAR = 1900


def fields(changes: Sequence[Change]) -> tuple[Asked, ...]:
    """A date for each change, labelled with its plan; one of the family has none."""
    return tuple(
        Asked(f"{SINCE}-{place}", _fact(change), "date", next(iter(change.plans), None))
        for place, change in enumerate(changes)
    )


def _fact(change: Change) -> str:
    """What changed, as the page's words name it: `since_employment`, `since_family` or `since_plan`."""
    if change.family is not None:
        return f"{SINCE}_family"
    is_job = any("employment" in facts.model_fields_set for facts in change.plans.values())
    return f"{SINCE}_employment" if is_job else f"{SINCE}_plan"


def answers(
    client_id: str, changes: Sequence[Change], asked: Sequence[Asked], form: Mapping[str, str], today: date
) -> tuple[list[AnswerReceived], list[FieldError]]:
    """Each change stated again with its first day, or the fields in which no such day was typed."""
    days = [read_day(form.get(field.name, "").strip()) for field in asked]
    wrong = [
        FieldError(field.name, "date_unreadable")
        for field, day in zip(asked, days, strict=True)
        if day is None or day.year < _EARLIEST_YEAR or day > today
    ]
    if wrong:
        return [], wrong
    return [
        AnswerReceived(client_id=client_id, plans=change.plans, family=change.family, since=day, answers_question=SINCE)
        for change, day in zip(changes, days, strict=True)
    ], []
