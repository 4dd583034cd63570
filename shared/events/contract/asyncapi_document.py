"""The AsyncAPI 3.1 document: every topic with its broker settings, keys, headers, messages and dead letters."""

from typing import Any

from shared.events.attributes import LONGEST_BYTES
from shared.events.catalogue import CATALOGUE, of_topic
from shared.events.contract.schema import description
from shared.events.envelope import CONTENT_TYPE
from shared.events.topics import ALL, EVENTS, INTERCHANGES, PAYERS_INBOUND, UPSTREAM_TOPICS, Topic
from shared.events.types import Event

_BINDING = "0.5.0"
_SCHEMA_FORMAT = "application/schema+json;version=draft-2020-12"

_DESCRIPTION = """Coordination of benefits for secondary health insurance. Systems outside publish sessions, clients, \
the directory and payments; the services publish what they decide; payers and their clearinghouse speak X12.

Every message is a CloudEvent 1.0, in structured mode (binary mode is read too). The key of a message is the event's \
identity as each message's Kafka binding says it: a message with another key, or none, is refused. Across topics no \
order holds; within a key the order of the topic does, and of two facts that replace each other the one with the later \
`time` holds. What is not taken is told on `upstream`, and kept whole on `<topic>.dead`. Fields are only ever added \
within a major version: ignore those that you do not know."""

_ROLES = {
    "sessions": "Published by the system that knows the sessions.",
    "clients": "Published by the system that knows the clients.",
    "directory": "Published by the system that knows payers, providers and rates. Compacted by key.",
    "payments": "Published by the payment system, in answer to `charge.requested` and `refund.requested`.",
    "coverage": "Published by the service coverage.",
    "claims": "Published by the service claims.",
    "settlement": "Published by the service settlement.",
    "notification": "Published by the service notification.",
    "upstream": "Published by coverage and settlement, for the systems whose messages were not taken.",
    "payers.outbound": "X12 interchanges for payers: 270, 276 and 837P. The clearinghouse reads it.",
    "payers.inbound": "X12 interchanges from payers: 271, 277, 277CA, 835 and 999. The clearinghouse publishes it.",
}


def document(example: Any) -> dict[str, Any]:
    """The document; `example` makes an example of an event model as it is on the wire."""
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "Secondary insurance",
            "version": "1",
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {
            "kafka": {
                "host": "{brokers}",
                "protocol": "kafka",
                "description": "Apache Kafka; TLS and SCRAM as the operator has set them.",
                "variables": {"brokers": {"default": "127.0.0.1:9092", "description": "KAFKA_BOOTSTRAP_SERVERS."}},
            }
        },
        "channels": {
            **{topic.name: _channel(topic) for topic in ALL},
            **{topic.dead: _dead(topic) for topic in ALL},
        },
        "operations": {_operation(topic): _doing(topic) for topic in ALL},
        "components": {
            "messages": {
                **{kind: _message(model, example(model)) for kind, model in sorted(CATALOGUE.items())},
                "x12": _INTERCHANGE,
                "dead": _DEAD_LETTER,
            }
        },
    }


def key_template(model: type[Event]) -> str:
    """The key of an event with its fields' names for their values, such as `payer:<payer_id>`."""
    named: dict[str, Any] = {name: f"<{name}>" for name in model.model_fields}
    return model.model_construct(None, **named).key()


def _receives(topic: Topic) -> bool:
    """Whether the services read what others publish there."""
    return topic.name in UPSTREAM_TOPICS or topic == PAYERS_INBOUND


def _operation(topic: Topic) -> str:
    return f"{'receive' if _receives(topic) else 'send'}.{topic.name}"


def _doing(topic: Topic) -> dict[str, Any]:
    action = "receive" if _receives(topic) else "send"
    return {"action": action, "channel": {"$ref": f"#/channels/{topic.name}"}, "summary": _ROLES[topic.name]}


