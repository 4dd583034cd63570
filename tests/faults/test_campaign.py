"""Faults come side by side where a campaign is asked for that."""

import asyncio
import random
from typing import Any
from unittest.mock import AsyncMock, Mock

from tests.faults import campaign
from tests.faults.campaign import Campaign


async def test_a_fault_comes_while_another_heals(monkeypatch: Any) -> None:
    monkeypatch.setattr(campaign, "_EVERY_SECONDS", 0.01)
    first, second = asyncio.Event(), asyncio.Event()

    async def heals_once_another_came() -> int:
        (second if first.is_set() else first).set()
        await asyncio.wait_for(second.wait(), 10)
        return 1

    faults = Mock(listed=lambda: [("fault", heals_once_another_came)])
    stream, checker = Mock(sessions={}, session=AsyncMock()), Mock(look=AsyncMock())

    assert await Campaign(faults, stream, checker, random.Random(1), at_once=2).run(0.3) >= 2
