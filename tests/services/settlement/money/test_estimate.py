"""The estimate from the primary's benefits."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.settlement.money.estimate import Basis, Estimate, EstimateRule, Pending, estimate
from shared.events.coverage import CostShare

CHARGE = 60000
RULE = EstimateRule(percent=Decimal(20), at_most_cents=5000)


def benefits(**figures: Any) -> CostShare:
    return CostShare(source="MH", **{"confidence": "high", "deductible_remaining_cents": 0, **figures})


@pytest.mark.parametrize(
    ("rate", "known", "pending", "expected"),
    [
        pytest.param(15000, benefits(coinsurance_percent=20.0), [], (3000, 0, 0, 3000, False), id="coinsurance"),
        pytest.param(15000, benefits(copay_cents=3000), [], (3000, 0, 3000, 0, False), id="copay"),
        pytest.param(2500, benefits(copay_cents=3000), [], (2500, 0, 2500, 0, False), id="copay capped by the rate"),
        pytest.param(
            15000,
            benefits(deductible_remaining_cents=5000, copay_cents=1000, coinsurance_percent=10.0),
            [],
            (6900, 5000, 1000, 900, False),
            id="deductible, copay, coinsurance",
        ),
        pytest.param(
            15000,
            benefits(deductible_remaining_cents=50000),
            [],
            (15000, 15000, 0, 0, False),
            id="all to the deductible",
        ),
        pytest.param(
            15000,
            benefits(deductible_remaining_cents=20000, coinsurance_percent=20.0),
            [Pending(15000, 15000)],
            (7000, 5000, 0, 2000, False),
            id="an earlier session uses up the deductible first",
        ),
        pytest.param(
            15000,
            benefits(coinsurance_percent=50.0, out_of_pocket_remaining_cents=9000),
            [Pending(0, 4000)],
            (5000, 0, 0, 7500, True),
            id="an earlier session uses up the out-of-pocket maximum first",
        ),
        pytest.param(
            15000,
            benefits(coinsurance_percent=50.0, out_of_pocket_remaining_cents=1000),
            [Pending(0, 4000)],
            (0, 0, 0, 7500, True),
            id="nothing left of the out-of-pocket maximum",
        ),
        pytest.param(101, benefits(coinsurance_percent=50.0), [], (51, 0, 0, 51, False), id="half a cent goes up"),
        pytest.param(
            10000, benefits(coinsurance_percent=33.33), [], (3333, 0, 0, 3333, False), id="a fraction is exact"
        ),
    ],
)
def test_the_estimate_follows_the_primarys_benefits(
    rate: int, known: CostShare, pending: list[Pending], expected: tuple[int, int, int, int, bool]
) -> None:
    estimated = estimate(rate, CHARGE, known, RULE, pending)

    assert estimated == Estimate(rate, *expected, Basis.BENEFITS, "high")


@pytest.mark.parametrize(
    ("known", "basis", "confidence"),
    [
        pytest.param(benefits(confidence="low", copay_cents=100), Basis.LOW_CONFIDENCE, "low", id="low confidence"),
        pytest.param(CostShare(), Basis.NO_BENEFITS, "none", id="no benefits"),
        pytest.param(benefits(), Basis.NO_BENEFITS, "none", id="neither copay nor coinsurance"),
    ],
)
def test_without_sure_benefits_the_configured_rule_is_charged_and_it_is_said(
    known: CostShare, basis: Basis, confidence: Any
) -> None:
    assert estimate(15000, CHARGE, known, RULE) == Estimate(15000, 3000, 0, 0, 3000, False, basis, confidence)
    assert estimate(50000, CHARGE, known, RULE) == Estimate(50000, 5000, 0, 0, 10000, True, basis, confidence)


@pytest.mark.parametrize(
    ("charge", "known", "asked"),
    [
        pytest.param(5000, benefits(coinsurance_percent=20.0), 1000, id="coinsurance"),
        pytest.param(2000, benefits(copay_cents=3000), 2000, id="copay"),
        pytest.param(5000, benefits(deductible_remaining_cents=50000), 5000, id="deductible"),
        pytest.param(5000, CostShare(), 1000, id="no benefits"),
        pytest.param(0, benefits(copay_cents=3000), 0, id="nothing charged"),
    ],
)
def test_a_charge_below_the_rate_is_all_that_a_payer_allows(charge: int, known: CostShare, asked: int) -> None:
    estimated = estimate(15000, charge, known, RULE)

    assert (estimated.rate_cents, estimated.estimate_cents) == (15000, asked)


@given(
    st.integers(0, 100_000),
    st.integers(0, 100_000),
    st.builds(
        benefits,
        deductible_remaining_cents=st.integers(0, 200_000),
        copay_cents=st.integers(0, 20_000),
        coinsurance_percent=st.floats(0, 100),
        out_of_pocket_remaining_cents=st.none() | st.integers(0, 200_000),
    ),
    st.lists(st.builds(Pending, st.integers(0, 50_000), st.integers(0, 50_000)), max_size=3),
)
def test_an_estimate_is_never_negative_nor_above_rate_or_charge(
    rate: int, charge: int, known: CostShare, pending: list[Pending]
) -> None:
    assert 0 <= estimate(rate, charge, known, RULE, pending).estimate_cents <= min(rate, charge)
