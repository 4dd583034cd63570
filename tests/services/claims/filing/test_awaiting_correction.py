"""A claim that lacks a required element waits; a person hears what to correct, and the correction sends it."""

from typing import Any

import pytest

from services.claims.app import SERVICE
from shared.events.claims import ClaimHeld, ClaimsReviewRequested
from shared.events.clients import PlansEntered
from tests import builders
from tests.services.claims.payer_desk import (
    CLIENT,
    COMPLETED,
    FACTS,
    PLANS,
    SPOUSE,
    Claims,
    cleared,
    confirmed,
    payer,
)


def plans(**subscriber: Any) -> PlansEntered:
    """The client's plans, with something else about the spouse."""
    entered = PLANS.model_dump(mode="json", exclude_unset=True)
    entered["plans"][1]["subscriber"] = {**SPOUSE, **subscriber}
    return PlansEntered.model_validate(entered)


@pytest.fixture
async def nameless(service_under_test) -> Claims:
    """The spouse's name was left out, so that no payer can be told whose the other plan is."""
    claims = Claims(await service_under_test(SERVICE))
    await claims.receives(*FACTS, plans(last_name=None, first_name=None), confirmed(), cleared(), COMPLETED)
    return claims


async def test_what_is_missing_is_said_with_the_payer_that_it_is_about(nameless):
    said = nameless.only(ClaimsReviewRequested)

    assert nameless.only(ClaimHeld).reason == said.reason == "claim_edits"
    assert said.suggestion == (
        "Have this corrected, and the claim goes by itself: "
        "the last name of the subscriber of payer TWO is missing or not in Latin letters."
    )


async def test_the_corrected_plan_sends_the_claim_and_the_work_queue_is_empty(nameless):
    await nameless.receives(PLANS)
    await nameless.passes(minutes=1)

    assert [claim.other_payers[0].subscriber.person.last_name for claim in nameless.sent] == ["Doe"]
    assert await nameless.queue() == []


async def test_what_is_still_wrong_takes_the_place_of_what_was_corrected(nameless):
    await nameless.receives(builders.registered(last_name="王"))
    await nameless.passes(minutes=1)
    await nameless.receives(plans())
    await nameless.passes(minutes=1)

    assert nameless.sent == []
    assert nameless.only(ClaimsReviewRequested).suggestion.endswith(
        "the patient's last name is missing or not in Latin letters."
    )
    assert await nameless.queue() == ["claim_edits"]

    await nameless.receives(CLIENT)
    await nameless.passes(minutes=1)
    assert len(nameless.sent) == 1
    assert await nameless.queue() == []


async def test_the_same_fault_that_comes_back_is_told_again(nameless):
    await nameless.receives(plans(last_name="Иванова"), builders.registered(last_name="王"))
    await nameless.passes(minutes=1)
    await nameless.receives(CLIENT)
    await nameless.passes(minutes=1)

    assert await nameless.queue() == ["claim_edits"]
    assert "subscriber of payer TWO" in nameless.only(ClaimsReviewRequested).suggestion


async def test_a_corrected_directory_sends_it_by_the_next_morning_and_the_waiting_is_told_once(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    await claims.receives(*FACTS, payer("TWO", name="保険"), confirmed(), cleared(), COMPLETED)
    assert await claims.queue() == ["claim_edits"]

    changes = "select changes from claims where role = 1"
    before = await claims.sut.pool.fetchval(changes)
    await claims.passes(days=3)
    assert claims.published == []
    assert await claims.sut.pool.fetchval(changes) == before

    await claims.receives(payer("TWO"))
    await claims.passes(days=1)
    assert len(claims.sent) == 1
    assert await claims.queue() == []


async def test_charges_beyond_any_amount_wait_for_a_person_and_stop_nobody(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    most = 100_000_000_000

    await claims.receives(*FACTS, confirmed(most, most), cleared(), COMPLETED)

    assert claims.only(ClaimsReviewRequested).reason == "unbillable_session"
    await claims.receives(confirmed())
    assert [claim.charge_cents for claim in claims.sent] == [22000]
    assert await claims.queue() == []
