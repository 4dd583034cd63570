"""Payers answer twice, in pieces, wrongly, or take it back: what claims makes of it, on the real database."""

from dataclasses import replace
from datetime import date

import pytest

from services.claims.app import SERVICE
from shared.events.claims import (
    ClaimAdjudicated,
    ClaimReversed,
)
from shared.x12.remittance_835.remittance import ProviderAdjustment
from shared.x12.syntax.parties import Party
from tests.services.claims.payer_desk import (
    COMPLETED,
    FACTS,
    PRIMARY_PAYS,
    SECONDARY_PAYS,
    Claims,
    cleared,
    confirmed,
    pays,
    remittance,
    status,
    syntax,
    taken_back,
)

ACCEPTED = ("A2", "20", "PR")
TWO = "TWO-1"


async def test_the_835_that_comes_before_the_277ca_stands(claims):
    (primary,), (value,) = claims.sent, claims.values

    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS)), status(primary, ACCEPTED), syntax(value))

    assert await claims.states() == {"own": "adjudicated", "spouses": "submitted"}
    assert await claims.queue() == []


async def test_pieces_are_put_together_and_the_secondary_waits_for_the_last(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    await claims.receives(*FACTS, confirmed(22000, 3000), cleared(), COMPLETED)
    (primary,) = claims.sent
    second = pays(primary, 2000, ("CO", "45", 500), ("PR", "2", 500), line=1)

    await claims.answered(remittance("ONE", second))
    assert not claims.only(ClaimAdjudicated).complete
    assert claims.sent == []

    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS), trace="TRN-2"))
    assert claims.only(ClaimAdjudicated).complete
    (secondary,) = claims.sent
    (before,) = [other for other in secondary.other_payers if other.responsibility == "P"]
    assert (before.paid_cents, before.patient_responsibility_cents) == (14000, 3500)


async def test_the_same_835_twice_is_nothing(claims):
    (primary,) = claims.sent
    value = remittance("ONE", pays(primary, *PRIMARY_PAYS))
    await claims.answered(value)

    await claims.answered(value, key="ONE-2")

    assert (claims.published, claims.sent, await claims.queue()) == ([], [], [])


async def test_a_second_payment_of_the_same_decision_is_for_a_person(claims):
    (primary,) = claims.sent
    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS)))

    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS), trace="TRN-2"))

    assert claims.all(ClaimAdjudicated) == []
    assert await claims.queue() == ["paid_twice"]


async def test_a_reversal_with_its_correction_replaces_the_secondarys_claim(claims):
    primary, secondary = await claims.secondary_sent()
    await claims.answered(remittance("TWO", pays(secondary, *SECONDARY_PAYS)), key=TWO)
    await claims.passes(days=80)
    corrected = pays(primary, 11000, ("CO", "45", 7000), ("PR", "2", 4000))

    await claims.answered(
        remittance("ONE", taken_back(pays(primary, *PRIMARY_PAYS)), corrected, trace="TRN-9", on=date(2026, 5, 21))
    )

    assert claims.only(ClaimReversed).reverses is not None
    (again,) = claims.sent
    assert (again.id, again.frequency, again.original_claim_id) == ("SES-1-S2", "7", "TWO-ICN")
    (before,) = [other for other in again.other_payers if other.responsibility == "P"]
    assert (before.paid_cents, before.patient_responsibility_cents) == (11000, 4000)
    assert await claims.states() == {"own": "corrected", "spouses": "submitted"}


