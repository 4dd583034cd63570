"""Kafka with three brokers: every service starts on the list of them, and goes on when one is gone."""

import asyncio
from collections.abc import Iterator

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from deploy.embedded.services import Services
from deploy.embedded.stack import SERVICES, Stack
from shared.kafka import creating_topics
from shared.kafka.kafka_access import KafkaAccess

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("several brokers")]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with Stack.start(environ={}, brokers=3, fsync=False) as running:
        yield running


def test_every_service_starts_on_a_list_of_brokers_and_outlives_one_of_them(stack: Stack):
    services = Services(stack)
    services.start(dict.fromkeys(SERVICES, 1))
    services.wait(180)

    assert stack.kafka_bootstrap.count(",") == 2
    stack.cluster.brokers[0].kill()
    stack.cluster.brokers[0].start()
    stack.cluster.brokers[0].wait()
    services.wait(60)
    services.stop()


async def test_topics_have_three_copies_of_which_two_must_be_written(stack: Stack):
    access = KafkaAccess.to(stack.kafka_bootstrap)

    assert await creating_topics.differences(access, creating_topics.wanted(3), 35) == []
    differences = await creating_topics.differences(access, creating_topics.wanted(3, set_aside_days=400), 20)

    assert "sessions keeps messages 30 days, longer than INBOX_DAYS (20) remembers them" in differences
    assert any(line.startswith("sessions.dead has retention.ms=") for line in differences)


async def known_to_every_broker(access: KafkaAccess, deleted: str) -> None:
    """Wait until the deletion has reached every broker: each answers from its own copy of the metadata."""
    answers_in_a_row = 0
    for _ in range(300):
        answers_in_a_row = answers_in_a_row + 1 if deleted in await creating_topics.missing(access, [deleted]) else 0
        if answers_in_a_row == 20:
            return
        await asyncio.sleep(0.1)


async def test_a_topic_that_vanishes_is_named(stack: Stack):
    access = KafkaAccess.to(stack.kafka_bootstrap)
    admin = AIOKafkaAdminClient(bootstrap_servers=stack.kafka_bootstrap)
    await admin.start()
    await admin.delete_topics(["payments.dead"])
    await admin.close()
    await known_to_every_broker(access, "payments.dead")

    assert await creating_topics.missing(access, ["payments", "payments.dead"]) == ["payments.dead"]
    with pytest.raises(creating_topics.TopicsMissingError, match=r"payments\.dead"):
        await creating_topics.find(access, ["payments", "payments.dead"], 35)
    assert await creating_topics.create(access, 3) == ["payments.dead"]
