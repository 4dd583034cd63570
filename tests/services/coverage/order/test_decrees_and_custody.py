"""A child's plans where the parents live apart: court decrees, custody, step-parents."""

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
    plan,
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

DECREES_THAT_END = [
    pytest.param("2026-03-01", "fathers > mothers", Rule.COURT_DECREE, id="on its last day a decree counts"),
    pytest.param("2026-02-28", "mothers > fathers", Rule.CUSTODY, id="after its last day it does not"),
    pytest.param(None, "fathers > mothers", Rule.COURT_DECREE, id="a decree without end"),
]


@pytest.mark.parametrize(("until", "expected", "rule"), DECREES_THAT_END)
def test_a_decree_may_end(until: str | None, expected: str, rule: Rule):
    decided = decision(
        child(mothers(), fathers(), family=family(decree={**decree("father"), "until": until}, custodian="mother"))
    )

    assert (in_short(decided), decided.rule) == (expected, rule)


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


@pytest.mark.parametrize(("facts", "expected", "rule"), [*DECREES, *CUSTODY])
def test_which_plan_comes_first_for_a_child_of_parents_apart(facts: dict[str, Any], expected: str, rule: Rule | None):
    decided = decision(facts)

    assert (in_short(decided), decided.rule) == (expected, rule)


def test_a_grown_child_who_covers_an_aged_parent_is_not_asked_about_custody():
    facts = document(
        plan("daughters", "daughter", "other", covered_from="2010-01-01"),
        plan("sons", "son", "other", covered_from="2005-01-01"),
        born="1950-01-01",
    )

    assert in_short(decision(facts)) == "sons > daughters"
