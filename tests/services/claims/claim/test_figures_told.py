"""Which figures of the payers before a claim carries, and whether they are those that stand."""

from dataclasses import replace
from datetime import date

import pytest

from services.claims.claim.claim_state import State
from services.claims.claim.tables import Claim

DAY = date(2026, 3, 2)


def _claim(plan_id: str, level: int = 1) -> Claim:
    return Claim("c", "s", level, plan_id, f"payer-{plan_id}", State.SUBMITTED, DAY, 22_000, sent_on=DAY)


FIRST, SECOND = _claim("a"), _claim("b", 2).telling_of(_claim("a"))


@pytest.mark.parametrize(
    ("claim", "before", "outdated"),
    [
        pytest.param(SECOND, [FIRST], False, id="as it was told"),
        pytest.param(SECOND, [_claim("d")], True, id="equal figures of another payer"),
        pytest.param(replace(SECOND, told=((9000, 3000),)), [FIRST], True, id="other figures of the same payer"),
        pytest.param(replace(SECOND, told_by=()), [_claim("d")], False, id="whose they were was not kept"),
        pytest.param(_claim("c", 3).telling_of(SECOND), [_claim("d"), SECOND], True, id="another payer comes first"),
        pytest.param(replace(_claim("b", 2), sent_on=None), [FIRST], False, id="not sent yet"),
    ],
)
def test_a_claim_is_outdated_by_other_figures_and_by_other_payers(
    claim: Claim, before: list[Claim], outdated: bool
) -> None:
    assert claim.is_outdated(before) is outdated
