"""A missing fact is asked for only where it could change the order, one question at a time."""

from typing import Any

import pytest

from tests.services.coverage.situations import (
    MOTHER_HAS_CUSTODY,
    TOGETHER,
    UNSTATED,
    aged,
    child,
    decision,
    decree,
    document,
    family,
    fathers,
    medicare,
    mothers,
    order,
    own,
    plan,
    program,
    spouses,
)

NO_BIRTHDAYS = mothers(born=UNSTATED), fathers(born=UNSTATED)

IT_MATTERS = [
    pytest.param(
        child(*NO_BIRTHDAYS, family=TOGETHER),
        "ask: plans.fathers.subscriber.birth_date, plans.mothers.subscriber.birth_date",
        id="two birthdays, one question",
    ),
    pytest.param(child(mothers(), fathers()), "ask: family.parents", id="no family facts"),
    pytest.param(
        child(mothers(), fathers(), family=family(decree=UNSTATED, custodian="mother")),
        "ask: family.decree",
        id="a decree that nobody mentioned",
    ),
    pytest.param(
        child(mothers(), fathers(), family=family(decree={}, custodian="mother")),
        "ask: family.decree",
        id="a decree that says nobody knows what",
    ),
    pytest.param(child(mothers(), fathers(), family=family(custodian=UNSTATED)), "ask: family.custodian", id="custody"),
    pytest.param(
        child(mothers(), fathers(), family=family()), "ask: family.custodian", id="a child is in somebody's custody"
    ),
    pytest.param(
        child(mothers(), fathers(), family=family(decree=decree("silent", None))),
        "ask: family.custodian",
        id="a silent decree and nobody's custody",
    ),
    pytest.param(
        child(mothers(), fathers(), born=UNSTATED, family=family(joint_custody=None)),
        "ask: family.custodian",
        id="nobody's custody of a patient whose age is not known",
    ),
    pytest.param(
        child(mothers(), fathers(), family=family(decree=decree("father", UNSTATED), custodian="mother")),
        "ask: family.decree.known_to_plan_from",
        id="whether the plan knows the decree",
    ),
    pytest.param(
        document(own("A", employment=UNSTATED), own("B", covered_from="2022-01-01")),
        "ask: plans.A.employment",
        id="employment",
    ),
    pytest.param(document(own("A", covered_from=UNSTATED), own("B")), "ask: plans.A.covered_from", id="the first day"),
    pytest.param(
        document(own("A", covered_from=None), own("B")),
        "ask: plans.A.covered_from",
        id="a first day that is null is not known either",
    ),
    pytest.param(
        document(own("A", subscriber=UNSTATED, covered_from="2010-01-01"), own("B")),
        "ask: plans.A.subscriber.relation",
        id="whose plan it is",
    ),
    pytest.param(
        document(own("A", continues="old"), own("B", covered_from="2010-01-01")),
        "ask: plans.A.continues_from",
        id="since when the plan before covered",
    ),
]

