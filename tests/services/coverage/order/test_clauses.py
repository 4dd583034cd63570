"""What a plan's own contract says: no coordination clause, always last, a closed panel."""

from typing import Any

import pytest

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
)

NO_CLAUSE = [
    pytest.param(
        document(own(), spouses(coordination="none")),
        "spouses > own",
        Rule.NO_COB_CLAUSE,
        id="no clause comes before own plan",
    ),
    pytest.param(
        document(own(), spouses(coordination="always_secondary")),
        "spouses > own",
        Rule.NONCONFORMING_CLAUSE,
        id="always secondary does not conform",
    ),
    pytest.param(
        document(own(coordination="none"), spouses(coordination="none")),
        "own > spouses",
        Rule.NON_DEPENDENT_FIRST,
        id="two without a clause",
    ),
    pytest.param(
        document(own(coordination="always_secondary"), spouses(coordination="always_secondary")),
        "own > spouses",
        Rule.NON_DEPENDENT_FIRST,
        id="two that are always secondary: the own employer's",
    ),
    pytest.param(
        document(own(coordination="always_secondary"), spouses(coordination="none")),
        "spouses > own",
        Rule.NO_COB_CLAUSE,
        id="no clause against always secondary",
    ),
    pytest.param(
        child(mothers(), fathers(coordination="none"), family=TOGETHER),
        "fathers > mothers",
        Rule.NO_COB_CLAUSE,
        id="no clause before the birthday rule",
    ),
    pytest.param(
        document(own("job"), own("retiree", employment="retired", coordination="none")),
        "retiree > job",
        Rule.NO_COB_CLAUSE,
        id="no clause before active",
    ),
    pytest.param(
        aged(own(coordination="none", employer_size=10), medicare("age")),
        "medicare > own",
        Rule.MEDICARE_SMALL_EMPLOYER,
        id="federal law comes before clauses",
    ),
    pytest.param(
        document(program("medicaid", coordination="none"), own()),
        "own > medicaid",
        Rule.MEDICAID_LAST,
        id="Medicaid needs no clause",
    ),
]


@pytest.mark.parametrize(("facts", "expected", "rule"), NO_CLAUSE)
def test_the_order_where_a_clause_is_missing_or_forbidden(facts: dict[str, Any], expected: str, rule: Rule | None):
    decided = decision(facts)

    assert (in_short(decided), decided.rule) == (expected, rule)


CLOSED_PANEL = [
    pytest.param(
        {"panel": "closed", "provider_in_panel": False}, {}, "spouses", id="a closed panel without the provider"
    ),
    pytest.param({"panel": "closed", "provider_in_panel": True}, {}, None, id="a closed panel with the provider"),
    pytest.param({"panel": "open", "provider_in_panel": False}, {}, None, id="an open panel"),
    pytest.param({"panel": "closed"}, {}, None, id="nobody knows whether the provider is in the panel"),
    pytest.param(
        {"panel": "closed", "provider_in_panel": False},
        {"panel": "closed", "provider_in_panel": False},
        None,
        id="two closed panels without the provider",
    ),
    pytest.param(
        {"panel": "closed", "provider_in_panel": False},
        {"panel": "closed", "provider_in_panel": True},
        "spouses",
        id="the provider is in the second closed panel only",
    ),
]


@pytest.mark.parametrize(("first", "second", "expected"), CLOSED_PANEL)
def test_who_pays_as_primary_behind_a_closed_panel(first: dict[str, Any], second: dict[str, Any], expected: str | None):
    decided = decision(document(own(**first), spouses(**second)))

    assert (decided.order, decided.pays_as_primary) == (("own", "spouses"), expected)
