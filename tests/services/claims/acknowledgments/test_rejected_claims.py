"""A claim that is rejected before anybody decides on it is built again once, goes to coverage, or is for a person."""

from shared.events.claims import (
    ClaimRejected,
    CoordinationQuestioned,
)
from tests.services.claims.payer_desk import (
    PRIMARY_PAYS,
    cleared,
    pays,
    remittance,
    status,
    syntax,
)

TWO = "TWO-1"


async def test_a_999_rejection_is_rebuilt_once_then_it_is_our_bug(claims):
    await claims.answered(syntax(claims.values[0], "R"))
    assert claims.only(ClaimRejected).answer == "review"
    (again,) = claims.sent
    assert (again.id, again.frequency) == ("SES-1-P2", "1")

    await claims.answered(syntax(claims.values[0], "R"))
    assert claims.sent == []
    assert await claims.queue() == ["rejected_syntax"]


async def test_a_rejection_of_an_earlier_submission_does_not_reject_the_present_one(claims):
    (first,) = claims.sent
    await claims.answered(syntax(claims.values[0], "R"))

    await claims.answered(status(first, ("A3", "21", "")))

    assert await claims.states() == {"own": "submitted", "spouses": "held"}


async def test_a_rejection_for_missing_adjudication_data_is_built_again(claims):
    _, secondary = await claims.secondary_sent()

    await claims.answered(status(secondary, ("A6", "286", "")), key=TWO)

    assert claims.only(ClaimRejected).answer == "fix_and_resend"
    (again,) = claims.sent
    assert (again.id, again.frequency) == ("SES-1-S2", "1")


async def test_a_rejection_because_another_plan_is_first_goes_to_coverage_and_again_in_the_new_order(claims):
    (first,) = claims.sent
    await claims.answered(status(first, ("A3", "85", "PR")))
    assert claims.only(CoordinationQuestioned).answer == "other_plan_first"
    assert claims.sent == []

    await claims.receives(cleared("spouses", "own", decision=2))
    (other,) = claims.sent
    assert (other.payer.id, other.id) == ("TWO", "SES-1-P2")

    await claims.answered(remittance("TWO", pays(other, *PRIMARY_PAYS)), key=TWO)
    (own,) = claims.sent
    assert (own.payer.id, own.responsibility, own.frequency) == ("ONE", "S", "1")


async def test_a_rejection_that_nobody_has_sorted_is_for_a_person(claims):
    (first,) = claims.sent

    await claims.answered(status(first, ("A3", "9999", "")))

    assert await claims.queue() == ["rejected_review"]
