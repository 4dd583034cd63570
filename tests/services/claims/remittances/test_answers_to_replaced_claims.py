"""An answer is judged against the claim that it answers: in the place, and on the figures, with which that was sent."""

from shared.events.claims import ClaimAdjudicated, ClaimSubmitted, CoordinationQuestioned
from tests.services.claims.payer_desk import (
    PRIMARY_PAYS,
    SECONDARY_PAYS,
    Claims,
    cleared,
    pays,
    remittance,
    status,
    taken_back,
)

CORRECTED = (11000, ("CO", "45", 7000), ("PR", "2", 4000))


async def _both_paid(claims: Claims):
    (primary,) = claims.sent
    paid = pays(primary, *PRIMARY_PAYS)
    await claims.answered(remittance("ONE", paid))
    (secondary,) = claims.sent
    await claims.answered(remittance("TWO", pays(secondary, *SECONDARY_PAYS), trace="TRN-2"), key="TWO-1")
    return primary, paid, secondary


async def _replaced(claims: Claims):
    """Both have paid, the primary has corrected itself, and the secondary's replacement is out."""
    primary, paid, secondary = await _both_paid(claims)
    correction = remittance("ONE", taken_back(paid), pays(primary, *CORRECTED), trace="TRN-3")
    await claims.answered(correction)
    assert claims.only(ClaimSubmitted).frequency == "7"
    (replacement,) = claims.sent
    return secondary, replacement


async def test_a_denial_of_the_replacement_is_read_like_any_other(claims: Claims):
    _, replacement = await _replaced(claims)

    denied = pays(replacement, 0, ("CO", "22", 22000), status="4", remarks=("N197",))
    await claims.answered(remittance("TWO", denied, trace="TRN-4"), key="TWO-1")

    assert claims.only(CoordinationQuestioned).answer == "client_must_call"
    assert claims.who_is_awaited() == {"spouses": "refused"}


async def test_a_denial_of_what_was_replaced_is_a_copys(claims: Claims):
    secondary, _ = await _replaced(claims)

    denied = pays(secondary, 0, ("CO", "22", 22000), status="4", remarks=("N197",))
    await claims.answered(remittance("TWO", denied, trace="TRN-4"), key="TWO-1")

    assert claims.all(CoordinationQuestioned) == []
    assert claims.who_is_awaited() == {"spouses": "being_replaced"}


async def test_an_answer_on_old_figures_does_not_end_the_wait_for_the_replacements(claims: Claims):
    """The secondary answers the first claim at the moment in which the primary corrects itself."""
    (primary,) = claims.sent
    paid = pays(primary, *PRIMARY_PAYS)
    await claims.answered(remittance("ONE", paid))
    (secondary,) = claims.sent
    await claims.answered(remittance("ONE", taken_back(paid), pays(primary, *CORRECTED), trace="TRN-3"))
    assert claims.sent == []  # the payer has not given its number yet
    assert claims.who_is_awaited() == {"spouses": "being_replaced"}

    await claims.answered(remittance("TWO", pays(secondary, *SECONDARY_PAYS), trace="TRN-2"), key="TWO-1")
    assert claims.only(ClaimSubmitted).frequency == "7"
    assert claims.only(ClaimAdjudicated).built_on[0].patient_responsibility_cents == 3000
    assert claims.who_is_awaited() == {"spouses": "being_replaced"}
    assert claims.awaited is not None
    assert claims.only(ClaimAdjudicated).adjudication_id not in claims.awaited.current


async def test_an_answer_that_comes_after_its_replacement_went_changes_nothing_of_the_wait(claims: Claims):
    primary, paid, secondary = await _both_paid(claims)
    await claims.answered(remittance("ONE", taken_back(paid), pays(primary, *CORRECTED), trace="TRN-3"))
    (replacement,) = claims.sent
    old = pays(secondary, *SECONDARY_PAYS)
    await claims.answered(remittance("TWO", taken_back(old), trace="TRN-4"), key="TWO-1")

    await claims.answered(remittance("TWO", pays(secondary, 1000, *SECONDARY_PAYS[1:]), trace="TRN-5"), key="TWO-1")
    assert set(claims.who_is_awaited()) == {"spouses"}

    fresh = pays(replacement, 3400, ("OA", "23", 18000), ("PR", "2", 600))
    await claims.answered(remittance("TWO", fresh, trace="TRN-6"), key="TWO-1")
    assert claims.who_is_awaited() == {}


async def test_a_payer_that_pays_exactly_as_billed_disputes_nothing(claims: Claims):
    """The order was corrected after the claim went: the payer answers the claim as it was sent."""
    (primary,) = claims.sent
    await claims.receives(cleared("spouses", "own", decision=2))

    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS)))

    assert claims.all(CoordinationQuestioned) == []
    assert claims.who_is_awaited()["own"] == "being_replaced"
    posted = claims.only(ClaimAdjudicated)
    assert (posted.plan_id, posted.level, posted.sent_level) == ("own", "secondary", "primary")


async def test_a_late_reversal_of_what_was_replaced_leaves_the_replacement_its_number(claims: Claims):
    """Else the next replacement would name a claim that the payer has taken back."""
    primary, paid, secondary = await _both_paid(claims)
    correction = pays(primary, *CORRECTED)
    await claims.answered(remittance("ONE", taken_back(paid), correction, trace="TRN-3"))
    (replacement,) = claims.sent
    await claims.answered(status(replacement, ("A2", "20", "PR"), number="TWO-NEW"), key="TWO-1")
    old = pays(secondary, *SECONDARY_PAYS)
    await claims.answered(remittance("TWO", taken_back(old), trace="TRN-4"), key="TWO-1")

    again = pays(primary, 10000, ("CO", "45", 7000), ("PR", "2", 5000))
    await claims.answered(remittance("ONE", taken_back(correction), again, trace="TRN-5"))

    (third,) = claims.sent
    assert (third.frequency, third.original_claim_id) == ("7", "TWO-NEW")
