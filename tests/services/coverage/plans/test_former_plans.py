"""Plans that a later list left out: the order of a past date stays, since order is per date of service."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.coverage.plans.eligibility import Benefits, Client, FormerPlan
from services.coverage.plans.former_plans import may_count_on, plans_on, with_list
from shared.events.claims import ClaimSubmitted
from shared.events.clients import EnteredPlan, Subscriber
from shared.events.coverage import (
    BenefitsReported,
    CoverageReviewRequested,
    OrderCorrected,
    PlansCoordinated,
    Rejection,
    SessionCleared,
)
from shared.events.sessions import SessionCompleted
from tests.harness import ServiceUnderTest
from tests.services.coverage.coverage_events import (
    CLIENT,
    OWN,
    SPOUSES,
    TODAY,
    credential,
    entered,
    inquiries,
    payer,
    ready,
    reported,
    session,
)

NEW = EnteredPlan(plan_id="new", payer_id="P3", member_id="C3", subscriber=Subscriber(relation="self"))
LATER = TODAY + timedelta(days=10)
NEW_PAYER = (payer("P3"), credential("P3"))


def sent(plan: EnteredPlan = OWN) -> ClaimSubmitted:
    """The primary claim of the first session went to the plan's payer."""
    return ClaimSubmitted(
        client_id="c1",
        session_id="s1",
        control="C1-P",
        level="primary",
        plan_id=plan.plan_id,
        payer_id=plan.payer_id,
        charge_cents=22000,
        date_of_service=TODAY,
        submitted_on=TODAY,
    )


async def billed(make: Any, *plans: EnteredPlan) -> ServiceUnderTest:
    """Ten days after a session whose claim was sent to the first of the plans and is not adjudicated yet."""
    sut = await ready(make, *NEW_PAYER, CLIENT, entered(*plans), *(reported(plan) for plan in plans), session())
    await sut.given(SessionCompleted(client_id="c1", session_id="s1", date_of_service=TODAY), sent(plans[0]))
    await sut.passes(days=10)
    return sut


def ids(cleared: SessionCleared) -> list[str]:
    """The plans of a decision, first to last."""
    return [plan.plan_id for plan in cleared.plans]


def unchanged(sut: ServiceUnderTest) -> bool:
    """Whether no session was decided anew, and nobody is told of one."""
    return all(sut.none(kind) for kind in (SessionCleared, OrderCorrected, CoverageReviewRequested))


@pytest.mark.parametrize(
    "then",
    [
        (reported(NEW, on=TODAY, status="inactive"), reported(NEW, on=LATER)),
        (reported(NEW, on=LATER), reported(NEW, on=TODAY, status="unknown")),
        (reported(NEW, on=LATER, plan_from=LATER),),
        (reported(NEW, on=LATER),),
        (reported(NEW, on=LATER, plan_from=date(2026, 1, 1), eligible_from=LATER),),
        (),
    ],
    ids=["inactive then", "unknown then", "began later", "says nothing of then", "member since later", "silent"],
)
async def test_a_change_of_job_rewrites_no_past_session(service_under_test: Any, then: tuple[Any, ...]):
    sut = await billed(service_under_test, OWN)

    await sut.receives(entered(NEW))
    assert unchanged(sut)
    assert sorted(inquiry.on for inquiry in inquiries(sut)) == [TODAY, LATER]

    for answer in then:
        await sut.receives(answer)
        assert unchanged(sut)
    await sut.passes(days=3)
    assert unchanged(sut)
    assert [coordinated.order for coordinated in sut.all(PlansCoordinated)] in ([], [("new",)])


async def test_a_session_from_the_day_of_the_change_on_goes_to_the_new_plan(service_under_test: Any):
    sut = await billed(service_under_test, OWN)
    await sut.given(entered(NEW), reported(NEW, on=LATER))

    await sut.receives(session(2, on=LATER))

    assert ids(sut.only(SessionCleared)) == ["new"]


async def test_a_past_session_that_is_confirmed_late_goes_to_the_former_plan_by_its_payers_word(
    service_under_test: Any,
):
    sut = await ready(service_under_test, *NEW_PAYER, CLIENT, entered(OWN))
    await sut.passes(days=10)
    await sut.given(entered(NEW), reported(NEW, on=LATER))
    late = LATER - timedelta(days=4)

    await sut.receives(session(on=late))
    assert sut.all(SessionCleared) == []
    asked = inquiries(sut)
    assert sorted((inquiry.payer.id, inquiry.on) for inquiry in asked) == [("P1", late), ("P3", late)]

    await sut.receives(reported(OWN, on=late), reported(NEW, on=late, status="inactive"))
    cleared = sut.only(SessionCleared)
    assert (ids(cleared), cleared.rule, cleared.rate_payer_id) == (["own"], "only_plan", "P1")


async def test_a_plan_that_its_payer_says_was_not_active_then_leaves_the_present_list_alone(service_under_test: Any):
    sut = await ready(service_under_test, *NEW_PAYER, CLIENT, entered(OWN))
    await sut.passes(days=10)
    await sut.given(entered(NEW), reported(NEW, on=LATER))
    late = LATER - timedelta(days=4)

    await sut.receives(session(on=late), reported(OWN, on=late, status="inactive"), reported(NEW, on=late))

    assert ids(sut.only(SessionCleared)) == ["new"]


