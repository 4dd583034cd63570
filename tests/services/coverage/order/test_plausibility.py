"""Facts that contradict themselves are refused, each with what to correct."""

from typing import Any

import pytest

from services.coverage.order.facts import Facts
from services.coverage.order.plausibility import problems
from tests.services.coverage.situations import TOGETHER, child, document, fathers, mothers, own, spouses, stepfathers

WRONG = [
    pytest.param(document(own("A"), spouses("A")), "duplicate_plan", "plans", id="the same plan twice"),
    pytest.param(
        document(own(covered_to="2017-12-31")),
        "ends_before_it_starts",
        "plans.own.covered_to",
        id="ends before it starts",
    ),
    pytest.param(
        document(own(), born="2026-03-02"), "birth_date_not_possible", "patient.birth_date", id="born after the service"
    ),
    pytest.param(
        child(mothers(born="2035-01-01"), fathers(), family=TOGETHER),
        "birth_date_not_possible",
        "plans.mothers.subscriber.birth_date",
        id="a parent born in the future",
    ),
    pytest.param(
        child(mothers(born="2014-06-01"), fathers(), family=TOGETHER),
        "birth_date_not_possible",
        "plans.mothers.subscriber.birth_date",
        id="a parent no older than the child",
    ),
    pytest.param(
        child(mothers("M1"), spouses("S1", holder_id="mother"), family=TOGETHER),
        "person_contradicts",
        "plans.S1.subscriber.relation",
        id="one person who is mother and wife",
    ),
    pytest.param(
        document(own(), born="0001-01-01"), "birth_date_not_possible", "patient.birth_date", id="born in year 1"
    ),
    pytest.param(
        document(own(), entered_order=["own", "X"]), "unknown_plan", "entered_order", id="an unknown plan entered"
    ),
    pytest.param(document(own(), entered_order=["own", "own"]), "entered_twice", "entered_order", id="entered twice"),
    pytest.param(
        document(own(continues="own")), "continues_itself", "plans.own.continues", id="takes over from itself"
    ),
    pytest.param(
        document(own(continues="old", continues_from="2018-01-02")),
        "continues_later_plan",
        "plans.own.continues_from",
        id="took over from a plan that started later",
    ),
    pytest.param(
        child(mothers("M1"), mothers("M2", born="1985-03-13"), family=TOGETHER),
        "person_contradicts",
        "plans.M2.subscriber.birth_date",
        id="one person with two birth dates",
    ),
    pytest.param(
        document(spouses(holder_id="patient")),
        "person_contradicts",
        "plans.spouses.subscriber.relation",
        id="the patient as their own spouse",
    ),
    pytest.param(
        child(mothers(), stepfathers(married_to="stepfather")),
        "person_contradicts",
        "plans.stepfathers.subscriber.spouse_of",
        id="married to oneself",
    ),
]


@pytest.mark.parametrize(("facts", "reason", "field"), WRONG)
def test_what_must_be_corrected(facts: dict[str, Any], reason: str, field: str):
    assert [(problem.reason.value, problem.field) for problem in problems(Facts.model_validate(facts))] == [
        (reason, field)
    ]


def test_two_plans_that_take_over_from_each_other_are_both_named():
    facts = Facts.model_validate(document(own("A", continues="B"), own("B", continues="A"), own("C", continues="A")))

    assert [problem.field for problem in problems(facts)] == ["plans.A.continues", "plans.B.continues"]


FINE = [
    pytest.param(document(own(covered_from="2026-03-01", covered_to="2026-03-01")), id="a plan of one day"),
    pytest.param(document(own(), born="2026-03-01"), id="born on the day of service"),
    pytest.param(document(own(), spouses(), entered_order=["spouses"]), id="an order that leaves a plan out"),
    pytest.param(document(own(continues="old", continues_from="2010-01-01")), id="took over from a plan not listed"),
    pytest.param(child(fathers(), stepfathers(married_to="mother")), id="married to a parent without a plan"),
    pytest.param(child(mothers("M1"), mothers("M2")), id="one person with two plans"),
]


@pytest.mark.parametrize("facts", FINE)
def test_what_is_fine(facts: dict[str, Any]):
    assert problems(Facts.model_validate(facts)) == ()