def _channel(topic: Topic) -> dict[str, Any]:
    if topic in INTERCHANGES:
        messages = {"x12": {"$ref": "#/components/messages/x12"}}
    else:
        models = of_topic(topic.name)
        messages = {model.noun_verb: {"$ref": f"#/components/messages/{model.wire_type()}"} for model in models}
    return {
        "address": topic.name,
        "description": f"{_ROLES[topic.name]} What cannot be processed goes to {topic.dead}.",
        "messages": messages,
        "bindings": {"kafka": _settings(topic)},
    }


def _settings(topic: Topic) -> dict[str, Any]:
    config: dict[str, Any] = {"max.message.bytes": topic.max_message_bytes}
    if topic.compacted:
        config["cleanup.policy"] = ["compact"]
    else:
        config |= {"cleanup.policy": ["delete"], "retention.ms": int(topic.config()["retention.ms"])}
    return {
        "topic": topic.name,
        "partitions": topic.partitions,
        "topicConfiguration": config,
        "bindingVersion": _BINDING,
    }


def _dead(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.dead,
        "description": f"What a service could not process of {topic.name}: the original bytes, headers and key. "
        "Kept as long as `SET_ASIDE_DAYS` says.",
        "messages": {"dead": {"$ref": "#/components/messages/dead"}},
        "bindings": {"kafka": {"topic": topic.dead, "partitions": 1, "bindingVersion": _BINDING}},
    }


def _message(model: type[Event], example: dict[str, Any]) -> dict[str, Any]:
    said = description(model)
    return {
        "name": model.wire_type(),
        "title": model.noun_verb,
        "contentType": CONTENT_TYPE,
        "summary": " ".join(said.split()).split(". ")[0].rstrip(".") + ".",
        "description": said,
        "headers": _HEADERS,
        "payload": {"schemaFormat": _SCHEMA_FORMAT, "schema": {"$ref": f"schemas/{model.wire_type()}.json"}},
        "examples": [{"name": model.noun_verb, "payload": example}],
        "bindings": {
            "kafka": {
                "key": {
                    "type": "string",
                    "description": f"The key is {key_template(model)}.",
                    "examples": [example["subject"]],
                },
                "bindingVersion": _BINDING,
            }
        },
    }


def _text(description: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": description, **more}


_HEADERS = {
    "type": "object",
    "properties": {
        "content-type": _text("Structured mode.", const=CONTENT_TYPE),
        "traceparent": _text("W3C trace context, where there is one."),
    },
}
_INTERCHANGE = {
    "name": "x12",
    "title": "One X12 interchange",
    "contentType": "application/EDI-X12",
    "summary": "The bytes from ISA to IEA, as they are sent or were received, up to 10 MB.",
    "headers": {
        "type": "object",
        "properties": {
            "ce_specversion": _text("CloudEvents, binary mode.", const="1.0"),
            "ce_id": _text("The same interchange has the same id.", maxLength=LONGEST_BYTES),
            "ce_source": _text("Who sent it."),
            "ce_type": _text("What it is."),
        },
    },
    "payload": {"type": "string", "contentMediaType": "application/EDI-X12"},
    "bindings": {
        "kafka": {
            "key": _text("The key is <payer>-<interchange control number>.", examples=["PLANONE-1"]),
            "bindingVersion": _BINDING,
        }
    },
}
_DEAD_LETTER = {
    "name": "dead",
    "title": "One dead letter",
    "summary": "The message as it came, with the reason in its headers.",
    "headers": {
        "type": "object",
        "required": ["dead-reason", "dead-service", "dead-origin", "dead-time"],
        "properties": {
            "dead-reason": _text("What is wrong, without the message's values."),
            "dead-service": _text("Who could not process it.", examples=["coverage"]),
            "dead-origin": _text("Topic, partition and offset.", examples=["sessions/0/42"]),
            "dead-time": _text("When, in UTC.", format="date-time"),
            "dead-cut": _text("Where it was larger than topics take: how many bytes it had."),
        },
    },
    "payload": {},
}

assert set(_ROLES) == {topic.name for topic in (*EVENTS, *INTERCHANGES)}