async def test_a_spouses_plan_that_was_dropped_stays_second_on_the_dates_before(service_under_test: Any):
    sut = await billed(service_under_test, OWN, SPOUSES)

    await sut.receives(entered(OWN), reported(OWN, on=LATER), session(2, on=LATER))

    (fresh,) = sut.all(SessionCleared)
    assert (fresh.session_id, ids(fresh)) == ("s2", ["own"])
    assert (sut.all(OrderCorrected), sut.all(CoverageReviewRequested)) == ([], [])


async def test_a_later_word_of_a_spouses_payer_still_counts_for_the_date_it_is_about(service_under_test: Any):
    sut = await billed(service_under_test, OWN, SPOUSES)
    await sut.given(entered(OWN))

    await sut.receives(reported(SPOUSES, trace="T2", status="inactive"))

    assert ids(sut.only(SessionCleared)) == ["own"]


async def test_where_both_payers_say_that_they_covered_the_date_the_rules_decide(service_under_test: Any):
    sut = await billed(service_under_test, SPOUSES)

    await sut.given(entered(NEW))
    await sut.receives(reported(NEW, on=TODAY), reported(NEW, on=LATER))

    cleared = sut.only(SessionCleared)
    assert (ids(cleared), cleared.rule) == (["new", "spouses"], "non_dependent_first")
    assert sut.only(OrderCorrected).sessions == ("s1",)


async def test_that_the_former_payer_says_nothing_covers_now_does_not_reach_back(service_under_test: Any):
    sut = await billed(service_under_test, OWN)
    await sut.given(entered(NEW))

    await sut.receives(reported(OWN, on=LATER, status="inactive"), reported(NEW, on=LATER))

    assert unchanged(sut)


SPEAKS = [
    pytest.param(reported(OWN, on=TODAY, trace="T7"), ["own"], id="the former plan's payer: active"),
    pytest.param(
        reported(OWN, on=TODAY, trace="T7", status="inactive"), ["new"], id="the former plan's payer: inactive"
    ),
    pytest.param(reported(NEW, on=TODAY, trace="T8"), ["new"], id="the new plan's payer: active then"),
]


@pytest.mark.parametrize(("answer", "plans"), SPEAKS)
async def test_a_session_cleared_while_its_payer_was_silent_stays_until_one_speaks(
    service_under_test: Any, answer: BenefitsReported, plans: list[str]
):
    sut = await ready(service_under_test, *NEW_PAYER, CLIENT, entered(OWN), session())
    await sut.passes(days=10)
    assert ids(sut.only(SessionCleared)) == ["own"]

    await sut.receives(entered(NEW), reported(NEW, on=LATER))
    assert unchanged(sut)
    await sut.passes(days=3)
    assert unchanged(sut)
    await sut.receives(answer)

    decided = sut.all(SessionCleared)
    assert (ids(decided[-1]) if decided else ["own"]) == plans


async def test_a_card_that_its_payer_could_not_find_does_not_keep_a_session(service_under_test: Any):
    sut = await ready(service_under_test, *NEW_PAYER, CLIENT, entered(OWN))
    not_found = reported(OWN, status="unknown", rejections=(Rejection(code="75", follow_up="C"),))
    await sut.given(not_found, session())
    await sut.passes(days=10)

    await sut.receives(entered(NEW), reported(NEW, on=LATER))

    assert ids(sut.only(SessionCleared)) == ["new"]


async def test_no_plan_at_all_any_more_leaves_past_sessions_as_they_were(service_under_test: Any):
    sut = await billed(service_under_test, OWN, SPOUSES)

    await sut.receives(entered())

    assert unchanged(sut)


@pytest.mark.parametrize(
    "corrected",
    [
        {"plan_id": "again", "group_number": "G9"},
        {"member_id": "A2"},
        {"payer_id": "P3", "member_id": "C3"},
    ],
    ids=["same card", "another card", "another payer"],
)
async def test_a_corrected_card_takes_the_wrong_ones_place_on_all_dates(
    service_under_test: Any, corrected: dict[str, str]
):
    sut = await billed(service_under_test, OWN)
    right = OWN.model_copy(update=corrected)

    await sut.receives(entered(right))
    assert await sut.pool.fetchval("select former from client") == "[]"
    assert await sut.pool.fetchval("select count(*) from benefits") == 0

    await sut.receives(reported(right, on=TODAY), reported(right, on=LATER))
    (first,) = sut.all(SessionCleared)[-1].plans
    assert (first.plan_id, first.payer_id) == (right.plan_id, right.payer_id)


ANOTHER_CARD = OWN.model_copy(update={"plan_id": "again", "member_id": "A2"})


async def test_a_card_that_its_payer_never_knew_is_replaced_by_another_of_the_same_payer_and_holder(
    service_under_test: Any,
):
    sut = await ready(service_under_test, CLIENT, entered(OWN), reported(OWN, status="unknown"))
    await sut.passes(days=10)

    await sut.receives(entered(ANOTHER_CARD))

    assert await sut.pool.fetchval("select former from client") == "[]"


