"""Rates of the directory that contradict each other, and rates that never held."""

from datetime import date
from typing import Any

import pytest

from services.settlement.app import SERVICE
from shared.events.directory import FactWithdrawn
from shared.events.settlement import SessionEstimated
from shared.events.upstream import MessageRefused
from tests.builders import cleared
from tests.harness import ServiceUnderTest
from tests.services.settlement.settlement_events import RATE, rate

THIS_YEAR: dict[str, Any] = {"from_day": date(2026, 1, 1), "to_day": date(2026, 12, 31)}
SUMMER = {"from_day": date(2026, 6, 1), "to_day": date(2026, 8, 31)}


async def kept(settlement: ServiceUnderTest) -> list[date]:
    rows = await settlement.pool.fetch("select from_day from rates where payer_id = 'NINE' order by from_day")
    return [row["from_day"] for row in rows]


@pytest.mark.parametrize("together", [False, True], ids=["apart", "in one batch"])
async def test_a_rate_for_days_of_another_is_refused_with_the_other_span(settlement: ServiceUnderTest, together: bool):
    await settlement.receives(rate(15000, "NINE", **THIS_YEAR), rate(14000, "NINE", **SUMMER), together=together)

    refusal = settlement.only(MessageRefused)
    assert (refusal.reason, refusal.field) == ("overlaps", "data.from_day")
    assert refusal.about == "rate:NINE:p:90837:2026-06-01"
    assert "2026-01-01 to 2026-12-31" in refusal.what_to_do
    assert (refusal.message_id, refusal.source) == ("test-3", "/test")
    assert await kept(settlement) == [THIS_YEAR["from_day"]]


async def test_it_is_refused_in_whichever_order_the_two_come(settlement: ServiceUnderTest):
    await settlement.receives(rate(14000, "NINE", **SUMMER), rate(15000, "NINE", **THIS_YEAR))

    assert "2026-06-01 to 2026-08-31" in settlement.only(MessageRefused).what_to_do
    assert await kept(settlement) == [SUMMER["from_day"]]


@pytest.mark.parametrize(
    "later",
    [{"from_day": date(2026, 6, 1)}, SUMMER, {"from_day": date(2020, 1, 1), "to_day": date(2025, 12, 31)}],
    ids=["new rate", "rate for a summer", "earlier years"],
)
async def test_an_open_ended_rate_gives_way_to_one_that_begins_later(settlement: ServiceUnderTest, later: dict):
    await settlement.receives(rate(15000, "NINE"), rate(16000, "NINE", **later))

    assert settlement.none(MessageRefused)
    assert len(await kept(settlement)) == 2


@pytest.mark.parametrize(
    "changes", [{"procedure": "90834"}, {"provider_id": None, "group_id": "g"}, {"provider_id": "q"}], ids=str
)
async def test_rates_of_something_else_do_not_overlap(settlement: ServiceUnderTest, changes: dict):
    await settlement.receives(rate(15000, "NINE", **THIS_YEAR), rate(14000, "NINE", **SUMMER, **changes))

    assert settlement.none(MessageRefused)


async def test_a_refused_rate_is_taken_once_the_other_ends_before_it(settlement: ServiceUnderTest):
    await settlement.given(rate(15000, "NINE", **THIS_YEAR), rate(14000, "NINE", **SUMMER))

    await settlement.receives(rate(15000, "NINE", from_day=date(2026, 1, 1), to_day=date(2026, 5, 31)))

    assert settlement.published == []
    assert await kept(settlement) == [date(2026, 1, 1), date(2026, 6, 1)]
    assert await settlement.pool.fetchval("select count(*) from refused_rates") == 0


async def test_a_refused_rate_is_taken_once_the_other_is_withdrawn(settlement: ServiceUnderTest):
    await settlement.given(rate(15000, "NINE", **THIS_YEAR), rate(14000, "NINE", **SUMMER))

    await settlement.receives(FactWithdrawn(fact="rate:NINE:p:90837:2026-01-01"))

    assert settlement.published == []
    assert await kept(settlement) == [date(2026, 6, 1)]


async def test_a_refused_rate_that_is_withdrawn_waits_no_more(settlement: ServiceUnderTest):
    await settlement.given(rate(15000, "NINE", **THIS_YEAR), rate(14000, "NINE", **SUMMER))

    await settlement.receives(FactWithdrawn(fact="rate:NINE:p:90837:2026-06-01"))

    assert settlement.published == []
    assert await settlement.pool.fetchval("select count(*) from refused_rates") == 0


async def test_a_refused_correction_leaves_the_rate_as_it_was(settlement: ServiceUnderTest):
    await settlement.given(rate(14000, "NINE", **SUMMER))
    await settlement.given(rate(15000, "NINE", from_day=date(2026, 1, 1), to_day=date(2026, 5, 31)))

    await settlement.receives(rate(15000, "NINE", **THIS_YEAR))
    assert settlement.only(MessageRefused).reason == "overlaps"

    await settlement.receives(rate(15000, "NINE", from_day=date(2026, 1, 1), to_day=date(2026, 5, 31)))
    await settlement.receives(FactWithdrawn(fact="rate:NINE:p:90837:2026-06-01"))
    to_day = await settlement.pool.fetchval("select rate->>'to_day' from rates where payer_id = 'NINE'")
    assert to_day == "2026-05-31"


async def test_withdrawing_a_rate_that_never_was_is_refused(settlement: ServiceUnderTest):
    await settlement.receives(FactWithdrawn(fact="rate:ONE:p:90837:2026-01-02"))

    refusal = settlement.only(MessageRefused)
    assert (refusal.reason, refusal.field) == ("not_known", "data.fact")
    assert refusal.about == "rate:ONE:p:90837:2026-01-02"


async def test_a_credential_that_is_withdrawn_is_no_matter_of_settlement(settlement: ServiceUnderTest):
    await settlement.receives(FactWithdrawn(fact="credential:p:ONE:NY:2026-01-02"))

    assert settlement.published == []


async def test_a_session_is_estimated_at_the_rate_that_was_kept(service_under_test):
    sut = await service_under_test(SERVICE)
    await sut.given(rate(15000, **THIS_YEAR), rate(99000, from_day=date(2026, 3, 1)))

    await sut.receives(cleared())

    assert sut.only(SessionEstimated).rate_cents == RATE.rate_cents
