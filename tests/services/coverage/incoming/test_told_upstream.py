"""What upstream's messages are refused for is told upstream; a fact of the directory can be withdrawn."""

from datetime import date

from services.coverage.app import SERVICE
from shared.events.coverage import SessionCleared, SessionRefused
from shared.events.directory import FactWithdrawn
from shared.events.sessions import SessionCancelled, SessionCompleted
from shared.events.upstream import MessageRefused
from tests.services.coverage.coverage_events import CLIENT, DIRECTORY, OWN, credential, entered, reported, session


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


async def test_a_session_confirmed_for_years_ahead_is_refused_and_nothing_is_decided(service_under_test):
    coverage = await service_under_test(SERVICE)
    await coverage.given(*DIRECTORY, CLIENT, entered(OWN))

    await coverage.receives(session(date_of_service=date(2031, 3, 2)), reported(OWN))

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
