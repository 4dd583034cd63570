"""Which plan an insurer means when it names another payer, and what place follows for its own."""

from typing import Any

import pytest

from services.coverage.plans import other_payers
from shared.events.clients import EnteredPlan, Subscriber
from shared.events.coverage import BenefitsReported, OtherPayer
from tests.services.coverage.coverage_events import OWN, SPOUSES, TODAY, reported

NAMES = {"P1": "Blue Cross Blue Shield of New York", "P2": "Evergreen Health Plan", "P3": "Harbor Life"}
PLANS = (OWN, SPOUSES)
AMONG = other_payers.Candidates(SPOUSES, PLANS, NAMES)


@pytest.mark.parametrize(
    ("other", "meant"),
    [
        ({"payer_id": "P1", "name": "whatever"}, "own"),
        ({"payer_id": "P3", "name": "Blue Cross"}, None),
        ({"payer_id": "77777", "name": "BLUE CROSS OF NY"}, "own"),
        ({"name": "Blue Shield"}, "own"),
        ({"name": "x", "member_id": "A1"}, "own"),
        ({"name": "Health Insurance Company"}, None),
        ({"name": "Somebody Else"}, None),
        ({"name": "Evergreen"}, None),
    ],
    ids=["by id", "another known id", "foreign id", "by name", "by member id", "everyday words", "unknown", "itself"],
)
def test_the_plan_that_an_insurer_means(other: dict[str, Any], meant: str | None):
    plan = other_payers.plan_meant(OtherPayer(**other), AMONG)

    assert (None if plan is None else plan.plan_id) == meant


def test_a_name_that_fits_two_plans_is_no_answer():
    second = EnteredPlan(plan_id="second", payer_id="P9", member_id="X", subscriber=Subscriber(relation="self"))
    names = {**NAMES, "P9": "Blue Cross of Texas"}
    among = other_payers.Candidates(SPOUSES, (*PLANS, second), names)

    assert other_payers.plan_meant(OtherPayer(name="Blue Cross"), among) is None


@pytest.mark.parametrize(
    ("others", "own"),
    [
        ([], None),
        ([None], None),
        (["primary"], "secondary"),
        (["primary", "secondary"], "tertiary"),
        (["primary", None], "not_primary"),
        (["secondary"], "primary"),
        (["secondary", "tertiary"], "primary"),
        (["tertiary"], None),
    ],
    ids=str,
)
def test_the_place_that_follows_from_the_others(others: list[Any], own: str | None):
    assert other_payers.role_among(others) == own


def answer(*others: OtherPayer) -> BenefitsReported:
    return reported(SPOUSES, other_payers=others)


def test_a_plan_nobody_entered_says_nothing_of_the_entered_ones():
    unknown = OtherPayer(role="primary", name="Somebody Else")

    assert other_payers.own_role(answer(unknown), AMONG, TODAY, peers=2) is None
    assert other_payers.unentered(answer(unknown), AMONG, TODAY) == (unknown,)
    both = answer(unknown, OtherPayer(role="secondary", name="Blue Cross"))
    assert other_payers.own_role(both, AMONG, TODAY, peers=2) == "primary"


@pytest.mark.parametrize(
    ("others", "reason"),
    [
        ([{"payer_id": "P1", "role": "primary", "medicare_secondary_reason": "14"}], "14"),
        ([{"payer_id": "P9", "name": "Harbor Life", "medicare_secondary_reason": "47"}], None),
        ([{"payer_id": "P1", "medicare_secondary_reason": "15", "to_day": "2025-12-31"}], None),
    ],
    ids=["of an entered plan", "of another payer", "of a time that is over"],
)
def test_medicare_says_why_a_plan_pays_before_it(others: list[Any], reason: str | None):
    told = answer(*(OtherPayer.model_validate(other) for other in others))

    assert other_payers.secondary_reason(told, AMONG, TODAY) == reason
