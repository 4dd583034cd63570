"""What counts as an answer of Kafka, and what a request that times out ends."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import RequestTimedOutError
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.group import HeartbeatRequest

from shared.kafka.answers import Answers, longest_answer_ms

HEARTBEAT = HeartbeatRequest("group", 1, "member")
FETCH = FetchRequest(500, 1, 1_000, 0, [], rack_id="")
UNKNOWN_MEMBER, REBALANCES = 25, 27


class Connection:
    """aiokafka's, as far as it can be silent."""

    def __init__(self, heard_at: float) -> None:
        self._last_action = heard_at
        self.closed = False

    def connected(self) -> bool:
        return not self.closed

    def close(self, reason: object) -> None:
        self.closed = True


class Client:
    """Answers with an error code, or does not."""

    def __init__(self) -> None:
        self._conns: dict[Any, Connection] = {}
        self.code: int | None = 0

    async def send(self, node: int, request: object, *, group: object = None) -> Any:
        await asyncio.sleep(0.01)
        if self.code is None:
            raise RequestTimedOutError
        return SimpleNamespace(error_code=self.code)


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def answers(client: Client) -> Answers:
    """Watches the client; the last heartbeat and the last fetch were a minute ago."""
    answers = Answers()
    answers.watch(SimpleNamespace(_client=client))
    answers._heartbeat_at = answers._fetch_at = time.monotonic() - 60
    return answers


async def test_heartbeats_and_fetches_that_are_answered_count_each_for_itself(answers: Answers, client: Client):
    await client.send(1, FETCH)
    assert (answers.heartbeat_within(30), answers.fetch_within(30)) == (False, True)

    client.code = REBALANCES
    await client.send(1, HEARTBEAT, group=1)
    assert answers.heartbeat_within(30)


async def test_a_member_that_kafka_does_not_know_has_no_heartbeat(answers: Answers, client: Client):
    client.code = UNKNOWN_MEMBER

    await client.send(1, HEARTBEAT, group=1)

    assert not answers.heartbeat_within(30)


async def test_while_partitions_moved_or_a_batch_was_in_hand_nothing_was_to_be_expected(answers: Answers):
    answers.fetch_anew()
    assert (answers.heartbeat_within(30), answers.fetch_within(30)) == (False, True)

    answers.count_anew()
    assert answers.heartbeat_within(30)


async def test_a_request_that_times_out_ends_every_connection_that_was_silent_meanwhile(
    answers: Answers, client: Client
):
    now = time.monotonic()
    client._conns = {"silent": Connection(now - 60), "silent too": Connection(now - 1), "heard": Connection(now + 60)}
    client.code = None

    with pytest.raises(RequestTimedOutError):
        await client.send(1, HEARTBEAT, group=1)

    assert [name for name, connection in client._conns.items() if connection.closed] == ["silent", "silent too"]
    assert not answers.heartbeat_within(30)


def test_an_answer_is_awaited_longer_than_a_join_may_take():
    assert longest_answer_ms(6_000) > 6_000 + 5_000


def test_aiokafka_still_has_what_is_watched():
    from aiokafka.client import AIOKafkaClient
    from aiokafka.conn import AIOKafkaConnection

    assert {"_conns", "send"} <= {*AIOKafkaClient.__init__.__code__.co_names, *dir(AIOKafkaClient)}
    assert "_last_action" in AIOKafkaConnection.__init__.__code__.co_names
