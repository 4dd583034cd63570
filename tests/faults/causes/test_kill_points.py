"""A service can be killed at a named point: its functions are wrapped before it runs, and die where that is armed."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import AsyncMock, Mock

import pytest
from aiokafka import AIOKafkaProducer

from services.notification.sending.delivery import SmtpSender
from shared.runtime import consume, positions
from shared.runtime.subscription import Subscription
from tests.faults.causes import kill_points
from tests.faults.causes.kill_points import Points


class Killed(BaseException):
    """In place of the signal."""


@pytest.fixture
def points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Points:
    """The points around functions that do nothing; they say what they have done."""
    monkeypatch.setattr(consume, "finish", AsyncMock())
    monkeypatch.setattr(positions, "note", AsyncMock())
    monkeypatch.setattr(positions, "columns", Mock())
    monkeypatch.setattr(Subscription, "_note", Mock())
    monkeypatch.setattr(SmtpSender, "deliver", AsyncMock())
    monkeypatch.setattr(AIOKafkaProducer, "send", AsyncMock())
    monkeypatch.setattr(kill_points.os, "kill", Mock(side_effect=Killed))
    return Points(tmp_path, "notification")


async def work(points: Points) -> list[str]:
    """What one message and its letter make a service do, in their order, until it is killed."""
    acknowledged: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    acknowledged.set_result(None)
    send: Any = AIOKafkaProducer.send
    send.return_value = acknowledged
    done = {"committed": consume.finish, "sent": send, "posted": SmtpSender.deliver, "positions": positions.note}
    kill_points.put_in_place(points)
    kill_points.put_into_the_sender(points)
    published: Any = {positions.Place(positions.PUBLISHED, "claims", 0): 1}
    try:
        await consume.finish(SimpleNamespace())  # pyright: ignore[reportArgumentType]
        await AIOKafkaProducer.send(SimpleNamespace(), "claims")  # pyright: ignore[reportArgumentType]
        positions.columns(published)
        Subscription._note(SimpleNamespace(), [])  # pyright: ignore[reportArgumentType, reportPrivateUsage]
        await positions.note(AsyncMock(), {})
        await SmtpSender.deliver(SimpleNamespace(), SimpleNamespace())  # pyright: ignore[reportArgumentType]
    except Killed:
        return [name for name, mock in done.items() if mock.called]
    return ["survived"]


@pytest.mark.parametrize(
    ("point", "done"),
    [
        (kill_points.BEFORE_COMMIT, ["committed"]),
        (kill_points.BEFORE_PUBLISHING, ["committed"]),
        (kill_points.WHILE_PUBLISHING, ["committed", "sent"]),
        (kill_points.BEFORE_DELETING, ["committed", "sent"]),
        (kill_points.BEFORE_OFFSETS, ["committed", "sent"]),
        (kill_points.BEFORE_POSITIONS, ["committed", "sent"]),
        (kill_points.BEFORE_NOTE, ["committed", "sent", "posted", "positions"]),
    ],
)
async def test_it_dies_once_at_the_point_that_is_armed(points: Points, point: str, done: list[str]):
    points.arm(point)

    assert await work(points) == done
    assert not points.armed(point)


async def test_nobody_dies_where_nothing_is_armed(points: Points):
    points.arm(kill_points.BEFORE_COMMIT)
    assert points.disarm(kill_points.BEFORE_COMMIT)

    assert await work(points) == ["survived"]
