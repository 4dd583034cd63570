"""One decision a session: cleared, refused, waiting, decided again while it may still change."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from services.coverage.app import SERVICE
from services.coverage.incoming.coordinating_plans import fact_name
from shared.events.claims import ClaimAdjudicated, ClaimSubmitted
from shared.events.clients import FactsStated, PlanFacts, Subscriber
from shared.events.coverage import (
    ClearedPlan,
    CoordinationUndetermined,
    CostShare,
    CoverageReviewRequested,
    OrderCorrected,
    PlansCoordinated,
    SecondaryNotBillable,
    SessionCleared,
    SessionRefused,
)
from shared.events.directory import Span
from shared.events.sessions import SessionCancelled, SessionCompleted
from shared.events.upstream import MessageRefused
from shared.runtime.consume import Consumer
from tests.services.coverage.coverage_events import (
    CLIENT,
    DIRECTORY,
    OWN,
    PROVIDER,
    SPOUSES,
    TODAY,
    WRONG_ORDER,
    credential,
    entered,
    inquiries,
    other,
    payer,
    questioned,
    ready,
    reported,
    session,
)

READY = (CLIENT, WRONG_ORDER, reported(OWN), reported(SPOUSES))


async def test_a_cleared_session_carries_all_that_settlement_and_claims_need(service_under_test: Any):
    sut = await ready(service_under_test, *READY)

    await sut.receives(session())

    assert sut.published == [
        SessionCleared(
            client_id="c1",
            session_id="s1",
            decision=1,
            provider_id="d1",
            date_of_service=TODAY,
            confirmed_on=TODAY,
            state="NY",
            place="10",
            lines=session().lines,
            plans=(
                ClearedPlan(plan_id="own", payer_id="P1", level="primary", billable=True),
                ClearedPlan(plan_id="spouses", payer_id="P2", level="secondary", billable=True),
            ),
            rule="non_dependent_first",
            cost_share=CostShare(coinsurance_percent=20.0, source="MH", confidence="high"),
            secondary_cost_share=CostShare(coinsurance_percent=20.0, source="MH", confidence="high"),
            rate_payer_id="P1",
        )
    ]


@pytest.mark.parametrize(
    ("directory", "reason"),
    [
        ((payer("P2", in_network=()),), "secondary_out_of_network"),
        (
            (payer("P2", in_network=(Span(from_day=date(2020, 1, 1), to_day=date(2026, 3, 1)),)),),
            "secondary_out_of_network",
        ),
        ((credential("P2", to_day=date(2026, 3, 1)),), "provider_not_credentialed"),
        ((reported(SPOUSES, status="inactive"),), "coverage_inactive"),
    ],
    ids=["never in network", "network ended", "credential ended", "coverage ended"],
)
async def test_care_goes_on_without_a_secondary_that_cannot_be_billed_and_the_client_is_told_once(
    service_under_test: Any, directory: tuple[Any, ...], reason: str
):
    sut = await ready(service_under_test, *READY, *directory)

    await sut.receives(session(), session(2))

    first = sut.all(SessionCleared)[0]
    assert [(plan.plan_id, plan.billable, plan.reason) for plan in first.plans] == [
        ("own", True, None),
        ("spouses", False, reason),
    ]
    told = sut.only(SecondaryNotBillable)
    assert (told.session_id, told.plan_id, told.payer_name, told.reason) == ("s1", "spouses", "Plan Two", reason)
    assert told.primary_payer_id == "P1"


@pytest.mark.parametrize(
    ("facts", "reason", "detail"),
    [
        ((payer("P1", in_network=()),), "primary_not_billable", "primary_out_of_network"),
        ((credential("P1", to_day=date(2026, 3, 1)),), "primary_not_billable", "provider_not_credentialed"),
        (
            (reported(OWN, status="inactive"), reported(SPOUSES, status="inactive")),
            "no_active_plan",
            "coverage_inactive",
        ),
        ((entered(),), "no_active_plan", "The client has entered no plan."),
    ],
    ids=["out of network", "not credentialed", "no cover", "no plan"],
)
async def test_a_session_whose_primary_cannot_be_billed_is_refused_with_the_reason(
    service_under_test: Any, facts: tuple[Any, ...], reason: str, detail: str
):
    sut = await ready(service_under_test, *READY, *facts)

    await sut.receives(session())

    refused = sut.only(SessionRefused)
    assert (refused.reason, refused.detail, refused.session_id) == (reason, detail, "s1")
    await sut.receives(session())
    assert sut.published == []


async def test_a_refused_session_is_cleared_when_it_is_confirmed_again_and_nothing_is_in_the_way(
    service_under_test: Any,
):
    sut = await ready(service_under_test, *READY, payer("P1", in_network=()))
    await sut.given(session(), payer("P1"))

    await sut.receives(session())

    assert sut.only(SessionCleared).decision == 2


async def test_a_session_waits_for_its_directory_and_goes_on_by_itself(service_under_test: Any):
    sut = await service_under_test(SERVICE)
    await sut.given(*READY)
    await sut.receives(session())
    assert sut.published == []

    await sut.receives(*DIRECTORY)
    assert sut.all(SessionCleared) == []
    await sut.passes(seconds=5)

    assert sut.only(SessionCleared).decision == 1


async def test_what_never_comes_counts_as_not_there_after_a_day(service_under_test: Any):
    sut = await service_under_test(SERVICE)
    await sut.given(*(fact for fact in DIRECTORY if fact is not PROVIDER))
    await sut.receives(session())
    assert sut.published == []

    await sut.passes(hours=26)

    assert sut.only(SessionRefused).reason == "no_active_plan"


async def test_a_changed_coverage_gives_a_new_decision_and_the_primary_that_has_adjudicated_stays(
    service_under_test: Any,
):
    sut = await ready(service_under_test, *READY, session())

    await sut.receives(reported(SPOUSES, trace="T2", status="inactive"))
    again = sut.only(SessionCleared)
    assert (again.decision, again.plans[1].reason) == (2, "coverage_inactive")

    await sut.given(adjudicated())
    await sut.receives(reported(OWN, trace="T3", status="inactive"))
    assert sut.all(SessionCleared) == []


def adjudicated(**more: Any) -> ClaimAdjudicated:
    known: dict[str, Any] = {
        "client_id": "c1",
        "session_id": "s1",
        "control": "C1-P",
        "level": "primary",
        "plan_id": "own",
        "payer_id": "P1",
        "adjudication_id": "a1",
        "claim_status": "1",
        "adjudicated_on": TODAY,
        "charge_cents": 22000,
        "paid_cents": 12000,
        "patient_responsibility_cents": 3000,
    }
    return ClaimAdjudicated(**{**known, **more})


def submitted(plan_id: str, payer_id: str) -> ClaimSubmitted:
    return ClaimSubmitted(
        client_id="c1",
        session_id="s1",
        control="C1-P",
        level="primary",
        plan_id=plan_id,
        payer_id=payer_id,
        charge_cents=22000,
        date_of_service=TODAY,
        submitted_on=TODAY,
    )


async def test_claims_sent_in_an_order_that_was_wrong_are_listed_for_correction(service_under_test: Any):
    both_own = OWN.model_copy(update={"plan_id": "second", "payer_id": "P2", "member_id": "Z"})
    stated = FactsStated(
        client_id="c1",
        plans={
            "own": PlanFacts(employment="active", covered_from=date(2020, 1, 1)),
            "second": PlanFacts(employment="active", covered_from=date(2022, 1, 1)),
        },
    )
    sut = await ready(service_under_test, CLIENT, entered(OWN, both_own), stated)
    await sut.given(reported(OWN), reported(both_own), session(), submitted("own", "P1"))

    retired = FactsStated(client_id="c1", plans={"own": PlanFacts(employment="retired")})
    await sut.receives(retired)

    assert sut.only(PlansCoordinated).order == ("second", "own")
    assert sut.only(PlansCoordinated).replaced == ("own", "second")
    corrected = sut.only(OrderCorrected)
    assert (corrected.sessions, corrected.order, corrected.rule) == (("s1",), ("second", "own"), "active_first")
    assert sut.only(SessionCleared).decision == 2


async def test_an_undetermined_order_asks_one_question_and_sessions_go_on_marked(service_under_test: Any):
    second = OWN.model_copy(update={"plan_id": "second", "payer_id": "P2", "member_id": "Z"})
    sut = await ready(service_under_test, CLIENT, entered(second, OWN), reported(OWN))

    await sut.receives(reported(second), session())

    asked = sut.only(CoordinationUndetermined)
    assert (asked.missing, asked.fallback, asked.about) == ("employment", ("second", "own"), ("own",))
    assert asked.question.startswith("Does Plan One come from a job")
    cleared = sut.only(SessionCleared)
    assert (cleared.marked, cleared.plans[0].plan_id, cleared.rule) == ("order_undetermined", "second", "as_entered")

    answer = FactsStated(
        client_id="c1",
        plans={
            "own": PlanFacts(employment="active"),
            "second": PlanFacts(employment="cobra"),
        },
    )
    await sut.receives(answer)

    assert sut.only(PlansCoordinated).order == ("own", "second")
    settled = sut.only(SessionCleared)
    assert (settled.marked, settled.decision, settled.plans[0].plan_id) == (None, 2, "own")


async def test_a_cleared_session_that_nobody_can_be_billed_for_goes_to_a_person_once(service_under_test: Any):
    sut = await ready(service_under_test, *READY, session())
    gone = (reported(OWN, trace="T2", status="inactive"), reported(SPOUSES, trace="T3", status="inactive"))

    await sut.receives(*gone, reported(OWN, trace="T4", status="inactive"))

    assert (sut.only(CoverageReviewRequested).reason, sut.all(SessionRefused)) == ("cleared_session_not_billable", [])


async def test_a_cancelled_session_is_not_decided_even_where_its_confirmation_comes_later(service_under_test: Any):
    sut = await ready(service_under_test, *READY)

    await sut.receives(SessionCancelled(client_id="c1", session_id="s1"), session())
    assert [type(event) for event in sut.published] == [MessageRefused]


async def test_a_completion_before_the_confirmation_is_kept(service_under_test: Any):
    sut = await ready(service_under_test, *READY)

    await sut.receives(SessionCompleted(client_id="c1", session_id="s1", date_of_service=TODAY), session())

    assert sut.only(SessionCleared).session_id == "s1"
    assert await sut.pool.fetchval("select completed from session")


async def test_a_session_long_ago_is_asked_about_by_its_own_date(service_under_test: Any):
    sut = await ready(service_under_test, *READY)
    then = TODAY - timedelta(days=90)

    await sut.receives(session(on=then))

    assert ([inquiry.on for inquiry in inquiries(sut)], sut.published) == ([then, then], [])
    await sut.receives(reported(OWN, on=then), reported(SPOUSES, on=then, status="inactive"))
    assert [plan.reason for plan in sut.only(SessionCleared).plans] == [None, "coverage_inactive"]


async def test_a_payers_word_that_another_plan_is_first_asks_all_payers_again(service_under_test: Any):
    sut = await ready(service_under_test, *READY, session(), submitted("own", "P1"))

    await sut.receives(questioned(answer="other_plan_first", codes=("N36",)))

    assert len(inquiries(sut)) == 2
    assert sut.published == []
    await sut.receives(
        reported(OWN, trace="T2", other_payers=(other("primary", "Plan Two"),)),
        reported(SPOUSES, trace="T3", other_payers=(other("secondary", "Plan One"),)),
    )
    assert sut.only(PlansCoordinated).order == ("spouses", "own")
    assert sut.only(PlansCoordinated).rule == "payers_agree"
    assert sut.only(OrderCorrected).sessions == ("s1",)


async def test_two_replicas_that_each_learn_half_of_the_facts_decide_once(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, WRONG_ORDER, reported(OWN))
    replicas = [Consumer(SERVICE, sut.pool, attempts=2, wake=lambda: None) for _ in range(2)]
    halves = [sut.message(session()), sut.message(reported(SPOUSES))]

    await asyncio.gather(*(replica.batch([half]) for replica, half in zip(replicas, halves, strict=True)))
    await sut.collect()

    assert sut.only(SessionCleared).decision == 1


async def test_a_subscriber_by_mistake_is_put_right_by_the_payer(service_under_test: Any):
    mistaken = SPOUSES.model_copy(update={"subscriber": Subscriber(relation="self")})
    sut = await ready(service_under_test, CLIENT, entered(mistaken, OWN), reported(OWN))

    await sut.receives(reported(mistaken, relation="dependent"))

    assert sut.only(PlansCoordinated).order == ("own", "spouses")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("plans.B.subscriber.birth_date", "birth_date"),
        ("plans.A.covered_from, plans.B.covered_from", "covered_from"),
        ("plans.A.subscriber.covered_from, plans.B.subscriber.covered_from", "subscriber_covered_from"),
        ("family.parents", "parents"),
    ],
)
def test_a_missing_fact_goes_by_one_name(path: str, name: str):
    assert fact_name(path) == name
