"""What upstream's messages are refused for is told upstream; a fact of the directory can be withdrawn."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.coverage.app import SERVICE
from shared.events.clients import FactsStated, PlanFacts
from shared.events.coverage import SessionCleared, SessionRefused
from shared.events.directory import FactWithdrawn
from shared.events.sessions import SessionCancelled, SessionCompleted
from shared.events.types import Event
from shared.events.upstream import MessageRefused
from tests.services.coverage.coverage_events import (
    CLIENT,
    DIRECTORY,
    OWN,
    TODAY,
    credential,
    entered,
    reported,
    session,
)


async def test_a_session_confirmed_after_its_cancellation_is_refused(service_under_test):
    coverage = await service_under_test(SERVICE)
    await coverage.given(SessionCancelled(client_id="c1", session_id="s1"))

    await coverage.receives(session())

    refusal = coverage.only(MessageRefused)
    assert (refusal.reason, refusal.about, refusal.field) == ("session_cancelled", "c1", "data.session_id")
    assert refusal.source == "/test"


async def test_a_session_completed_after_its_cancellation_is_refused(service_under_test):
    coverage = await service_under_test(SERVICE)
    await coverage.given(SessionCancelled(client_id="c1", session_id="s1"))

    await coverage.receives(SessionCompleted(client_id="c1", session_id="s1", date_of_service=date(2026, 3, 2)))

    assert coverage.only(MessageRefused).reason == "session_cancelled"


@pytest.mark.parametrize("day", [date(2031, 3, 2), date(1899, 12, 31), date(1, 1, 1)], ids=str)
async def test_a_session_of_an_impossible_year_is_refused_and_nothing_is_decided(service_under_test, day):
    coverage = await service_under_test(SERVICE)
    await coverage.given(*DIRECTORY, CLIENT, entered(OWN))

    await coverage.receives(session(date_of_service=day), reported(OWN))
    await coverage.passes(days=2)
    assert coverage.dead == []

    await coverage.receives(session(date_of_service=day))

    refusal = coverage.only(MessageRefused)
    assert (refusal.reason, refusal.field) == ("impossible", "data.date_of_service")
    assert coverage.none(SessionCleared)


async def test_an_overlapping_credential_is_refused_with_the_other_span(service_under_test):
    coverage = await service_under_test(SERVICE)
    await coverage.given(*DIRECTORY)

    await coverage.receives(credential("P1", from_day=date(2021, 1, 1)))

    refusal = coverage.only(MessageRefused)
    assert (refusal.reason, refusal.field) == ("overlaps", "data.from_day")
    assert "2020-01-01 to open" in refusal.what_to_do


async def test_a_withdrawn_credential_makes_way_for_the_one_that_it_stood_in_the_way_of(service_under_test):
    coverage = await service_under_test(SERVICE)
    await coverage.given(*DIRECTORY, credential("P1", from_day=date(2021, 1, 1)))

    await coverage.receives(FactWithdrawn(fact="credential:d1:P1:NY:2020-01-01"))

    rows = await coverage.pool.fetch("select from_day from credential where payer_id = 'P1'")
    assert [row["from_day"] for row in rows] == [date(2021, 1, 1)]
    assert coverage.published == []


async def test_without_its_credential_a_session_is_not_cleared(service_under_test):
    coverage = await service_under_test(SERVICE)
    await coverage.given(*DIRECTORY, CLIENT, entered(OWN), FactWithdrawn(fact=credential("P1").key()))

    await coverage.receives(session(), reported(OWN))

    assert coverage.none(SessionCleared)
    assert coverage.only(SessionRefused).reason == "primary_not_billable"


async def test_withdrawing_a_credential_that_never_was_is_refused(service_under_test):
    coverage = await service_under_test(SERVICE)
    await coverage.given(*DIRECTORY)

    await coverage.receives(FactWithdrawn(fact="credential:d1:P1:NY:2020-01-02"))

    refusal = coverage.only(MessageRefused)
    assert (refusal.reason, refusal.field) == ("not_known", "data.fact")


async def test_a_refused_credential_can_be_withdrawn_and_a_rate_is_no_matter_of_coverage(service_under_test):
    coverage = await service_under_test(SERVICE)
    await coverage.given(*DIRECTORY, credential("P1", from_day=date(2021, 1, 1)))

    await coverage.receives(
        FactWithdrawn(fact="credential:d1:P1:NY:2021-01-01"), FactWithdrawn(fact="rate:P1:d1:90837:2021-01-01")
    )

    assert coverage.published == []


COMPLETED = SessionCompleted(client_id="c1", session_id="s1", date_of_service=date(2026, 3, 2))


async def test_a_session_completed_and_never_confirmed_is_told_after_a_day(service_under_test):
    coverage = await service_under_test(SERVICE)
    await coverage.receives(COMPLETED)
    assert coverage.published == []

    await coverage.passes(hours=25)

    refusal = coverage.only(MessageRefused)
    assert (refusal.reason, refusal.field, refusal.about) == ("not_known", "data.session_id", "c1")
    assert (refusal.message_id, refusal.source, refusal.type) == ("test-1", "/test", COMPLETED.wire_type())


@pytest.mark.parametrize("then", [session(), SessionCancelled(client_id="c1", session_id="s1")], ids=lambda e: e.topic)
async def test_a_completion_whose_session_comes_meanwhile_is_not_told(service_under_test, then: Event):
    coverage = await service_under_test(SERVICE)
    await coverage.given(*DIRECTORY, CLIENT, entered(OWN), COMPLETED, then)

    await coverage.passes(hours=25)

    assert coverage.none(MessageRefused)


async def test_a_completion_that_was_told_counts_once_the_session_is_confirmed(service_under_test):
    coverage = await service_under_test(SERVICE)
    await coverage.given(*DIRECTORY, CLIENT, entered(OWN), COMPLETED)
    await coverage.passes(hours=25)

    await coverage.receives(session())

    assert coverage.none(MessageRefused)
    assert await coverage.pool.fetchval("select completed from session")


async def test_a_completion_corrected_before_its_confirmation_counts_as_corrected(service_under_test):
    coverage = await service_under_test(SERVICE)
    mistyped = COMPLETED.model_copy(update={"date_of_service": date(2026, 3, 1)})
    await coverage.given(*DIRECTORY, CLIENT, entered(OWN), mistyped, COMPLETED)

    await coverage.receives(session())

    assert coverage.none(MessageRefused)


@pytest.mark.parametrize(("days", "told"), [(1, False), (2, True)], ids=["where it is tomorrow already", "later"])
async def test_a_session_completed_in_the_future_is_told_at_once(service_under_test, days: int, told: bool):
    coverage = await service_under_test(SERVICE)
    day = TODAY + timedelta(days=days)
    await coverage.given(*DIRECTORY, CLIENT, entered(OWN), session(on=day))

    await coverage.receives(COMPLETED.model_copy(update={"date_of_service": day}))

    refusals = coverage.all(MessageRefused)
    expected = [("impossible", "completed_ahead", "data.date_of_service")] if told else []
    assert [(refusal.reason, refusal.problem, refusal.field) for refusal in refusals] == expected


def stated(plan_id: str, **more: Any) -> FactsStated:
    return FactsStated(client_id="c1", plans={plan_id: PlanFacts(employment="active")}, **more)


async def test_facts_of_a_plan_that_is_never_entered_are_told_after_a_day(service_under_test):
    coverage = await service_under_test(SERVICE)
    await coverage.given(CLIENT, entered(OWN))
    await coverage.receives(stated("owm"))
    assert coverage.none(MessageRefused)

    await coverage.passes(hours=25)

    refusal = coverage.only(MessageRefused)
    assert (refusal.reason, refusal.field, refusal.about) == ("not_known", "data.plans.owm", "c1")
    assert (refusal.message_id, refusal.source, refusal.type) == ("test-3", "/test", FactsStated.wire_type())
    assert "owm" in refusal.what_to_do


async def test_a_plan_billed_first_that_is_never_entered_is_told_too(service_under_test):
    coverage = await service_under_test(SERVICE)
    await coverage.given(CLIENT, entered(OWN), stated("own", billed_first="owm"))

    await coverage.passes(hours=25)

    assert coverage.only(MessageRefused).field == "data.billed_first"


async def test_facts_may_come_before_their_plan_and_of_a_former_one(service_under_test):
    coverage = await service_under_test(SERVICE)
    await coverage.given(CLIENT, stated("own"), entered(OWN), entered(), stated("own"))

    await coverage.passes(hours=25)

    assert coverage.none(MessageRefused)
