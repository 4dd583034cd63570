"""The wire against the document: every message of a broker is what `asyncapi.json` says it is."""

import asyncio
import json
from collections import Counter
from contextlib import suppress
from functools import cache
from typing import Any

from aiokafka import AIOKafkaConsumer
from jsonschema import Draft202012Validator, FormatChecker

from shared.events import envelope, schemas
from shared.events.topics import ALL, INTERCHANGES

DOCUMENT = json.loads(schemas.ASYNCAPI.read_text())


async def differences(bootstrap: str) -> tuple[Counter[str], list[str]]:
    """How many messages of each kind there are, and what is not as the document says."""
    seen, found = Counter[str](), list[str]()
    names = [name for topic in ALL for name in (topic.name, topic.dead)]
    consumer = AIOKafkaConsumer(*names, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    await consumer.start()
    try:
        places = sorted(consumer.assignment())
        for name in names:
            wanted = DOCUMENT["channels"][name]["bindings"]["kafka"]["partitions"]
            if (count := len([place for place in places if place.topic == name])) != wanted:
                found.append(f"{name} has {count} partitions, not {wanted}")
        ends = await consumer.end_offsets(places)
        while [place for place in places if await consumer.position(place) < ends[place]]:
            for batch in (await consumer.getmany(timeout_ms=1000)).values():
                for message in batch:
                    kind, wrong = _judge(message)
                    seen[kind] += 1
                    found += [f"{kind}: {problem}" for problem in wrong]
    finally:
        with suppress(asyncio.CancelledError):  # aiokafka cancels a task of its own that has not begun, and awaits it
            await consumer.stop()
    return seen, found


def _judge(message: Any) -> tuple[str, list[str]]:
    headers = {name: value.decode() for name, value in message.headers}
    if message.topic.endswith(".dead"):
        return message.topic, [f"dead letter: {headers.get('dead-reason')}"]
    if message.topic in {topic.name for topic in INTERCHANGES}:
        lacking = [name for name in ("ce_specversion", "ce_id", "ce_source", "ce_type") if name not in headers]
        wrong = [] if message.value.startswith(b"ISA") and b"-" in message.key else ["no interchange"]
        return message.topic, [*wrong, *(f"no header {name}" for name in lacking)]
    document = json.loads(message.value)
    kind = document["type"]
    said = DOCUMENT["components"]["messages"].get(kind)
    if said is None or kind not in {f"{message.topic}.{name}.v1" for name in _messages(message.topic)}:
        return kind, [f"not in the document on {message.topic}"]
    event = envelope.read(message.value, message.headers).event
    assert event is not None
    wrong = [] if message.key.decode() == event.key() else [f"key {message.key.decode()}"]
    if headers.get("content-type", envelope.CONTENT_TYPE) != said["headers"]["properties"]["content-type"]["const"]:
        wrong.append(f"content type {headers['content-type']}")
    return kind, [
        *wrong,
        *(f"{error.json_path}: {error.message[:200]}" for error in _schema(kind).iter_errors(document)),
    ]


def _messages(topic: str) -> set[str]:
    return set(DOCUMENT["channels"][topic]["messages"])


@cache
def _schema(kind: str) -> Draft202012Validator:
    """The published schema, but nothing that it does not name is allowed."""
    reference = DOCUMENT["components"]["messages"][kind]["payload"]["schema"]["$ref"]
    return Draft202012Validator(
        _closed(json.loads((schemas.HERE / reference).read_text())), format_checker=FormatChecker()
    )


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(part) for name, part in schema.items()}
    if "properties" in closed and closed.get("type") == "object":
        closed["additionalProperties"] = False
    return closed
