"""Readiness and the watch over the broker see it again after a connection that died without a word."""

import asyncio
from typing import Any

import pytest

from shared.process.broker_ping import BrokerPing


class Broker:
    """A broker whose client finds out that its connection is dead when its own question times out, and not before."""

    def __init__(self) -> None:
        self.timed_out = asyncio.Event()
        self.asked = 0

    async def ping(self, timeout: float | None) -> bool:  # noqa: ASYNC109 - its name is FastStream's
        """As FastStream's: without a time-out it goes on until there is an answer."""
        assert timeout is None
        self.asked += 1
        await self.timed_out.wait()
        return True


@pytest.fixture
async def ping() -> Any:
    ping: Any = BrokerPing(Broker())  # pyright: ignore[reportArgumentType]
    yield ping
    ping.stop()


async def test_a_question_goes_on_when_nobody_waits_for_it_any_more(ping: Any):
    assert not await ping.answers(0.01)
    assert not await ping.answers(0.01)
    assert ping._broker.asked == 1
    ping._broker.timed_out.set()

    assert await ping.answers(10)
    assert await ping.answers(10)
    assert ping._broker.asked == 2, "an answer counts once"


async def test_a_question_that_fails_or_is_stopped_is_no_answer_and_is_asked_again(ping: Any):
    assert not await ping.answers(0.01)
    ping.stop()
    assert not await ping.answers(0.01)

    ping._broker.timed_out.set()

    assert await ping.answers(10)
