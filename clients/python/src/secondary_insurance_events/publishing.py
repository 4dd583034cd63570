"""Messages for any Kafka client: topic, key, value and headers follow from the event."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from secondary_insurance_events import check, envelope
from secondary_insurance_events.envelope import Envelope
from secondary_insurance_events.topics import UPSTREAM_TOPICS
from secondary_insurance_events.types import Event


class Refusal(ValueError):
    """The services would not take the message, or it holds what cannot be meant; the text names each problem."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message, ready for a Kafka client."""

    topic: str
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


def message(event: Event, *, source: str, id: str | None = None, time: datetime | None = None) -> Message:
    """The message that publishes `event`.

    `source` is who publishes, such as `/practice-system`. `id` names the fact, so that publishing it again changes
    nothing; left out, it is a new UUID. `time` is when it happened, with its offset; left out, it is now.
    Raises Refusal: the services would not take it, or a date in it cannot be meant.
    """
    if event.topic not in UPSTREAM_TOPICS:
        raise Refusal(f"only the service {event.topic} publishes {event.wire_type()}")
    now = datetime.now(UTC)
    happened = time or now
    if happened.tzinfo is None:
        raise Refusal("`time` needs its offset, such as datetime.now(UTC)")
    written = envelope.first(event, id=id or str(uuid.uuid4()), source=source, now=happened.astimezone(UTC))
    headers = [("content-type", envelope.CONTENT_TYPE.encode())]
    ready = Message(event.topic, event.key().encode(), written.to_bytes(), headers)
    if found := problems(ready):
        raise Refusal("; ".join(f"{problem['field']}: {problem['problem']}. {problem['hint']}" for problem in found))
    return ready


def problems(message: Message) -> list[dict[str, Any]]:
    """What is wrong with a message, however it was made: each problem with its field and a hint."""
    today = datetime.now(UTC).date()
    return check.check(message.value, today, topic=message.topic, key=message.key.decode())["problems"]


def read(value: bytes, headers: Iterable[tuple[str, bytes | None]] = ()) -> Envelope:
    """The envelope of a message that the services published; `event` is None where this version does not know its type.

    Raises secondary_insurance_events.envelope.UnreadableError: it is no event.
    """
    return envelope.read(value, headers)
