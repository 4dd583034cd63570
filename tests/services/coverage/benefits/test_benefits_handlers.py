"""Benefits: plans entered lead to 270s, 271s to the order of benefits, whatever comes first."""

import itertools
from dataclasses import replace
from typing import Any

import pytest

from services.coverage.app import SERVICE
from shared.events.clients import ClientChanged, PlansEntered
from shared.events.coverage import (
    BenefitsReported,
    CostShare,
    CoverageReviewRequested,
    PlansCoordinated,
    PlanUnentered,
    Rejection,
    SessionCleared,
)
from shared.x12.benefits_271.benefits import Rejection as Aaa
from tests.services.coverage.coverage_events import (
    CLIENT,
    DIRECTORY,
    OWN,
    SPOUSES,
    TODAY,
    WRONG_ORDER,
    answer_271,
    entered,
    inquiries,
    names_other,
    other,
    ready,
    reported,
    session,
)


async def test_each_entered_plan_is_asked_about_and_its_271_becomes_a_fact(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT)

    await sut.receives(WRONG_ORDER)

    asked = {inquiry.payer.id: inquiry for inquiry in inquiries(sut)}
    assert (asked["P1"].subscriber.member_id, asked["P1"].dependent, asked["P1"].on) == ("A1", None, TODAY)
    assert asked["P2"].dependent is not None
    assert (asked["P2"].subscriber.person.first_name, asked["P2"].relation) == ("Alex", "01")

    await sut.receives_interchange(answer_271(asked["P2"], names_other("PRP", "Plan One"), at=sut.clock.now))

    fact = sut.only(BenefitsReported)
    assert (fact.plan_id, fact.status, fact.relation, fact.own_role) == ("spouses", "active", "dependent", "secondary")
    assert fact.cost_share == CostShare(coinsurance_percent=20.0, source="MH", confidence="high")


async def test_a_secondary_entered_first_is_moved_to_second_place(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, WRONG_ORDER)

    await sut.receives(reported(OWN), reported(SPOUSES, other_payers=(other("primary", "Plan One"),)))

    told = sut.only(PlansCoordinated)
    assert (told.order, told.entered_order, told.reordered) == (("own", "spouses"), ("spouses", "own"), True)
    assert (told.rule, told.from_day, told.replaced) == ("non_dependent_first", TODAY, None)
    assert "spouses: its payer says secondary" in told.sources


async def test_an_answer_to_no_question_of_ours_is_kept_for_a_person(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT)
    await sut.receives(entered(OWN))
    (asked,) = inquiries(sut)
    value = answer_271(asked, at=sut.clock.now).replace(asked.trace.encode(), b"NOT-OURS")

    await sut.receives_interchange(value)

    assert sut.published == []
    assert await sut.pool.fetchval("select trace from unmatched_answer") == "NOT-OURS"


async def test_facts_in_any_order_end_in_one_clearance(service_under_test: Any):
    facts = (CLIENT, WRONG_ORDER, session())
    for arrangement in itertools.permutations(facts):
        sut = await service_under_test(SERVICE)
        await sut.given(*DIRECTORY)
        await sut.receives(*arrangement)
        assert sut.all(SessionCleared) == []
        await sut.receives(reported(OWN), reported(SPOUSES))
        cleared = sut.only(SessionCleared)
        assert [(plan.plan_id, plan.level, plan.billable) for plan in cleared.plans] == [
            ("own", "primary", True),
            ("spouses", "secondary", True),
        ]


async def test_repeated_facts_change_nothing(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, WRONG_ORDER, reported(OWN), reported(SPOUSES), session())

    await sut.receives(*DIRECTORY, CLIENT, WRONG_ORDER, reported(OWN), reported(SPOUSES), session())

    assert (sut.published, sut.interchanges, sut.dead) == ([], [], [])


