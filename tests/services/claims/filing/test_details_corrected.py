"""What took place is stated anew after claims went: the payers get replacements, and no old figure settles the cost."""

from datetime import date
from typing import Any

import pytest

from shared.events.claims import ClaimSubmitted
from tests.services.claims.payer_desk import (
    COMPLETED,
    PRIMARY_PAYS,
    SECONDARY_PAYS,
    Claims,
    cleared,
    confirmed,
    pays,
    remittance,
    status,
    taken_back,
)


def _shorter(**changes: object):
    lines = [{"procedure": "90834", "modifiers": ["95"], "charge_cents": 17000}]
    return confirmed(lines=lines, **changes)


async def test_a_claim_under_way_is_replaced_once_the_payer_has_given_its_number(claims: Claims):
    (primary,) = claims.sent

    await claims.receives(_shorter())
    assert (claims.sent, claims.who_is_awaited()["own"]) == ([], "being_replaced")

    await claims.answered(status(primary, ("A2", "20", "PR"), number="ONE-ICN"))
    assert claims.only(ClaimSubmitted).frequency == "7"
    (replacement,) = claims.sent
    assert [(line.procedure, line.charge_cents) for line in replacement.lines] == [("90834", 17000)]
    assert replacement.original_claim_id == "ONE-ICN"


async def test_both_payers_get_replacements_one_after_the_other(claims: Claims):
    (primary,) = claims.sent
    paid = pays(primary, *PRIMARY_PAYS)
    await claims.answered(remittance("ONE", paid))
    (secondary,) = claims.sent
    await claims.answered(remittance("TWO", pays(secondary, *SECONDARY_PAYS), trace="TRN-2"), key="TWO-1")

    await claims.receives(_shorter())
    (replacement,) = claims.sent
    assert (replacement.payer.id, replacement.frequency) == ("ONE", "7")
    assert claims.who_is_awaited() == {"own": "being_replaced", "spouses": "being_replaced"}

    anew = pays(replacement, 9000, ("CO", "45", 5000), ("PR", "2", 3000))
    await claims.answered(remittance("ONE", taken_back(paid), anew, trace="TRN-3"))
    (second,) = claims.sent
    assert (second.payer.id, second.frequency, second.charge_cents) == ("TWO", "7", 17000)
    assert claims.who_is_awaited() == {"spouses": "being_replaced"}
    assert await claims.queue() == []


@pytest.mark.parametrize("changes", [{"date_of_service": "2026-03-04"}, {"provider_id": "q"}], ids=str)
async def test_no_replacement_states_a_day_or_provider_that_coverage_has_not_decided_on(claims: Claims, changes: Any):
    (primary,) = claims.sent
    await claims.answered(status(primary, ("A2", "20", "PR"), number="ONE-ICN"))

    await claims.receives(confirmed(**changes))
    assert (claims.sent, claims.who_is_awaited()["own"]) == ([], "being_replaced")

    await claims.receives(confirmed())
    assert [claim.frequency for claim in claims.sent] == ["7"]


async def test_a_decision_on_the_other_day_lets_the_replacement_go(claims: Claims):
    (primary,) = claims.sent
    await claims.answered(status(primary, ("A2", "20", "PR"), number="ONE-ICN"))
    other = date(2026, 3, 4)
    await claims.receives(confirmed(date_of_service=other), COMPLETED.model_copy(update={"date_of_service": other}))
    assert claims.sent == []

    await claims.receives(cleared("own", "spouses", decision=2, date_of_service=other))

    (replacement,) = claims.sent
    assert (replacement.frequency, replacement.lines[0].service_from) == ("7", other)


async def test_the_same_details_again_change_nothing(claims: Claims):
    await claims.receives(confirmed())

    assert (claims.sent, claims.published) == ([], [])
