"""A child's plans: birthdays, decrees, custody, step-parents, grandparents, and a spouse of the child's own."""

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
    plan,
    spouses,
    stepfathers,
    stepmothers,
)

FATHER_NAMED = family(decree=decree("father"), custodian="mother")
NEVER_TOLD = family(decree=decree("father", None), custodian="mother")
JOINT = family(joint_custody=True)


def grandmothers(**stated: Any) -> dict[str, Any]:
    return plan("grandmothers", "grandmother", "grandparent", **{"holder_birth_date": "1955-11-11"} | stated)


def grandfathers(**stated: Any) -> dict[str, Any]:
    return plan("grandfathers", "grandfather", "grandparent", **{"holder_birth_date": "1950-02-02"} | stated)


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

DECREES = [
    pytest.param(
        child(mothers(), fathers(), family=FATHER_NAMED),
        "fathers > mothers",
        Rule.COURT_DECREE,
        id="the named parent before the one with custody",
    ),
    pytest.param(
        child(mothers(), stepfathers(), fathers(), family=FATHER_NAMED),
        "fathers > mothers > stepfathers",
        Rule.COURT_DECREE,
        id="then the custody order",
    ),
    pytest.param(
        child(mothers(), stepmothers(), stepfathers(), family=FATHER_NAMED),
        "stepmothers > mothers > stepfathers",
        Rule.COURT_DECREE_SPOUSE,
        id="the named parent has no plan, the spouse has",
    ),
    pytest.param(
        child(mothers(), stepfathers(), family=FATHER_NAMED),
        "mothers > stepfathers",
        Rule.CUSTODY,
        id="neither the named parent nor a spouse has a plan",
    ),
    pytest.param(
        child(mothers(), stepmothers(), fathers(covered_to="2025-12-31"), family=FATHER_NAMED),
        "stepmothers > mothers",
        Rule.COURT_DECREE_SPOUSE,
        id="the named parent's plan has ended",
    ),
    pytest.param(
        child(mothers(), fathers(), family=NEVER_TOLD),
        "mothers > fathers",
        Rule.CUSTODY,
        id="a plan that was never told goes by custody",
    ),
    pytest.param(
        child(mothers(), fathers(), family=family(decree=decree("father", "2026-03-01"), custodian="mother")),
        "fathers > mothers",
        Rule.COURT_DECREE,
        id="told on the day of service",
    ),
    pytest.param(
        child(mothers(), fathers(), family=family(decree=decree("father", "2026-03-02"), custodian="mother")),
        "mothers > fathers",
        Rule.CUSTODY,
        id="told the day after",
    ),
    pytest.param(
        child(
            mothers(),
            fathers(plan_year_starts="01-01"),
            family=family(decree=decree("father", "2026-02-01"), custodian="mother"),
        ),
        "mothers > fathers",
        Rule.CUSTODY,
        id="told within the plan year: from the next one",
    ),
    pytest.param(
        child(
            mothers(),
            fathers(plan_year_starts="01-01"),
            family=family(decree=decree("father", "2026-01-01"), custodian="mother"),
        ),
        "fathers > mothers",
        Rule.COURT_DECREE,
        id="told on the first day of the plan year",
    ),
    pytest.param(
        child(
            mothers(),
            fathers(plan_year_starts="07-01"),
            family=family(decree=decree("father", "2025-06-30"), custodian="mother"),
        ),
        "fathers > mothers",
        Rule.COURT_DECREE,
        id="told before a plan year that starts in July",
    ),
    pytest.param(
        child(
            mothers(),
            fathers(plan_year_starts="07-01"),
            family=family(decree=decree("father", "2025-07-02"), custodian="mother"),
        ),
        "mothers > fathers",
        Rule.CUSTODY,
        id="told within a plan year that starts in July",
    ),
    pytest.param(
        child(
            mothers(plan_year_starts="01-01"),
            fathers(),
            family=family(decree=decree("father", "2026-02-01"), custodian="mother"),
        ),
        "fathers > mothers",
        Rule.COURT_DECREE,
        id="the other plan's year is no matter",
    ),
    pytest.param(
        child(
            mothers(),
            fathers(),
            plan_year_starts="01-01",
            family=family(decree=decree("father", "2026-02-01"), custodian="mother"),
        ),
        "mothers > fathers",
        Rule.CUSTODY,
        id="one plan year for all plans",
    ),
    pytest.param(
        child(mothers(), fathers(), family=family(decree=decree("silent"), custodian="father")),
        "fathers > mothers",
        Rule.CUSTODY,
        id="a silent decree leaves custody",
    ),
    pytest.param(
        child(mothers(), fathers(), family=family(decree=decree(None, UNSTATED), custodian="father")),
        "fathers > mothers",
        Rule.CUSTODY,
        id="no decree in other words",
    ),
    pytest.param(
        child(fathers(), mothers(), family=family(decree=decree("both", None))),
        "mothers > fathers",
        Rule.BIRTHDAY_BOTH_RESPONSIBLE,
        id="both responsible: no plan need be told",
    ),
    pytest.param(
        child(mothers(), fathers(), family=family(decree=decree("father"), joint_custody=True)),
        "fathers > mothers",
        Rule.COURT_DECREE,
        id="a named parent before joint custody",
    ),
    pytest.param(
        child(mothers("M1"), mothers("M2", covered_from="2020-01-01"), fathers(), family=FATHER_NAMED),
        "fathers > M1 > M2",
        Rule.COURT_DECREE,
        id="the other parent's two plans after",
    ),
    pytest.param(
        child(mothers(), fathers("F1"), fathers("F2", employment="cobra"), family=FATHER_NAMED),
        "F1 > F2 > mothers",
        Rule.CONTINUATION_LAST,
        id="the named parent's two plans by job",
    ),
]

