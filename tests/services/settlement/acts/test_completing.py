"""A session is booked and its provider paid only when it took place on its confirmed date, and that day has come."""

from datetime import timedelta
from typing import Any

import pytest

from shared import clock
from shared.events.settlement import PayoutPaid, PayoutScheduled, SettlementReviewRequested
from tests.builders import completed
from tests.harness import ServiceUnderTest
from tests.services.settlement.settlement_events import COMPLETED, WHOSE, balances, cleared, paid, reasons

ANOTHER_DAY = completed(date_of_service="2026-03-01")


async def test_a_completion_of_another_date_books_no_pay_and_reaches_a_person_once(settlement: ServiceUnderTest):
    await settlement.given(cleared(), paid(3000))

    await settlement.receives(ANOTHER_DAY, ANOTHER_DAY)

    review = settlement.only(SettlementReviewRequested)
    assert (review.reason, review.session_id) == ("completed_on_another_day", WHOSE["session_id"])
    assert review.evidence == "completed for 2026-03-01, confirmed for 2026-03-02"
    assert settlement.none(PayoutScheduled)
    assert (await balances(settlement)).get("provider_payable", 0) == 0

    await settlement.passes(days=60)
    assert settlement.none(PayoutPaid)
    assert "completion_unknown" not in reasons(settlement)


async def test_a_completion_that_came_before_its_confirmation_is_compared_then(settlement: ServiceUnderTest):
    await settlement.given(ANOTHER_DAY)

    await settlement.receives(cleared(), paid(3000))

    assert settlement.none(PayoutScheduled)
    assert reasons(settlement) == ["completed_on_another_day"]


@pytest.mark.parametrize(
    "correction",
    [COMPLETED, cleared(date_of_service="2026-03-01", decision=2)],
    ids=["completion", "confirmation"],
)
async def test_it_counts_once_upstream_has_corrected_either_date(settlement: ServiceUnderTest, correction: Any):
    await settlement.given(cleared(), paid(3000), ANOTHER_DAY)

    await settlement.receives(correction)

    assert settlement.only(PayoutScheduled).amount_cents == 15000


async def test_pay_that_was_scheduled_waits_while_the_dates_do_not_agree(settlement: ServiceUnderTest):
    await settlement.given(cleared(), paid(3000), COMPLETED)

    await settlement.receives(ANOTHER_DAY)
    assert reasons(settlement) == ["completed_on_another_day"]
    await settlement.passes(days=60)
    assert settlement.none(PayoutPaid)

    await settlement.given(COMPLETED)
    await settlement.passes(days=2)
    assert settlement.only(PayoutPaid).amount_cents == 15000


async def test_a_completion_for_a_day_to_come_waits_for_it(settlement: ServiceUnderTest):
    day = (clock.now() + timedelta(days=3)).date().isoformat()
    await settlement.given(cleared(date_of_service=day), paid(3000))

    await settlement.receives(completed(date_of_service=day))
    assert settlement.none(PayoutScheduled)

    await settlement.passes(days=3)
    assert settlement.only(PayoutScheduled).amount_cents == 15000
    assert "completed_on_another_day" not in reasons(settlement)
