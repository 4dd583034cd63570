"""A claim that another payer forwarded: what follows when that payer corrects itself, or was not sure to forward."""

from dataclasses import replace
from datetime import date

from services.claims.app import SERVICE
from shared.events.clients import PlansEntered
from shared.x12.syntax.parties import Party
from tests.services.claims.payer_desk import (
    COMPLETED,
    FACTS,
    PLANS,
    PRIMARY_PAYS,
    SECONDARY_PAYS,
    SPOUSE,
    Claims,
    cleared,
    confirmed,
    payer,
    pays,
    remittance,
    taken_back,
)

TWO = "TWO-1"
CORRECTED = (11000, ("CO", "45", 7000), ("PR", "2", 4000))


def _forwarded(claim, decision=PRIMARY_PAYS):
    to = Party("PAYER TWO", id="TWO", id_kind="PI")
    return replace(pays(claim, *decision), status="19", crossover_to=to, remarks=("MA07",))


def _unasked(claim):
    return replace(pays(claim, *SECONDARY_PAYS), status="2", payer_claim_id="TWO-5")


async def _taken_over(claims: Claims):
    (primary,) = claims.sent
    await claims.answered(remittance("ONE", _forwarded(primary)))
    await claims.answered(remittance("TWO", _unasked(primary)), key=TWO)
    return primary


async def test_a_correction_that_is_not_forwarded_replaces_the_claim_that_was(claims):
    primary = await _taken_over(claims)
    back, now = taken_back(pays(primary, *PRIMARY_PAYS)), pays(primary, *CORRECTED)

    await claims.answered(remittance("ONE", back, now, trace="TRN-9", on=date(2026, 4, 20)))

    (again,) = claims.sent
    assert (again.payer.id, again.frequency, again.original_claim_id) == ("TWO", "7", "TWO-5")
    (before,) = [other for other in again.other_payers if other.responsibility == "P"]
    assert (before.paid_cents, before.patient_responsibility_cents) == (11000, 4000)


async def test_a_correction_said_to_be_forwarded_too_is_waited_for_and_then_replaces_it(claims):
    primary = await _taken_over(claims)
    back = taken_back(pays(primary, *PRIMARY_PAYS))
    await claims.answered(remittance("ONE", back, _forwarded(primary, CORRECTED), trace="TRN-9"))
    assert claims.sent == []

    await claims.passes(days=29)
    assert claims.sent == []
    await claims.passes(days=2)

    (again,) = claims.sent
    assert (again.payer.id, again.frequency, again.original_claim_id) == ("TWO", "7", "TWO-5")


async def test_a_forwarded_correction_that_the_next_payer_has_used_needs_no_replacement(claims):
    primary = await _taken_over(claims)
    back = taken_back(pays(primary, *PRIMARY_PAYS))
    await claims.answered(remittance("ONE", back, _forwarded(primary, CORRECTED), trace="TRN-9"))
    anew = replace(
        pays(primary, 3200, ("OA", "23", 18000), ("PR", "2", 800)), status="2", payer_claim_id="TWO-5", id=primary.id
    )

    await claims.answered(remittance("TWO", taken_back(_unasked(primary)), anew, trace="TRN-10"), key=TWO)
    await claims.passes(days=60)

    assert (claims.sent, await claims.queue()) == ([], [])
    assert await claims.states() == {"own": "corrected", "spouses": "corrected"}


async def test_the_next_payers_decision_answers_whether_the_claim_was_forwarded(claims):
    (primary,) = claims.sent
    await claims.answered(remittance("ONE", replace(pays(primary, *PRIMARY_PAYS), remarks=("MA07",))))
    assert await claims.queue() == ["crossover_in_disagreement"]

    await claims.answered(remittance("TWO", _unasked(primary)), key=TWO)

    assert await claims.queue() == []
    assert await claims.states() == {"own": "adjudicated", "spouses": "adjudicated"}


