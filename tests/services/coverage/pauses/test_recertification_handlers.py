"""The yearly confirmation: told 60, 30 and 7 days before, silent after the answer, the client's alone."""

from datetime import date, timedelta
from typing import Any

from shared.events.coverage import AccountUnpaused, ConfirmationAccepted, ConfirmationRefused, RecertificationDue
from tests.services.coverage.coverage_events import (
    CLIENT,
    OWN,
    SPOUSES,
    TODAY,
    WRONG_ORDER,
    confirmed,
    entered,
    other,
    payer,
    questioned,
    ready,
    reported,
)


async def a_year_begun(make: Any) -> Any:
    """A client who confirmed with P1 today."""
    sut = await ready(make, CLIENT, WRONG_ORDER, reported(OWN), reported(SPOUSES), questioned(), confirmed())
    await sut.receives(reported(OWN, trace="T2"), reported(SPOUSES, trace="T3"))
    assert sut.only(AccountUnpaused)
    return sut


async def test_letters_come_60_30_and_7_days_before_the_year_is_over(service_under_test: Any):
    sut = await a_year_begun(service_under_test)

    told: list[tuple[date, int]] = []
    for _ in range(366):
        await sut.passes(days=1)
        told += [(sut.clock.now.date(), due.days_before) for due in sut.all(RecertificationDue)]

    due = date(2027, 3, 2)
    assert told == [(due - timedelta(days=days), days) for days in (60, 30, 7)]


async def test_an_answer_silences_the_letters_until_next_year(service_under_test: Any):
    sut = await a_year_begun(service_under_test)
    await sut.passes(days=310)
    first = sut.only(RecertificationDue)
    assert (first.days_before, first.due_on, first.phone) == (60, date(2027, 3, 2), "+1-800-555-0100")

    await sut.receives(confirmed(on=sut.clock.now.date(), reference_number="YEAR-2"))
    assert sut.only(ConfirmationAccepted).pause_id is None

    await sut.passes(days=300)
    assert sut.none(RecertificationDue)
    await sut.passes(days=10)
    assert sut.only(RecertificationDue).days_before == 60


async def test_a_provider_cannot_answer_for_the_client(service_under_test: Any):
    sut = await a_year_begun(service_under_test)
    await sut.passes(days=310)

    await sut.receives(confirmed(on=sut.clock.now.date(), confirmed_by="provider", recorded_by="provider"))

    assert sut.only(ConfirmationRefused).reason == "confirmed_by_provider"
    await sut.passes(days=30)
    assert sut.only(RecertificationDue).days_before == 30


async def test_the_payers_own_date_starts_its_clock(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, WRONG_ORDER, reported(OWN))
    dated = other("primary", "Plan One", coordination_date=TODAY - timedelta(days=300))
    await sut.given(reported(SPOUSES, other_payers=(dated,)))

    await sut.passes(days=6)

    told = sut.only(RecertificationDue)
    assert (told.payer_id, told.due_on, told.days_before) == ("P2", date(2026, 5, 6), 60)


async def test_a_payer_that_asks_every_two_years_is_asked_about_every_two_years(service_under_test: Any):
    sut = await ready(service_under_test, payer("P1", recertification_months=24), CLIENT, WRONG_ORDER)
    await sut.given(reported(OWN), reported(SPOUSES), questioned(), confirmed())

    await sut.passes(days=400)
    assert sut.none(RecertificationDue)
    await sut.passes(days=300)
    assert sut.only(RecertificationDue).due_on == date(2028, 3, 2)


async def test_nobody_is_told_about_a_plan_they_have_no_more(service_under_test: Any):
    sut = await a_year_begun(service_under_test)
    await sut.given(entered(SPOUSES))

    await sut.passes(days=340)

    assert sut.none(RecertificationDue)
