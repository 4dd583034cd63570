"""What has served its purpose is forgotten: in bounded batches, by one replica at a time, never what still waits."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr

from services.claims.app import SERVICE as CLAIMS
from services.coverage.app import SERVICE as COVERAGE
from services.notification.app import SERVICE as NOTIFICATION
from services.settlement.app import SERVICE as SETTLEMENT
from shared.events import topics
from shared.kept_days import KeptDays
from shared.runtime import deadletter, inbox
from shared.runtime.forgetting import retention
from shared.runtime.service import Service
from tests.harness import ServiceUnderTest

DOCUMENT = (Path(__file__).parents[4] / "docs/operating/retention.md").read_text()
SERVICES = (COVERAGE, CLAIMS, SETTLEMENT, NOTIFICATION)
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


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
async def test_every_table_stands_in_the_document(new_database: Any, service: Service):
    connection = await asyncpg.connect(await new_database(service))
    rows = await connection.fetch("select tablename as name from pg_tables where schemaname = 'public'")
    await connection.close()

    unnamed = [
        row["name"]
        for row in rows
        if f"`{service.name}.{row['name']}`" not in DOCUMENT and f"| `{row['name']}` |" not in DOCUMENT
    ]
    assert unnamed == []


def test_every_topic_and_every_setting_stands_in_the_document():
    assert [topic.name for topic in topics.ALL if f"`{topic.name}`" not in DOCUMENT] == []
    defaults = {name.upper(): field.default for name, field in KeptDays.model_fields.items()}
    assert [name for name, days in defaults.items() if f"| `{name}` | {days:,}" not in DOCUMENT] == []
    assert f"{topics.KEPT_DAYS} days" in DOCUMENT


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
async def test_what_is_forgotten_is_found_by_an_index(new_database: Any, service: Service):
    """A planner that must not read whole tables does so all the same where no index serves."""
    statements = [inbox.PURGE, deadletter.PURGE, *(retained.statement for retained in service.retains)]
    connection = await asyncpg.connect(await new_database(service))
    await connection.execute("set enable_seqscan = off")

    plans = {
        statement: "\n".join(row[0] for row in await connection.fetch(f"explain {statement}", NOW, 10))
        for statement in statements
    }

    await connection.close()
    assert {statement: plan for statement, plan in plans.items() if "Seq Scan" in plan} == {}


async def test_claims_go_seven_years_after_the_session_unless_something_waits(claims: ServiceUnderTest):
    ended, lately = "2019-02-27", "2019-03-10"
    session = (
        "insert into sessions (client_id, session_id, base, confirmed, completed, cancelled, refused)"
        " values ('c', $1, $1, jsonb_build_object('date_of_service', $2::text), true, false, false)"
    )
    history = "insert into history values ('c', $1, 1, 1, '', '', '', '', now(), '', '')"
    item = "insert into work_queue values ('c', 'item', $1, 'unmatched', '', '{}', now(), null, null, null)"
    for name, day in {"old": ended, "lately": lately, "waits": ended}.items():
        await claims.pool.execute(session, name, day)
        await claims.pool.execute(history, name)
    await claims.pool.execute(item, "waits")

    await forget(claims, CLAIMS)

    for table in ("sessions", "history"):
        left = await claims.pool.fetch(f"select session_id from {table} order by 1")
        assert [row["session_id"] for row in left] == ["lately", "waits"], table


async def test_a_client_of_whom_nothing_is_left_and_nothing_was_heard_goes(service_under_test: Any):
    coverage: ServiceUnderTest = await service_under_test(COVERAGE)
    long_ago, fresh = NOW - timedelta(days=2_600), NOW - timedelta(days=2_500)
    session = (
        "insert into session (client_id, session_id, state, date_of_service, completed, final, decision)"
        " values ($1, 's', 'cleared', $2, true, true, 1)"
    )
    for client, heard, seen in [("gone", long_ago, long_ago), ("heard", fresh, long_ago), ("seen", long_ago, fresh)]:
        await coverage.pool.execute("insert into client (client_id, stated) values ($1, '{}')", client)
        await coverage.pool.execute("insert into latest_fact values ($1, 'details', $2)", client, heard)
        await coverage.pool.execute("insert into latest_fact values ($1, 'plans', $2)", client, long_ago)
        await coverage.pool.execute(session, client, seen.date())
    await coverage.pool.execute(session.replace("'s'", "'cancelled'"), "gone", None)

    await forget(coverage, COVERAGE)

    for column, table in [("client_id", "client"), ("key", "latest_fact")]:
        rows = await coverage.pool.fetch(f"select distinct {column} as name from {table} order by 1")
        assert [row["name"] for row in rows] == ["heard", "seen"], table
    assert [row["client_id"] for row in await coverage.pool.fetch("select client_id from session")] == ["seen"]
