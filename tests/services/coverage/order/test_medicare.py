"""Medicare beside other plans: age, disability, kidney disease, and the reversal for a retiree's own plan."""

from typing import Any

import pytest

from services.coverage.order.rule import Rule
from tests.services.coverage.situations import (
    UNSTATED,
    aged,
    decision,
    document,
    esrd,
    former_spouses,
    in_short,
    medicare,
    mothers,
    own,
    partners,
    plan,
    program,
    spouses,
)

WITH_ESRD = medicare("age", esrd(10))

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


@pytest.mark.parametrize(("facts", "expected", "rule"), [*AGED, *UNDER_65, *KIDNEY, *THREE])
def test_medicares_place(facts: dict[str, Any], expected: str, rule: Rule | None):
    decided = decision(facts)

    assert (in_short(decided), decided.rule) == (expected, rule)


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


def test_the_reversed_pair_says_so():
    decided = decision(aged(own("retiree", employment="retired"), medicare("age"), spouses()))

    assert {(pair.first, pair.second): pair.rule for pair in decided.pairs}[
        "spouses", "retiree"
    ] is Rule.MEDICARE_REVERSAL


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
