"""The forecast against worked cases and published examples."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.settlement.money.forecast import PrimaryResult, SecondaryTerms, forecast
from shared.codes.payment_method import Method


def primary(allowed: int, deductible: int, coinsurance: int, copay: int, *, denied: bool = False) -> PrimaryResult:
    paid = 0 if denied else allowed - deductible - coinsurance - copay
    return PrimaryResult(allowed, deductible, coinsurance, copay, paid, denied)


def terms(
    method: Method, allowed: int = 0, *, deductible: int = 0, percent: str | int = 0, copay: int = 0
) -> SecondaryTerms:
    return SecondaryTerms(method, allowed, deductible, Decimal(percent), copay)


WORKED = [
    # charge, primary, secondary, charged to the client -> secondary pays, client owes, refund
    pytest.param(
        20000, primary(12000, 0, 0, 3000), terms(Method.LESSER_OF, 11000), 3000, (3000, 0, 3000), id="copay taken over"
    ),
    pytest.param(
        20000,
        primary(12000, 12000, 0, 0),
        terms(Method.LESSER_OF, 11000, copay=2000),
        12000,
        (9000, 3000, 9000),
        id="deductible, second plan with a copay",
    ),
    pytest.param(
        20000,
        primary(15000, 0, 3000, 0),
        terms(Method.LESSER_OF, 15000, percent=20),
        3000,
        (3000, 0, 3000),
        id="coinsurance taken over",
    ),
    pytest.param(
        20000,
        primary(15000, 0, 3000, 0),
        terms(Method.NON_DUPLICATION, 15000, percent=10),
        3000,
        (1500, 1500, 1500),
        id="non-duplication",
    ),
    pytest.param(
        20000,
        primary(15000, 0, 3000, 0),
        terms(Method.MAINTENANCE_OF_BENEFITS, 15000, percent=20),
        3000,
        (2400, 600, 2400),
        id="maintenance of benefits",
    ),
    pytest.param(
        20000,
        primary(12000, 0, 2400, 0),
        terms(Method.MEDICAID_LESSER_OF, 8500),
        2400,
        (0, 0, 2400),
        id="Medicaid's fee is below what the primary paid",
    ),
    pytest.param(
        20000,
        primary(12000, 0, 2400, 0),
        terms(Method.MEDICAID_LESSER_OF, 10000, copay=300),
        2400,
        (400, 300, 2100),
        id="Medicaid with a nominal copay",
    ),
    pytest.param(
        20000, primary(12000, 0, 0, 3000), terms(Method.NONE), 3000, (0, 3000, 0), id="second plan is not billed"
    ),
    pytest.param(
        20000,
        primary(12000, 12000, 0, 0),
        terms(Method.LESSER_OF, 10000, copay=4000),
        2000,
        (6000, 6000, -4000),
        id="the client owes more than was charged",
    ),
    pytest.param(
        17500,
        primary(15000, 0, 3000, 0),
        terms(Method.MEDICARE_SECONDARY, 12500, percent=20),
        3000,
        (3000, 0, 3000),
        id="42 CFR 411.33, example: lowest of 55, 100 and 30",
    ),
    pytest.param(
        10000,
        primary(9000, 0, 4500, 0),
        terms(Method.MEDICARE_SECONDARY, 4000, percent=20),
        4500,
        (3200, 1300, 3200),
        id="Medicare's own amount is the lowest",
    ),
    pytest.param(
        8000,
        primary(12000, 0, 6000, 0),
        terms(Method.MEDICARE_SECONDARY, 15000),
        6000,
        (2000, 4000, 2000),
        id="Medicare pays no more than the charge leaves",
    ),
    pytest.param(
        15000,
        primary(10000, 0, 0, 0),
        terms(Method.MEDICARE_SECONDARY, 12500),
        0,
        (0, 0, 0),
        id="42 CFR 411.32(b): accepted as full payment",
    ),
    pytest.param(
        50000,
        primary(37500, 0, 7500, 0),
        terms(Method.MEDICAID_LESSER_OF, 36500),
        7500,
        (6500, 0, 7500),
        id="X12 RFI 1696",
    ),
    pytest.param(
        120000,
        primary(90000, 0, 45000, 0),
        terms(Method.BASIC, 65000, percent=50),
        45000,
        (20000, 25000, 20000),
        id="dental basic 900/650",
    ),
    pytest.param(
        120000,
        primary(65000, 0, 32500, 0),
        terms(Method.BASIC, 90000, percent=50),
        32500,
        (45000, 0, 32500),
        id="dental basic 650/900: above what is left, the client owes nothing",
    ),
    pytest.param(
        120000,
        primary(90000, 0, 45000, 0),
        terms(Method.LESSER_OF, 65000, percent=50),
        45000,
        (32500, 12500, 32500),
        id="dental standard 900/650",
    ),
    pytest.param(
        120000,
        primary(65000, 0, 32500, 0),
        terms(Method.LESSER_OF, 90000, percent=50),
        32500,
        (32500, 0, 32500),
        id="dental standard 650/900",
    ),
    pytest.param(
        120000,
        primary(120000, 0, 60000, 0),
        terms(Method.NON_DUPLICATION, 120000, percent=25),
        60000,
        (30000, 30000, 30000),
        id="dental carve-out 50/75",
    ),
    pytest.param(
        20000,
        primary(12500, 0, 5000, 0),
        terms(Method.MAINTENANCE_OF_BENEFITS, 12500, percent=25),
        5000,
        (3750, 1250, 3750),
        id="published maintenance of benefits 37.50",
    ),
    pytest.param(
        20000,
        primary(12500, 0, 5000, 0),
        terms(Method.NON_DUPLICATION, 12500, percent=25),
        5000,
        (1875, 3125, 1875),
        id="published carve-out 18.75",
    ),
    pytest.param(
        18000,
        primary(11250, 0, 0, 2250),
        terms(Method.NAIC_STANDARD, 11250, percent=20),
        2250,
        (2250, 0, 2250),
        id="charge 180, allowed 112.50, copay 22.50",
    ),
    pytest.param(
        20000,
        primary(10000, 0, 2000, 0),
        terms(Method.NAIC_STANDARD, 12000),
        2000,
        (4000, 0, 2000),
        id="standard: allowable is the higher of two negotiated fees",
    ),
    pytest.param(
        20000,
        primary(12000, 12000, 0, 0),
        terms(Method.NAIC_STANDARD, 10000, deductible=5000, percent=20),
        12000,
        (4000, 8000, 4000),
        id="standard: the second plan's own deductible first",
    ),
    pytest.param(
        20000,
        primary(15000, 5000, 2000, 0),
        terms(Method.SUPPLEMENT, 15000, copay=2000),
        7000,
        (5000, 2000, 5000),
        id="supplement with a copay of its own",
    ),
    pytest.param(
        20000,
        primary(12000, 0, 0, 0, denied=True),
        terms(Method.LESSER_OF, 11000, copay=2000, percent=10),
        0,
        (8100, 2900, -2900),
        id="the primary denied: as if it were alone",
    ),
    pytest.param(
        20000, primary(12000, 0, 3000, 0, denied=True), terms(Method.NONE), 0, (0, 3000, -3000), id="denied, no second"
    ),
    pytest.param(
        100,
        primary(100, 100, 0, 0),
        terms(Method.LESSER_OF, 5, percent=10),
        100,
        (4, 96, 4),
        id="half a cent of the client's share goes up",
    ),
    pytest.param(
        100,
        primary(100, 100, 0, 0),
        terms(Method.LESSER_OF, 90, percent="12.5"),
        100,
        (79, 21, 79),
        id="a fraction of a percent is exact",
    ),
]


@pytest.mark.parametrize(("charge", "first", "second", "charged", "expected"), WORKED)
def test_the_forecast_is_what_the_plans_rules_give(
    charge: int, first: PrimaryResult, second: SecondaryTerms, charged: int, expected: tuple[int, int, int]
) -> None:
    predicted = forecast(charge, first, second, charged)

    assert (predicted.secondary_pays_cents, predicted.client_owes_cents, predicted.refund_cents) == expected


@pytest.mark.parametrize(
    ("second", "least"),
    [
        pytest.param(terms(Method.LESSER_OF, 11000, copay=2000), 2000, id="10 written off"),
        pytest.param(terms(Method.LESSER_OF, 10000, copay=4000), 4000, id="20 written off"),
        pytest.param(terms(Method.NONE), 12000, id="nothing to write off"),
    ],
)
def test_the_least_that_a_client_may_owe_is_after_the_secondarys_discount(second: SecondaryTerms, least: int) -> None:
    predicted = forecast(20000, primary(12000, 12000, 0, 0), second, 12000)

    assert (predicted.client_owes_least_cents, predicted.client_owes_most_cents) == (least, 12000)


CENTS = st.integers(0, 50_000)


@given(
    st.sampled_from(Method),
    st.tuples(CENTS, CENTS, CENTS, CENTS),
    st.tuples(CENTS, CENTS, st.decimals(0, 100, places=2), CENTS),
    CENTS,
)
def test_nobody_pays_less_than_nothing_and_the_client_never_more_than_the_primary_left(
    method: Method, first: tuple[int, int, int, int], second: tuple[int, int, Decimal, int], charge: int
) -> None:
    paid, deductible, coinsurance, copay = first
    result = PrimaryResult(sum(first), deductible, coinsurance, copay, paid)

    predicted = forecast(charge, result, SecondaryTerms(method, *second), 0)

    assert predicted.secondary_pays_cents >= 0
    assert 0 <= predicted.client_owes_least_cents <= predicted.client_owes_cents <= result.patient_responsibility_cents
    assert predicted.client_owes_most_cents == result.patient_responsibility_cents


@given(CENTS, st.tuples(CENTS, CENTS, st.decimals(0, 100, places=3), CENTS))
def test_a_plan_alone_and_its_member_pay_the_allowed_amount_between_them(
    charge: int, second: tuple[int, int, Decimal, int]
) -> None:
    predicted = forecast(charge, primary(0, 0, 0, 0, denied=True), SecondaryTerms(Method.LESSER_OF, *second), 0)

    assert predicted.secondary_pays_cents + predicted.client_owes_cents == second[0]
    assert 0 <= predicted.secondary_pays_cents <= second[0]
