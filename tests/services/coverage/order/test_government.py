"""TRICARE, CHAMPVA and Medicaid, which federal law puts after other coverage."""

from typing import Any

import pytest

from services.coverage.order.rule import Rule
from tests.services.coverage.situations import (
    TOGETHER,
    aged,
    child,
    decision,
    document,
    fathers,
    in_short,
    medicare,
    mothers,
    own,
    program,
    spouses,
)

PROGRAMS = [
    pytest.param(
        document(program("tricare"), own()), "own > tricare", Rule.TRICARE_LAST, id="TRICARE after a job's plan"
    ),
    pytest.param(
        document(program("tricare"), program("medicaid")),
        "tricare > medicaid",
        Rule.MEDICAID_LAST,
        id="TRICARE before Medicaid",
    ),
    pytest.param(
        aged(program("tricare"), medicare("age")), "medicare > tricare", Rule.TRICARE_LAST, id="TRICARE for Life"
    ),
    pytest.param(
        aged(program("champva"), medicare("age")), "medicare > champva", Rule.CHAMPVA_LAST, id="CHAMPVA after Medicare"
    ),
    pytest.param(
        document(program("champva"), spouses()),
        "spouses > champva",
        Rule.CHAMPVA_LAST,
        id="CHAMPVA after a spouse's plan",
    ),
    pytest.param(
        document(program("champva"), program("medicaid")),
        "champva > medicaid",
        Rule.MEDICAID_LAST,
        id="CHAMPVA before Medicaid",
    ),
    pytest.param(
        aged(program("medicaid"), medicare("age")),
        "medicare > medicaid",
        Rule.MEDICAID_LAST,
        id="Medicare and Medicaid",
    ),
    pytest.param(
        child(program("medicaid"), fathers(), mothers(), family=TOGETHER),
        "mothers > fathers > medicaid",
        Rule.BIRTHDAY,
        id="a child with both parents' plans and Medicaid",
    ),
    pytest.param(
        aged(program("medicaid"), program("tricare"), medicare("age"), own(employer_size=500)),
        "own > medicare > tricare > medicaid",
        Rule.MEDICARE_WORKING_AGED,
        id="job, Medicare, TRICARE, Medicaid",
    ),
    pytest.param(
        document(program("tricare"), own("market", kind="marketplace", employment=None)),
        "market > tricare",
        Rule.TRICARE_LAST,
        id="TRICARE after a marketplace plan",
    ),
    pytest.param(
        child(program("tricare"), own("school", kind="student", employment=None)),
        "school > tricare",
        Rule.TRICARE_LAST,
        id="TRICARE after a school plan",
    ),
    pytest.param(
        document(own(coordination="always_secondary"), program("tricare")),
        "own > tricare",
        Rule.TRICARE_LAST,
        id="TRICARE after a plan that is always secondary",
    ),
    pytest.param(
        aged(medicare("age"), {**medicare("age"), "id": "advantage"}), "ask: plans.kind", None, id="two Medicare cards"
    ),
]


@pytest.mark.parametrize(("facts", "expected", "rule"), PROGRAMS)
def test_where_a_program_pays(facts: dict[str, Any], expected: str, rule: Rule | None):
    decided = decision(facts)

    assert (in_short(decided), decided.rule) == (expected, rule)
