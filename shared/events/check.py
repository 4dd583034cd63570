"""What is wrong with a message before it is published, said by the code that reads it, and by what readers let pass.

A reader ignores a field that it does not know, and cannot tell that a year was mistyped. A publisher wants to hear of
both.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from shared.events import attributes, envelope
from shared.events.catalogue import CATALOGUE
from shared.events.envelope import UnreadableError
from shared.events.sessions import SessionCompleted
from shared.events.topics import UPSTREAM_TOPICS
from shared.events.types import Event
from shared.unknown_fields import nearest, unknown_fields

_ATTRIBUTES = ("specversion", "id", "source", "type", "time", "subject", "datacontenttype", "data", "traceparent")
_EARLIEST = date(1900, 1, 1)
_FARTHEST = timedelta(days=5 * 366)
_OPEN_ENDED = date(9999, 12, 31)
_SPANS = (("from_day", "to_day"), ("covered_from", "covered_to"), ("plan_from", "plan_to"))
_NEVER_AHEAD = {"birth_date", "subscriber_birth_date", "confirmed_on", "date_of_service"}
"""Dates of what has happened; a session may be confirmed some days ahead."""
_ZONES = timedelta(days=1)
"""So far ahead of ours, which is UTC's, the day may be where a client lives."""
_SESSION_AHEAD = timedelta(days=366)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: in which field, what, and what to do about it."""

    field: str
    problem: str
    hint: str = ""


def check(value: bytes, today: date, *, topic: str | None = None, key: str | None = None) -> dict[str, Any]:
    """Whether our services could read the message, where it belongs, and every problem that can be named.

    Raises UnreadableError: it is not JSON at all.
    """
    document = envelope.body(value)
    if not isinstance(document, dict):
        return _answer(None, "", [Problem("", "a message is one JSON object", "wrap it in a CloudEvents envelope")])
    given = cast(dict[str, Any], document)
    kind = str(given.get("type", ""))
    model = CATALOGUE.get(kind)
    problems = [*_attributes(given), *_time_ahead(given.get("time"), today), *_type(kind, model)]
    event = None
    if model is not None:
        event, wrong = _data(model, given.get("data"))
        problems += [*wrong, *_unread(model, given.get("data")), *_placed(model, topic)]
    if event is not None:
        problems += [*_key(event, key, given.get("subject")), *_dates(event, "data", today)]
    try:
        read = envelope.read(value, ())
    except UnreadableError as error:
        if not problems:
            problems.append(Problem("", str(error)))
        return _answer(event, kind, problems)
    return _answer(
        event,
        kind,
        problems,
        readable=read.event is not None and not _wrong_key(event, key) and not _misplaced(event, topic),
    )


def _answer(event: Event | None, kind: str, problems: list[Problem], *, readable: bool = False) -> dict[str, Any]:
    return {
        "readable": readable,
        "type": kind,
        "topic": None if event is None else event.topic,
        "key": None if event is None else event.key(),
        "problems": [asdict(problem) for problem in problems],
    }


def _attributes(given: dict[str, Any]) -> Iterator[Problem]:
    """What is wrong with the CloudEvents attributes, by the reader's own rules."""
    if "specversion" not in given:
        hint = 'the envelope is {"specversion": "1.0", "id", "source", "type", "time", "data"}'
        yield Problem("specversion", "the message is not a CloudEvent: it has no `specversion`", hint)
    for name, hint in attributes.HINTS.items():
        if (wrong := attributes.wrong(given, name)) is not None and (name != "specversion" or name in given):
            yield Problem(name, wrong, hint)
    if "time" not in given:
        said = "without it nobody can tell whether a later fact has overtaken it"
        yield Problem("time", said, attributes.HINTS["time"])
    for name in given:
        if name not in _ATTRIBUTES and not (name.isascii() and name.isalnum() and name == name.lower()):
            hint = nearest(name, _ATTRIBUTES)
            yield Problem(name, "no CloudEvents attribute: those are lower-case letters and digits", hint)


def _time_ahead(stated: Any, today: date) -> Iterator[Problem]:
    """Readers take a time that is still to come for now, so that what comes after it is not kept out."""
    time = attributes.time_of(stated)
    if time is not None and time.date() > today + _ZONES:
        yield Problem("time", "it is in the future", "when the fact happened; is the year right?")


