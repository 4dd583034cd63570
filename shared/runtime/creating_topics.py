"""The topics: who owns them, how many partitions, how long they keep. The one place that creates them."""

import asyncio
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from shared.events.topics import ALL


def _wanted(replication: int) -> list[NewTopic]:
    listed = [(topic.name, topic.partitions, topic.config()) for topic in ALL]
    listed += [(topic.dead, 1, {"max.message.bytes": str(16 * 1024 * 1024)}) for topic in ALL]
    return [NewTopic(name, count, replication, topic_configs=config) for name, count, config in listed]


async def create(bootstrap: str, replication: int = 1) -> None:
    """Create the topics that are missing, and wait until every partition has a leader.

    Safe when several processes do it at once. Raises KafkaError where the broker cannot be reached, or refuses.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="topics")
    try:
        await admin.start()
        present = set(await admin.list_topics())
        missing = [topic for topic in _wanted(replication) if topic.name not in present]
        if missing:
            _check(await admin.create_topics(missing))
        await _wait_for_leaders(admin, [topic.name for topic in _wanted(replication)])
    finally:
        await admin.close()


def _check(answer: Any) -> None:
    """The answer has an error code a topic; another process may have been quicker with some of them."""
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
