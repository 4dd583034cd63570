"""What the checker may look at: what payers and we sent each other, what was published, and the public end states."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared import clock
from shared.events import envelope
from shared.events.topics import ALL, INTERCHANGES, PAYERS_OUTBOUND
from shared.events.types import ClientEvent
from tests.faults import mix_x12
from tests.faults.mix_stage import StageHand
from tests.faults.mix_x12 import Benefits, Remitted, SentClaim

_STATED = ("coverage", "claims", "settlement", "payments")


@dataclass(frozen=True)
class ClaimRow:
    """Where a claim stands in the end."""

    payer_id: str
    state: str
    reason: str | None


@dataclass(frozen=True)
class Waits:
    """Something that falls due."""

    service: str
    name: str
    due_at: datetime


@dataclass
class Evidence:
    """Everything that the checker goes by. Sessions and clients are keyed by their ids."""

    ended_at: datetime
    sent: list[SentClaim] = field(default_factory=list[SentClaim])
    remitted: list[Remitted] = field(default_factory=list[Remitted])
    benefits: list[Benefits] = field(default_factory=list[Benefits])
    events: dict[str, list[ClientEvent]] = field(default_factory=lambda: defaultdict[str, list[ClientEvent]](list))
    final_cents: dict[str, int | None] = field(default_factory=dict[str, int | None])
    queued: dict[str, list[str]] = field(default_factory=lambda: defaultdict[str, list[str]](list))
    ever_queued: dict[str, list[str]] = field(default_factory=lambda: defaultdict[str, list[str]](list))
    reviewed: dict[str, list[str]] = field(default_factory=lambda: defaultdict[str, list[str]](list))
    claims: dict[str, list[ClaimRow]] = field(default_factory=lambda: defaultdict[str, list[ClaimRow]](list))
    waits: dict[str, list[Waits]] = field(default_factory=lambda: defaultdict[str, list[Waits]](list))
    ledger_cents: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict[str, dict[str, int]](dict))
    set_aside: dict[str, int] = field(default_factory=dict[str, int])


async def gather(stage: StageHand) -> Evidence:
    """Read every topic from its beginning, and the end states."""
    evidence = Evidence(clock.now())
    await _messages(stage, evidence)
    await _rows(stage, evidence)
    return evidence


async def _messages(stage: StageHand, evidence: Evidence) -> None:
    listened = [topic for topic in ALL if topic.name in _STATED or topic in INTERCHANGES]
    parts = [TopicPartition(topic.name, number) for topic in listened for number in range(topic.partitions)]
    consumer = AIOKafkaConsumer(bootstrap_servers=stage.stack.kafka_bootstrap, isolation_level="read_committed")
    await consumer.start()
    consumer.assign(parts)
    await consumer.seek_to_beginning()
    ends, records = await consumer.end_offsets(parts), list[Any]()
    while any([await consumer.position(part) < ends[part] for part in parts]):
        for batch in (await consumer.getmany(timeout_ms=500)).values():
            records += batch
    await consumer.stop()
    seen, files = set[str](), set[bytes]()
    for number, record in enumerate(
        sorted(records, key=lambda record: (record.timestamp, record.partition, record.offset))
    ):
        if record.topic in _STATED:
            message = envelope.read(record.value, record.headers)
            if message.id not in seen and isinstance(message.event, ClientEvent):
                seen.add(message.id)
                evidence.events[getattr(message.event, "session_id", None) or message.event.client_id].append(
                    message.event
                )
        elif record.topic == PAYERS_OUTBOUND.name:
            evidence.sent += mix_x12.sent_claims(number, record.value)
        elif record.value not in files:  # the same file again says nothing new
            files.add(record.value)
            payer_id = record.key.decode().rsplit("-", 1)[0]
            evidence.remitted += mix_x12.remitted(number, payer_id, record.value)
            evidence.benefits += mix_x12.reported(record.value)


async def _rows(stage: StageHand, evidence: Evidence) -> None:
    claims, settlement = stage.databases["claims"], stage.databases["settlement"]
    for row in await settlement.fetch("select session_id, final_cost_cents from sessions"):
        evidence.final_cents[row["session_id"]] = row["final_cost_cents"]
    for row in await settlement.fetch("select session_id, reason from reviews where closed_at is null"):
        evidence.reviewed[row["session_id"]].append(row["reason"])
    for row in await settlement.fetch(
        "select session_id, account, sum(cents) as cents from ("
        " select session_id, debit::text as account, cents from postings"
        " union all select session_id, credit::text, -cents from postings) as sides group by 1, 2"
    ):
        evidence.ledger_cents[row["session_id"]][row["account"]] = int(row["cents"])
    for row in await claims.fetch("select session_id, payer_id, state, reason from claims order by role"):
        evidence.claims[row["session_id"]].append(ClaimRow(row["payer_id"], row["state"], row["reason"]))
    for row in await claims.fetch("select client_id, session_id, reason, resolved_at from work_queue"):
        whose = row["session_id"] or row["client_id"]
        evidence.ever_queued[whose].append(row["reason"])
        if row["resolved_at"] is None:
            evidence.queued[whose].append(row["reason"])
    for service, database in stage.databases.items():
        evidence.set_aside[service] = int(await database.fetchval("select count(*) from set_aside"))
        if service != "payers":
            for row in await database.fetch("select client_id, subject, name, due_at from timers"):
                waits = Waits(service, row["name"], row["due_at"])
                evidence.waits[row["subject"].partition("/")[0]].append(waits)
                evidence.waits[row["client_id"]].append(waits)
