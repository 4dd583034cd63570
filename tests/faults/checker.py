"""The independent checker: reads what went in and what came out, and nothing of the services' own state."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.events import envelope
from shared.events.claims import ClaimRejected, ClaimSubmitted
from shared.events.notification import LetterSent
from shared.events.settlement import ClientCharged, CostFinalized, PayoutScheduled, RefundIssued, RefundRequested
from shared.events.topics import ALL, CLIENT_PARTITIONS
from shared.events.types import Event

OUTPUTS = ("coverage", "claims", "settlement", "notification")
EACH_ONCE = ("charged", "claimed from the primary", "paid out", "finalized")
"""What must come of every session, exactly once."""
WITH_TWO_PLANS = (*EACH_ONCE, "claimed from the secondary", "refund asked for", "refunded")
"""The second plan takes over what the first one leaves: part of the estimate goes back."""

Fact = tuple[str, str]


def fact(event: Event | None) -> Fact | None:
    """The business fact that an outgoing event states: session and what happened; None: not one of those counted."""
    match event:
        case ClientCharged(session_id=session, purpose="estimate"):
            return session, "charged"
        case ClaimSubmitted(session_id=session, level=level, frequency="1"):
            return session, f"claimed from the {level}"
        case PayoutScheduled(session_id=session, restated=False, postponed_from=None):
            return session, "paid out"
        case CostFinalized(session_id=session, edition=1):
            return session, "finalized"
        case RefundRequested(session_id=session):
            return session, "refund asked for"
        case RefundIssued(session_id=session):
            return session, "refunded"
        case LetterSent():
            return event.letter_id, "letter"
        case _:
            return None


@dataclass(frozen=True)
class Seen:
    """One message that came out: when, where it stands, what it says, and which message brought it about."""

    at: float
    where: str
    type: str
    id: str
    cause: str
    says: Mapping[str, Any]

    def said(self) -> str:
        """In one line, with what tells one claim, payment or decision from another."""
        telling = {name: self.says[name] for name in _TELLING if self.says.get(name) is not None}
        return f"{self.where} {self.type} {telling} id {self.id[-12:]} from {self.cause[-24:]}"


_TELLING = (
    "control",
    "level",
    "frequency",
    "reason",
    "edition",
    "idempotency_key",
    "amount_cents",
    "decision",
    "codes",
)


@dataclass
class Checker:
    """What came out so far. The same event id again is what at-least-once means, and no doubling."""

    bootstrap: str
    facts: Counter[Fact] = field(default_factory=Counter[Fact])
    dead: Counter[str] = field(default_factory=Counter[str])
    repeated: int = 0
    came: dict[str, list[Seen]] = field(default_factory=dict[str, list[Seen]])
    """Of each client, in the order of arrival."""
    _seen: set[str] = field(default_factory=set[str])
    _rejected: Counter[Fact] = field(default_factory=Counter[Fact])

    async def start(self) -> None:
        """Read every output from its beginning."""
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_partition_fetch_bytes=1024 * 1024,
        )
        await self._consumer.start()
        parts = [TopicPartition(name, n) for name in OUTPUTS for n in range(CLIENT_PARTITIONS)]
        parts += [TopicPartition(topic.dead, 0) for topic in ALL]
        self._consumer.assign(parts)
        await self._consumer.seek_to_beginning()

    async def look(self) -> None:
        """Take up what has come."""
        for part, records in (await self._consumer.getmany(timeout_ms=200)).items():
            for record in records:
                if part.topic.endswith(".dead"):
                    self._dead(dict(record.headers))
                else:
                    where = f"{part.topic}/{part.partition}@{record.offset}"
                    self.take(envelope.read(record.value, record.headers), where, time.monotonic())

    async def catch_up(self) -> None:
        """Take up everything that has come by now, however long that takes."""
        parts = self._consumer.assignment()
        for part, end in (await self._consumer.end_offsets(parts)).items():
            while await self._consumer.position(part) < end:
                await self.look()

    def _dead(self, headers: dict[str, bytes]) -> None:
        origin = headers["dead-service"] + b" " + headers["dead-origin"]
        if origin.decode() not in self._seen:
            self._seen.add(origin.decode())
            failed = b"the handler of" in headers["dead-reason"]
            self.dead[headers["dead-reason"].decode() if failed else "unreadable"] += 1

    def take(self, message: envelope.Envelope, where: str, at: float) -> None:
        """Count one message that came out."""
        if message.event is not None:
            says = message.event.model_dump(mode="json")
            seen = Seen(at, where, message.event.noun_verb, message.id, message.causation_id or "", says)
            self.came.setdefault(message.subject, []).append(seen)
        if message.id in self._seen:
            self.repeated += 1
            return
        self._seen.add(message.id)
        if isinstance(message.event, ClaimRejected):
            self._rejected[message.event.session_id, f"claimed from the {message.event.level}"] += 1
        if (stated := fact(message.event)) is not None:
            self.facts[stated] += 1

    def missing(self, sessions: Mapping[str, tuple[str, ...]]) -> list[Fact]:
        """What is still to come; `sessions` says what must come of each."""
        return [(name, what) for name, expected in sessions.items() for what in expected if not self.facts[name, what]]

    def lost(self, sessions: Mapping[str, tuple[str, ...]]) -> list[str]:
        """Sessions of which nothing at all has come."""
        begun = {name for (name, _), count in self.facts.items() if count}
        return [name for name in sessions if name not in begun]

    def doubled(self) -> list[Fact]:
        """Facts that came more than once, under different ids. A rejected claim may be sent once more."""
        return [stated for stated, count in self.facts.items() if count > 1 + self._rejected[stated]]

    def failed_handlers(self) -> dict[str, int]:
        """Messages set aside because a handler failed, by reason: garbage is not among them."""
        return {reason: count for reason, count in self.dead.items() if reason != "unreadable"}

    def story(self, client: str, faults: Mapping[float, str], began: float) -> Iterator[str]:
        """What came of one client, and which faults happened meanwhile, in the order of time."""
        lines = [(seen.at, seen.said()) for seen in self.came.get(client, [])]
        if lines:
            until = lines[-1][0]
            lines += [(at, f"--- {name}") for at, name in faults.items() if at <= until]
        else:
            lines = [(at, f"--- {name}") for at, name in faults.items()]
        for at, line in sorted(lines):
            yield f"{at - began:7.1f} s {line}"

    async def stop(self) -> None:
        """Close."""
        await self._consumer.stop()
