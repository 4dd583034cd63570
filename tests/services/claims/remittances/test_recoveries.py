"""A payer that takes money back for our claim (PLB) and does not reverse the claim reaches a person."""

from dataclasses import replace

import pytest

from shared.x12.remittance_835.remittance import ProviderAdjustment
from tests.services.claims.payer_desk import PRIMARY_PAYS, Claims, confirmed, pays, remittance, status, taken_back

RECOVERY = ProviderAdjustment("WO", "ONE-ICN", 12000)


async def test_a_recovery_without_a_reversal_reaches_a_person_until_the_reversal_comes(claims: Claims):
    (primary,) = claims.sent
    paid = pays(primary, *PRIMARY_PAYS)
    await claims.answered(remittance("ONE", paid))

    await claims.answered(remittance("ONE", trace="TRN-2", plb=[RECOVERY]))
    assert await claims.queue() == ["recovered_without_reversal"]

    await claims.answered(remittance("ONE", taken_back(paid), trace="TRN-3"))
    assert await claims.queue() == []


async def test_a_reversal_that_is_left_to_a_person_explains_no_recovery(claims: Claims):
    (primary,) = claims.sent
    paid = pays(primary, *PRIMARY_PAYS)
    await claims.answered(remittance("ONE", paid), remittance("ONE", trace="TRN-2", plb=[RECOVERY]))

    other = taken_back(pays(primary, 11000, ("CO", "45", 7000), ("PR", "2", 4000)))
    await claims.answered(remittance("ONE", other, trace="TRN-3"))

    assert sorted(await claims.queue()) == ["recovered_without_reversal", "reversal_differs"]


async def test_a_recovery_that_names_no_claim_of_ours_reaches_a_person_once(claims: Claims):
    taken = remittance("ONE", trace="TRN-2", plb=[ProviderAdjustment("WO", "NOBODYS-ICN", 12000)])

    await claims.answered(taken)
    await claims.answered(taken)

    assert await claims.queue() == ["recovered_unknown_claim"]


async def test_money_that_moves_without_a_recovery_needs_nobody(claims: Claims):
    said = (("WO", -500), ("FB", 500), ("L6", 5))
    moved = [ProviderAdjustment(reason, "NOBODYS-ICN", cents) for reason, cents in said]

    await claims.answered(remittance("ONE", trace="TRN-2", plb=moved))

    assert await claims.queue() == []


async def test_a_recovery_that_comes_with_or_after_its_reversal_needs_nobody(claims: Claims):
    (primary,) = claims.sent
    paid = pays(primary, *PRIMARY_PAYS)
    await claims.answered(remittance("ONE", paid))

    await claims.answered(remittance("ONE", taken_back(paid), trace="TRN-2", plb=[RECOVERY]))
    await claims.answered(remittance("ONE", trace="TRN-3", plb=[RECOVERY]))

    assert await claims.queue() == []


async def test_a_recovery_of_what_was_paid_before_the_payer_numbered_the_claim_anew_reaches_a_person(claims: Claims):
    (primary,) = claims.sent
    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS)))
    await claims.receives(confirmed(lines=[{"procedure": "90834", "modifiers": ["95"], "charge_cents": 16000}]))
    replaced = next(claim for claim in claims.sent if claim.payer.id == "ONE")
    await claims.answered(status(replaced, ("A2", "20", "PR"), number="ONE-NEW"))

    await claims.answered(remittance("ONE", trace="TRN-2", plb=[RECOVERY]))

    assert await claims.queue() == ["recovered_without_reversal"]


async def test_a_recovery_of_a_decision_that_waits_for_a_person_names_its_claim(claims: Claims):
    (primary,) = claims.sent
    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS)))
    again = replace(pays(primary, *PRIMARY_PAYS), payer_claim_id="ONE-AGAIN")
    await claims.answered(remittance("ONE", again, trace="TRN-2"))
    assert await claims.queue() == ["paid_twice"]

    await claims.answered(remittance("ONE", trace="TRN-3", plb=[ProviderAdjustment("WO", "ONEAGAIN 20260302", 12000)]))

    assert await claims.queue() == ["paid_twice", "recovered_without_reversal"]


async def test_a_recovery_under_the_number_of_an_earlier_submission_names_its_claim(claims: Claims):
    (primary,) = claims.sent
    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS)))
    await claims.receives(confirmed(lines=[{"procedure": "90834", "modifiers": ["95"], "charge_cents": 16000}]))
    await claims.answered(status(primary, ("A2", "20", "PR"), number="ONE-LATE"))

    await claims.answered(remittance("ONE", trace="TRN-2", plb=[ProviderAdjustment("WO", "ONE-LATE", 12000)]))

    assert await claims.queue() == ["recovered_without_reversal"]


async def test_a_recovery_of_the_correction_is_not_explained_by_the_reversal_before_it(claims: Claims):
    (primary,) = claims.sent
    paid = pays(primary, *PRIMARY_PAYS)
    corrected = replace(paid, payer_claim_id="ONE-ICN-C")
    await claims.answered(remittance("ONE", paid))
    await claims.answered(remittance("ONE", taken_back(paid), corrected, trace="TRN-2"))

    await claims.answered(remittance("ONE", trace="TRN-3", plb=[RECOVERY]))
    assert await claims.queue() == []

    await claims.answered(remittance("ONE", trace="TRN-4", plb=[ProviderAdjustment("WO", "ONE-ICN-C", 12000)]))
    assert await claims.queue() == ["recovered_without_reversal"]


@pytest.mark.parametrize("together", [True, False], ids=["in one 835 with its correction", "of what waits"])
async def test_any_reversal_explains_the_recovery_before_it(claims: Claims, together: bool):
    (primary,) = claims.sent
    paid = pays(primary, *PRIMARY_PAYS)
    again = replace(paid, payer_claim_id="ONE-AGAIN")
    back = (taken_back(paid), again) if together else (taken_back(again),)
    await claims.answered(remittance("ONE", paid))
    if not together:
        await claims.answered(remittance("ONE", again, trace="TRN-2"))
    number = paid.payer_claim_id if together else again.payer_claim_id
    await claims.answered(remittance("ONE", trace="TRN-3", plb=[ProviderAdjustment("WO", number, 12000)]))
    assert "recovered_without_reversal" in await claims.queue()

    await claims.answered(remittance("ONE", *back, trace="TRN-4"))

    assert await claims.queue() == []
