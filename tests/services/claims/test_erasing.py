"""A client is forgotten at claims: details and cards go, billed claims stay, and payers' answers are still posted."""

from datetime import timedelta

from pydantic import SecretStr

from services.claims.app import SERVICE
from services.claims.settings import Settings
from shared.events.claims import ClaimReversed
from shared.events.erasure import ClaimsErased, CoverageErased
from shared.runtime.forgetting import retention
from tests.harness import MORNING
from tests.services.claims.payer_desk import (
    FACTS,
    PRIMARY_PAYS,
    Claims,
    confirmed,
    pays,
    remittance,
    taken_back,
)


async def rows(claims: Claims, table: str, client_id: str) -> int:
    return await claims.sut.pool.fetchval(f"select count(*) from {table} where client_id = $1", client_id)


async def test_what_was_never_billed_goes_and_what_was_stays_with_its_end(claims: Claims):
    client_id = confirmed().client_id
    await claims.receives(confirmed().model_copy(update={"session_id": "another"}))

    await claims.receives(CoverageErased(client_id=client_id))

    kept = {record.category: record.until for record in claims.only(ClaimsErased).kept}
    assert list(kept) == ["billing_records", "files"]
    assert await rows(claims, "clients", client_id) == await rows(claims, "plans", client_id) == 0
    sessions = await claims.sut.pool.fetch("select session_id from sessions where client_id = $1", client_id)
    assert [row["session_id"] for row in sessions] == [confirmed().session_id]
    assert await rows(claims, "documents", client_id) == 1


async def test_a_payment_taken_back_later_is_posted_and_late_details_are_not(claims: Claims):
    (primary,) = claims.sent
    paid = pays(primary, *PRIMARY_PAYS)
    await claims.answered(remittance("ONE", paid))
    client_id = confirmed().client_id
    await claims.receives(CoverageErased(client_id=client_id))

    await claims.receives(*FACTS)
    assert await rows(claims, "clients", client_id) == await rows(claims, "plans", client_id) == 0

    await claims.answered(remittance("ONE", taken_back(paid), trace="TRN-2"))
    assert claims.only(ClaimReversed).client_id == client_id


RECORDS = ("sessions", "claims", "control_numbers", "documents", "decisions", "history", "answers_awaited")
FILES = ("interchanges", "mentions")
COPIES = "select count(*) from claims where document is not null and decisions <> '[]'"
"""Rows with the 837P and the decisions in the columns that 0.1.0 reads (migration 0011 copies them there)."""


async def test_the_copies_for_the_first_release_go_with_a_session_that_was_never_billed(claims: Claims):
    (primary,) = claims.sent
    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS)))
    assert await claims.sut.pool.fetchval(COPIES) == 1
    await claims.sut.pool.execute("update claims set sent_on = null")

    await claims.receives(CoverageErased(client_id=confirmed().client_id))

    assert claims.only(ClaimsErased).kept == ()
    assert await left(claims, *RECORDS) == {}


async def test_the_copies_for_the_first_release_end_with_the_record_of_the_billing(claims: Claims):
    (primary,) = claims.sent
    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS)))
    client_id = confirmed().client_id
    await claims.receives(CoverageErased(client_id=client_id))
    assert await claims.sut.pool.fetchval(COPIES) == 1, "law makes us keep what was billed"

    await _years_pass(claims, 6.9)
    assert await claims.sut.pool.fetchval(COPIES) == 1
    await _years_pass(claims, 7.1)

    assert await left(claims, *RECORDS, *FILES) == {}


async def left(claims: Claims, *tables: str) -> dict[str, int]:
    """How many rows these tables have; without those that are empty."""
    counts = {table: await claims.sut.pool.fetchval(f"select count(*) from {table}") for table in tables}
    return {table: count for table, count in counts.items() if count}


async def _years_pass(claims: Claims, years: float) -> None:
    """One round of the service's upkeep, so long after the session."""
    settings = Settings(database_url=SecretStr(claims.sut.dsn), kafka_bootstrap_servers="127.0.0.1:1")
    now = MORNING + timedelta(days=365.25 * years)
    async with claims.sut.pool.acquire() as connection, connection.transaction():
        await retention.forget(connection, SERVICE.retains, settings, now)
