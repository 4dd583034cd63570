"""What has served its purpose is forgotten: in bounded batches, by one replica at a time, never what still waits."""

from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr

from services.claims.app import SERVICE as CLAIMS
from services.notification.app import SERVICE as NOTIFICATION
from shared.runtime import retention
from shared.runtime.service import Service
from tests.harness import ServiceUnderTest

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
OLD, FRESH = NOW - timedelta(days=731), NOW - timedelta(days=729)


async def forget(sut: ServiceUnderTest, service: Service, **settings: Any) -> bool:
    """One round of the service's upkeep."""
    config = service.settings(database_url=SecretStr(sut.dsn), kafka_bootstrap_servers="127.0.0.1:1", **settings)
    async with sut.pool.acquire() as connection, connection.transaction():
        return await retention.forget(connection, service.retains, config, NOW)


@pytest.fixture
async def claims(service_under_test: Any) -> ServiceUnderTest:
    return await service_under_test(CLAIMS)


async def keep(sut: ServiceUnderTest, name: str, at: datetime) -> None:
    await sut.pool.execute("insert into interchanges values ($1, 'sent', 'P1', $2, 'ISA')", name, at)
    await sut.pool.execute("insert into mentions values ('key', $1), ('other', $1)", name)


async def test_interchanges_go_with_their_mentions_once_no_appeal_needs_them(claims: ServiceUnderTest):
    await keep(claims, "old", OLD)
    await keep(claims, "fresh", FRESH)

    assert not await forget(claims, CLAIMS)

    assert [row["interchange_id"] for row in await claims.pool.fetch("select * from interchanges")] == ["fresh"]
    assert await claims.pool.fetchval("select count(*) from mentions where interchange_id = 'old'") == 0
    assert await claims.pool.fetchval("select count(*) from mentions where interchange_id = 'fresh'") == 2


async def test_the_setting_says_for_how_long(claims: ServiceUnderTest):
    await keep(claims, "fresh", FRESH)

    await forget(claims, CLAIMS, evidence_days=400)

    assert await claims.pool.fetchval("select count(*) from interchanges") == 0


async def test_so_many_go_at_a_time_and_the_rest_follows(claims: ServiceUnderTest):
    for number in range(60):
        await keep(claims, f"old-{number}", OLD)

    assert await forget(claims, CLAIMS)
    assert await claims.pool.fetchval("select count(*) from interchanges") == 10
    assert not await forget(claims, CLAIMS)
    assert await claims.pool.fetchval("select count(*) from interchanges") == 0


async def test_one_replica_forgets_at_a_time(claims: ServiceUnderTest):
    await keep(claims, "old", OLD)
    other = await asyncpg.connect(claims.dsn)
    async with other.transaction():
        await other.fetchval("select pg_try_advisory_xact_lock($1)", retention.LOCK)
        assert not await forget(claims, CLAIMS)
        assert await claims.pool.fetchval("select count(*) from interchanges") == 1
    await other.close()

    await forget(claims, CLAIMS)

    assert await claims.pool.fetchval("select count(*) from interchanges") == 0


async def test_the_evidence_of_what_was_resolved_goes_and_who_resolved_it_stays(claims: ServiceUnderTest):
    sql = "insert into work_queue values ('c', $1, 's', 'unmatched', '', '{\"claim\": 1}', $2, $3, 'pat', 'posted')"
    await claims.pool.execute(sql, "resolved", OLD, OLD)
    await claims.pool.execute(sql, "lately", OLD, FRESH)
    await claims.pool.execute(sql, "open", OLD, None)

    await forget(claims, CLAIMS)

    rows = await claims.pool.fetch("select item_id, evidence::text as said, resolved_why from work_queue order by 1")
    assert [tuple(row) for row in rows] == [
        ("lately", '{"claim": 1}', "posted"),
        ("open", '{"claim": 1}', "posted"),
        ("resolved", "{}", "posted"),
    ]


async def test_unread_messages_go_and_what_waits_for_an_operator_stays(claims: ServiceUnderTest):
    sql = (
        "insert into set_aside (key, parked, topic, value, headers, origin, reason, at)"
        " values ('k', $1, $2, 'x', '', $3, 'unreadable', clock_timestamp() - $4::interval)"
    )
    for parked, topic, days in [(False, "clients", 91), (False, "clients", 89), (True, "clients", 91)]:
        await claims.pool.execute(sql, parked, topic, f"{parked}/{days}", timedelta(days=days))
    await claims.pool.execute(sql, False, "timers", "a timer", timedelta(days=91))

    await forget(claims, CLAIMS)

    left = await claims.pool.fetch("select origin from set_aside order by id")
    assert [row["origin"] for row in left] == ["False/89", "True/91", "a timer"]


async def test_a_letters_facts_go_and_the_record_that_it_went_out_stays(service_under_test: Any):
    letters: ServiceUnderTest = await service_under_test(NOTIFICATION)
    sql = (
        "insert into letters (client_id, letter_id, letter, urgent, cause, data, asked_at, state, not_before,"
        " attempts, perhaps_twice, template_version, ended_at)"
        " values ('c', $1, 'cost-final-refund', false, 'cost.finalized', '{\"refund_cents\": 100}', $2, $3, $2,"
        " 1, false, '1', $4)"
    )
    year = NOW - timedelta(days=366)
    await letters.pool.execute(sql, "old", year, "sent", year)
    await letters.pool.execute(sql, "waits", year, "ready", None)

    await forget(letters, NOTIFICATION)

    rows = await letters.pool.fetch("select letter_id, state, data::text as said from letters order by 1")
    assert [tuple(row) for row in rows] == [("old", "sent", "{}"), ("waits", "ready", '{"refund_cents": 100}')]
