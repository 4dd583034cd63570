"""Medicare by kidney disease beside other plans: the coordination period, and other reasons beside it."""

from typing import Any

import pytest

from services.coverage.order.rule import Rule
from tests.services.coverage.situations import (
    UNSTATED,
    aged,
    decision,
    document,
    esrd,
    in_short,
    medicare,
    mothers,
    own,
)

WITH_ESRD = medicare("age", esrd(10))

KIDNEY = [
    pytest.param(
        document(own(employer_size=2), medicare(esrd(30))),
        "own > medicare",
        Rule.MEDICARE_ESRD_PERIOD,
        id="month 30, whatever the size",
    ),
    pytest.param(
        document(own(employer_size=900), medicare(esrd(31))),
        "medicare > own",
        Rule.MEDICARE_AFTER_ESRD_PERIOD,
        id="month 31",
    ),
    pytest.param(
        document(own(employment="cobra"), medicare(esrd(1))),
        "own > medicare",
        Rule.MEDICARE_ESRD_PERIOD,
        id="COBRA too",
    ),
    pytest.param(
        document(own(employment="retired"), medicare(esrd(14))),
        "own > medicare",
        Rule.MEDICARE_ESRD_PERIOD,
        id="a retiree plan too",
    ),
    pytest.param(
        document(mothers(), medicare(esrd(14)), born="2012-01-01"),
        "mothers > medicare",
        Rule.MEDICARE_ESRD_PERIOD,
        id="a child on a parent's plan",
    ),
    pytest.param(
        document(own(kind="marketplace", employment=None), medicare(esrd(5))),
        "medicare > own",
        Rule.MEDICARE_NOT_GROUP,
        id="not a marketplace plan",
    ),
    pytest.param(
        document(own(), medicare({"reason": "esrd"})),
        "ask: plans.medicare.medicare_entitlement.esrd_month",
        None,
        id="the month is asked for",
    ),
    pytest.param(
        aged(own(employment="retired"), medicare("age", esrd(10))),
        "medicare > own",
        Rule.MEDICARE_STAYS_FIRST,
        id="already first by age before a retiree plan",
    ),
    pytest.param(
        aged(own(employer_size=10), medicare("age", esrd(10))),
        "medicare > own",
        Rule.MEDICARE_STAYS_FIRST,
        id="already first by age before a small employer",
    ),
    pytest.param(
        aged(own(), medicare("age", esrd(10))),
        "own > medicare",
        Rule.MEDICARE_ESRD_PERIOD,
        id="second by age: second for 30 months",
    ),
    pytest.param(
        aged(own(), medicare("age", esrd(31))),
        "medicare > own",
        Rule.MEDICARE_AFTER_ESRD_PERIOD,
        id="then first, for a large employer too",
    ),
    pytest.param(
        document(own(employment="retired"), medicare(esrd(10), "age"), born="1960-12-24"),
        "own > medicare",
        Rule.MEDICARE_ESRD_PERIOD,
        id="kidney disease came before age 65",
    ),
    pytest.param(
        aged(own(employment="retired"), medicare(esrd(10), "age")),
        "medicare > own",
        Rule.MEDICARE_STAYS_FIRST,
        id="65 came before kidney disease, in whatever order the reasons are listed",
    ),
    pytest.param(
        document(own(employment="retired"), medicare(esrd(10), "age"), born=UNSTATED),
        "own > medicare",
        Rule.MEDICARE_ESRD_PERIOD,
        id="without a birth date the list is in the order of beginning",
    ),
    pytest.param(
        document(own(employment="retired"), medicare("age", esrd(10)), born="1960-12-24"),
        "own > medicare",
        Rule.MEDICARE_ESRD_PERIOD,
        id="nobody had Medicare by age before 65, whatever the list says",
    ),
    pytest.param(
        document(own(employment="retired"), medicare("disability", esrd(10))),
        "medicare > own",
        Rule.MEDICARE_STAYS_FIRST,
        id="already first by disability",
    ),
    pytest.param(
        document(own(employer_size=150), medicare("disability", esrd(10))),
        "own > medicare",
        Rule.MEDICARE_ESRD_PERIOD,
        id="second by disability",
    ),
    pytest.param(
        document(own(employment="retired"), medicare("age", esrd(10)), born="1960-06-15"),
        "own > medicare",
        Rule.MEDICARE_ESRD_PERIOD,
        id="65 in the very month in which kidney disease began: 42 CFR 411.163(b)(4), POMS HI 00801.247",
    ),
    pytest.param(
        document(own(employment="retired"), medicare("age", esrd(10)), born="1960-05-15"),
        "medicare > own",
        Rule.MEDICARE_STAYS_FIRST,
        id="65 in the month before",
    ),
    pytest.param(
        aged(own(employment="retired", former_jobs=[{"employment": "active", "until": "2025-12-31"}]), WITH_ESRD),
        "own > medicare",
        Rule.MEDICARE_ESRD_PERIOD,
        id="still at work when kidney disease began",
    ),
    pytest.param(
        aged(own(employment="retired", former_jobs=[{"employment": "active", "until": "2025-05-31"}]), WITH_ESRD),
        "medicare > own",
        Rule.MEDICARE_STAYS_FIRST,
        id="retired before kidney disease began",
    ),
    pytest.param(
        aged(
            own("job", covered_to="2025-12-31"),
            own("cobra", employment="cobra", covered_from="2026-01-01", continues="job"),
            WITH_ESRD,
        ),
        "cobra > medicare",
        Rule.MEDICARE_ESRD_PERIOD,
        id="COBRA now, a job's plan when kidney disease began",
    ),
    pytest.param(
        aged(own(employer_size=50), medicare("disability", esrd(10))),
        "own > medicare",
        Rule.MEDICARE_ESRD_PERIOD,
        id="a disability that became age: 20 employees are enough beside kidney disease too",
    ),
    pytest.param(
        aged(own(employer_size=19), medicare("disability", esrd(10))),
        "medicare > own",
        Rule.MEDICARE_STAYS_FIRST,
        id="a disability that became age: 19 employees are not",
    ),
    pytest.param(
        document(own(employer_size=50), medicare("disability", esrd(10)), born="1963-01-01"),
        "medicare > own",
        Rule.MEDICARE_STAYS_FIRST,
        id="a disability below 65: 50 employees are not enough",
    ),
    pytest.param(
        document(own(employment="retired"), medicare(esrd(80), esrd(5))),
        "own > medicare",
        Rule.MEDICARE_ESRD_PERIOD,
        id="a second period of 30 months",
    ),
    pytest.param(
        document(own(employment="retired"), medicare(esrd(90), esrd(31))),
        "medicare > own",
        Rule.MEDICARE_AFTER_ESRD_PERIOD,
        id="the second period is over",
    ),
    pytest.param(
        aged(own(employment="retired"), medicare(esrd(70), "age", esrd(5))),
        "medicare > own",
        Rule.MEDICARE_STAYS_FIRST,
        id="first by age before the second period",
    ),
    pytest.param(
        aged(own(employment="retired"), medicare(esrd(10))),
        "ask: plans.medicare.medicare_entitlement",
        None,
        id="kidney disease alone at 67: age is asked for",
    ),
    pytest.param(
        aged(own(), medicare(esrd(10))),
        "own > medicare",
        Rule.MEDICARE_ESRD_PERIOD,
        id="kidney disease alone at 67 beside a large employer: age does not matter",
    ),
]


@pytest.mark.parametrize(("facts", "expected", "rule"), KIDNEY)
def test_medicares_place_by_kidney_disease(facts: dict[str, Any], expected: str, rule: Rule | None):
    decided = decision(facts)

    assert (in_short(decided), decided.rule) == (expected, rule)
