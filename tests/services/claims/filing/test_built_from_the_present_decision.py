"""The next payer's claim is built from coverage's present decision, not from what the payer before was sent."""

from dataclasses import replace
from typing import Any

from services.claims.app import SERVICE
from services.claims.commands import resend
from shared.events.claims import DeadlineNear
from shared.events.clients import ClientChanged, ClientRegistered, PlansEntered
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
    paused,
    payer,
    pays,
    remittance,
)


def _plan(plan_id: str, payer_id: str, **changes: Any) -> dict[str, Any]:
    return {"plan_id": plan_id, "payer_id": payer_id, "level": "primary", "billable": True, "reason": None, **changes}


THIRD = PlansEntered.model_validate(
    {
        "client_id": "c",
        "plans": [
            *(plan.model_dump(mode="json") for plan in PLANS.plans),
            {"plan_id": "third", "payer_id": "THREE", "member_id": "MTHREE", "subscriber": SPOUSE},
        ],
    }
)


async def test_a_plan_added_between_claim_and_answer_is_billed(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    await claims.receives(*FACTS, confirmed(), cleared("own"), COMPLETED)
    (primary,) = claims.sent
    await claims.receives(cleared("own", "spouses", decision=2))

    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS)))

    (secondary,) = claims.sent
    assert (secondary.payer.id, secondary.responsibility) == ("TWO", "S")
    assert [(other.payer.id, other.paid_cents) for other in secondary.other_payers] == [("ONE", 12000)]


async def test_a_plan_that_becomes_billable_after_the_answer_is_billed(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    await claims.receives(*FACTS, confirmed(), cleared("own", "-spouses"), COMPLETED)
    (primary,) = claims.sent
    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS)))
    assert claims.sent == []

    await claims.receives(cleared("own", "spouses", decision=2))

    assert [claim.payer.id for claim in claims.sent] == ["TWO"]


PASSED_OVER = [
    _plan("own", "ONE"),
    _plan("spouses", "TWO", level="secondary", billable=False, reason="secondary_out_of_network"),
    _plan("third", "THREE", level="tertiary"),
]


async def test_a_plan_passed_over_is_named_and_the_next_keeps_its_place(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    await claims.receives(*FACTS, THIRD, payer("THREE"), confirmed(), cleared(plans=PASSED_OVER), COMPLETED)
    (primary,) = claims.sent
    assert [other.responsibility for other in primary.other_payers] == ["S", "T"]

    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS)))

    (tertiary,) = claims.sent
    assert (tertiary.payer.id, tertiary.responsibility) == ("THREE", "T")
    passed_over = tertiary.other_payers[1]
    assert (passed_over.payer.id, passed_over.noncovered_cents, passed_over.paid_cents) == ("TWO", 22000, None)
    assert await claims.queue() == []

    answer = pays(tertiary, *SECONDARY_PAYS, status="3")
    await claims.answered(remittance("THREE", answer, trace="TRN-2"), key="THREE-1")
    assert (claims.sent, claims.who_is_awaited()) == ([], {})


async def test_a_claim_after_a_plan_passed_over_is_sent_again_with_the_decision_before(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    await claims.receives(*FACTS, THIRD, payer("THREE"), confirmed(), cleared(plans=PASSED_OVER), COMPLETED)
    await claims.answered(remittance("ONE", pays(claims.sent[0], *PRIMARY_PAYS)))
    (tertiary,) = claims.sent

    async with claims.sut.pool.acquire() as connection:
        await resend.resend(connection, "SES-1/tertiary", "the payer has no trace of it")
    await claims.after_a_command()

    assert claims.sent == [replace(tertiary, id="SES-1-T2")]


async def test_the_filing_window_after_a_plan_passed_over_opens_with_the_decision_before(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    third = payer("THREE", secondary_filing_limit_days=30)
    await claims.receives(*FACTS, THIRD, third, confirmed(), cleared(plans=PASSED_OVER), COMPLETED)
    (primary,) = claims.sent
    await claims.receives(paused())

    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS)))
    await claims.passes(days=28)

    assert [(event.level, event.days_left) for event in claims.all(DeadlineNear)] == [("tertiary", 30)]


async def test_medicare_as_second_payer_is_told_why_it_is_not_first(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    medicare = payer("TWO", filing_indicator="MB", kind="medicare")
    plans = [_plan("own", "ONE"), _plan("spouses", "TWO", level="secondary", medicare_secondary_reason="12")]
    await claims.receives(*FACTS, medicare, confirmed(), cleared(plans=plans), COMPLETED)
    (primary,) = claims.sent

    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS)))

    (secondary,) = claims.sent
    assert (secondary.filing_indicator, secondary.medicare_secondary_reason) == ("MB", "12")
    assert await claims.queue() == []


async def test_a_name_and_birth_date_corrected_since_the_first_claim_are_on_the_next(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    await claims.receives(*FACTS, confirmed(), cleared("own", "spouses"), COMPLETED)
    (primary,) = claims.sent
    details = next(fact for fact in FACTS if isinstance(fact, ClientRegistered)).model_dump()
    await claims.receives(ClientChanged.model_validate({**details, "last_name": "Smith", "birth_date": "1988-05-14"}))

    await claims.answered(remittance("ONE", pays(primary, *PRIMARY_PAYS)))

    (secondary,) = claims.sent
    assert secondary.patient is not None
    assert (secondary.patient.last_name, str(secondary.patient.birth_date)) == ("Smith", "1988-05-14")
