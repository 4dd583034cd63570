"""The order of benefits, case by case: own and dependent plans, jobs, length of coverage."""

from typing import Any

import pytest

from services.coverage.order.rule import Rule
from tests.services.coverage.situations import (
    MOTHER_HAS_CUSTODY,
    TOGETHER,
    aged,
    child,
    decision,
    decree,
    document,
    family,
    fathers,
    in_short,
    medicare,
    mothers,
    order,
    own,
    partners,
    plan,
    program,
    spouses,
    stepfathers,
)

# What billing staff are trained on: the facts, the order, the rule that decides the first place.
TRAINING_CASES = [
    pytest.param(document(own(), spouses()), "own > spouses", Rule.NON_DEPENDENT_FIRST, id="own plan and spouse's"),
    pytest.param(
        child(mothers(born="1985-03-12"), fathers(born="1984-07-01"), family=TOGETHER),
        "mothers > fathers",
        Rule.BIRTHDAY,
        id="parents together",
    ),
    pytest.param(
        child(fathers(born="1979-12-30"), mothers(born="1985-01-02"), family=TOGETHER),
        "mothers > fathers",
        Rule.BIRTHDAY,
        id="the year of birth never counts",
    ),
    pytest.param(
        child(
            mothers(born="1985-05-05", holder_covered_from="2019-01-01"),
            fathers(born="1980-05-05", holder_covered_from="2015-01-01"),
            family=TOGETHER,
        ),
        "fathers > mothers",
        Rule.SAME_BIRTHDAY_LONGER,
        id="the same birthday",
    ),
    pytest.param(
        child(
            mothers(born="1985-09-01"),
            fathers(born="1984-02-01"),
            family=family(decree=decree("both"), custodian="mother"),
        ),
        "fathers > mothers",
        Rule.BIRTHDAY_BOTH_RESPONSIBLE,
        id="a decree that makes both responsible",
    ),
    pytest.param(
        child(fathers(), stepfathers(), mothers(), family=MOTHER_HAS_CUSTODY),
        "mothers > stepfathers > fathers",
        Rule.CUSTODY,
        id="mother with custody, stepfather, father",
    ),
    pytest.param(
        document(own("retiree", employment="retired", covered_from="2001-01-01"), own("job")),
        "job > retiree",
        Rule.ACTIVE_FIRST,
        id="a current job and a retiree plan",
    ),
    pytest.param(
        document(own("cobra", employment="cobra", covered_from="2001-01-01"), own("job")),
        "job > cobra",
        Rule.CONTINUATION_LAST,
        id="COBRA and a new job",
    ),
    pytest.param(
        document(own("cobra", employment="cobra"), spouses()),
        "cobra > spouses",
        Rule.NON_DEPENDENT_FIRST,
        id="own COBRA and a spouse's plan: own comes before COBRA counts",
    ),
    pytest.param(
        document(own("B", covered_from="2022-01-01"), own("A", covered_from="2018-01-01")),
        "A > B",
        Rule.LONGER_COVERAGE,
        id="two jobs",
    ),
    pytest.param(
        aged(medicare("age"), own(employer_size=25)),
        "own > medicare",
        Rule.MEDICARE_WORKING_AGED,
        id="67 and working for 25",
    ),
    pytest.param(
        aged(own("retiree", employment="retired"), medicare("age")),
        "medicare > retiree",
        Rule.MEDICARE_NO_CURRENT_JOB,
        id="67 and retired",
    ),
    pytest.param(document(program("medicaid"), own()), "own > medicaid", Rule.MEDICAID_LAST, id="Medicaid"),
    pytest.param(document(own(), own("eap", kind="eap")), "own", Rule.ONLY_PLAN, id="employee assistance program"),
    pytest.param(
        document(own("P"), spouses("Q", covered_to="2026-02-28")), "P", Rule.ONLY_PLAN, id="ended the day before"
    ),
    pytest.param(
        document(own("P"), spouses("Q", covered_to="2026-03-01")),
        "P > Q",
        Rule.NON_DEPENDENT_FIRST,
        id="the last day still counts",
    ),
    pytest.param(
        child(mothers(born=None), fathers(), family=TOGETHER),
        "ask: plans.mothers.subscriber.birth_date",
        None,
        id="a birthday that nobody knows",
    ),
]