async def test_an_answer_of_which_the_rest_never_comes_reaches_a_person(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    await claims.receives(*FACTS, confirmed(22000, 3000), cleared(), COMPLETED)
    (primary,) = claims.sent
    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS)))

    await claims.passes(days=22)
    assert await claims.queue() == ["incomplete_unresolved"]

    rest = pays(primary, 2000, ("CO", "45", 500), ("PR", "2", 500), line=1)
    await claims.answered(remittance("ONE", rest, trace="TRN-2"))
    assert await claims.queue() == []


async def test_an_unbalanced_835_is_found_under_the_session_that_it_is_about(claims):
    (primary,) = claims.sent
    await claims.answered(remittance("ONE", pays(primary, 12000, ("CO", "45", 6000), ("PR", "2", 3000))))

    row = await claims.sut.pool.fetchrow(
        "select client_id, session_id, reason, evidence->>'level' as l from work_queue"
    )

    assert tuple(row) == ("c", "SES-1", "remittance_unbalanced", "primary")


THIRD = {"plan_id": "third", "payer_id": "THREE", "member_id": "MTHREE", "subscriber": SPOUSE}
ENTERED = [*(plan.model_dump(mode="json") for plan in PLANS.plans), THIRD]
PAYERS = {"own": "ONE", "spouses": "TWO", "third": "THREE"}


def _order(*plans, **changes):
    """Coverage's decision for these plans, with "-" before one that is not in force."""
    named = [
        {
            "plan_id": plan.lstrip("-"),
            "payer_id": PAYERS[plan.lstrip("-")],
            "level": level,
            "billable": not plan.startswith("-"),
            "reason": "coverage_inactive" if plan.startswith("-") else None,
        }
        for plan, level in zip(plans, ("primary", "secondary", "tertiary"), strict=True)
    ]
    return cleared(plans=named, **changes)


async def _with_three_plans(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    entered = PlansEntered.model_validate({"client_id": "c", "plans": ENTERED})
    order = _order("own", "spouses", "third")
    await claims.receives(*FACTS, entered, payer("THREE"), confirmed(), order, COMPLETED)
    return claims


async def test_the_third_payer_gets_its_claim_after_a_second_that_was_sent_none_by_us(service_under_test):
    claims = await _with_three_plans(service_under_test)

    await _taken_over(claims)

    (sent,) = claims.sent
    assert (sent.payer.id, sent.responsibility, sent.id) == ("THREE", "T", "SES-1-T")
    decided = [(other.payer.id, other.responsibility, other.paid_cents) for other in sent.other_payers]
    assert sorted(decided) == [("ONE", "P", 12000), ("TWO", "S", 2400)]
    assert await claims.queue() == []


async def test_what_was_passed_on_in_an_order_corrected_since_is_replaced(service_under_test):
    claims = await _with_three_plans(service_under_test)
    _, spouses = await claims.secondary_sent()
    to = Party("PAYER THREE", id="THREE", id_kind="PI")
    passed_on = replace(pays(spouses, *SECONDARY_PAYS), status="20", crossover_to=to, remarks=("MA07",))
    await claims.answered(remittance("TWO", passed_on, trace="TRN-2"), key=TWO)
    await claims.receives(_order("spouses", "third", "-own", decision=2))
    now_first = next(claim for claim in claims.sent if claim.payer.id == "TWO")
    anew = pays(now_first, *PRIMARY_PAYS)
    await claims.answered(remittance("TWO", taken_back(passed_on), anew, trace="TRN-3"), key=TWO)
    third = replace(pays(spouses, 480, ("OA", "23", 21400), ("PR", "2", 120)), status="3", payer_claim_id="THREE-9")

    await claims.answered(remittance("THREE", third, trace="TRN-4"), key="THREE-1")

    assert claims.who_is_awaited() == {"third": "being_replaced"}
    (again,) = claims.sent
    assert (again.payer.id, again.responsibility, again.frequency) == ("THREE", "S", "7")
    assert again.original_claim_id == "THREE-9"
