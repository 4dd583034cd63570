"""Medicare by age beside other plans: current jobs, the size of the employer, and when 65 begins."""

from typing import Any

import pytest

from services.coverage.order.rule import Rule
from tests.services.coverage.situations import (
    UNSTATED,
    aged,
    decision,
    document,
    former_spouses,
    in_short,
    medicare,
    own,
    partners,
    plan,
    program,
    spouses,
)

AGED = [
    pytest.param(
        aged(own(employer_size=20), medicare("age")), "own > medicare", Rule.MEDICARE_WORKING_AGED, id="20 employees"
    ),
    pytest.param(
        aged(own(employer_size=19), medicare("age")), "medicare > own", Rule.MEDICARE_SMALL_EMPLOYER, id="19 employees"
    ),
    pytest.param(
        aged(spouses(employer_size=20), medicare("age")),
        "spouses > medicare",
        Rule.MEDICARE_WORKING_AGED,
        id="a spouse's job",
    ),
    pytest.param(
        aged(spouses(employment="retired"), medicare("age")),
        "medicare > spouses",
        Rule.MEDICARE_NO_CURRENT_JOB,
        id="a spouse's retiree plan",
    ),
    pytest.param(
        aged(partners(), medicare("age")),
        "medicare > partners",
        Rule.MEDICARE_NOT_OWN_OR_SPOUSE,
        id="a domestic partner's job is no spouse's",
    ),
    pytest.param(
        aged(plan("sons", "son", "other"), medicare("age")),
        "medicare > sons",
        Rule.MEDICARE_NOT_OWN_OR_SPOUSE,
        id="a grown child's job",
    ),
    pytest.param(
        aged(own(employment="cobra"), medicare("age")), "medicare > own", Rule.MEDICARE_NO_CURRENT_JOB, id="COBRA"
    ),
    pytest.param(
        aged(own(employment="laid_off"), medicare("age")), "medicare > own", Rule.MEDICARE_NO_CURRENT_JOB, id="laid off"
    ),
    pytest.param(
        aged(own(employment=None), medicare("age")),
        "medicare > own",
        Rule.MEDICARE_NO_CURRENT_JOB,
        id="a group plan not from a job",
    ),
    pytest.param(
        aged(own(kind="individual", employment=None), medicare("age")),
        "medicare > own",
        Rule.MEDICARE_NOT_GROUP,
        id="an individual plan",
    ),
    pytest.param(
        aged(own(kind="marketplace", employment=None), medicare("age")),
        "medicare > own",
        Rule.MEDICARE_NOT_GROUP,
        id="a marketplace plan",
    ),
    pytest.param(
        aged(own(kind="student", employment=None), medicare("age")),
        "medicare > own",
        Rule.MEDICARE_NOT_GROUP,
        id="a student plan",
    ),
    pytest.param(
        aged(own(kind="other", employment=None), medicare("age")),
        "medicare > own",
        Rule.MEDICARE_NOT_GROUP,
        id="another plan not from a job",
    ),
    pytest.param(
        aged(own(kind="other"), medicare("age")),
        "own > medicare",
        Rule.MEDICARE_WORKING_AGED,
        id="another plan from a job",
    ),
    pytest.param(
        aged(own(employment="retired", employer_size=UNSTATED), medicare("age")),
        "medicare > own",
        Rule.MEDICARE_NO_CURRENT_JOB,
        id="a retiree is not asked for the size",
    ),
    pytest.param(
        aged(own(employer_size=UNSTATED), medicare("age")), "ask: plans.own.employer_size", None, id="a worker is"
    ),
    pytest.param(
        aged(own(employer_size=None), medicare("age")),
        "ask: plans.own.employer_size",
        None,
        id="an employer without a size is one we don't know",
    ),
    pytest.param(
        aged(own(employment=UNSTATED, employer_size=8), medicare("age")),
        "medicare > own",
        Rule.MEDICARE_SMALL_EMPLOYER,
        id="a small employer: the job is no matter",
    ),
    pytest.param(
        aged(own(employment=UNSTATED), medicare("age")), "ask: plans.own.employment", None, id="a large employer: it is"
    ),
    pytest.param(
        aged(own(employer_size=50), program("medicare")),
        "own > medicare",
        Rule.MEDICARE_WORKING_AGED,
        id="at 67 the reason is plain",
    ),
    pytest.param(
        aged(own(employer_size=50, medicare_entitlement={"reason": "age"}), program("medicare")),
        "own > medicare",
        Rule.MEDICARE_WORKING_AGED,
        id="the reason stands with the other plan",
    ),
    pytest.param(
        aged(own(employer_size=50), medicare("disability")),
        "own > medicare",
        Rule.MEDICARE_WORKING_AGED,
        id="at 65 disability turns into age",
    ),
    pytest.param(
        aged(former_spouses(), medicare("age")),
        "medicare > former_spouses",
        Rule.MEDICARE_NOT_OWN_OR_SPOUSE,
        id="a former spouse's job is no spouse's",
    ),
]


@pytest.mark.parametrize(("facts", "expected", "rule"), AGED)
def test_medicares_place_by_age(facts: dict[str, Any], expected: str, rule: Rule | None):
    decided = decision(facts)

    assert (in_short(decided), decided.rule) == (expected, rule)


@pytest.mark.parametrize("stated", ["age", {"reason": "age"}, ["age"], [{"reason": "age"}]], ids=str)
def test_an_entitlement_may_be_one_or_several(stated: Any):
    facts = document(own(employer_size=50), program("medicare", medicare_entitlement=stated), born=UNSTATED)

    assert in_short(decision(facts)) == "own > medicare"


BIRTHDAYS = [
    pytest.param("1961-03-31", "own > medicare", id="65 later in the month of service"),
    pytest.param("1961-04-01", "own > medicare", id="65 on the first of next month counts from this month"),
    pytest.param("1961-04-02", "ask: plans.medicare.medicare_entitlement", id="65 next month"),
]


@pytest.mark.parametrize(("born", "expected"), BIRTHDAYS)
def test_medicare_counts_65_from_the_first_of_a_month(born: str, expected: str):
    facts = document(own(employer_size=500), program("medicare"), born=born, on="2026-03-01")

    assert in_short(decision(facts)) == expected
