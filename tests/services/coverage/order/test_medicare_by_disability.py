"""Medicare before 65, by disability, beside other plans."""

from typing import Any

import pytest

from services.coverage.order.rule import Rule
from tests.services.coverage.situations import (
    decision,
    document,
    former_spouses,
    in_short,
    medicare,
    mothers,
    own,
    partners,
    program,
)

UNDER_65 = [
    pytest.param(
        document(own(employer_size=100), medicare("disability")),
        "own > medicare",
        Rule.MEDICARE_LARGE_EMPLOYER,
        id="100 employees",
    ),
    pytest.param(
        document(own(employer_size=99), medicare("disability")),
        "medicare > own",
        Rule.MEDICARE_SMALL_EMPLOYER,
        id="99 employees",
    ),
    pytest.param(
        document(partners(employer_size=100), medicare("disability")),
        "partners > medicare",
        Rule.MEDICARE_LARGE_EMPLOYER,
        id="a domestic partner is family",
    ),
    pytest.param(
        document(mothers(employer_size=100), medicare("disability"), born="2000-01-01"),
        "mothers > medicare",
        Rule.MEDICARE_LARGE_EMPLOYER,
        id="a parent's job",
    ),
    pytest.param(
        document(own(employment="cobra", employer_size=1000), medicare("disability")),
        "medicare > own",
        Rule.MEDICARE_NO_CURRENT_JOB,
        id="COBRA",
    ),
    pytest.param(
        document(own(employer_size=1000), program("medicare")),
        "ask: plans.medicare.medicare_entitlement",
        None,
        id="the reason is asked for",
    ),
    pytest.param(
        document(own(kind="individual", employment=None), program("medicare")),
        "medicare > own",
        Rule.MEDICARE_NOT_GROUP,
        id="beside an individual plan it isn't",
    ),
    pytest.param(
        document(former_spouses(employer_size=100), medicare("disability")),
        "former_spouses > medicare",
        Rule.MEDICARE_LARGE_EMPLOYER,
        id="a former spouse is family",
    ),
    pytest.param(
        document(own(), medicare("age")),
        "ask: plans.medicare.medicare_entitlement",
        None,
        id="nobody has Medicare by age at 50: the reason is asked for",
    ),
    pytest.param(
        document(own(employer_size=50), medicare("age", "disability")),
        "medicare > own",
        Rule.MEDICARE_SMALL_EMPLOYER,
        id="of age and disability at 50 disability counts",
    ),
]


@pytest.mark.parametrize(("facts", "expected", "rule"), UNDER_65)
def test_medicares_place_by_disability(facts: dict[str, Any], expected: str, rule: Rule | None):
    decided = decision(facts)

    assert (in_short(decided), decided.rule) == (expected, rule)
