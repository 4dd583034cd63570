"""What payers say of their own place, against each other and against the rules."""

from typing import Any

import pytest

from services.coverage.order.facts import Role
from services.coverage.order.payers_word import Dispute, DisputeKind, Statement
from services.coverage.order.rule import Rule
from tests.services.coverage.situations import (
    TOGETHER,
    UNSTATED,
    child,
    decision,
    document,
    fathers,
    in_short,
    mothers,
    own,
    program,
    spouses,
)


def two(first: str | None, second: str | None, **stated: Any) -> dict[str, Any]:
    """Own plan and a spouse's: by the rules own > spouses."""
    return document(own(reported_role=first), spouses(reported_role=second), **stated)


def three(first: str | None, second: str | None, third: str | None) -> dict[str, Any]:
    """Own plan, a spouse's, Medicaid: by the rules own > spouses > medicaid."""
    return document(own(reported_role=first), spouses(reported_role=second), program("medicaid", reported_role=third))


def no_birthday(mothers_say: str | None, fathers_say: str | None) -> dict[str, Any]:
    plans = mothers(born=UNSTATED, reported_role=mothers_say), fathers(reported_role=fathers_say)
    return child(*plans, family=TOGETHER)


ASK_BIRTHDAY = "ask: plans.mothers.subscriber.birth_date"
RULES, AGREED = Rule.NON_DEPENDENT_FIRST, Rule.PAYERS_AGREE

STATEMENTS = [
    pytest.param(two("primary", "secondary"), "own > spouses", RULES, id="both agree with the rules"),
    pytest.param(two("primary", None), "own > spouses", RULES, id="one agrees with the rules"),
    pytest.param(two(None, "not_primary"), "own > spouses", RULES, id="the other agrees with the rules"),
    pytest.param(
        two("secondary", "primary"), "spouses > own", AGREED, id="they agree with each other against the rules"
    ),
    pytest.param(two("not_primary", "primary"), "spouses > own", AGREED, id="not primary is enough to agree"),
    pytest.param(two("primary", "primary"), "dispute: both_primary", None, id="both say primary"),
    pytest.param(two("secondary", "secondary"), "dispute: nobody_primary", None, id="both say secondary"),
    pytest.param(two("not_primary", "secondary"), "dispute: nobody_primary", None, id="both say not me"),
    pytest.param(two("secondary", None), "dispute: against_the_rules", None, id="one alone says it is not first"),
    pytest.param(two(None, "primary"), "dispute: against_the_rules", None, id="one alone says it is first"),
    pytest.param(two("tertiary", "primary"), "dispute: unknown_plan", None, id="third of two"),
    pytest.param(
        three("primary", "secondary", "tertiary"), "own > spouses > medicaid", RULES, id="three agree with the rules"
    ),
    pytest.param(
        three("secondary", "primary", None),
        "spouses > own > medicaid",
        AGREED,
        id="two of three agree, the third has no say",
    ),
    pytest.param(
        three("primary", "tertiary", "secondary"),
        "dispute: against_the_law",
        None,
        id="both put Medicaid before other coverage",
    ),
    pytest.param(
        three("primary", "tertiary", None), "dispute: against_the_rules", None, id="one alone about a later place"
    ),
    pytest.param(three("primary", "primary", "primary"), "dispute: both_primary", None, id="three primaries"),
    pytest.param(
        three("primary", "secondary", "secondary"), "dispute: same_place", None, id="two want the second place"
    ),
    pytest.param(
        three("not_primary", None, None), "dispute: against_the_rules", None, id="not first, and nobody else speaks"
    ),
    pytest.param(
        three(None, "not_primary", "not_primary"), "own > spouses > medicaid", RULES, id="the two others step back"
    ),
    pytest.param(document(own(reported_role="primary")), "own", Rule.ONLY_PLAN, id="the only plan is primary"),
    pytest.param(
        document(own(reported_role="secondary")), "dispute: unknown_plan", None, id="the only plan says secondary"
    ),
    pytest.param(
        document(own(reported_role="primary"), spouses(reported_role="primary", covered_to="2026-01-31")),
        "own",
        Rule.ONLY_PLAN,
        id="a plan that has ended has no say",
    ),
    pytest.param(
        no_birthday("secondary", "primary"), "fathers > mothers", AGREED, id="agreement decides what the rules can't"
    ),
    pytest.param(no_birthday("primary", "secondary"), "mothers > fathers", AGREED, id="agreement the other way round"),
    pytest.param(no_birthday("primary", None), ASK_BIRTHDAY, None, id="one payer alone does not fill a gap"),
    pytest.param(no_birthday("primary", "primary"), "dispute: both_primary", None, id="a contradiction needs no rules"),
    pytest.param(
        document(own("A", reported_role=None), own("B", reported_role="primary"), entered_order=["A", "B"]),
        "B > A",
        Rule.EQUAL_SHARE,
        id="equal shares: a payer's word before the client's order",
    ),
]


@pytest.mark.parametrize(("facts", "expected", "rule"), STATEMENTS)
def test_statements_against_each_other_and_the_rules(facts: dict[str, Any], expected: str, rule: Rule | None):
    decided = decision(facts)

    assert (in_short(decided), decided.rule) == (expected, rule)


def test_a_dispute_keeps_every_statement_and_what_the_rules_say():
    assert decision(two("secondary", None)).dispute == Dispute(
        DisputeKind.AGAINST_THE_RULES, (Statement("own", Role.SECONDARY),), ("own", "spouses")
    )
    assert decision(two("primary", "primary")).dispute == Dispute(
        DisputeKind.BOTH_PRIMARY, (Statement("own", Role.PRIMARY), Statement("spouses", Role.PRIMARY))
    )


def test_agreement_against_the_rules_is_noted_and_agreement_with_them_is_not():
    noted = decision(two("secondary", "primary", entered_order=["own", "spouses"]))

    assert noted.reordered
    assert noted.note is not None
    assert "own, spouses" in noted.note
    assert decision(two("primary", "secondary")).note is None


def test_agreement_where_the_rules_lack_a_fact_is_noted_without_a_word_about_the_rules():
    assert decision(no_birthday("secondary", "primary")).note == "The insurers agree on the order fathers, mothers."
