"""Why Medicare is not first, as its claim says it (SBR05)."""

import pytest

from services.coverage.order.facts import Facts
from services.coverage.order.medicare import secondary_reason


def _facts(entitlement: object, employees: int, born: str = "1955-01-01") -> Facts:
    return Facts.model_validate(
        {
            "on": "2026-03-02",
            "patient": {"id": "patient", "birth_date": born},
            "plans": [
                {
                    "id": "job",
                    "kind": "group",
                    "subscriber": {"id": "patient", "relation": "self"},
                    "employment": "active",
                    "employer_size": employees,
                },
                {"id": "medicare", "kind": "medicare", "medicare_entitlement": entitlement},
            ],
        }
    )


@pytest.mark.parametrize(
    ("facts", "order", "reason"),
    [
        (_facts("age", 250), ("job", "medicare"), "12"),
        (_facts({"reason": "esrd", "esrd_month": 14}, 250, "1980-01-01"), ("job", "medicare"), "13"),
        (_facts("disability", 250, "1980-01-01"), ("job", "medicare"), "43"),
        (_facts("age", 5), ("medicare", "job"), None),
        (_facts("age", 5), ("job", "medicare"), None),
    ],
    ids=["working aged", "kidney disease", "disabled", "medicare first", "no rule puts it second"],
)
def test_the_reason_is_that_of_the_rule_that_puts_the_plan_before_it(
    facts: Facts, order: tuple[str, ...], reason: str | None
):
    assert secondary_reason(facts, order) == reason