@pytest.mark.parametrize(
    ("code", "follow_up", "asked_again"),
    [("42", "R", True), ("80", "P", True), ("42", "N", False), ("72", "C", False), ("75", "R", False)],
    ids=["cannot respond", "no response", "must not", "wrong id", "not found"],
)
async def test_only_a_payer_that_could_not_respond_is_asked_again(
    service_under_test: Any, code: str, follow_up: str, asked_again: bool
):
    sut = await ready(service_under_test, CLIENT)
    await sut.receives(entered(OWN))
    (asked,) = inquiries(sut)
    await sut.receives_interchange(answer_271(asked, at=sut.clock.now, benefits=(), rejections=(Aaa(code, follow_up),)))
    fact = sut.only(BenefitsReported)
    assert (fact.status, fact.rejections) == ("unknown", (Rejection(code=code, follow_up=follow_up),))

    await sut.receives(fact)
    coordinated = bool(sut.all(PlansCoordinated))
    await sut.passes(minutes=3)

    assert (len(inquiries(sut)) == 1, coordinated) == (asked_again, not asked_again)


async def test_a_silent_payer_leaves_the_plan_unknown_and_care_goes_on(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, WRONG_ORDER, reported(OWN), session())

    await sut.passes(hours=25)

    cleared = sut.only(SessionCleared)
    assert [(plan.plan_id, plan.billable) for plan in cleared.plans] == [("own", True), ("spouses", True)]
    assert cleared.secondary_cost_share == CostShare()


async def test_a_changed_name_asks_the_payers_again_and_a_changed_address_does_not(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, WRONG_ORDER, reported(OWN), reported(SPOUSES))
    details = CLIENT.model_dump()

    await sut.receives(ClientChanged(**{**details, "email": "new@example.test"}))
    assert sut.interchanges == []
    await sut.receives(ClientChanged(**{**details, "last_name": "Roe"}))
    assert len(inquiries(sut)) == 2


async def test_a_new_card_is_asked_about_and_what_its_former_card_was_said_to_be_is_forgotten(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, WRONG_ORDER, reported(OWN), reported(SPOUSES))

    await sut.receives(entered(OWN, SPOUSES.model_copy(update={"member_id": "B3"})))

    assert [inquiry.subscriber.member_id for inquiry in inquiries(sut)] == ["B3"]
    assert sut.published == []


async def test_a_plan_entered_twice_is_refused_with_what_to_correct(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT)
    twice = PlansEntered(client_id="c1", plans=(OWN, OWN.model_copy(update={"plan_id": "again"})))

    await sut.receives(twice)

    review = sut.only(CoverageReviewRequested)
    assert (review.reason, "enter it once" in review.evidence) == ("plan_entered_twice", True)
    assert sut.interchanges == []


async def test_a_plan_that_an_insurer_names_and_nobody_entered_is_asked_for_once(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, entered(OWN))
    unknown = other("primary", "Plan Nine", payer_id="P9")

    await sut.receives(reported(OWN, other_payers=(unknown,)), session())
    told = sut.only(PlanUnentered)
    assert (told.named_by, told.payer_id, told.role, told.name) == ("P1", "P9", "primary", "Plan Nine")
    assert sut.only(SessionCleared).marked == "plan_not_entered"

    await sut.receives(reported(OWN, trace="T2", other_payers=(unknown,)))
    assert sut.published == []


async def test_a_member_id_tells_which_plan_is_meant_and_is_not_in_the_event(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT)
    await sut.receives(WRONG_ORDER)
    asked = {inquiry.payer.id: inquiry for inquiry in inquiries(sut)}
    nameless = replace(names_other("PRP", "An Administrator"), references=(("1W", "A1"),))
    await sut.receives_interchange(answer_271(asked["P2"], nameless, at=sut.clock.now))
    fact = sut.only(BenefitsReported)
    assert [(named.name, named.member_id) for named in fact.other_payers] == [("An Administrator", None)]

    await sut.receives(fact, reported(OWN))

    assert sut.only(PlansCoordinated).order == ("own", "spouses")
    assert sut.none(PlanUnentered)


async def test_no_diagnosis_is_kept_and_another_one_decides_nothing_anew(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, WRONG_ORDER, reported(OWN), reported(SPOUSES))
    confirmed = session()
    await sut.receives(confirmed)
    sut.only(SessionCleared)

    await sut.receives(confirmed.model_copy(update={"diagnoses": ("F329",)}))

    assert sut.published == []
    kept = await sut.pool.fetch("select to_jsonb(session)::text as row from session")
    assert not any(code in row["row"] for row in kept for code in (*confirmed.diagnoses, "F329"))
