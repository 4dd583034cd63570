"""The CloudEvents 1.0 envelope: one JSON body that carries its own id, type, key and cause.

Written in structured mode (`application/cloudevents+json`); read in structured and in binary mode (attributes as
`ce_` headers), so that upstream may publish with any CloudEvents library.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from shared.events import attributes
from shared.events.catalogue import CATALOGUE
from shared.events.types import Event, Fact
from shared.fact_ids import FactIds

CONTENT_TYPE = "application/cloudevents+json"
_IDS = FactIds("6f1c1f2e-5f0a-5c57-9d0b-6f0b1a7f5c11")
_TRACE = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_WRITTEN = re.compile(rb'\{"specversion":"1\.0","id":"[^"\\]*","source":"([^"\\]*)","type":"([^"\\]*)"')
_EVENT_NAMES = {name.rsplit(".v", 1)[0] for name in CATALOGUE}


class UnreadableError(Exception):
    """The message can never be processed; the text says in words what is wrong with it, without its contents."""


@dataclass(slots=True)  # a frozen one takes three times as long to make, and each message makes four such objects
class Envelope:
    """One event with its CloudEvents attributes. `event` is None where the type is unknown to this version.

    `time` is when the fact happened, by its source's own word; None where it does not say.
    """

    id: str
    source: str
    type: str
    subject: str
    time: datetime | None
    event: Event | None
    correlation_id: str
    causation_id: str | None = None
    traceparent: str | None = None

    def to_bytes(self) -> bytes:
        """The structured-mode JSON body."""
        assert self.event is not None
        given = {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "subject": self.subject,
            "time": self.time,
            "datacontenttype": "application/json",
            "correlationid": self.correlation_id,
        }
        if self.causation_id is not None:
            given["causationid"] = self.causation_id
        return b'%b,"data":%b}' % (to_json(given)[:-1], self.event.__pydantic_serializer__.to_json(self.event))


def follow(  # noqa: PLR0913 - one for each attribute that is not in the event
    event: Event,
    *,
    cause_id: str,
    ordinal: int,
    source: str,
    now: datetime,
    correlation_id: str | None,
    trace: str | None,
) -> Envelope:
    """The envelope of `event`, caused by the message `cause_id`.

    The id is a UUIDv5 of cause, type, key and ordinal: handling the cause again makes the same ids, and the inboxes
    downstream drop them. An effect outside has an id of its business fact alone, whatever caused it.
    """
    kind = event.wire_type()
    key = event.key()
    effect = event.effect()
    made_of = f"{cause_id}|{kind}|{key}|{ordinal}" if effect is None else f"effect|{kind}|{key}|{effect}"
    return Envelope(
        id=_IDS.of(f"{source}|{made_of}"),
        source=source,
        type=kind,
        subject=key,
        time=now,
        event=event,
        correlation_id=correlation_id or cause_id,
        causation_id=cause_id,
        traceparent=trace,
    )


def first(event: Event, *, id: str, source: str, now: datetime) -> Envelope:
    """The envelope of an event that no message caused: a page, a command, an upstream system."""
    return Envelope(
        id=id, source=source, type=event.wire_type(), subject=event.key(), time=now, event=event, correlation_id=id
    )


def written(value: bytes | None) -> tuple[str, str] | None:
    """Source and type of an event that `to_bytes` wrote, at a glance; None where it was plainly not so written."""
    match = _WRITTEN.match(value or b"")
    return None if match is None else (match[1].decode("utf-8", "replace"), match[2].decode("utf-8", "replace"))


def read(value: bytes | None, headers: Iterable[tuple[str, bytes | None]]) -> Envelope:
    """The envelope of a Kafka message, structured or binary.

    An event of a type that this version does not know has `event` None.
    Raises UnreadableError: not JSON, an attribute is missing, or the data does not fit its type.
    """
    if value is None:
        raise UnreadableError(
            "the message has no body; a fact of the directory is taken back by directory.fact.withdrawn"
        )
    document = body(value)
    binary, trace = _from_headers(headers)
    given: Mapping[str, Any] = binary
    if "specversion" in binary:
        data: Any = document
    elif isinstance(document, dict) and "specversion" in document:
        given, data = cast(dict[str, Any], document), cast(dict[str, Any], document).get("data")
    else:
        raise UnreadableError("not a CloudEvent: neither a `specversion` in the body nor a `ce_specversion` header")
    return _envelope(given, data, trace)


def named(value: bytes | None, headers: Iterable[tuple[str, bytes | None]]) -> dict[str, str]:
    """Whatever can be told of a message's id, source and type, for one that perhaps cannot be read."""
    given: Mapping[str, Any] = _from_headers(headers)[0]
    if "specversion" not in given:
        try:
            document = from_json(value or b"")
        except ValueError:
            return {}
        given = cast(dict[str, Any], document) if isinstance(document, dict) else {}
    return {name: given[name] for name in ("id", "source", "type") if attributes.fits(given.get(name))}


