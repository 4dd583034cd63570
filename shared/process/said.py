"""What a service has said before: the messages of its own that are on the topics. A rebuild says none of it again."""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from shared.events import envelope
from shared.events.envelope import Envelope, UnreadableError
from shared.events.topics import INTERCHANGES
from shared.kafka.topic_reader import Record
from shared.runtime.outbox import Outgoing

_X12 = {topic.name for topic in INTERCHANGES}
_NOT_IN_0_1 = frozenset({"idempotency_key", "decision"})
"""What 0.1 did not say of payouts: they are known again without it, as long as topics reach back to that release."""
_ENVELOPE_SEGMENTS = (b"ISA", b"GS*", b"ST*", b"BHT", b"SE*", b"GE*", b"IEA")


class Said:
    """What was said, by id and by content: a fact may be reached by another way, and its id comes of the way."""

    def __init__(self, service: str) -> None:
        self._source = f"/{service}"
        self._digests: set[bytes] = set()
        self.events: list[Envelope] = []
        self.again = 0

    def add(self, record: Record) -> None:
        """Take down a record of a topic, if it is this service's own."""
        if record.topic in _X12:
            sources = [value for name, value in record.headers if name == "ce_source"]
            if self._source.encode() in sources or (b"/" + self._source.encode()) in sources:
                self._digests.update(_of_interchange(record.topic, record.value or b""))
            return
        try:
            message = envelope.read(record.value, record.headers)
        except UnreadableError:
            return
        if message.source == self._source:
            self._digests.update(_of_event(record.value or b""))
            self.events.append(message)

    def mute(self, outgoing: Outgoing) -> bool:
        """Whether this was said before."""
        if outgoing.topic in _X12:
            digests = _of_interchange(outgoing.topic, outgoing.value)
        elif outgoing.topic.endswith(".dead"):
            return True
        else:
            digests = (*_of_event(outgoing.value), _as_in_0_1(outgoing.value))
        before = any(digest in self._digests for digest in digests)
        self.again += before
        return before


def _digest(*parts: bytes) -> bytes:
    return hashlib.blake2b(b"\0".join(parts), digest_size=16).digest()


def _of_event(value: bytes) -> Iterable[bytes]:
    document: dict[str, Any] = json.loads(value)
    yield _digest(b"id", str(document["id"]).encode())
    yield _of_content(document, document.get("data"))


def _as_in_0_1(value: bytes) -> bytes:
    document: dict[str, Any] = json.loads(value)
    return _of_content(document, {name: said for name, said in document["data"].items() if name not in _NOT_IN_0_1})


def _of_content(document: dict[str, Any], data: Any) -> bytes:
    said = json.dumps(data, sort_keys=True).encode()
    return _digest(str(document["type"]).encode(), str(document.get("subject")).encode(), said)


def _of_interchange(topic: str, value: bytes) -> Iterable[bytes]:
    """An interchange without its envelope, whose dates and numbers are those of the moment."""
    segments = [segment.strip() for segment in value.split(b"~")]
    yield _digest(topic.encode(), *(segment for segment in segments if not segment.startswith(_ENVELOPE_SEGMENTS)))
