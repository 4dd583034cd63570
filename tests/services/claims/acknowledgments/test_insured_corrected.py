"""A claim that was refused with a wrong name or member id goes again by itself once the client has corrected that."""

import pytest

from shared.events.claims import CoordinationQuestioned
from tests.services.claims.payer_desk import CLIENT, PLANS, pays, remittance, status

NOT_OURS = (0, ("CO", "31", 22000))


def _corrected(**changes: object):
    own = PLANS.plans[0].model_copy(update=changes)
    return PLANS.model_copy(update={"plans": (own, *PLANS.plans[1:])})


async def test_a_denial_of_what_was_corrected_since_is_answered_with_the_corrected_claim(claims):
    (first,) = claims.sent
    await claims.receives(_corrected(member_id="RIGHT-1"))
    assert claims.sent == []

    await claims.answered(remittance("ONE", pays(first, *NOT_OURS, status="4")))

    (again,) = claims.sent
    assert (again.frequency, again.original_claim_id, again.subscriber.member_id) == ("7", "ONE-ICN", "RIGHT-1")
    assert (claims.all(CoordinationQuestioned), await claims.queue()) == ([], [])


async def test_a_correction_sends_again_what_was_denied_before_it(claims):
    (first,) = claims.sent
    await claims.answered(remittance("ONE", pays(first, *NOT_OURS, status="4")))
    assert (claims.sent, await claims.queue()) == ([], ["denied_not_covered"])

    await claims.receives(_corrected(member_id="RIGHT-1"))

    (again,) = claims.sent
    assert (again.frequency, again.subscriber.member_id) == ("7", "RIGHT-1")
    assert await claims.queue() == []


@pytest.mark.parametrize("code", ["33", "97"])
async def test_a_rejection_of_what_was_corrected_since_goes_again_as_new(claims, code):
    (first,) = claims.sent
    await claims.receives(CLIENT.model_copy(update={"last_name": "ROE"}))

    await claims.answered(status(first, ("A3", code, "IL")))

    (again,) = claims.sent
    assert (again.frequency, again.patient_person.last_name) == ("1", "ROE")
    assert await claims.queue() == []


async def test_the_same_details_stated_again_send_nothing(claims):
    (first,) = claims.sent
    await claims.answered(remittance("ONE", pays(first, *NOT_OURS, status="4")))

    await claims.receives(PLANS, CLIENT)

    assert (claims.sent, await claims.queue()) == ([], ["denied_not_covered"])


async def test_a_denial_of_the_corrected_claim_is_for_a_person(claims):
    (first,) = claims.sent
    await claims.receives(_corrected(member_id="RIGHT-1"))
    await claims.answered(remittance("ONE", pays(first, *NOT_OURS, status="4")))
    (again,) = claims.sent

    await claims.answered(remittance("ONE", pays(again, *NOT_OURS, status="4"), trace="TRN-2"))

    assert (claims.sent, await claims.queue()) == ([], ["denied_not_covered"])


async def test_what_a_payer_decided_on_benefits_stays_as_it_is(claims):
    (first,) = claims.sent
    await claims.answered(remittance("ONE", pays(first, 0, ("PR", "204", 22000), status="4")))

    await claims.receives(_corrected(member_id="RIGHT-1"))

    assert all(claim.payer.id != "ONE" for claim in claims.sent)
