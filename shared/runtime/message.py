"""One polled message: the event that it carries, or the reason why it cannot be read."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from shared.events import envelope
from shared.events.envelope import Envelope, UnreadableError
from shared.events.topics import UPSTREAM_TOPICS
from shared.runtime import inbox
from shared.runtime.deadletter import Incoming
from shared.runtime.interchange import Interchange
from shared.runtime.transaction import Cause

_LONGEST_NAME_BYTES = 300
_WORTH_TWO = 100
"""From so many messages on, a second transaction costs less than the wait for the database that it fills."""


@dataclass(slots=True)
class Message:
    """One polled message, decoded: the event to handle, or the reason why it cannot be."""

    incoming: Incoming
    event: Any = None
    cause: Cause = field(default_factory=lambda: Cause(""))
    identity: inbox.Identity = ("", "", "")
    unreadable: str | None = None

    @property
    def key(self) -> str:
        """The key by which messages stay in order and are parked."""
        return self.identity[0]

    def incoming_of_key(self) -> Incoming:
        """The message under the key by which it is parked."""
        return replace(self.incoming, key=self.key)


def decode(incoming: Incoming, interchange_topic: str | None) -> Message:
    """The message's event; never raises, whatever the bytes."""
    try:
        if incoming.topic == interchange_topic:
            return _interchange(incoming)
        return _event(incoming, envelope.read(incoming.value, incoming.headers))
    except UnreadableError as error:
        return Message(incoming, unreadable=str(error))


def _event(incoming: Incoming, read: Envelope) -> Message:
    if read.event is not None and incoming.topic in UPSTREAM_TOPICS and incoming.topic != read.event.topic:
        raise UnreadableError(f"{read.type} is not read from {incoming.topic}: publish it to {read.event.topic}")
    if read.event is not None and incoming.key != read.event.key():
        wrong = "is not the event's key" if incoming.key else "is empty, so that its order is lost"
        raise UnreadableError(f"the message's key {wrong} ({type(read.event).noun_verb})")
    return Message(
        incoming,
        event=read.event,
        cause=Cause(read.id, read.correlation_id, read.traceparent, read.time, read.source),
        identity=(read.subject, read.source, read.id),
    )


def _interchange(incoming: Incoming) -> Message:
    if not incoming.value:
        raise UnreadableError("the interchange is empty")
    ids = [value for name, value in incoming.headers if name == "ce_id" and value]
    interchange = Interchange.incoming(incoming.key, incoming.value, ids[0].decode("utf-8", "replace") if ids else None)
    key, identity = interchange.key, interchange.id
    if max(len(key.encode()), len(identity.encode())) > _LONGEST_NAME_BYTES or not (key + identity).isprintable():
        raise UnreadableError("the interchange's key or `ce_id` is no printable text of up to 300 bytes")
    return Message(incoming, event=interchange, cause=Cause(identity), identity=(key, incoming.topic, identity))


def halves(messages: Sequence[Message]) -> list[list[Message]]:
    """The messages in two parts with no key in common, each in order; a small batch stays whole."""
    if len(messages) < _WORTH_TWO:
        return [list(messages)] if messages else []
    parts: tuple[list[Message], list[Message]] = ([], [])
    for message in messages:
        parts[zlib.crc32(message.key.encode()) & 1].append(message)
    return [part for part in parts if part]
