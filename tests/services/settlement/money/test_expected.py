"""Between what and what the cost will be while an answer is awaited: never above the primary's share."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.settlement.answers.adjudication import Level
from services.settlement.answers.session_facts import SessionFacts
from services.settlement.money.expected import SecondaryKnown, expected_range
from services.settlement.money.settle import settle
from shared.events.coverage import CostShare
from tests.services.settlement.remittances import claim, of

P, S, T = Level.PRIMARY, Level.SECONDARY, Level.TERTIARY
PRIMARY = of(P, claim("1", 12000, "CO-45:7000 PR-2:3000"))
DENIED = of(P, claim("4", 0, "CO-96:22000"))
HIGH = CostShare(coinsurance_percent=20.0, deductible_remaining_cents=0, confidence="high")


def known(method: str = "maintenance_of_benefits", rate: int | None = 15000, share: Any = HIGH) -> SecondaryKnown:
    return SecondaryKnown(method, rate, share)


def facts(*answers: Any, expected: tuple[Level, ...] = (P, S)) -> SessionFacts:
    return SessionFacts(
        charge_cents=22000,
        rate_cents=15000,
        completed=True,
        expected=frozenset(expected),
        answers={answer.id: answer for answer in answers},
    )


@pytest.mark.parametrize(
    ("session", "secondary", "least_most"),
    [
        (facts(), known(), None),
        (facts(PRIMARY), known(), (600, 3000)),
        (facts(PRIMARY), known("lesser_of"), (0, 3000)),
        (facts(PRIMARY), known("none"), (3000, 3000)),
        (facts(PRIMARY), known("unknown"), (0, 3000)),
        (facts(PRIMARY), known(rate=None), (0, 3000)),
        (facts(PRIMARY), known(share=None), (0, 3000)),
        (facts(PRIMARY), known(share=CostShare(coinsurance_percent=20.0, confidence="low")), (0, 3000)),
        (facts(PRIMARY), None, (0, 3000)),
        (facts(PRIMARY, expected=(P,)), None, (3000, 3000)),
        (facts(PRIMARY, expected=(P, S, T)), known(), (0, 3000)),
        (facts(DENIED), known(), (0, 0)),
    ],
    ids=[
        "the primary has not decided",
        "maintenance of benefits",
        "lesser of",
        "no benefits left",
        "the method is not known",
        "no rate",
        "no cost share",
        "a cost share that is not sure",
        "nothing known",
        "nobody else is asked",
        "two are awaited",
        "the primary covers nothing",
    ],
)
def test_the_expected_range(session: SessionFacts, secondary: Any, least_most: Any):
    assert expected_range(session, settle("s", session), secondary) == least_most


@given(
    share=st.integers(0, 22000),
    method=st.sampled_from(["lesser_of", "naic_standard", "non_duplication", "medicaid_lesser_of", "supplement"]),
    rate=st.integers(0, 30000),
    percent=st.integers(0, 100),
    copay=st.integers(0, 5000),
)
def test_the_range_is_within_what_the_primary_left(share: int, method: str, rate: int, percent: int, copay: int):
    session = facts(of(P, claim("1", 22000 - share, f"PR-2:{share}" if share else "")))
    terms = known(method, rate, CostShare(coinsurance_percent=float(percent), copay_cents=copay, confidence="high"))

    bounds = expected_range(session, settle("s", session), terms)

    assert bounds is not None
    assert 0 <= bounds[0] <= bounds[1] <= share
