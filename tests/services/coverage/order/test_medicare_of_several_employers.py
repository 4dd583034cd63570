"""Medicare beside a plan of several employers, whose sizes count together."""

from typing import Any

import pytest

from tests.services.coverage.situations import (
    UNSTATED,
    aged,
    decision,
    document,
    in_short,
    medicare,
    own,
)

SEVERAL_EMPLOYERS = [
    pytest.param("age", 10, {"largest_employer_size": 250, "small_employer_election": False}, True, id="the largest"),
    pytest.param("age", 10, {"largest_employer_size": 250, "small_employer_election": True}, False, id="an election"),
    pytest.param("age", 20, {"largest_employer_size": 250, "small_employer_election": True}, True, id="own 20"),
    pytest.param("age", 10, {"largest_employer_size": 19, "small_employer_election": False}, False, id="all small"),
    pytest.param("age", UNSTATED, {"largest_employer_size": 20, "small_employer_election": False}, True, id="own size"),
    pytest.param("disability", 10, {"largest_employer_size": 100, "small_employer_election": True}, True, id="LGHP"),
    pytest.param(
        "disability", 10, {"largest_employer_size": 99, "small_employer_election": False}, False, id="no LGHP"
    ),
]


@pytest.mark.parametrize(("reason", "size", "several", "first"), SEVERAL_EMPLOYERS)
def test_a_plan_of_several_employers(reason: str, size: Any, several: dict[str, Any], first: bool):
    """42 CFR 411.170, 411.172(b) (age: the election of a small employer), 411.101 and 411.206 (disability)."""
    facts = (aged if reason == "age" else document)(own(employer_size=size, multi_employer=several), medicare(reason))

    assert in_short(decision(facts)) == ("own > medicare" if first else "medicare > own")


NOT_STATED = [
    pytest.param(10, {}, "ask: plans.own.multi_employer.largest_employer_size", id="the largest employer"),
    pytest.param(
        10, {"largest_employer_size": 50}, "ask: plans.own.multi_employer.small_employer_election", id="the election"
    ),
    pytest.param(
        UNSTATED,
        {"largest_employer_size": 50, "small_employer_election": True},
        "ask: plans.own.employer_size",
        id="the own employer",
    ),
    pytest.param(50, {"largest_employer_size": 50}, "own > medicare", id="none of it matters"),
]


@pytest.mark.parametrize(("size", "several", "expected"), NOT_STATED)
def test_what_is_asked_of_a_plan_of_several_employers(size: Any, several: dict[str, Any], expected: str):
    facts = aged(own(employer_size=size, multi_employer=several), medicare("age"))

    assert in_short(decision(facts)) == expected
