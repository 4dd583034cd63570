"""The page of all events, from their models."""

from deploy.reference.markdown import table
from shared.events.catalogue import CATALOGUE
from shared.events.contract.asyncapi_document import key_template
from shared.events.topics import EVENTS, UPSTREAM_TOPICS

_HEAD = """# Events

Every message is a CloudEvent: `specversion`, `id`, `source`, `type`, `time` and `data`. The type on the wire is the
topic, the event and the major version, such as `sessions.session.confirmed.v1`. Each has a JSON Schema in
`shared/events/schemas`, examples in `shared/events/examples`, and a place in `shared/events/asyncapi.json`.
"""


def page() -> str:
    """Markdown: a table for each topic."""
    parts = [_HEAD]
    for topic in EVENTS:
        models = [model for model in CATALOGUE.values() if model.topic == topic.name]
        rows = [(f"`{model.noun_verb}`", f"`{key_template(model)}`", _first_words(model)) for model in models]
        whose = (
            "systems outside publish, the services read" if topic.name in UPSTREAM_TOPICS else "the services publish"
        )
        parts += [f"## {topic.name}\n\n{whose}\n", table(("event", "key", "what it says"), rows)]
    return "\n".join(parts)


def _first_words(model: type) -> str:
    return " ".join((model.__doc__ or "").split("\n\n")[0].split())
