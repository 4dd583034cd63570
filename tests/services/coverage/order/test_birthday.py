"""A child's plans where the parents live together: birthdays, the old gender rule, a spouse of the child's own."""

from typing import Any

import pytest

from services.coverage.order.rule import Rule
from tests.services.coverage.situations import (
    MOTHER_HAS_CUSTODY,
    TOGETHER,
    UNSTATED,
    child,
    decision,
    decree,
    document,
    family,
    fathers,
    in_short,
    mothers,
    own,
    spouses,
)

TOGETHER_CASES = [
    pytest.param(
        child(fathers(born="1980-02-29"), mothers(born="1980-03-01"), family=TOGETHER),
        "fathers > mothers",
        Rule.BIRTHDAY,
        id="29 February is before 1 March",
    ),
    pytest.param(
        child(fathers(born="1980-12-31"), mothers(born="1985-01-01"), family=TOGETHER),
        "mothers > fathers",
        Rule.BIRTHDAY,
        id="1 January is before 31 December",
    ),
    pytest.param(
        child(fathers(born="1980-05-05", covered_from="2012-01-01"), mothers(born="1985-05-05"), family=TOGETHER),
        "fathers > mothers",
        Rule.SAME_BIRTHDAY_LONGER,
        id="the same birthday: the parent's own start defaults to the plan's",
    ),
    pytest.param(
        child(fathers(born="1980-05-05", employment="retired"), mothers(born="1985-05-05"), family=TOGETHER),
        "mothers > fathers",
        Rule.ACTIVE_FIRST,
        id="the same birthday and start: the rules that follow",
    ),
    pytest.param(
        child(fathers(employment="active"), mothers(employment="retired"), family=TOGETHER),
        "mothers > fathers",
        Rule.BIRTHDAY,
        id="the birthday before active or retired",
    ),
    pytest.param(
        child(fathers(employment="active"), mothers(employment="cobra"), family=TOGETHER),
        "mothers > fathers",
        Rule.BIRTHDAY,
        id="the birthday before COBRA",
    ),
    pytest.param(
        child(
            mothers("M2", employment="retired", covered_from="2001-01-01"), mothers("M1"), fathers(), family=TOGETHER
        ),
        "M1 > M2 > fathers",
        Rule.ACTIVE_FIRST,
        id="one parent's two plans go by job",
    ),
    pytest.param(
        child(mothers("M2", covered_from="2020-01-01"), mothers("M1"), family=None),
        "M1 > M2",
        Rule.LONGER_COVERAGE,
        id="one parent's two plans need no family facts",
    ),
    pytest.param(
        child(fathers(), mothers(), family=family(parents="together", custodian="father")),
        "mothers > fathers",
        Rule.BIRTHDAY,
        id="custody is nothing while parents live together",
    ),
    pytest.param(
        child(
            fathers(),
            mothers(),
            family=family(parents="together", decree=UNSTATED, custodian=UNSTATED, joint_custody=UNSTATED),
        ),
        "mothers > fathers",
        Rule.BIRTHDAY,
        id="nobody asks parents who live together for a decree",
    ),
    pytest.param(
        child(fathers(), mothers(), family=family(parents="together", decree=decree("father"))),
        "fathers > mothers",
        Rule.COURT_DECREE,
        id="a decree that the plan knows stands beside living together",
    ),
    pytest.param(
        child(own(), mothers(), fathers(), family=TOGETHER),
        "own > mothers > fathers",
        Rule.NON_DEPENDENT_FIRST,
        id="a child's own plan first",
    ),
]

GENDER = [
    pytest.param(
        child(fathers(coordination="gender_rule"), mothers(), family=TOGETHER),
        "fathers > mothers",
        Rule.GENDER_RULE,
        id="the father's plan has the old rule",
    ),
    pytest.param(
        child(fathers(), mothers(coordination="gender_rule"), family=TOGETHER),
        "fathers > mothers",
        Rule.GENDER_RULE,
        id="the mother's plan has the old rule",
    ),
    pytest.param(
        child(fathers(coordination="gender_rule", holder_sex="female"), mothers(), family=TOGETHER),
        "mothers > fathers",
        Rule.BIRTHDAY,
        id="two mothers: the birthday",
    ),
    pytest.param(
        child(fathers(coordination="gender_rule"), mothers(), family=MOTHER_HAS_CUSTODY),
        "mothers > fathers",
        Rule.CUSTODY,
        id="not where custody decides",
    ),
    pytest.param(
        child(fathers(coordination="gender_rule", holder_sex=UNSTATED), mothers(), family=TOGETHER),
        "ask: plans.fathers.subscriber.sex",
        None,
        id="nobody knows whether father or mother",
    ),
    pytest.param(
        child(fathers(coordination="gender_rule", born="1980-01-01", holder_sex=UNSTATED), mothers(), family=TOGETHER),
        "fathers > mothers",
        Rule.BIRTHDAY,
        id="either way the same parent first: no question",
    ),
    pytest.param(
        document(own(coordination="gender_rule"), spouses()),
        "own > spouses",
        Rule.NON_DEPENDENT_FIRST,
        id="no matter for a grown-up",
    ),
]

OWN_SPOUSE = [
    pytest.param(
        child(mothers(covered_from="2020-01-01"), spouses(), born="2003-01-01"),
        "spouses > mothers",
        Rule.CHILD_AND_SPOUSE_LONGER,
        id="the longer coverage",
    ),
    pytest.param(
        child(mothers(employment="retired"), spouses(covered_from="2024-01-01"), born="2003-01-01"),
        "mothers > spouses",
        Rule.CHILD_AND_SPOUSE_LONGER,
        id="the longer coverage before active or retired",
    ),
    pytest.param(
        child(mothers(born="1970-10-10"), spouses(holder_birth_date="2002-04-04"), born="2003-01-01"),
        "spouses > mothers",
        Rule.CHILD_AND_SPOUSE_BIRTHDAY,
        id="the same first day: the birthdays of parent and spouse",
    ),
    pytest.param(
        child(
            mothers(covered_from="2015-01-01"),
            spouses(covered_from="2012-01-01"),
            fathers(covered_from="2010-01-01"),
            born="2003-01-01",
            family=TOGETHER,
        ),
        "fathers > spouses > mothers",
        Rule.CHILD_AND_SPOUSE_LONGER,
        id="both parents and a spouse: all by length",
    ),
    pytest.param(
        child(own(), mothers(), spouses(covered_from="2024-01-01"), born="2003-01-01"),
        "own > mothers > spouses",
        Rule.NON_DEPENDENT_FIRST,
        id="own plan first",
    ),
]


@pytest.mark.parametrize(("facts", "expected", "rule"), [*TOGETHER_CASES, *GENDER, *OWN_SPOUSE])
def test_which_plan_comes_first_for_a_child(facts: dict[str, Any], expected: str, rule: Rule | None):
    decided = decision(facts)

    assert (in_short(decided), decided.rule) == (expected, rule)
