"""The claim goes to who pays for mental-health care under the plan, under the number that this payer knows."""

from typing import Any

from services.claims.app import SERVICE
from shared.events.clients import PlansEntered
from tests.services.claims.payer_desk import (
    COMPLETED,
    FACTS,
    PLANS,
    PRIMARY_PAYS,
    Claims,
    cleared,
    confirmed,
    payer,
    pays,
    remittance,
    status,
)


def _decided(payer_id: str, **changes: Any) -> Any:
    plans = [
        {"plan_id": "own", "payer_id": payer_id, "level": "primary", "billable": True},
        {"plan_id": "spouses", "payer_id": "TWO", "level": "secondary", "billable": True},
    ]
    return cleared(plans=plans, rate_payer_id=payer_id, **changes)


def _carved_out() -> PlansEntered:
    own, spouses = (plan.model_dump(mode="json") for plan in PLANS.plans)
    care = [{"payer_id": "MIND", "member_id": "M9"}]
    return PlansEntered.model_validate({"client_id": "c", "plans": [{**own, "care_payers": care}, spouses]})


async def _billed(service_under_test: Any, *decided: Any) -> Claims:
    claims = Claims(await service_under_test(SERVICE))
    await claims.receives(*FACTS, _carved_out(), payer("MIND", name="Mind Care"), confirmed(), *decided, COMPLETED)
    return claims


async def test_both_claims_name_who_pays_for_this_care(service_under_test: Any):
    claims = await _billed(service_under_test, _decided("MIND"))
    (primary,) = claims.sent
    assert (primary.payer.id, primary.payer.name, primary.subscriber.member_id) == ("MIND", "Mind Care", "M9")

    await claims.answered(remittance("MIND", pays(primary, *PRIMARY_PAYS)), key="MIND-1")

    (secondary,) = claims.sent
    assert secondary.payer.id == "TWO"
    assert [(other.payer.id, other.paid_cents) for other in secondary.other_payers] == [("MIND", 12000)]


async def test_a_claim_that_the_payer_on_the_card_turned_down_goes_to_who_pays(service_under_test: Any):
    claims = await _billed(service_under_test, _decided("ONE"))
    (first,) = claims.sent
    await claims.answered(status(first, ("A3", "792", "PR")))

    await claims.receives(_decided("MIND", decision=2))

    (again,) = claims.sent
    assert (again.payer.id, again.frequency, again.id != first.id) == ("MIND", "1", True)


async def test_a_claim_that_the_payer_on_the_card_has_in_hand_is_for_a_person(service_under_test: Any):
    claims = await _billed(service_under_test, _decided("ONE"))

    await claims.receives(_decided("MIND", decision=2))

    assert (claims.sent, await claims.queue()) == ([], ["payer_changed"])
