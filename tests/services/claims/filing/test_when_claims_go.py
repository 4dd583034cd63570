"""Claims go by coverage's decision alone, on the day of the session, and before their window closes."""

from datetime import timedelta

from services.claims.app import SERVICE
from services.claims.commands.resend import resend
from shared.events.claims import ClaimHeld, ClaimSubmitted, ClaimWrittenOff, SecondaryWithheld
from shared.events.coverage import PlansCoordinated, SessionCleared
from shared.events.sessions import SessionCompleted
from tests.services.claims.payer_desk import (
    COMPLETED,
    DAY,
    FACTS,
    PRIMARY_PAYS,
    WHOSE,
    Claims,
    cleared,
    confirmed,
    paused,
    payer,
    pays,
    remittance,
    unpaused,
)

SETTLED = PlansCoordinated.model_validate(
    {"client_id": "c", "from_day": DAY.isoformat(), "order": ["spouses", "own"], "rule": "non_dependent_first"}
)


async def test_a_held_claim_goes_by_the_new_decision_and_not_by_the_order_of_plans(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    await claims.receives(*FACTS, confirmed(), cleared(marked="order_undetermined"), COMPLETED)
    assert claims.sent == []

    await claims.receives(SETTLED)
    assert claims.sent == []

    await claims.receives(cleared("spouses", "own", decision=2))
    assert [event.payer_id for event in claims.all(ClaimSubmitted)] == ["TWO"]


async def test_after_seven_days_an_undetermined_order_goes_as_entered(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    await claims.receives(*FACTS, confirmed(), cleared(marked="order_undetermined"), COMPLETED)

    await claims.passes(days=8)

    assert [event.payer_id for event in claims.all(ClaimSubmitted)] == ["ONE"]


async def test_a_later_claim_to_medicare_waits_for_its_reason_and_goes_with_it(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    medicare = payer("TWO", filing_indicator="MB")
    await claims.receives(*FACTS, medicare, confirmed(), cleared(marked="order_undetermined"), COMPLETED)
    await claims.passes(days=8)
    (primary,) = claims.sent

    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS)))
    assert claims.only(ClaimHeld).reason == "medicare_reason_unknown"
    assert await claims.queue() == []

    decided = cleared(decision=2).model_dump(mode="json")
    decided["plans"][1]["medicare_secondary_reason"] = "43"
    await claims.receives(SessionCleared.model_validate(decided))
    assert [claim.medicare_secondary_reason for claim in claims.sent] == ["43"]


async def test_a_person_says_why_medicare_pays_later_where_no_fact_does(service_under_test, monkeypatch):
    monkeypatch.setenv("OPERATOR", "ann")
    claims = Claims(await service_under_test(SERVICE))
    await claims.receives(*FACTS, payer("TWO", filing_indicator="MB"), confirmed(), cleared(), COMPLETED)
    (primary,) = claims.sent
    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS)))
    assert await claims.queue() == ["medicare_reason_unknown"]

    async with claims.sut.pool.acquire() as connection:
        await resend(connection, "SES-1/secondary", "told on the phone", medicare_reason="15")
    claims.sent, claims.sut.published, claims.sut.interchanges = [], [], []
    await claims.sut.collect()
    await claims._own_facts()

    assert [claim.medicare_secondary_reason for claim in claims.sent] == ["15"]
    assert await claims.queue() == []


async def test_a_claim_held_by_a_pause_waits_for_the_decision_where_the_order_was_corrected(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    await claims.receives(*FACTS, confirmed(), cleared(), paused(), COMPLETED)

    await claims.receives(unpaused("spouses", "own"))
    assert claims.sent == []

    await claims.receives(cleared("spouses", "own", decision=2))
    assert [event.payer_id for event in claims.all(ClaimSubmitted)] == ["TWO"]


async def test_a_session_completed_ahead_is_claimed_on_its_day(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    day = (DAY + timedelta(days=3)).isoformat()
    ahead = SessionCompleted.model_validate({**WHOSE, "date_of_service": day})
    await claims.receives(*FACTS, confirmed(date_of_service=day), cleared(date_of_service=day), ahead)
    assert claims.sent == []

    await claims.passes(days=2)
    assert claims.sent == []
    await claims.passes(days=1)
    assert [event.payer_id for event in claims.all(ClaimSubmitted)] == ["ONE"]


async def test_a_session_completed_on_another_day_than_confirmed_waits_for_a_correction(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    other = SessionCompleted.model_validate({**WHOSE, "date_of_service": (DAY - timedelta(days=1)).isoformat()})

    await claims.receives(*FACTS, confirmed(), cleared(), other)
    assert (claims.sent, await claims.queue()) == ([], ["completed_on_another_day"])

    await claims.receives(COMPLETED)
    assert [event.payer_id for event in claims.all(ClaimSubmitted)] == ["ONE"]


async def test_a_secondary_whose_window_closes_in_a_pause_is_not_the_clients_loss(claims: Claims):
    (primary,) = claims.sent
    await claims.receives(paused())
    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS)))
    claims.sut.clock.now += timedelta(days=80)  # nobody looked, and the timers come late

    await claims.receives(unpaused())

    assert claims.all(SecondaryWithheld) == []
    assert claims.only(ClaimWrittenOff).reason == "filing_window_gone"
    assert claims.who_is_not() == {"own": "answered", "spouses": "written_off"}


async def test_a_plan_billable_only_after_its_window_was_never_ours_to_file(claims: Claims):
    (primary,) = claims.sent
    await claims.receives(cleared("own", "-spouses", decision=2))
    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS)))
    await claims.passes(days=80)

    await claims.receives(cleared("own", "spouses", decision=3))

    assert claims.only(SecondaryWithheld).reason == "filing_window_gone"
    assert claims.who_is_not() == {"own": "answered", "spouses": "withheld"}