async def test_an_answer_in_pieces_is_taken_back_as_a_whole_and_corrected(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    await claims.receives(*FACTS, confirmed(22000, 3000), cleared(), COMPLETED)
    (primary,) = claims.sent
    first, second = pays(primary, *PRIMARY_PAYS), pays(primary, 2000, ("CO", "45", 500), ("PR", "2", 500), line=1)
    await claims.answered(remittance("ONE", second), remittance("ONE", first, trace="TRN-2"))
    pieces = [event.adjudication_id for event in claims.all(ClaimAdjudicated)]
    (secondary,) = claims.sent
    whole = _together(first, second)
    corrected = _together(pays(primary, 11000, ("CO", "45", 7000), ("PR", "2", 4000)), second)

    await claims.answered(remittance("TWO", *_pieces_of_two(secondary)), key=TWO)
    await claims.answered(remittance("ONE", taken_back(whole), corrected, trace="TRN-9"))

    gone = claims.only(ClaimReversed)
    assert [gone.reverses, *gone.also_reverses] == pieces
    assert claims.only(ClaimAdjudicated).complete
    (again,) = claims.sent
    (before,) = [other for other in again.other_payers if other.responsibility == "P"]
    assert (again.frequency, before.paid_cents, before.patient_responsibility_cents) == ("7", 13000, 4500)
    assert await claims.states() == {"own": "corrected", "spouses": "submitted"}
    assert await claims.queue() == []


async def test_money_taken_back_for_any_piece_is_explained_by_the_reversal_of_the_whole(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    await claims.receives(*FACTS, confirmed(22000, 3000), cleared(), COMPLETED)
    (primary,) = claims.sent
    first = pays(primary, *PRIMARY_PAYS)
    second = replace(pays(primary, 2000, ("CO", "45", 500), ("PR", "2", 500), line=1), payer_claim_id="ONE-PIECE")
    await claims.answered(remittance("ONE", first), remittance("ONE", second, trace="TRN-2"))
    await claims.answered(remittance("ONE", taken_back(_together(first, second)), trace="TRN-3"))
    assert claims.only(ClaimReversed).also_reverses

    await claims.answered(remittance("ONE", trace="TRN-4", plb=[ProviderAdjustment("WO", "ONE-PIECE", 2000)]))

    assert await claims.queue() == []


def _together(*pieces):
    """One claim of the lines of several."""
    lines = tuple(line for piece in pieces for line in piece.lines)
    charge, paid = sum(piece.charge_cents for piece in pieces), sum(piece.paid_cents for piece in pieces)
    owed = sum(piece.patient_responsibility_cents or 0 for piece in pieces)
    return replace(pieces[0], charge_cents=charge, paid_cents=paid, patient_responsibility_cents=owed, lines=lines)


def _pieces_of_two(secondary):
    return (pays(secondary, *SECONDARY_PAYS), pays(secondary, 400, ("OA", "23", 2500), ("PR", "2", 100), line=1))


async def test_a_reversal_without_its_correction_waits_and_then_a_person_hears_of_it(claims):
    primary, secondary = await claims.secondary_sent()
    await claims.answered(remittance("TWO", pays(secondary, *SECONDARY_PAYS)), key=TWO)

    await claims.answered(remittance("ONE", taken_back(pays(primary, *PRIMARY_PAYS)), trace="TRN-9"))
    assert claims.sent == []
    assert await claims.states() == {"own": "reversed", "spouses": "adjudicated"}
    assert await claims.queue() == []

    await claims.passes(days=31)
    assert await claims.queue() == ["reversed_unresolved"]


async def test_a_correction_that_leaves_nothing_voids_the_secondary(claims):
    primary, secondary = await claims.secondary_sent()
    await claims.answered(remittance("TWO", pays(secondary, *SECONDARY_PAYS)), key=TWO)
    corrected = pays(primary, 15000, ("CO", "45", 7000))

    await claims.answered(remittance("ONE", taken_back(pays(primary, *PRIMARY_PAYS)), corrected, trace="TRN-9"))

    (voided,) = claims.sent
    assert (voided.frequency, voided.original_claim_id) == ("8", "TWO-ICN")
    assert await claims.states() == {"own": "corrected", "spouses": "voided"}


async def test_a_replacement_waits_for_the_payers_claim_number(claims):
    primary, secondary = await claims.secondary_sent()
    corrected = pays(primary, 11000, ("CO", "45", 7000), ("PR", "2", 4000))
    await claims.answered(remittance("ONE", taken_back(pays(primary, *PRIMARY_PAYS)), corrected, trace="TRN-9"))
    assert claims.sent == []

    await claims.answered(status(secondary, ACCEPTED, number="TWO-77"), key=TWO)

    (again,) = claims.sent
    assert (again.frequency, again.original_claim_id) == ("7", "TWO-77")


async def test_an_unbalanced_835_is_kept_for_a_person_and_nothing_is_posted(claims):
    (primary,) = claims.sent

    await claims.answered(remittance("ONE", pays(primary, 12000, ("CO", "45", 6000), ("PR", "2", 3000))))

    assert [event.reason for event in claims.published] == ["remittance_unbalanced"]
    assert await claims.queue() == ["remittance_unbalanced"]


@pytest.mark.parametrize(
    "mangled",
    [
        pytest.param(lambda claim: replace(claim, lines=(replace(claim.lines[0], control=""),)), id="drops REF*6R"),
        pytest.param(lambda claim: replace(claim, lines=(replace(claim.lines[0], modifiers=()),)), id="a modifier"),
        pytest.param(lambda claim: replace(claim, lines=(replace(claim.lines[0], control="1"),)), id="renumbers"),
        pytest.param(lambda claim: replace(claim, id="ses1p"), id="control number without hyphens, in lower case"),
        pytest.param(lambda claim: replace(claim, id="000SES-1-P"), id="control number padded"),
    ],
)
async def test_what_payers_change_on_the_way_is_matched_all_the_same(claims, mangled):
    (primary,) = claims.sent

    await claims.answered(remittance("ONE", mangled(pays(primary, *PRIMARY_PAYS))))

    assert claims.only(ClaimAdjudicated).paid_cents == 12000
    assert await claims.queue() == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"id": "X-P", "payer_claim_id": "?", "patient": Party("ROE", "JO")}, "unmatched_", id="unknown"),
        pytest.param({"paid_cents": -100, "charge_cents": 22000}, "remittance_unbalanced", id="negative"),
    ],
)
async def test_a_remittance_that_fits_nothing_is_for_a_person(claims, changes, reason):
    (primary,) = claims.sent

    await claims.answered(remittance("ONE", replace(pays(primary, *PRIMARY_PAYS), **changes)))

    assert claims.all(ClaimAdjudicated) == []
    (said,) = await claims.queue()
    assert said.startswith(reason)