IT_DOES_NOT = [
    pytest.param(child(own(), *NO_BIRTHDAYS[:1]), "own > mothers", id="no birthday where the own plan is first"),
    pytest.param(
        child(*NO_BIRTHDAYS, family=MOTHER_HAS_CUSTODY), "mothers > fathers", id="no birthday where custody decides"
    ),
    pytest.param(
        child(*NO_BIRTHDAYS, family=family(decree=decree("father"))),
        "fathers > mothers",
        id="no birthday where a decree decides",
    ),
    pytest.param(
        child(mothers(), fathers(), family=family(decree=decree("father", UNSTATED), custodian="father")),
        "fathers > mothers",
        id="custody and decree say the same",
    ),
    pytest.param(
        child(mothers(), fathers(), family=family(parents=UNSTATED, decree=decree("both"))),
        "mothers > fathers",
        id="together or apart, both are responsible",
    ),
    pytest.param(
        child(mothers(), fathers(), family=family(parents=UNSTATED, custodian="mother")),
        "mothers > fathers",
        id="birthday and custody say the same",
    ),
    pytest.param(
        document(own("A", employment=UNSTATED), spouses(employment=UNSTATED)),
        "A > spouses",
        id="no employment where the own plan is first",
    ),
    pytest.param(
        document(own("A", covered_from=UNSTATED), own("B", employment="cobra")),
        "A > B",
        id="no first day where COBRA decides",
    ),
    pytest.param(
        document(own("A", subscriber=UNSTATED, coordination="none"), own("B")),
        "A > B",
        id="no relation where a plan has no clause",
    ),
    pytest.param(
        document(own("A", subscriber=UNSTATED), program("medicaid")), "A > medicaid", id="no relation beside Medicaid"
    ),
    pytest.param(
        document(own("A", covered_to=UNSTATED, covered_from=UNSTATED), spouses()),
        "A > spouses",
        id="no period where nobody doubts it",
    ),
    pytest.param(
        document(own("A", covered_from="2010-01-01"), own("B", subscriber=UNSTATED)),
        "A > B",
        id="whoever holds the younger plan",
    ),
    pytest.param(
        document(spouses("A"), own("B", subscriber={"id": "patient"})), "B > A", id="the patient's id says whose it is"
    ),
    pytest.param(
        aged(program("medicaid"), medicare("age"), own(employment=UNSTATED, employer_size=3)),
        "medicare > own > medicaid",
        id="no employment where the employer is small",
    ),
    pytest.param(
        document(own(benefits=UNSTATED, coordination=UNSTATED), spouses(benefits=None, coordination=None)),
        "own > spouses",
        id="a plan is medical and has the usual clause unless stated",
    ),
]


@pytest.mark.parametrize(("facts", "expected"), [*IT_MATTERS, *IT_DOES_NOT])
def test_a_missing_fact_is_asked_for_where_it_matters(facts: dict[str, Any], expected: str):
    assert order(facts) == expected


def test_a_question_says_what_is_missing_of_whom_in_words():
    question = decision(child(mothers(), fathers(born=UNSTATED), family=TOGETHER)).undetermined

    assert question is not None
    assert question.about == ("fathers",)
    assert question.question == "What is the birthday (month and day) of the person who holds fathers?"


def test_people_who_are_not_the_parents_are_not_called_so():
    grandparents = [plan(name, name, "grandparent", holder_birth_date=UNSTATED) for name in ("A", "B")]

    question = decision(child(*grandparents)).undetermined

    assert question is not None
    assert (question.missing, question.question) == ("family.parents", "Do the people who hold A and B live together?")


def test_answering_each_question_in_turn_ends_in_an_order():
    facts = child(mothers(born=UNSTATED), fathers())
    asked = [order(facts)]
    facts["family"] = family(decree=UNSTATED, custodian=UNSTATED, joint_custody=UNSTATED)
    asked.append(order(facts))
    facts["family"] |= {"decree": None}
    asked.append(order(facts))
    facts["family"] |= {"joint_custody": True}
    asked.append(order(facts))
    facts["plans"][0]["subscriber"]["birth_date"] = "1985-03-12"
    asked.append(order(facts))

    assert asked == [
        "ask: family.parents",
        "ask: family.decree",
        "ask: family.custodian",
        "ask: plans.mothers.subscriber.birth_date",
        "mothers > fathers",
    ]


def test_one_persons_birthday_is_known_from_any_of_their_plans():
    facts = child(mothers("M1", born=UNSTATED), mothers("M2"), fathers(), family=TOGETHER)
    facts["plans"][1]["covered_from"] = "2020-01-01"

    assert order(facts) == "M1 > M2 > fathers"


def test_a_pair_whose_rule_hangs_on_a_missing_fact_is_marked():
    decided = decision(aged(medicare("age"), own(employment=UNSTATED, employer_size=3)))

    assert [pair.whatever_is_missing for pair in decided.pairs] == [True]


def test_many_plans_without_facts_are_answered_at_once_with_a_question():
    plans = [{"id": f"P{number}", "kind": "group"} for number in range(12)]

    assert order(document(*plans)) == "ask: plans.P0.subscriber.relation"