def _from_headers(headers: Iterable[tuple[str, bytes | None]]) -> tuple[dict[str, str], str | None]:
    """The attributes of binary mode, and the trace where it is one; what else there is, is none of our business."""
    given: dict[str, str] = {}
    trace = None
    for name, raw in headers:
        if raw is None or len(raw) > 2 * attributes.LONGEST_BYTES:
            continue
        lower = name.lower()
        if lower.startswith("ce_"):
            given[lower[3:]] = raw.decode("utf-8", "replace")
        elif lower == "traceparent" and _TRACE.fullmatch(raw.decode("latin-1")):
            trace = raw.decode()
    return given, trace


def body(value: bytes) -> Any:
    """The JSON of a message's body. Raises UnreadableError: it is none, or holds what no database keeps."""
    try:
        document = from_json(value)
    except ValueError as error:
        raise UnreadableError(f"the body is not JSON: {error}") from None
    if b"\\u0000" in value and _has_nul(document):
        raise UnreadableError("a text holds the character NUL, which no database keeps")
    return document


def _has_nul(value: Any) -> bool:
    match value:
        case str():
            return "\x00" in value
        case dict():
            fields = cast(dict[str, Any], value)
            return any(_has_nul(part) for part in (*fields, *fields.values()))
        case list():
            return any(_has_nul(part) for part in cast(list[Any], value))
        case _:
            return False


def _envelope(given: Mapping[str, Any], data: Any, traceparent: str | None) -> Envelope:
    for name in attributes.HINTS:
        if (wrong := attributes.wrong(given, name)) is not None:
            raise UnreadableError(f"the CloudEvents attribute `{name}`: {wrong}")
    kind, identity = cast(str, given["type"]), cast(str, given["id"])
    model = CATALOGUE.get(kind)
    event = None if model is None else _event(model, data)
    if model is None and kind in _EVENT_NAMES:
        raise UnreadableError(f"the type {kind} lacks its version, such as {kind}.v1")
    return Envelope(
        id=identity,
        source=cast(str, given["source"]),
        type=kind,
        subject=event.key() if event is not None else str(given.get("subject", "")),
        time=attributes.time_of(given.get("time")),
        event=event,
        correlation_id=_optional(given, "correlationid") or identity,
        causation_id=_optional(given, "causationid"),
        traceparent=traceparent,
    )


def _optional(given: Mapping[str, Any], name: str) -> str | None:
    """An attribute that no rule reads: left out where it is odd."""
    value = given.get(name)
    return value if attributes.fits(value) else None


def _event(model: type[Event], data: Any) -> Event:
    if not isinstance(data, dict):
        raise UnreadableError("the CloudEvent has no `data` object")
    try:
        return validated(model, cast(dict[str, Any], data))
    except ValidationError as error:
        raise UnreadableError(f"{model.noun_verb} {_words(error)}") from None


def validated(model: type[Event], data: dict[str, Any]) -> Event:
    """The event that `data` is; a whole number may be written as 22000.0, which JSON does not tell from 22000.

    Raises ValidationError.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        if not any(wrong["type"] == "int_type" and isinstance(wrong["input"], float) for wrong in error.errors()):
            raise
        return model.model_validate(_whole_numbers(data))


def _whole_numbers(value: Any) -> Any:
    match value:
        case float() if value.is_integer():
            return int(value)
        case dict():
            return {name: _whole_numbers(part) for name, part in cast(dict[str, Any], value).items()}
        case list():
            return [_whole_numbers(part) for part in cast(list[Any], value)]
        case _:
            return value


def _words(error: ValidationError) -> str:
    """What is wrong, field by field, without the values: they may be personal."""
    errors = error.errors(include_input=False, include_url=False, include_context=False)
    listed = [f"{field_path(wrong['loc']) or 'data'}: {wrong['msg']}" for wrong in errors[:5]]
    more = f" (and {len(errors) - 5} more)" if len(errors) > 5 else ""
    return "; ".join(listed) + more


def field_path(location: Iterable[object]) -> str:
    """The place of a field in a message. A name that is none of the contract's is `*`: it may be anybody's."""
    return ".".join(str(part) if isinstance(part, int) or part in _field_names() else "*" for part in location)


@lru_cache(maxsize=1)
def _field_names() -> frozenset[object]:
    models, names = (
        list(Fact.__subclasses__()),
        set[object]({"data", "key", "subject", "topic", "[key]", *attributes.HINTS}),
    )
    while models:
        model = models.pop()
        names |= model.model_fields.keys()
        models += model.__subclasses__()
    return frozenset(names)


def dumps(document: Any) -> str:
    """Committed JSON: sorted, indented, one newline at the end."""
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
