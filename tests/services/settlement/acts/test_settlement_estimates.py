"""The estimate beside other sessions of the plan, and an estimate of nothing."""

from typing import Any

from shared.events.settlement import (
    BalanceDue,
    ChargeRequested,
    CostFinalized,
    SessionEstimated,
)
from tests.harness import ServiceUnderTest
from tests.services.settlement.settlement_events import (
    COMPLETED,
    PRIMARY,
    SECONDARY,
    cleared,
)


def session(number: int, **changes: Any) -> Any:
    left = {"deductible_remaining_cents": 20000, "coinsurance_percent": 20.0, "confidence": "high"}
    return cleared(**{"session_id": f"s{number}", "cost_share": left, **changes})


async def test_sessions_not_adjudicated_yet_use_up_deductible_and_maximum_first(settlement: ServiceUnderTest):
    await settlement.receives(session(1), session(2), session(3))
    assert [event.amount_cents for event in settlement.all(ChargeRequested)] == [15000, 5000 + 2000, 3000]

    capped = {"coinsurance_percent": 20.0, "out_of_pocket_remaining_cents": 27000, "confidence": "high"}
    await settlement.receives(session(4, cost_share=capped))
    assert settlement.only(ChargeRequested).amount_cents == 2000


async def test_what_the_plan_has_adjudicated_or_will_count_in_another_year_is_not_counted_again(
    settlement: ServiceUnderTest,
):
    await settlement.given(session(1), session(2, date_of_service="2025-12-30"))
    await settlement.given(PRIMARY.model_copy(update={"session_id": "s1"}))

    await settlement.receives(session(3))

    assert settlement.only(ChargeRequested).amount_cents == 15000


async def test_an_estimate_of_nothing_asks_for_nothing_and_settles(settlement: ServiceUnderTest):
    nothing = {"coinsurance_percent": 0.0, "confidence": "high"}
    await settlement.receives(cleared(cost_share=nothing), COMPLETED)
    assert settlement.only(SessionEstimated).estimate_cents == 0
    assert settlement.none(ChargeRequested)

    await settlement.receives(PRIMARY, SECONDARY)

    final = settlement.only(CostFinalized)
    assert (final.final_cost_cents, final.refund_cents) == (600, -600)
    assert settlement.only(BalanceDue).amount_cents == 600
