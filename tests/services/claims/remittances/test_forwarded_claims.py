"""Claims that the primary passes on to the secondary itself: both 835s, one, or none comes."""

from dataclasses import replace

from shared.events.claims import (
    ClaimAdjudicated,
    ClaimHeld,
)
from shared.x12.syntax.parties import Party
from tests.services.claims.payer_desk import (
    PRIMARY_PAYS,
    SECONDARY_PAYS,
    pays,
    remittance,
)

TWO = "TWO-1"


def _forwarded(claim):
    return replace(
        pays(claim, *PRIMARY_PAYS),
        status="19",
        crossover_to=Party("PAYER TWO", id="TWO", id_kind="PI"),
        remarks=("MA07",),
    )


async def test_a_forwarded_claim_waits_for_the_other_835_which_comes_unasked(claims):
    (primary,) = claims.sent
    await claims.answered(remittance("ONE", _forwarded(primary)))
    assert claims.sent == []
    assert claims.only(ClaimHeld).reason == "crossover_awaited"

    unasked = replace(pays(primary, *SECONDARY_PAYS), status="2", payer_claim_id="TWO-5")
    await claims.answered(remittance("TWO", unasked), key=TWO)

    assert claims.only(ClaimAdjudicated).level == "secondary"
    assert await claims.states() == {"own": "adjudicated", "spouses": "adjudicated"}
    await claims.passes(days=60)
    assert (claims.sent, await claims.queue()) == ([], [])


async def test_a_payer_that_forgets_to_forward_is_billed_after_30_days(claims):
    (primary,) = claims.sent
    await claims.answered(remittance("ONE", _forwarded(primary)))

    await claims.passes(days=31)

    (secondary,) = claims.sent
    assert (secondary.payer.id, secondary.responsibility) == ("TWO", "S")


async def test_a_duplicate_denial_after_a_crossover_is_harmless(claims):
    (primary,) = claims.sent
    await claims.answered(remittance("ONE", _forwarded(primary)))
    await claims.passes(days=31)
    (secondary,) = claims.sent
    unasked = replace(pays(primary, *SECONDARY_PAYS), status="2", payer_claim_id="TWO-5")
    denial = pays(secondary, 0, ("OA", "18", 22000), status="4", remarks=("N522",), payer_claim_id="TWO-6")

    await claims.answered(remittance("TWO", denial), remittance("TWO", unasked, trace="TRN-2"), key=TWO)

    assert await claims.states() == {"own": "adjudicated", "spouses": "adjudicated"}
    await claims.passes(days=60)
    assert (claims.sent, await claims.queue()) == ([], [])


async def test_one_signal_of_a_crossover_alone_is_for_a_person(claims):
    (primary,) = claims.sent

    await claims.answered(remittance("ONE", replace(pays(primary, *PRIMARY_PAYS), remarks=("MA07",))))

    assert claims.sent == []
    assert await claims.queue() == ["crossover_in_disagreement"]


async def test_a_claim_passed_on_undecided_is_for_a_person_when_nobody_answers(claims):
    (primary,) = claims.sent
    to = Party("PAYER TWO", id="TWO", id_kind="PI")
    passed_on = replace(pays(primary, 0, ("OA", "B11", 22000), status="23"), crossover_to=to, remarks=("N89",))
    await claims.answered(remittance("ONE", passed_on))
    assert (await claims.states())["own"] == "forwarded"

    await claims.passes(days=31)

    assert "forwarded_unresolved" in await claims.queue()
