"""The JSON Schema of an event with its CloudEvents attributes, with the words for integrators."""

import inspect
from collections.abc import Iterator
from functools import cache
from typing import Any, cast, get_args

from pydantic import BaseModel

from shared.events.attributes import LONGEST_BYTES
from shared.events.contract import words
from shared.events.types import Event

OPEN = "More codes may be added: treat one that you do not know as a reason for a person to look."

_PRINTABLE = r"^[^\u0000-\u001f\u007f-\u009f]+$"
_TIME = (
    r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
    r"[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$"
)


def envelope_schema(model: type[Event]) -> dict[str, Any]:
    """The JSON Schema of one event with its CloudEvents attributes."""
    data = model.model_json_schema(mode="validation", ref_template="#/$defs/{model}")
    defs = cast(dict[str, Any], data.pop("$defs", {}))
    for part in (*models_of(model), model):
        schema = data if part is model else defs.get(part.__name__)
        if schema is not None:
            _say(part, schema)
    text = {"type": "string", "minLength": 1, "maxLength": LONGEST_BYTES, "pattern": _PRINTABLE}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": model.wire_type(),
        "description": description(model),
        "type": "object",
        "required": ["specversion", "id", "source", "type", "data"],
        "properties": {
            "specversion": {"const": "1.0", "description": "The version of CloudEvents."},
            "id": {**text, "description": "New for each message of a source; the same id again changes nothing."},
            "source": {**text, "description": "Who publishes, such as /practice-system."},
            "type": {"const": model.wire_type(), "description": "Topic, event and major version."},
            "subject": {"type": "string", "description": "The key of the message; may be left out."},
            "time": {
                "type": "string",
                "format": "date-time",
                "pattern": _TIME,
                "description": "When it happened, by its source. Of two facts that replace each other the later holds.",
            },
            "datacontenttype": {"const": "application/json", "description": "The format of `data`."},
            "correlationid": {**text, "description": "The id of the message at the beginning of the chain of causes."},
            "causationid": {**text, "description": "The id of the message that caused this one."},
            "data": data,
        },
        "$defs": defs,
    }


def description(model: type[Event]) -> str:
    """What the event says, who publishes it and when, and what follows."""
    said = inspect.cleandoc(model.__doc__ or "")
    about = words.of_event(model)
    return said if about is None else f"{said}\n\nPublished by: {about.published}\n\nWhat follows: {about.effect}"


@cache
def models_of(model: type[BaseModel]) -> tuple[type[BaseModel], ...]:
    """The models that the fields of `model` are made of, at any depth."""
    models: dict[type[BaseModel], None] = {}

    def walk(part: type[BaseModel]) -> None:
        for field in part.model_fields.values():
            for inner in parts_of(field.annotation):
                if inner not in models:
                    models[inner] = None
                    walk(inner)

    walk(model)
    return tuple(models)


def parts_of(hint: Any) -> Iterator[type[BaseModel]]:
    """The models that a field of this type holds."""
    if isinstance(hint, type) and not get_args(hint):
        if issubclass(hint, BaseModel):
            yield hint
        return
    for inner in get_args(hint):
        yield from parts_of(inner)


def _say(model: type[BaseModel], schema: dict[str, Any]) -> None:
    """Write the words and codes of a model's fields into its schema."""
    if model.__doc__:
        schema["description"] = inspect.cleandoc(model.__doc__)
    for name, field in cast(dict[str, dict[str, Any]], schema.get("properties", {})).items():
        codes = words.codes(model, name)
        said = words.of_field(model, name) or field.get("description", "")
        if codes is not None:
            _list(field, codes)
            said = f"{said} {OPEN}"
        if said:
            field["description"] = said


def _list(field: dict[str, Any], codes: dict[str, str]) -> None:
    """Put the codes where the text is: in the field, in its part that is not null, or in its items."""
    for part in (field, field.get("items", {}), *field.get("anyOf", ())):
        if part.get("type") == "string":
            part["enum"] = sorted(codes)
            part.pop("examples", None)
