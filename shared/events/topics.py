"""The topics: who owns them, how many partitions, how long they keep."""

from dataclasses import dataclass

CLIENT_PARTITIONS = 6
"""The topics keyed by client share this count, so that a client is on the same partition of each."""


_MEGABYTE = 1024 * 1024


DAY_MS = 86_400_000
KEPT_DAYS = 30
"""How long the topics keep their messages. A database can be rebuilt from so far back, and the inbox must remember
longer (`INBOX_DAYS`)."""


@dataclass(frozen=True)
class Topic:
    """One topic. `compacted` keeps the last fact of every key for ever; the others keep 30 days."""

    name: str
    partitions: int = CLIENT_PARTITIONS
    compacted: bool = False
    max_message_bytes: int = 12 * _MEGABYTE

    @property
    def dead(self) -> str:
        """Where a consumer puts what it can never process."""
        return f"{self.name}.dead"

    def config(self) -> dict[str, str]:
        """The broker's settings for this topic."""
        keep = {"cleanup.policy": "compact"} if self.compacted else {"retention.ms": str(KEPT_DAYS * DAY_MS)}
        return {**keep, "max.message.bytes": str(self.max_message_bytes)}


SESSIONS = Topic("sessions")


CLIENTS = Topic("clients")


DIRECTORY = Topic("directory", compacted=True)


PAYMENTS = Topic("payments")


COVERAGE = Topic("coverage")


CLAIMS = Topic("claims")


SETTLEMENT = Topic("settlement")


NOTIFICATION = Topic("notification")


UPSTREAM = Topic("upstream")


PAYERS_OUTBOUND = Topic("payers.outbound")


PAYERS_INBOUND = Topic("payers.inbound")


UPSTREAM_TOPICS = frozenset({"sessions", "clients", "directory", "payments"})
"""What systems outside ours publish to."""


EVENTS = (SESSIONS, CLIENTS, DIRECTORY, PAYMENTS, COVERAGE, CLAIMS, SETTLEMENT, NOTIFICATION, UPSTREAM)


INTERCHANGES = (PAYERS_OUTBOUND, PAYERS_INBOUND)


ALL = (*EVENTS, *INTERCHANGES)
