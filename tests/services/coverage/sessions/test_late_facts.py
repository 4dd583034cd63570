"""Sessions whose facts come late or don't fit: decided again, or refused with a reason of their own."""

from datetime import timedelta
from typing import Any

import pytest

from services.coverage.app import SERVICE
from shared.events.clients import EnteredPlan, Subscriber
from shared.events.coverage import CoverageReviewRequested, SessionCleared, SessionRefused
from shared.events.sessions import SessionCompleted
from shared.events.upstream import MessageRefused
from tests.services.coverage.coverage_events import (
    CLIENT,
    DIRECTORY,
    HOME,
    OWN,
    PROVIDER,
    SPOUSES,
    TODAY,
    credential,
    entered,
    payer,
    ready,
    reported,
    session,
)

READY = (CLIENT, entered(OWN), reported(OWN))


async def test_a_session_refused_because_a_credential_came_late_is_decided_again(service_under_test: Any):
    sut = await service_under_test(SERVICE)
    await sut.given(payer("P1"), PROVIDER, *READY)
    await sut.receives(session())
    assert sut.only(SessionRefused).detail == "provider_not_credentialed"

    await sut.receives(credential("P1"))
    await sut.passes(seconds=2)

    assert sut.only(SessionCleared).decision == 2


async def test_a_session_refused_without_plans_is_decided_again_when_they_come(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, session())
    await sut.passes(hours=26)
    assert sut.only(SessionRefused).reason == "no_active_plan"
    on = sut.clock.now.date()

    await sut.given(entered(OWN))
    await sut.receives(reported(OWN, on, "T1"), reported(OWN, TODAY, "T2"))

    assert sut.only(SessionCleared).plans[0].plan_id == "own"


async def test_a_session_that_stays_refused_is_not_refused_again(service_under_test: Any):
    sut = await service_under_test(SERVICE)
    await sut.given(payer("P1"), PROVIDER, *READY, session())

    await sut.receives(credential("P1", state="NJ"))
    await sut.passes(seconds=2)

    assert sut.published == []


NOT_LISTED = [
    pytest.param([event for event in DIRECTORY if event is not PROVIDER], "provider_not_listed", id="the provider"),
    pytest.param([event for event in DIRECTORY if event != payer("P1")], "payer_not_listed", id="the payer"),
]


@pytest.mark.parametrize(("directory", "reason"), NOT_LISTED)
async def test_what_is_not_listed_is_not_out_of_network(service_under_test: Any, directory: Any, reason: str):
    sut = await service_under_test(SERVICE)
    await sut.given(*directory, *READY, session())

    await sut.passes(hours=26)

    assert sut.only(SessionRefused).reason == reason


async def test_an_unlisted_secondary_has_a_reason_of_its_own(service_under_test: Any):
    sut = await service_under_test(SERVICE)
    await sut.given(*(event for event in DIRECTORY if event != payer("P2")))
    await sut.given(CLIENT, entered(OWN, SPOUSES), reported(OWN), reported(SPOUSES), session())

    await sut.passes(hours=26)

    assert [plan.reason for plan in sut.only(SessionCleared).plans] == [None, "payer_not_listed"]


def _card(plan_id: str, member_id: str, group_number: str = "") -> EnteredPlan:
    return EnteredPlan(
        plan_id=plan_id,
        payer_id="P1",
        member_id=member_id,
        group_number=group_number,
        subscriber=Subscriber(relation="self"),
    )


ONE_CARD = [
    pytest.param(_card("a", "A1"), _card("b", "A-1"), True, id="a hyphen"),
    pytest.param(_card("a", "A1"), _card("b", " a1 "), True, id="blanks and capitals"),
    pytest.param(_card("a", "A1", "G9"), _card("b", "A1"), True, id="a group number left out"),
    pytest.param(_card("a", "A1", "G-9"), _card("b", "A1", "g9"), True, id="a group number written otherwise"),
    pytest.param(_card("a", "A1", "G9"), _card("b", "A1", "G8"), False, id="two groups"),
    pytest.param(_card("a", "A1"), _card("b", "A2"), False, id="two members"),
]


@pytest.mark.parametrize(("plan", "other", "same"), ONE_CARD)
async def test_one_card_is_one_card(service_under_test: Any, plan: EnteredPlan, other: EnteredPlan, same: bool):
    sut = await ready(service_under_test, CLIENT)

    await sut.receives(entered(plan, other))

    assert [event.problem for event in sut.all(MessageRefused)] == (["plan_entered_twice"] if same else [])


async def test_a_plan_entered_twice_is_not_no_plans(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, entered(OWN, _card("again", "a-1")), session())

    await sut.passes(hours=26)

    assert sut.only(SessionRefused).reason == "plan_entered_twice"


async def test_the_clients_own_state_counts_where_the_session_has_none(service_under_test: Any):
    away = CLIENT.model_copy(update={"address": HOME.model_copy(update={"state": "NJ"})})
    sut = await ready(service_under_test, away, entered(OWN), reported(OWN), credential("P1", state="NJ"))

    await sut.receives(session())

    assert sut.only(SessionCleared).state == "NJ"


async def test_a_kind_that_was_left_out_is_the_payers(service_under_test: Any):
    known = _card("a", "A1"), SPOUSES
    sut = await ready(service_under_test, CLIENT, payer("P1", kind="medicaid"))

    await sut.receives(entered(*known), *(reported(plan) for plan in known), session())

    cleared = sut.only(SessionCleared)
    assert ([plan.plan_id for plan in cleared.plans], cleared.rule) == (["spouses", "a"], "medicaid_last")


async def test_a_completion_of_another_date_is_refused_with_the_reason(service_under_test: Any):
    sut = await ready(service_under_test, *READY, session())

    await sut.receives(SessionCompleted(client_id="c1", session_id="s1", date_of_service=TODAY + timedelta(days=1)))

    assert sut.only(MessageRefused).problem == "completed_on_another_date"
    assert sut.only(CoverageReviewRequested).session_id == "s1"
    assert not await sut.pool.fetchval("select completed from session")


async def test_a_completion_of_another_date_before_the_confirmation_is_refused_too(service_under_test: Any):
    early = SessionCompleted(client_id="c1", session_id="s1", date_of_service=TODAY - timedelta(days=1))
    sut = await ready(service_under_test, *READY, early)

    await sut.receives(session())

    assert sut.only(MessageRefused).problem == "completed_on_another_date"
