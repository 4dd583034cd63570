"""What becomes of claims already sent when the order of plans or the session changes; on the real database."""

from dataclasses import replace

import pytest

from services.claims.app import SERVICE
from shared.events.claims import (
    ClaimAdjudicated,
    ClaimCancelled,
    ClaimReversed,
    ClaimsReviewRequested,
    SecondaryWithheld,
)
from shared.events.sessions import SessionCancelled
from tests.services.claims.payer_desk import (
    COMPLETED,
    FACTS,
    PLANS,
    PRIMARY_PAYS,
    SECONDARY_PAYS,
    WHOSE,
    Claims,
    cleared,
    confirmed,
    pays,
    remittance,
    status,
    syntax,
    taken_back,
)

CANCELLED = SessionCancelled.model_validate(WHOSE)
ACCEPTED = ("A2", "20", "PR")


async def test_a_claim_that_its_payer_had_adjudicated_is_replaced_in_its_new_place(claims):
    (own,) = claims.sent
    first = pays(own, *PRIMARY_PAYS)
    await claims.answered(remittance("ONE", first))
    (spouses,) = claims.sent
    denial = pays(spouses, 0, ("CO", "22", 22000), status="4")
    await claims.answered(remittance("TWO", denial), key="TWO-1")

    await claims.receives(cleared("spouses", "own", decision=2))
    (now_first,) = claims.sent
    assert (now_first.payer.id, now_first.responsibility, now_first.frequency) == ("TWO", "P", "7")
    assert now_first.original_claim_id == "TWO-ICN"

    await claims.answered(remittance("TWO", pays(now_first, *PRIMARY_PAYS), trace="TRN-2"), key="TWO-2")
    (now_second,) = claims.sent
    assert (now_second.payer.id, now_second.responsibility, now_second.frequency) == ("ONE", "S", "7")

    correction = pays(now_second, *SECONDARY_PAYS)
    await claims.answered(remittance("ONE", taken_back(first), correction, trace="TRN-3"))
    assert (claims.only(ClaimReversed).level, claims.only(ClaimAdjudicated).level) == ("secondary", "secondary")
    assert await claims.states() == {"spouses": "adjudicated", "own": "corrected"}
    assert await claims.queue() == []


async def test_a_late_answer_to_a_claim_sent_in_the_old_order_still_finds_it(claims):
    (own,) = claims.sent
    await claims.receives(cleared("spouses", "own", decision=2))

    await claims.answered(status(own, ACCEPTED, number="ONE-1"))

    assert await claims.states() == {"spouses": "submitted", "own": "acknowledged"}
    rows = await claims.sut.pool.fetch("select role, after from history where role = 2 order by number")
    assert [row["after"] for row in rows][-1] == "acknowledged"


async def test_every_number_is_used_once_whatever_the_order(claims):
    await claims.answered(syntax(claims.values[0], "R"))
    await claims.receives(cleared("spouses", "own", decision=2))
    await claims.receives(cleared("own", "spouses", decision=3))

    rows = await claims.sut.pool.fetch("select control, count(*) from control_numbers group by control")
    assert {row["count"] for row in rows} == {1}
    assert len(rows) >= 3


async def test_a_plan_that_pays_no_longer_is_voided_once_its_payer_has_numbered_the_claim(claims):
    (own,) = claims.sent
    await claims.receives(cleared("spouses", decision=2))
    (spouses,) = claims.sent
    assert (spouses.payer.id, spouses.responsibility) == ("TWO", "P")

    await claims.answered(status(own, ACCEPTED, number="ONE-1"))

    (voided,) = claims.sent
    assert (voided.payer.id, voided.frequency, voided.original_claim_id) == ("ONE", "8", "ONE-1")
    assert claims.all(ClaimCancelled) == []
    assert await claims.states() == {"spouses": "submitted", "own": "voided"}


