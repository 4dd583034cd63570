"""The page of all events, from their models."""

from collections.abc import Iterator

from pydantic import BaseModel

from deploy.reference.markdown import table
from shared.events.catalogue import of_topic
from shared.events.contract import words
from shared.events.contract.asyncapi_document import key_template
from shared.events.contract.schema import description, parts_of
from shared.events.topics import EVENTS, UPSTREAM_TOPICS

_HEAD = """# Events

Every message is a CloudEvent: `specversion`, `id`, `source`, `type`, `time` and `data`. The type on the wire is the
topic, the event and the major version, such as `sessions.session.confirmed.v1`. Each has a JSON Schema in
`shared/events/schemas`, examples in `shared/events/examples`, and a place in `shared/events/asyncapi.json`.
"""


def page() -> str:
    """Markdown: for each topic a table of its events, then each event's fields."""
    parts = [_HEAD]
    for topic in EVENTS:
        models = of_topic(topic.name)
        rows = [(f"`{model.noun_verb}`", f"`{key_template(model)}`", _first_words(model)) for model in models]
        whose = (
            "systems outside publish, the services read" if topic.name in UPSTREAM_TOPICS else "the services publish"
        )
        parts += [f"## {topic.name}\n\n{whose}\n", table(("event", "key", "what it says"), rows)]
        for model in models:
            parts += [f"### {model.topic}.{model.noun_verb}\n\n{description(model)}\n", _fields(model)]
    return "\n".join(parts)


def _fields(model: type[BaseModel]) -> str:
    """The fields of an event, those of its parts with a dot."""
    return table(("field", "needed", "what it means"), _rows(model, ""))


def _rows(model: type[BaseModel], path: str) -> Iterator[tuple[str, str, str]]:
    for name, field in model.model_fields.items():
        yield f"`{path}{name}`", "yes" if field.is_required() else "", words.of_field(model, name) or ""
        for part in parts_of(field.annotation):
            yield from _rows(part, f"{path}{name}.")


def _first_words(model: type) -> str:
    return " ".join((model.__doc__ or "").split("\n\n")[0].split())
