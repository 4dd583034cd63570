"""Of facts that replace each other the latest one holds, and only a new time is written."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest

from shared.runtime.late_or_wrong import latest
from shared.runtime.message import Message
from shared.runtime.transaction import Cause
from tests.runtime_probe.service import SERVICE

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
EARLIER = NOW - timedelta(days=1)


@pytest.fixture
async def connection(new_database):
    connection = await asyncpg.connect(await new_database(SERVICE))
    yield connection
    await connection.close()


def stated(key: str, time: datetime | None = NOW, replaces: str | None = "details") -> Message:
    event: Any = SimpleNamespace(replaces=replaces)
    incoming: Any = None
    return Message(incoming, event, Cause("cause", time=time), identity=(key, "", ""))


async def test_a_fact_that_is_older_than_the_one_handled_is_overtaken(connection):
    first, older, other, plain = stated("a"), stated("a", EARLIER), stated("b", EARLIER), stated("a", EARLIER, None)

    assert await latest.split(connection, [first, older, other, plain], NOW) == ([first, other, plain], [older])
    assert await latest.split(connection, [older], NOW) == ([], [older])


async def test_a_clock_ahead_of_ours_keeps_nothing_out(connection):
    ahead, after = stated("a", NOW + timedelta(days=9)), stated("a", None)

    assert await latest.split(connection, [ahead], NOW) == ([ahead], [])
    assert await latest.split(connection, [after], NOW) == ([after], [])


async def test_only_a_time_that_is_new_is_written(connection):
    await latest.split(connection, [stated("a"), stated("b", EARLIER)], NOW)
    written = await connection.fetch("select key, ctid, time from latest_fact order by key")

    await latest.split(connection, [stated("a"), stated("b", EARLIER), stated("a", EARLIER)], NOW)

    assert await connection.fetch("select key, ctid, time from latest_fact order by key") == written