CUSTODY = [
    pytest.param(
        child(fathers(), mothers(born="1985-12-31"), family=MOTHER_HAS_CUSTODY),
        "mothers > fathers",
        Rule.CUSTODY,
        id="custody before the birthday",
    ),
    pytest.param(
        child(stepmothers(), fathers(), stepfathers(), mothers(), family=MOTHER_HAS_CUSTODY),
        "mothers > stepfathers > fathers > stepmothers",
        Rule.CUSTODY,
        id="all four",
    ),
    pytest.param(
        child(stepmothers(), fathers(), stepfathers(), mothers(), family=family(custodian="father")),
        "fathers > stepmothers > mothers > stepfathers",
        Rule.CUSTODY,
        id="all four, the father with custody",
    ),
    pytest.param(
        child(stepmothers(), fathers(), family=MOTHER_HAS_CUSTODY),
        "fathers > stepmothers",
        Rule.CUSTODY,
        id="the parent with custody has no plan",
    ),
    pytest.param(
        child(fathers(), stepfathers(), family=MOTHER_HAS_CUSTODY),
        "stepfathers > fathers",
        Rule.CUSTODY,
        id="the spouse of a custodian without a plan",
    ),
    pytest.param(
        child(fathers(), mothers(), family=family(parents="never_together", custodian="father")),
        "fathers > mothers",
        Rule.CUSTODY,
        id="parents who never lived together",
    ),
    pytest.param(
        child(fathers(), mothers(born="1985-12-31"), family=JOINT),
        "fathers > mothers",
        Rule.BIRTHDAY_JOINT_CUSTODY,
        id="joint custody: the birthday",
    ),
    pytest.param(
        child(fathers(), mothers(born="1985-12-31"), family=family(joint_custody=True, custodian="mother")),
        "fathers > mothers",
        Rule.BIRTHDAY_JOINT_CUSTODY,
        id="joint custody though the child lives with one",
    ),
    pytest.param(
        child(stepfathers(holder_birth_date="1980-01-01"), fathers(), mothers(), family=JOINT),
        "mothers > fathers > stepfathers",
        Rule.BIRTHDAY_JOINT_CUSTODY,
        id="joint custody: parents before a step-parent",
    ),
    pytest.param(
        child(fathers(covered_from="2010-01-01"), mothers(), born="2003-06-01", family=family()),
        "fathers > mothers",
        Rule.LONGER_COVERAGE,
        id="a grown child in nobody's custody: the longer coverage",
    ),
    pytest.param(
        child(fathers(employment="retired", covered_from="2010-01-01"), mothers(), born="2003-06-01", family=family()),
        "mothers > fathers",
        Rule.ACTIVE_FIRST,
        id="a grown child in nobody's custody: active first",
    ),
    pytest.param(
        child(mothers(), grandmothers(), family=family(custodian="grandmother")),
        "grandmothers > mothers",
        Rule.CUSTODY,
        id="a grandmother with custody",
    ),
    pytest.param(
        child(grandmothers(), grandfathers(), family=TOGETHER),
        "grandfathers > grandmothers",
        Rule.BIRTHDAY,
        id="grandparents count as parents",
    ),
    pytest.param(
        child(
            grandmothers(),
            grandfathers(holder_spouse_of="grandmother"),
            mothers(),
            family=family(custodian="grandmother"),
        ),
        "grandmothers > grandfathers > mothers",
        Rule.CUSTODY,
        id="the custodian's spouse, whoever it is",
    ),
    pytest.param(
        child(mothers(), stepfathers(married_to=UNSTATED), family=MOTHER_HAS_CUSTODY),
        "mothers > stepfathers",
        Rule.CUSTODY,
        id="whose spouse the step-parent is does not matter here",
    ),
    pytest.param(
        child(fathers(), stepfathers(married_to=UNSTATED), family=MOTHER_HAS_CUSTODY),
        "ask: plans.stepfathers.subscriber.spouse_of",
        None,
        id="whose spouse the step-parent is matters here",
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


@pytest.mark.parametrize(("facts", "expected", "rule"), [*TOGETHER_CASES, *GENDER, *DECREES, *CUSTODY, *OWN_SPOUSE])
def test_which_plan_comes_first_for_a_child(facts: dict[str, Any], expected: str, rule: Rule | None):
    decided = decision(facts)

    assert (in_short(decided), decided.rule) == (expected, rule)


def test_a_grown_child_who_covers_an_aged_parent_is_not_asked_about_custody():
    facts = document(
        plan("daughters", "daughter", "other", covered_from="2010-01-01"),
        plan("sons", "son", "other", covered_from="2005-01-01"),
        born="1950-01-01",
    )

    assert in_short(decision(facts)) == "sons > daughters"
