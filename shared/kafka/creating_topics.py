"""The topics as they should be: missing ones are created, differences reported. Nothing else creates topics."""

import asyncio
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from shared.events.topics import ALL, DAY_MS
from shared.kafka.kafka_access import KafkaAccess

_DEAD_MESSAGE_BYTES = 16 * 1024 * 1024
_SAFE_REPLICATION = 3


@dataclass(frozen=True, slots=True)
class WantedTopic:
    """A topic as it should be. `config` holds the broker's settings that matter to us."""

    name: str
    partitions: int
    replication: int
    config: dict[str, str]

    def new(self) -> NewTopic:
        """The request that makes it."""
        return NewTopic(self.name, self.partitions, self.replication, topic_configs=self.config)


class TopicsMissingError(KafkaError):
    """Topics are missing: `python -m shared.commands.topics create` makes them. The message names them."""


def wanted(replication: int, set_aside_days: int = 90) -> list[WantedTopic]:
    """Every topic and its dead letters. Of three copies two must be written before a message counts as written."""
    safe = {"min.insync.replicas": "2"} if replication >= _SAFE_REPLICATION else {}
    dead = {"max.message.bytes": str(_DEAD_MESSAGE_BYTES), "retention.ms": str(set_aside_days * DAY_MS), **safe}
    topics = [WantedTopic(topic.name, topic.partitions, replication, {**topic.config(), **safe}) for topic in ALL]
    return topics + [WantedTopic(topic.dead, 1, replication, dead) for topic in ALL]


def _access(kafka: KafkaAccess | str) -> KafkaAccess:
    return KafkaAccess.to(kafka) if isinstance(kafka, str) else kafka


async def create(kafka: KafkaAccess | str, replication: int = 1) -> list[str]:
    """Create the topics that are missing, wait until every partition has a leader, and return their names.

    Safe when several processes do it at once. Raises KafkaError where the broker cannot be reached, or refuses.
    """
    access = _access(kafka)
    topics = wanted(replication, access.settings.set_aside_days)
    admin = AIOKafkaAdminClient(client_id="topics", **access.client_options())
    try:
        await admin.start()
        present = set(await admin.list_topics())
        missing = [topic for topic in topics if topic.name not in present]
        if missing:
            _check(await admin.create_topics([topic.new() for topic in missing]))
        await _wait_for_leaders(admin, [topic.name for topic in topics])
        return [topic.name for topic in missing]
    finally:
        await admin.close()


def _check(answer: Any) -> None:
    """The answer has an error code for each topic; another process may have created some of them first."""
    for name, code, *_ in answer.topic_errors:
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError:
            raise error(f"the topic {name} cannot be created")


async def _wait_for_leaders(admin: AIOKafkaAdminClient, names: list[str]) -> None:
    for _ in range(300):
        described = await admin.describe_topics(names)
        if all(
            topic["error_code"] == 0
            and topic["partitions"]
            and all(part["leader"] >= 0 for part in topic["partitions"])
            for topic in described
        ):
            return
        await asyncio.sleep(0.1)
    raise KafkaError("the topics have no leaders after 30 seconds")


async def missing(kafka: KafkaAccess, names: list[str]) -> list[str]:
    """Which of these topics are not there (or not for us to see), in order of their names."""
    admin = AIOKafkaAdminClient(client_id="topics", request_timeout_ms=5_000, **kafka.client_options())
    try:
        await admin.start()
        described = await admin.describe_topics(names)
        return sorted(topic["topic"] for topic in described if topic["error_code"] != 0)
    finally:
        await admin.close()


async def differences(kafka: KafkaAccess, topics: list[WantedTopic], inbox_days: int | None = None) -> list[str]:
    """What is wrong with topics that exist, a sentence each; none where all is as it should be.

    `inbox_days`: how long handled ids are remembered. A topic that is read must not bring a
    message again after that.
    """
    admin = AIOKafkaAdminClient(client_id="topics", **kafka.client_options())
    try:
        await admin.start()
        described = {topic["topic"]: topic for topic in await admin.describe_topics([topic.name for topic in topics])}
        configured = await _configured(admin, [topic.name for topic in topics])
    finally:
        await admin.close()
    faults: list[str] = []
    for topic in topics:
        there = described[topic.name]
        if there["error_code"] != 0:
            faults.append(f"{topic.name} is missing")
            continue
        faults += _shape(topic, there["partitions"])
        faults += _settings(topic, configured.get(topic.name, {}), inbox_days)
    return faults


def _shape(topic: WantedTopic, partitions: list[dict[str, Any]]) -> list[str]:
    faults: list[str] = []
    if len(partitions) != topic.partitions:
        faults.append(f"{topic.name} has {len(partitions)} partitions instead of {topic.partitions}")
    fewest = min((len(part["replicas"]) for part in partitions), default=0)
    if fewest < topic.replication:
        faults.append(f"{topic.name} has {fewest} copies instead of {topic.replication}")
    return faults


def _settings(topic: WantedTopic, there: dict[str, str], inbox_days: int | None) -> list[str]:
    faults: list[str] = []
    for name, value in topic.config.items():
        current = there.get(name)
        if current is not None and current != value and (name != "retention.ms" or int(current) < int(value)):
            faults.append(f"{topic.name} has {name}={current} instead of {value}")
    keeps = int(there.get("retention.ms") or 0)
    compacted = "compact" in there.get("cleanup.policy", "")
    read = not topic.name.endswith(".dead")
    if inbox_days is not None and read and not compacted and (keeps < 0 or keeps > inbox_days * DAY_MS):
        days = "for ever" if keeps < 0 else f"{keeps // DAY_MS} days"
        faults.append(f"{topic.name} keeps messages {days}, longer than INBOX_DAYS ({inbox_days}) remembers them")
    return faults


async def _configured(admin: AIOKafkaAdminClient, names: list[str]) -> dict[str, dict[str, str]]:
    """The broker's settings of each topic that exists and that we may look at."""
    answers: list[Any] = await admin.describe_configs(
        [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    )
    return {
        name: {entry[0]: entry[1] for entry in entries}
        for answer in answers
        for error, _, _, name, entries in answer.resources
        if error == 0
    }


async def find(kafka: KafkaAccess, names: list[str], inbox_days: int) -> list[str]:
    """What is wrong with the topics of these names, a sentence each. Raises TopicsMissingError."""
    absent = await missing(kafka, names)
    if absent:
        raise TopicsMissingError(f"topics are missing: {', '.join(absent)}")
    settings = kafka.settings
    topics = [topic for topic in wanted(settings.topic_replication, settings.set_aside_days) if topic.name in names]
    return await differences(kafka, topics, inbox_days)