def _type(kind: str, model: type[Event] | None) -> Iterator[Problem]:
    if model is None and kind:
        versions = [name for name in CATALOGUE if name.rsplit(".v", 1)[0] == kind.rsplit(".v", 1)[0]]
        hint = f"the version is {versions[0]}" if versions else nearest(kind, CATALOGUE)
        yield Problem("type", "no service reads this type", hint)


def _data(model: type[Event], data: Any) -> tuple[Event | None, list[Problem]]:
    """The event, or what of its data does not fit, field by field."""
    if not isinstance(data, dict):
        return None, [Problem("data", "there is no `data` object", f"see schemas/{model.wire_type()}.json")]
    try:
        return envelope.validated(model, cast(dict[str, Any], data)), []
    except ValidationError as error:
        errors = error.errors(include_input=False, include_url=False, include_context=False)
        return None, [_wrong_field(".".join(["data", *map(str, wrong["loc"])]), wrong["msg"]) for wrong in errors]


def _wrong_field(field: str, said: str) -> Problem:
    hints = {
        "_cents": "integer cents: 220.00 dollars are 22000",
        "_date": "YYYY-MM-DD",
        "_day": "YYYY-MM-DD",
        "_on": "YYYY-MM-DD",
        "state": "two capital letters, such as NY",
        "postal_code": "12207 or 12207-1234",
        "diagnoses": "ICD-10 without its dot, such as F411",
    }
    hint = next((text for part, text in hints.items() if field.endswith(part) or f".{part}." in field), "")
    return Problem(field, said.removeprefix("Value error, "), hint)


def _unread(model: type[Event], data: Any) -> Iterator[Problem]:
    """Fields that readers would silently ignore, each with the nearest that they know."""
    for field, hint in unknown_fields(model, data, "data"):
        yield Problem(field, "no service reads this field", hint or "leave it out")


def _placed(model: type[Event], topic: str | None) -> Iterator[Problem]:
    if topic is not None and topic != model.topic:
        yield Problem("topic", f"this type is not read from {topic}", f"publish it to {model.topic}")
    if model.topic not in UPSTREAM_TOPICS:
        yield Problem("type", f"only the service {model.topic} publishes this type", "upstream reads it")


def _misplaced(event: Event | None, topic: str | None) -> bool:
    """Whether it would be refused for its topic: of ours the services say nothing, nobody else publishes there."""
    return event is not None and topic in UPSTREAM_TOPICS and topic != event.topic


def _wrong_key(event: Event | None, key: str | None) -> bool:
    return event is not None and key is not None and key != event.key()


def _key(event: Event, key: str | None, subject: Any) -> Iterator[Problem]:
    wanted = event.key()
    if key == "":
        yield Problem("key", "the message has no key, so its order is lost", f"the key is {wanted}")
    elif _wrong_key(event, key):
        yield Problem("key", "the message's key is not the event's", f"the key is {wanted}")
    if subject is not None and subject != wanted:
        yield Problem("subject", "the subject is not the event's key", f"leave it out, or make it {wanted}")


def _dates(part: BaseModel, path: str, today: date) -> Iterator[Problem]:
    """Dates that no reader refuses and that cannot be meant."""
    for first, last in _SPANS:
        begins, ends = getattr(part, first, None), getattr(part, last, None)
        if isinstance(begins, date) and isinstance(ends, date) and ends < begins:
            yield Problem(f"{path}.{last}", f"it is before {first}", "swap them, or leave the end out while it is open")
    for name in type(part).model_fields:
        value = getattr(part, name)
        if isinstance(value, date) and not isinstance(value, datetime):
            confirmed = name == "date_of_service" and not isinstance(part, SessionCompleted)
            yield from _date(f"{path}.{name}", name, value, today, _SESSION_AHEAD if confirmed else _ZONES)
        elif isinstance(value, BaseModel):
            yield from _dates(value, f"{path}.{name}", today)
        elif isinstance(value, tuple | dict):
            entries = cast(Any, value.items() if isinstance(value, dict) else enumerate(cast(tuple[Any, ...], value)))
            for at, inner in entries:
                if isinstance(inner, BaseModel):
                    yield from _dates(inner, f"{path}.{name}.{at}", today)


def _date(field: str, name: str, day: date, today: date, ahead: timedelta) -> Iterator[Problem]:
    if day < _EARLIEST:
        yield Problem(field, "it is before 1900", "is the year right?")
    elif name in _NEVER_AHEAD and day > today + ahead:
        yield Problem(field, "it is in the future", "is the year right?")
    elif day > today + _FARTHEST and day != _OPEN_ENDED:
        yield Problem(field, "it is more than five years ahead", "leave it out where it has no end")