async def test_a_new_job_with_the_same_insurer_rewrites_no_past_session(service_under_test: Any):
    sut = await billed(service_under_test, OWN)

    await sut.receives(
        entered(ANOTHER_CARD), reported(ANOTHER_CARD, on=LATER), reported(ANOTHER_CARD, on=TODAY, status="inactive")
    )
    assert unchanged(sut)

    await sut.receives(session(2, on=LATER))
    assert ids(sut.only(SessionCleared)) == ["again"]


async def test_a_new_card_of_the_same_insurer_that_was_active_then_too_takes_the_former_ones_place(
    service_under_test: Any,
):
    sut = await billed(service_under_test, OWN)

    await sut.receives(entered(ANOTHER_CARD), reported(ANOTHER_CARD, on=TODAY), reported(ANOTHER_CARD, on=LATER))

    assert ids(sut.all(SessionCleared)[-1]) == ["again"]


async def test_two_parents_with_the_same_insurer_are_two_holders(service_under_test: Any):
    mothers, fathers = (
        OWN.model_copy(update={"plan_id": f"{name}s", "member_id": name, "subscriber": Subscriber(relation="parent")})
        for name in ("mother", "father")
    )
    sut = await billed(service_under_test, mothers, fathers)

    await sut.receives(entered(fathers), reported(fathers, on=LATER))

    assert unchanged(sut)


async def test_a_plan_that_is_entered_back_is_as_if_it_had_stayed(service_under_test: Any):
    sut = await billed(service_under_test, OWN, SPOUSES)
    await sut.given(entered(OWN))

    await sut.receives(entered(OWN, SPOUSES))

    assert unchanged(sut)
    assert await sut.pool.fetchval("select former from client") == "[]"
    assert await sut.pool.fetchval("select count(*) from benefits") == 2


async def test_a_client_from_before_plans_were_kept_reads_as_one_without_any(service_under_test: Any):
    sut = await billed(service_under_test, OWN)
    await sut.pool.execute("update client set former = default, entered_since = default")

    await sut.receives(entered(NEW))

    assert unchanged(sut)
    assert json.loads(await sut.pool.fetchval("select former from client"))[0]["plan"]["plan_id"] == "own"


async def test_the_same_list_again_changes_nothing(service_under_test: Any):
    sut = await billed(service_under_test, OWN)
    await sut.given(entered(NEW), reported(NEW, on=TODAY, status="inactive"), reported(NEW, on=LATER))
    before = await sut.pool.fetchrow("select * from client")

    await sut.passes(days=1)
    await sut.receives(entered(NEW))

    assert (sut.published, sut.interchanges) == ([], [])
    assert await sut.pool.fetchrow("select * from client") == before


def said(plan: EnteredPlan, on: date, status: str, **more: Any) -> Benefits:
    """An answer about a date."""
    at = datetime(2026, 3, 20, tzinfo=UTC)
    return Benefits("c1", plan.plan_id, on, at, reported(plan, on=on, status=status, **more))


THEN = date(2026, 3, 5)
OWN_ACTIVE = said(OWN, THEN, "active")


@pytest.mark.parametrize(
    ("on", "known", "counting"),
    [
        (THEN, [], ["new"]),
        (THEN, [OWN_ACTIVE], ["own"]),
        (THEN, [said(OWN, THEN, "inactive")], ["new"]),
        (THEN, [said(OWN, THEN, "unknown")], ["new"]),
        (THEN, [said(OWN, THEN, "active", eligible_from=LATER)], ["new"]),
        (THEN, [OWN_ACTIVE, said(NEW, THEN, "active")], ["own", "new"]),
        (THEN, [OWN_ACTIVE, said(NEW, LATER, "active")], ["own"]),
        (THEN, [OWN_ACTIVE, said(NEW, LATER, "active", plan_from=TODAY)], ["own", "new"]),
        (THEN, [OWN_ACTIVE, said(NEW, THEN, "inactive")], ["own"]),
        (LATER, [said(OWN, LATER, "active")], ["new"]),
        (LATER - timedelta(days=1), [OWN_ACTIVE], ["own"]),
    ],
)
def test_which_plans_count_on_a_date(on: date, known: list[Benefits], counting: list[str]):
    client = Client("c1", plans=(NEW,), former=(FormerPlan(OWN, LATER, 0),), entered_since={"new": LATER})

    assert [plan.plan_id for plan in plans_on(client, known, on, fresh_days=30)] == counting


def test_plans_of_earlier_lists_are_asked_about_in_their_places():
    first = Client("c1", plans=(OWN, SPOUSES))
    second, _ = with_list(first, (SPOUSES,), TODAY)
    third, _ = with_list(second, (NEW, SPOUSES), LATER)
    fourth, _ = with_list(third, (), LATER)

    asked = [[plan.plan_id for plan in may_count_on(fourth, on)] for on in (TODAY - timedelta(days=1), TODAY, LATER)]
    assert asked == [["own", "new", "spouses"], ["new", "spouses"], []]
    assert third.entered_since == {"new": LATER}
