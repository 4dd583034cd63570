"""What payers refused because of the order of plans goes again once it is settled; on the real database."""

from shared.events.claims import ClaimAdjudicated, ClaimSubmitted, CoordinationQuestioned
from tests.services.claims.payer_desk import (
    PRIMARY_PAYS,
    SECONDARY_PAYS,
    cleared,
    paused,
    pays,
    remittance,
    status,
    unpaused,
)


async def test_a_claim_denied_because_the_client_must_call_goes_again_as_a_replacement_and_is_settled(claims):
    (first,) = claims.sent
    denial = pays(first, 0, ("CO", "22", 22000), remarks=("N197",), status="4")
    await claims.answered(remittance("ONE", denial))
    assert claims.only(CoordinationQuestioned).answer == "client_must_call"
    assert not claims.only(ClaimAdjudicated).decides_benefits
    await claims.receives(paused())
    assert claims.sent == []

    await claims.receives(unpaused())
    (again,) = claims.sent
    assert (again.id, again.frequency, again.original_claim_id) == ("SES-1-P2", "7", "ONE-ICN")

    await claims.answered(remittance("ONE", pays(again, *PRIMARY_PAYS), trace="TRN-2"))
    (secondary,) = claims.sent
    assert (secondary.id, secondary.responsibility) == ("SES-1-S", "S")
    await claims.answered(remittance("TWO", pays(secondary, *SECONDARY_PAYS)), key="TWO-1")
    assert await claims.states() == {"own": "adjudicated", "spouses": "adjudicated"}
    assert await claims.queue() == []


async def test_a_claim_rejected_because_the_client_must_call_goes_again_as_a_new_one(claims):
    (first,) = claims.sent
    await claims.answered(status(first, ("A3", "171", "IL")))
    assert claims.only(CoordinationQuestioned).answer == "client_must_call"
    await claims.receives(paused())

    await claims.receives(unpaused())

    (again,) = claims.sent
    assert (again.id, again.frequency, again.original_claim_id) == ("SES-1-P2", "1", "")
    assert claims.only(ClaimSubmitted).level == "primary"


async def test_an_order_that_the_call_changed_is_not_billed_before_coverage_has_said_so(claims):
    (first,) = claims.sent
    await claims.answered(remittance("ONE", pays(first, 0, ("CO", "22", 22000), remarks=("N197",), status="4")))
    await claims.receives(paused())

    await claims.receives(unpaused("spouses", "own"))
    assert claims.sent == []

    await claims.receives(cleared("spouses", "own", decision=2))
    (again,) = claims.sent
    assert (again.payer.id, again.responsibility, again.frequency) == ("TWO", "P", "1")


async def test_a_replacement_long_after_the_session_goes_because_the_payer_had_the_claim_in_time(claims):
    (first,) = claims.sent
    await claims.passes(days=150)
    await claims.answered(remittance("ONE", pays(first, 0, ("CO", "22", 22000), remarks=("N197",), status="4")))
    await claims.receives(paused())
    await claims.passes(days=40)

    await claims.receives(unpaused())

    assert claims.sent == []
    assert "filing_window_gone" in await claims.queue()


async def test_what_is_still_refused_after_many_tries_is_for_a_person(claims):
    for number in range(9):
        sent = claims.sent
        if not sent:
            break
        denial = pays(sent[0], 0, ("CO", "22", 22000), remarks=("N197",), status="4")
        await claims.answered(remittance("ONE", denial, trace=f"TRN-{number}"))
        await claims.receives(paused(), unpaused())

    assert len(await claims.sut.pool.fetch("select from control_numbers")) == 8
    assert "sent_too_often" in await claims.queue()