async def test_a_remittance_to_another_provider_is_never_posted(claims):
    (primary,) = claims.sent

    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS), payee="1999999984"))

    assert await claims.queue() == ["remittance_of_another_provider"]


async def test_take_backs_are_kept_by_claim_and_change_no_cost(claims):
    (primary,) = claims.sent
    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS)))
    recovery = ProviderAdjustment("WO", "ONE-ICN 20260302", 12000, "1234567893")
    carried = ProviderAdjustment("FB", "BALANCE2026", -12000, "1234567893")
    value = remittance("ONE", trace="TRN-5", plb=[recovery, carried])

    await claims.answered(value)
    await claims.answered(value, key="ONE-9")

    assert claims.published == []
    rows = await claims.sut.pool.fetch("select * from provider_adjustments order by reason desc")
    kept = [(row["client_id"], row["session_id"], row["role"], row["movement"], row["amount_cents"]) for row in rows]
    assert kept == [("c", "SES-1", 1, "recovery", 12000), ("", None, None, "carried_forward", -12000)]


async def test_of_several_answers_that_wait_for_a_reversal_the_last_one_is_posted(claims):
    (primary,) = claims.sent
    paid = pays(primary, *PRIMARY_PAYS)
    corrected = pays(primary, 10000, ("CO", "45", 7000), ("PR", "2", 5000), payer_claim_id="ONE-ICN-C")
    await claims.answered(remittance("ONE", paid), remittance("ONE", paid, trace="TRN-2"))
    await claims.passes(days=1)
    await claims.answered(remittance("ONE", corrected, trace="TRN-3"))
    assert await claims.queue() == ["paid_twice", "second_decision"]

    await claims.answered(remittance("ONE", taken_back(paid), trace="TRN-4"))

    assert (claims.only(ClaimAdjudicated).paid_cents, await claims.queue()) == (10000, ["paid_twice"])
