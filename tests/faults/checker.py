"""The independent checker: reads what went in and what came out, and nothing of the services' own state."""

from collections import Counter
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.events import envelope
from shared.events.claims import ClaimSubmitted
from shared.events.notification import LetterSent
from shared.events.settlement import ClientCharged, CostFinalized, PayoutScheduled
from shared.events.topics import ALL, CLIENT_PARTITIONS
from shared.events.types import Event

OUTPUTS = ("coverage", "claims", "settlement", "notification")
EACH_ONCE = ("charged", "claimed", "paid out", "finalized")
"""What must come of every session, exactly once."""


def fact(event: Event | None) -> tuple[str, str] | None:
    """The business fact that an outgoing event states: session and what happened; None: not one of those counted."""
    match event:
        case ClientCharged(session_id=session, purpose="estimate"):
            return session, "charged"
        case ClaimSubmitted(session_id=session, level="primary", frequency="1"):
            return session, "claimed"
        case PayoutScheduled(session_id=session, restated=False):
            return session, "paid out"
        case CostFinalized(session_id=session, edition=1):
            return session, "finalized"
        case LetterSent():
            return event.letter_id, "letter"
        case _:
            return None


@dataclass
class Checker:
    """What came out so far. The same event id again is what at-least-once means, and no doubling."""

    bootstrap: str
    facts: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    dead: Counter[str] = field(default_factory=Counter[str])
    repeated: int = 0
    _seen: set[str] = field(default_factory=set[str])

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
                    self._came(envelope.read(record.value, record.headers))

    def _dead(self, headers: dict[str, bytes]) -> None:
        origin = headers["dead-service"] + b" " + headers["dead-origin"]
        if origin.decode() not in self._seen:
            self._seen.add(origin.decode())
            failed = b"the handler of" in headers["dead-reason"]
            self.dead[headers["dead-reason"].decode() if failed else "unreadable"] += 1

    def _came(self, message: envelope.Envelope) -> None:
        if message.id in self._seen:
            self.repeated += 1
            return
        self._seen.add(message.id)
        if (stated := fact(message.event)) is not None:
            self.facts[stated] += 1

    def unfinished(self, sessions: dict[str, str]) -> list[str]:
        """The sessions of which something is still to come."""
        return [session for session in sessions if any(not self.facts[session, what] for what in EACH_ONCE)]

    def lost(self, sessions: dict[str, str]) -> int:
        """Sessions of which nothing at all has come."""
        return sum(not any(self.facts[session, what] for what in EACH_ONCE) for session in sessions)

    def doubled(self) -> list[str]:
        """Business facts that were stated under more than one id."""
        return [f"{about}: {what}" for (about, what), count in self.facts.items() if count > 1]

    def failed_handlers(self) -> dict[str, int]:
        """Messages set aside because a handler failed, by reason: garbage is not among them."""
        return {reason: count for reason, count in self.dead.items() if reason != "unreadable"}

    async def stop(self) -> None:
        """Close."""
        await self._consumer.stop()
