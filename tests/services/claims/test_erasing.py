"""A client is forgotten at claims: details and cards go, billed claims stay, and payers' answers are still posted."""

from shared.events.claims import ClaimReversed
from shared.events.erasure import ClaimsErased, CoverageErased
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
