"""TRICARE, CHAMPVA, CHIP and Medicaid, which federal law puts after other coverage."""

from typing import Any

import pytest

from services.coverage.order.payers_word import DisputeKind
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
    supplement,
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
    pytest.param(child(program("chip"), mothers()), "mothers > chip", Rule.CHIP_LAST, id="CHIP after a parent's plan"),
    pytest.param(
        child(program("medicaid"), program("chip")), "chip > medicaid", Rule.MEDICAID_LAST, id="CHIP before Medicaid"
    ),
    pytest.param(
        child(program("chip"), program("tricare")), "tricare > chip", Rule.CHIP_LAST, id="CHIP after a federal program"
    ),
    pytest.param(
        document(supplement("tricare"), program("tricare"), own()),
        "own > tricare > supplement",
        Rule.TRICARE_LAST,
        id="a TRICARE supplement after TRICARE",
    ),
    pytest.param(
        document(supplement("champva"), program("champva"), program("medicaid")),
        "champva > supplement > medicaid",
        Rule.SUPPLEMENT_LAST,
        id="a CHAMPVA supplement after CHAMPVA, before Medicaid",
    ),
    pytest.param(
        document(own(), program("tricare", active_duty=True)),
        "tricare > own",
        Rule.ACTIVE_DUTY_FIRST,
        id="TRICARE of a member on active duty",
    ),
    pytest.param(
        document(medicare("disability"), program("tricare", active_duty=True, subscriber={"relation": "self"})),
        "tricare > medicare",
        Rule.ACTIVE_DUTY_FIRST,
        id="active duty before Medicare too",
    ),
    pytest.param(
        document(own(), program("tricare", active_duty=True, subscriber={"relation": "spouse"})),
        "own > tricare",
        Rule.TRICARE_LAST,
        id="the member's spouse is covered like anybody",
    ),
    pytest.param(
        document(own(), program("tricare", active_duty=False)), "own > tricare", Rule.TRICARE_LAST, id="no active duty"
    ),
]


@pytest.mark.parametrize(("facts", "expected", "rule"), PROGRAMS)
def test_where_a_program_pays(facts: dict[str, Any], expected: str, rule: Rule | None):
    decided = decision(facts)

    assert (in_short(decided), decided.rule) == (expected, rule)


AGAINST_THE_LAW = [
    pytest.param(own(reported_role="secondary"), program("medicaid", reported_role="primary"), id="Medicaid"),
    pytest.param(own(reported_role="not_primary"), program("tricare", reported_role="primary"), id="TRICARE"),
    pytest.param(spouses(reported_role="secondary"), program("champva", reported_role="primary"), id="CHAMPVA"),
    pytest.param(
        program("tricare", reported_role="secondary"), program("medicaid", reported_role="primary"), id="two programs"
    ),
    pytest.param(
        program("tricare", active_duty=True, reported_role="secondary"), own(reported_role="primary"), id="active duty"
    ),
]


@pytest.mark.parametrize(("first", "last"), AGAINST_THE_LAW)
def test_payers_that_agree_do_not_change_what_the_law_says(first: dict[str, Any], last: dict[str, Any]):
    decided = decision(document(first, last))

    assert decided.order is None
    assert decided.dispute is not None
    assert (decided.dispute.kind, decided.dispute.rules_say) == (
        DisputeKind.AGAINST_THE_LAW,
        (first["id"], last["id"]),
    )


def test_payers_that_agree_with_the_law_are_no_dispute():
    decided = decision(document(own(reported_role="primary"), program("medicaid", reported_role="secondary")))

    assert (decided.order, decided.dispute) == (("own", "medicaid"), None)


CALLS_ITSELF_FIRST = [
    pytest.param([own(), program("medicaid", reported_role="primary")], ("own", "medicaid"), id="alone"),
    pytest.param(
        [own(reported_role="primary"), program("medicaid", reported_role="primary")],
        ("own", "medicaid"),
        id="both first",
    ),
    pytest.param(
        [own(), spouses(), program("medicaid", reported_role="primary")], ("own", "spouses", "medicaid"), id="of three"
    ),
    pytest.param(
        [own(reported_role="secondary"), spouses(reported_role="primary"), program("tricare", reported_role="primary")],
        ("spouses", "own", "tricare"),
        id="the others agree on another order than the rules'",
    ),
    pytest.param([program("champva", reported_role="primary"), medicare("age")], ("medicare", "champva"), id="CHAMPVA"),
]


@pytest.mark.parametrize(("plans", "lawful"), CALLS_ITSELF_FIRST)
def test_a_program_that_calls_itself_first_is_overruled_by_law(plans: list[dict[str, Any]], lawful: tuple[str, ...]):
    decided = decision(aged(*plans))

    assert decided.dispute is not None
    assert (decided.order, decided.dispute.kind, decided.dispute.rules_say) == (None, "against_the_law", lawful)


def test_a_plan_that_law_puts_first_and_that_names_another_first_is_a_dispute_for_the_client():
    decided = decision(document(own(reported_role="secondary"), program("medicaid")))

    assert decided.dispute is not None
    assert decided.dispute.kind == "against_the_rules"
