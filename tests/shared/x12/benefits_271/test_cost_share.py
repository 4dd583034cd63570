"""The member's cost share, with its fallback and its confidence."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from shared.x12.benefits_271.benefits import Benefit, BenefitsReport, Period
from shared.x12.benefits_271.cost_share import CostShare, cost_share_on
from shared.x12.benefits_271.reader import read_benefits_files
from shared.x12.syntax.parties import Payer, Person, Subscriber
from tests.shared.x12.sample_files import sample

ON = date(2026, 1, 5)
NOTHING = CostShare(None, None, None, None, None, None, {}, "none")


def share_of(*benefits: Benefit) -> CostShare:
    return cost_share_on(BenefitsReport("T", Payer("P"), Subscriber(Person("X")), benefits), ON)


def copay(cents: int, *service_types: str, network: str = "Y") -> Benefit:
    return Benefit("B", service_types=service_types, amount_cents=cents, network=network, period="27")


def test_a_plan_that_keeps_silent_on_mental_health_is_read_by_office_visit_and_plan():
    (report,) = read_benefits_files(sample("benefits_active"))
    assert cost_share_on(report, ON) == CostShare(
        copay_cents=3000,
        coinsurance_share=Decimal("0.2"),
        deductible_cents=150000,
        deductible_remaining_cents=25050,
        out_of_pocket_cents=600000,
        out_of_pocket_remaining_cents=None,
        source={
            "copay": "98",
            "coinsurance": "30",
            "deductible": "30",
            "deductible_remaining": "30",
            "out_of_pocket": "30",
        },
        confidence="low",
    )


@pytest.mark.parametrize(
    ("benefits", "expected"),
    [
        pytest.param(
            (copay(3000, "98"), copay(2000, "MH")),
            replace(NOTHING, copay_cents=2000, source={"copay": "MH"}, confidence="high"),
            id="mental health before office visit",
        ),
        pytest.param(
            (copay(2500, "A6"), copay(4000, "30")),
            replace(NOTHING, copay_cents=2500, source={"copay": "A6"}, confidence="high"),
            id="psychotherapy",
        ),
        pytest.param(
            (copay(3000, "98"),),
            replace(NOTHING, copay_cents=3000, source={"copay": "98"}, confidence="medium"),
            id="office visit",
        ),
        pytest.param(
            (copay(3000),), replace(NOTHING, copay_cents=3000, source={"copay": "30"}, confidence="low"), id="the plan"
        ),
        pytest.param((copay(6000, "MH", network="N"),), NOTHING, id="out of network"),
        pytest.param(
            (copay(6000, "MH", network=""), copay(2000, "MH")),
            replace(NOTHING, copay_cents=2000, source={"copay": "MH"}, confidence="high"),
            id="in network before not said",
        ),
        pytest.param(
            (copay(2000, "MH"), copay(4000, "MH")),
            replace(NOTHING, copay_cents=4000, source={"copay": "MH"}, confidence="low"),
            id="two figures",
        ),
        pytest.param((copay(2000, "A7"),), NOTHING, id="inpatient"),
        pytest.param(
            (replace(copay(2000, "MH"), periods=(Period("291", date(2024, 1, 1), date(2024, 12, 31)),)),),
            NOTHING,
            id="of another year",
        ),
        pytest.param(
            (Benefit("C", "FAM", ("30",), period="23", amount_cents=300000),), NOTHING, id="the family's deductible"
        ),
        pytest.param((), NOTHING, id="nothing"),
    ],
)
def test_each_figure_comes_from_the_nearest_statement(benefits: tuple[Benefit, ...], expected: CostShare):
    assert share_of(*benefits) == expected
