"""Medicare among three and more plans, and the reversal for a retiree's own plan."""

from typing import Any

import pytest

from services.coverage.order.rule import Rule
from tests.services.coverage.situations import (
    aged,
    decision,
    document,
    esrd,
    in_short,
    medicare,
    own,
    program,
    spouses,
)

THREE = [
    pytest.param(
        aged(own("retiree", employment="retired"), medicare("age"), spouses()),
        "spouses > medicare > retiree",
        Rule.MEDICARE_WORKING_AGED,
        id="the reversal: spouse's job, Medicare, own retiree plan",
    ),
    pytest.param(
        aged(own("retiree", employment="retired"), medicare("age"), spouses(employer_size=10)),
        "medicare > retiree > spouses",
        Rule.MEDICARE_NO_CURRENT_JOB,
        id="no reversal where the spouse's employer is small",
    ),
    pytest.param(
        aged(own("retiree", employment="retired"), medicare("age", covered_to="2026-01-31"), spouses()),
        "retiree > spouses",
        Rule.NON_DEPENDENT_FIRST,
        id="no reversal once Medicare has ended",
    ),
    pytest.param(
        aged(own("cobra", employment="cobra"), medicare("age"), spouses()),
        "spouses > medicare > cobra",
        Rule.MEDICARE_WORKING_AGED,
        id="own COBRA is reversed alike",
    ),
    pytest.param(
        aged(own("market", kind="marketplace", employment=None), medicare("age"), spouses()),
        "spouses > medicare > market",
        Rule.MEDICARE_WORKING_AGED,
        id="own marketplace plan alike",
    ),
    pytest.param(
        aged(own("small", employer_size=5, covered_from="2000-01-01"), own("large"), medicare("age")),
        "large > medicare > small",
        Rule.MEDICARE_WORKING_AGED,
        id="Medicare between two own plans, though the last is older",
    ),
    pytest.param(
        aged(own(), spouses(), medicare("age")),
        "own > spouses > medicare",
        Rule.NON_DEPENDENT_FIRST,
        id="both jobs before Medicare",
    ),
    pytest.param(
        document(own("retiree", employment="retired"), spouses(), medicare(esrd(5))),
        "retiree > spouses > medicare",
        Rule.NON_DEPENDENT_FIRST,
        id="kidney disease: both before Medicare, so no reversal",
    ),
    pytest.param(
        aged(program("medicaid"), own("retiree", employment="retired"), medicare("age"), spouses(), program("tricare")),
        "spouses > medicare > retiree > tricare > medicaid",
        Rule.MEDICARE_WORKING_AGED,
        id="five plans",
    ),
]


@pytest.mark.parametrize(("facts", "expected", "rule"), THREE)
def test_medicares_place_among_several_plans(facts: dict[str, Any], expected: str, rule: Rule | None):
    decided = decision(facts)

    assert (in_short(decided), decided.rule) == (expected, rule)


def test_the_reversed_pair_says_so():
    decided = decision(aged(own("retiree", employment="retired"), medicare("age"), spouses()))

    assert {(pair.first, pair.second): pair.rule for pair in decided.pairs}[
        "spouses", "retiree"
    ] is Rule.MEDICARE_REVERSAL
