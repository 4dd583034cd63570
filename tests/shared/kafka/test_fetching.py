"""When a consumer asks the broker for more."""

import asyncio
from typing import Any

import pytest

from shared.kafka.fetching import FetchPace

FETCH, RESETS = ("node", "request"), {"node": ["partition"]}


class Fetcher:
    """aiokafka's, as far as its pace goes: it wants a fetch whenever it is asked."""

    def __init__(self) -> None:
        self._wait_consume_future = None
        self.notified = 0

    def _get_actions_per_node(self, assignment: object):
        return [FETCH], RESETS, 0.2, False, []

    def _notify(self, future: object) -> None:
        self.notified += 1


class Consumer:
    def __init__(self) -> None:
        self._fetcher = Fetcher()


@pytest.fixture
def consumer() -> Consumer:
    return Consumer()


def fetches(consumer: Consumer) -> Any:
    actions = consumer._fetcher._get_actions_per_node(None)
    assert actions[1] == RESETS, "what is no fetch is never held back"
    return actions[0]


async def test_who_waits_with_nothing_in_hand_fetches_at_once(consumer):
    pace = FetchPace(consumer, 60.0)

    pace.polls()
    pace.polled(0)
    pace.polls()

    assert fetches(consumer) == [FETCH]


async def test_nothing_is_fetched_beside_a_batch_nor_right_after_it(consumer):
    pace = FetchPace(consumer, 60.0)
    pace.polled(3)
    assert fetches(consumer) == []
    pace.polls()
    assert fetches(consumer) == []
    assert consumer._fetcher._get_actions_per_node(None)[2] <= 0.2


async def test_after_what_was_gathered_more_is_fetched(consumer):
    pace = FetchPace(consumer, 0.001)
    pace.polled(3)
    pace.polls()
    await asyncio.sleep(0.01)

    assert fetches(consumer) == [FETCH]
    assert consumer._fetcher.notified == 1


async def test_beside_a_large_batch_the_next_one_is_fetched(consumer):
    pace = FetchPace(consumer, 60.0)

    pace.polled(500)

    assert fetches(consumer) == [FETCH]


def test_aiokafka_still_has_what_is_paced():
    from aiokafka.consumer.fetcher import Fetcher as Real

    assert callable(Real._get_actions_per_node)
    assert callable(Real._notify)
