"""A second session of the same day that a payer takes for a duplicate of the first."""

from shared.events.sessions import SessionCompleted
from tests.services.claims.payer_desk import DAY, PRIMARY_PAYS, Claims, cleared, confirmed, pays, remittance


async def test_a_duplicate_of_another_session_of_ours_is_named_to_a_person(claims: Claims):
    (first,) = claims.sent
    await claims.answered(remittance("ONE", pays(first, *PRIMARY_PAYS)))
    other = {"session_id": "SES-2"}
    done = SessionCompleted.model_validate({"client_id": "c", "date_of_service": DAY.isoformat(), **other})
    await claims.receives(confirmed(**other), cleared(**other), done)
    (second,) = claims.sent

    denied = pays(second, 0, ("OA", "18", 22000), status="4", payer_claim_id="ONE-2")
    await claims.answered(remittance("ONE", denied, trace="TRN-2"))

    assert await claims.queue() == ["denied_duplicate"]
    suggestion = await claims.sut.pool.fetchval("select suggestion from work_queue")
    assert "SES-1" in suggestion
    assert "59" in suggestion
    assert "76" in suggestion


async def test_a_duplicate_without_such_a_session_waits_for_the_other_remittance(claims: Claims):
    (claim,) = claims.sent

    await claims.answered(remittance("ONE", pays(claim, 0, ("OA", "18", 22000), status="4"), trace="TRN-2"))

    assert await claims.queue() == []
