"""A remittance that waits for another one is looked at again when that has come, in whatever order they come."""

import pytest

from services.claims.commands import queue as queue_commands
from shared.events.claims import ClaimAdjudicated, ClaimReversed
from tests.services.claims.payer_desk import PRIMARY_PAYS, Claims, pays, remittance, taken_back

CORRECTED = (11000, ("CO", "45", 7000), ("PR", "2", 4000))


async def test_a_correction_that_came_before_its_reversal_is_posted_with_it(claims: Claims):
    (primary,) = claims.sent
    paid = pays(primary, *PRIMARY_PAYS)
    await claims.answered(remittance("ONE", paid))
    await claims.answered(remittance("ONE", pays(primary, *CORRECTED), trace="TRN-2"))
    assert await claims.queue() == ["second_decision"]

    await claims.answered(remittance("ONE", taken_back(paid), trace="TRN-3"))

    assert claims.only(ClaimAdjudicated).patient_responsibility_cents == 4000
    assert await claims.queue() == []
    assert (await claims.states())["own"] == "corrected"


async def test_a_reversal_that_overtakes_its_payment_is_posted_after_it(claims: Claims):
    (primary,) = claims.sent
    paid = pays(primary, *PRIMARY_PAYS)
    await claims.answered(remittance("ONE", taken_back(paid), trace="TRN-2"))
    assert await claims.queue() == ["reversal_of_nothing"]

    await claims.answered(remittance("ONE", paid))

    assert claims.only(ClaimReversed).reverses == claims.only(ClaimAdjudicated).adjudication_id
    assert await claims.queue() == []
    assert (await claims.states())["own"] == "reversed"


@pytest.mark.parametrize("times", [1, 2])
async def test_a_second_payment_taken_back_by_its_own_number_leaves_the_first(claims: Claims, times: int):
    (primary,) = claims.sent
    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS, payer_claim_id="ICN-A")))
    second = pays(primary, *PRIMARY_PAYS, payer_claim_id="ICN-B")
    await claims.answered(remittance("ONE", second, trace="TRN-2"))
    assert await claims.queue() == ["paid_twice"]

    for _ in range(times):
        await claims.answered(remittance("ONE", taken_back(second), trace="TRN-3"))

    assert claims.all(ClaimReversed) == []
    assert await claims.queue() == []
    assert (await claims.states())["own"] == "adjudicated"


async def test_a_second_payment_that_a_person_has_closed_is_taken_back_alone(claims: Claims):
    (primary,) = claims.sent
    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS, payer_claim_id="ICN-A")))
    second = pays(primary, *PRIMARY_PAYS, payer_claim_id="ICN-B")
    await claims.answered(remittance("ONE", second, trace="TRN-2"))
    async with claims.sut.pool.acquire() as connection:
        (item,) = await queue_commands.listed(connection, None)
        await queue_commands.resolved(connection, item["item"], "the payer takes it back")

    await claims.answered(remittance("ONE", taken_back(second), trace="TRN-3"))

    assert claims.all(ClaimReversed) == []
    assert (await claims.states())["own"] == "adjudicated"
    assert await claims.queue() == []


async def test_a_decision_taken_back_twice_takes_no_later_one_with_it(claims: Claims):
    (primary,) = claims.sent
    first = pays(primary, *PRIMARY_PAYS, payer_claim_id="ICN-A")
    await claims.answered(remittance("ONE", first))
    await claims.answered(remittance("ONE", taken_back(first), trace="TRN-2"))
    await claims.answered(remittance("ONE", taken_back(first), trace="TRN-3"))
    assert await claims.queue() == ["reversal_of_nothing"]

    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS, payer_claim_id="ICN-B"), trace="TRN-4"))

    assert claims.only(ClaimAdjudicated).payer_claim_id == "ICN-B"
    assert claims.all(ClaimReversed) == []
    assert (await claims.states())["own"] == "corrected"


async def test_a_payment_that_came_twice_and_is_corrected_twice_never_stands_between(claims: Claims):
    (primary,) = claims.sent
    paid, corrected = pays(primary, *PRIMARY_PAYS), pays(primary, *CORRECTED)
    await claims.answered(remittance("ONE", paid))
    await claims.answered(remittance("ONE", paid, trace="TRN-2"))
    assert await claims.queue() == ["paid_twice"]

    await claims.answered(remittance("ONE", taken_back(paid), corrected, trace="TRN-3"))
    assert [said.paid_cents for said in claims.all(ClaimReversed)] == [-12000]
    assert claims.only(ClaimAdjudicated).paid_cents == 11000
    assert await claims.queue() == ["paid_twice"]

    await claims.answered(remittance("ONE", taken_back(paid), corrected, trace="TRN-4"))
    assert claims.all(ClaimAdjudicated) == claims.all(ClaimReversed) == []
    assert await claims.queue() == ["paid_twice"]


async def test_a_second_payment_whose_reversal_overtakes_it_is_no_question_for_a_person(claims: Claims):
    (primary,) = claims.sent
    paid, corrected = pays(primary, *PRIMARY_PAYS), pays(primary, *CORRECTED)
    await claims.answered(remittance("ONE", paid))
    await claims.answered(remittance("ONE", taken_back(paid), corrected, trace="TRN-3"))
    await claims.answered(remittance("ONE", taken_back(paid), trace="TRN-4"))
    assert await claims.queue() == ["reversal_differs"]

    await claims.answered(remittance("ONE", paid, trace="TRN-2"))

    assert await claims.queue() == []
    assert claims.all(ClaimAdjudicated) == claims.all(ClaimReversed) == []