async def test_a_plan_that_takes_the_place_of_another_does_not_take_its_control_number(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    await claims.receives(*FACTS, confirmed(), cleared("own"), COMPLETED)
    (own,) = claims.sent
    await claims.receives(cleared("spouses", decision=2))
    (spouses,) = claims.sent

    assert (own.id[-2:], spouses.id) == ("-P", f"{own.id}2")

    await claims.answered(status(own, ACCEPTED, number="ONE-1"))
    await claims.answered(remittance("TWO", pays(spouses, *PRIMARY_PAYS)))
    assert await claims.states() == {"spouses": "adjudicated", "own": "voided"}
    rows = await claims.sut.pool.fetch("select control, role from control_numbers order by control")
    assert [tuple(row) for row in rows] == [(own.id, 2), (spouses.id, 1), (f"{own.id}3", 2)]


async def test_a_payer_that_never_gives_its_number_is_for_a_person(claims):
    await claims.receives(cleared("spouses", decision=2))

    await claims.passes(days=15)

    assert "number_unresolved" in await claims.queue()


async def test_a_cancelled_session_drops_what_was_not_sent_and_voids_what_was(claims):
    (own,) = claims.sent
    await claims.answered(status(own, ACCEPTED, number="ONE-1"))

    await claims.receives(CANCELLED)

    (voided,) = claims.sent
    assert (voided.id, voided.frequency, voided.original_claim_id) == ("SES-1-P2", "8", "ONE-1")
    assert {(cancelled.level, cancelled.voided) for cancelled in claims.all(ClaimCancelled)} == {
        ("primary", True),
        ("secondary", False),
    }
    assert await claims.states() == {"own": "voided", "spouses": "withheld"}


async def test_a_cancelled_session_that_was_paid_waits_for_the_take_back(claims):
    (own,) = claims.sent
    paid = pays(own, *PRIMARY_PAYS)
    await claims.answered(remittance("ONE", paid))
    await claims.receives(CANCELLED)
    await claims.passes(days=61)
    assert "take_back_unresolved" in await claims.queue()

    await claims.answered(remittance("ONE", taken_back(paid), trace="TRN-2"))
    assert claims.only(ClaimReversed).reverses is not None
    assert (await claims.states())["own"] == "voided"


async def test_a_session_cancelled_before_its_claims_went_sends_nothing(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    await claims.receives(*FACTS, confirmed(), cleared(), CANCELLED, COMPLETED)

    assert claims.sent == []
    assert set((await claims.states()).values()) == {"withheld"}


async def test_cancelling_twice_changes_nothing(claims):
    (own,) = claims.sent
    await claims.answered(status(own, ACCEPTED, number="ONE-1"))
    await claims.receives(CANCELLED)

    await claims.receives(CANCELLED)

    assert (claims.published, claims.sent) == ([], [])


def order(*plans):
    return [
        {"plan_id": plan.lstrip("-"), "payer_id": "ONE", "level": "tertiary", "billable": not plan.startswith("-")}
        | ({"reason": "coverage_inactive"} if plan.startswith("-") else {})
        for plan in plans
    ]


async def test_a_claim_that_was_fourth_for_a_while_comes_back_to_its_place(claims):
    (own,) = claims.sent
    await claims.receives(cleared(plans=order("new", "spouses", "third", "own"), decision=2))
    assert await claims.queue() == ["too_many_payers"]

    await claims.receives(cleared(plans=order("own", "spouses", "third", "new"), decision=3))

    await claims.answered(status(own, ACCEPTED, number="ONE-1"))
    assert (await claims.states())["own"] == "acknowledged"
    levels = await claims.sut.pool.fetch("select role from claims where plan_id = 'own'")
    assert [row["role"] for row in levels] == [1]
    assert claims.sut.dead == []


async def test_an_answer_to_a_claim_in_the_fourth_place_is_told_to_a_person_of_that_session(claims):
    (own,) = claims.sent
    await claims.receives(cleared(plans=order("new", "spouses", "third", "own"), decision=2))

    await claims.answered(remittance("ONE", pays(own, *PRIMARY_PAYS)))

    told = claims.only(ClaimsReviewRequested)
    assert (told.client_id, told.session_id, told.reason) == ("c", "SES-1", "unmatched_fourth_payer")


async def test_an_answer_whose_plan_came_to_the_fourth_place_before_it_was_posted_is_told_likewise(claims):
    (own,) = claims.sent
    facts = await claims.matched(remittance("ONE", pays(own, *PRIMARY_PAYS)))
    await claims.receives(cleared(plans=order("new", "spouses", "third", "own"), decision=2))

    await claims.receives(*facts)

    assert claims.only(ClaimsReviewRequested).reason == "unmatched_fourth_payer"
    await claims.receives(cleared(plans=order("own", "spouses", "third", "new"), decision=3))
    assert claims.only(ClaimAdjudicated).plan_id == "own"


async def test_an_answer_that_came_in_the_fourth_place_is_posted_once_its_plan_is_first_again(claims):
    (own,) = claims.sent
    await claims.receives(cleared(plans=order("new", "spouses", "third", "own"), decision=2))
    paid = pays(own, *PRIMARY_PAYS)
    await claims.answered(remittance("ONE", paid))
    await claims.answered(remittance("ONE", taken_back(paid), trace="TRN-2"))
    await claims.answered(remittance("ONE", replace(paid, payer_claim_id="ONE-2"), trace="TRN-3"))

    await claims.receives(cleared("own", "spouses", decision=3))

    assert [said.payer_claim_id for said in claims.all(ClaimAdjudicated)] == ["ONE-ICN", "ONE-2"]
    assert [said.payer_claim_id for said in claims.all(ClaimReversed)] == ["ONE-ICN"]
    assert (await claims.states())["own"] == "corrected"
    assert await claims.queue() == ["too_many_payers"]


async def test_what_a_payer_answered_in_another_place_is_not_replaced_before_the_new_first_payer_has_a_claim(claims):
    _primary, secondary = await claims.secondary_sent()
    paid, *adjustments = SECONDARY_PAYS
    in_another_place = pays(secondary, paid, *adjustments, status="1")
    await claims.answered(remittance("TWO", in_another_place, trace="TRN-2"), key="TWO-1")

    new, spouses, own = order("new", "spouses", "own")
    entered = PLANS.model_copy(update={"plans": (*PLANS.plans, PLANS.plans[0].model_copy(update={"plan_id": "new"}))})
    decided = cleared(plans=[new, spouses | {"payer_id": "TWO"}, own], decision=2)
    await claims.receives(entered, decided)

    assert [claim.payer.id for claim in claims.sent] == ["ONE"]


@pytest.mark.parametrize(
    ("plans", "reason"),
    [
        (("own", "spouses", "third", "-new"), "coverage_inactive"),
        (("own", "spouses", "third", "new"), "too_many_payers"),
        (("own", "spouses", "third"), "order_corrected"),
    ],
)
async def test_a_held_claim_that_comes_to_the_fourth_place_is_not_to_be_sent(claims, plans, reason):
    undetermined = cleared(plans=order("new", "own", "spouses"), decision=2, marked="order_undetermined")
    await claims.receives(undetermined)
    assert (await claims.states())["new"] == "held"

    await claims.receives(cleared(plans=order(*plans), decision=3))

    assert (await claims.states())["new"] == "withheld"
    said = claims.only(SecondaryWithheld)
    assert (said.plan_id, said.reason) == ("new", reason)


async def test_a_claim_that_was_not_to_be_sent_in_the_fourth_place_goes_once_it_is_first(claims):
    await claims.receives(cleared(plans=order("new", "own", "spouses"), decision=2, marked="order_undetermined"))
    await claims.receives(cleared(plans=order("own", "third", "new", "spouses"), decision=3))
    assert (await claims.states())["spouses"] == "withheld"

    await claims.receives(cleared("spouses", "own", decision=4))

    (spouses,) = claims.sent
    assert (spouses.payer.id, spouses.responsibility) == ("TWO", "P")


async def test_a_fourth_payer_is_billed_by_a_person_where_the_third_leaves_something(claims):
    _primary, secondary = await claims.secondary_sent()
    four = [
        {**plan, "payer_id": payer}
        for plan, payer in zip(order("own", "spouses", "third", "new"), ("ONE", "TWO", "THREE", "FOUR"), strict=True)
    ]
    four[2] |= {"billable": False, "reason": "coverage_inactive"}
    await claims.receives(cleared(plans=four, decision=2))
    assert await claims.queue() == []

    await claims.answered(remittance("TWO", pays(secondary, *SECONDARY_PAYS), trace="TRN-2"), key="TWO-1")

    assert await claims.queue() == ["too_many_payers"]
    withheld = {said.plan_id: said.reason for said in claims.all(SecondaryWithheld)}
    assert withheld == {"new": "too_many_payers"}
