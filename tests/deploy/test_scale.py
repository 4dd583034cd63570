"""How many replicas of each service are wished for."""

import pytest

from deploy.embedded.services import ScaleError, parse_scale
from deploy.embedded.stack import SERVICES

ONE_EACH = dict.fromkeys(SERVICES, 1)


@pytest.mark.parametrize(
    ("text", "scale"),
    [
        ("", ONE_EACH),
        ("claims=2", {**ONE_EACH, "claims": 2}),
        ("claims=2 coverage=3", {**ONE_EACH, "claims": 2, "coverage": 3}),
        ("claims=2,coverage=3", {**ONE_EACH, "claims": 2, "coverage": 3}),
        ("  payers=0 ", {**ONE_EACH, "payers": 0}),
    ],
)
def test_a_wish_is_read_and_the_others_stay_at_one(text: str, scale: dict[str, int]):
    assert parse_scale(text) == scale


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("claims", "cannot read 'claims'"),
        ("claims=many", "cannot read 'claims=many'"),
        ("claims=-1", "cannot read 'claims=-1'"),
        ("claims=17", "up to 16"),
        ("claim=2", "there is no service 'claim': there are coverage, claims"),
        ("claims=2 claims=3", "claims is named twice"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_in_one_sentence(text: str, why: str):
    with pytest.raises(ScaleError) as refusal:
        parse_scale(text)

    assert why in str(refusal.value)
    assert "\n" not in str(refusal.value)