JOBS_AND_LENGTH = [
    pytest.param(
        document(own("laid_off", employment="laid_off", covered_from="2001-01-01"), own("job")),
        "job > laid_off",
        Rule.ACTIVE_FIRST,
        id="laid off and a new job",
    ),
    pytest.param(
        document(own("retiree", employment="retired"), spouses(employment="active")),
        "retiree > spouses",
        Rule.NON_DEPENDENT_FIRST,
        id="own retiree plan before a spouse's active one, without Medicare",
    ),
    pytest.param(
        document(spouses("S2", employment="retired", covered_from="2001-01-01"), spouses("S1")),
        "S1 > S2",
        Rule.ACTIVE_FIRST,
        id="a spouse with a job and a retiree plan",
    ),
    pytest.param(
        document(own("cobra", employment="cobra", covered_from="2001-01-01"), own("retiree", employment="retired")),
        "retiree > cobra",
        Rule.CONTINUATION_LAST,
        id="COBRA after a retiree plan",
    ),
    pytest.param(
        document(
            own("cobra", employment="cobra", covered_from="2001-01-01"),
            own("bought", kind="individual", employment=None),
        ),
        "bought > cobra",
        Rule.CONTINUATION_LAST,
        id="COBRA after an individual plan",
    ),
    pytest.param(
        document(
            own("C1", employment="cobra", covered_from="2024-01-01"),
            own("C2", employment="cobra", covered_from="2023-01-01"),
        ),
        "C2 > C1",
        Rule.LONGER_COVERAGE,
        id="two COBRA plans",
    ),
    pytest.param(
        document(
            own("retiree", employment="retired"),
            own("bought", kind="individual", employment=None, covered_from="2010-01-01"),
        ),
        "bought > retiree",
        Rule.LONGER_COVERAGE,
        id="an individual plan is no current job: the longer coverage",
    ),
    pytest.param(
        document(
            own("job", covered_from="2024-01-01"),
            own("market", kind="marketplace", employment=None, covered_from="2020-01-01"),
        ),
        "market > job",
        Rule.LONGER_COVERAGE,
        id="own job and own marketplace plan",
    ),
    pytest.param(
        document(spouses(), own("market", kind="marketplace", employment=None)),
        "market > spouses",
        Rule.NON_DEPENDENT_FIRST,
        id="own marketplace plan before a spouse's group plan",
    ),
    pytest.param(document(partners(), own()), "own > partners", Rule.NON_DEPENDENT_FIRST, id="domestic partner's plan"),
    pytest.param(
        child(mothers(), own("school", kind="student", employment=None), born="2005-06-01", family=TOGETHER),
        "school > mothers",
        Rule.NON_DEPENDENT_FIRST,
        id="student's own school plan before a parent's",
    ),
    pytest.param(
        document(own("A"), own("B"), entered_order=["B", "A"]),
        "B > A",
        Rule.EQUAL_SHARE,
        id="the same first day: equal shares, as entered",
    ),
    pytest.param(
        document(
            own("C", covered_from="2022-01-01"),
            own("B", covered_from="2018-01-01"),
            own("A", covered_from="2018-01-01"),
            entered_order=["C", "B", "A"],
        ),
        "B > A > C",
        Rule.EQUAL_SHARE,
        id="two share equally before a third",
    ),
    pytest.param(
        document(
            own("retiree", employment="retired", covered_from="2010-01-01"),
            spouses(),
            own("job", covered_from="2020-01-01"),
        ),
        "job > retiree > spouses",
        Rule.ACTIVE_FIRST,
        id="job, retiree plan, spouse's plan",
    ),
    pytest.param(
        document(
            own("active", covered_from="2018-01-01"),
            own("retiree", employment="retired", covered_from="2010-01-01"),
            own("bought", kind="individual", employment=None, covered_from="2015-01-01"),
        ),
        "ask: plans.reported_role",
        None,
        id="rules that lead in a circle are no order",
    ),
    pytest.param(document(), "", Rule.NO_ACTIVE_PLAN, id="no plan at all"),
    pytest.param(document(own(covered_to="2025-12-31")), "", Rule.NO_ACTIVE_PLAN, id="no plan active"),
    pytest.param(document(spouses()), "spouses", Rule.ONLY_PLAN, id="one plan"),
]


@pytest.mark.parametrize(("facts", "expected", "rule"), TRAINING_CASES + JOBS_AND_LENGTH)
def test_the_order_and_the_rule_that_decides_it(facts: dict[str, Any], expected: str, rule: Rule | None):
    decided = decision(facts)

    assert (in_short(decided), decided.rule) == (expected, rule)


def test_plans_entered_the_wrong_way_round_are_reordered():
    decided = decision(document(spouses(), own(), entered_order=["spouses", "own"]))

    assert (decided.order, decided.reordered) == (("own", "spouses"), True)


def test_a_plan_that_takes_no_part_does_not_count_as_reordered():
    decided = decision(document(own("eap", kind="eap"), own(), spouses(), entered_order=["eap", "own", "spouses"]))

    assert (decided.order, decided.reordered) == (("own", "spouses"), False)


def test_each_pair_keeps_its_rule():
    decided = decision(document(program("medicaid"), spouses(), own()))

    assert [(pair.first, pair.second, pair.rule) for pair in decided.pairs] == [
        ("own", "spouses", Rule.NON_DEPENDENT_FIRST),
        ("own", "medicaid", Rule.MEDICAID_LAST),
        ("spouses", "medicaid", Rule.MEDICAID_LAST),
    ]


def test_a_holder_without_an_id_is_a_person_of_their_own():
    facts = document(plan("A", "x", "self", holder_id=None), plan("B", "y", "spouse", holder_id=None))

    assert order(facts) == "A > B"
