"""What payers and calls said counts for the dates and the plans that it was about, and for no others."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.coverage.plans.eligibility import Benefits, answer_for
from shared.events.clients import EnteredPlan, FactsStated, PlanFacts, Subscriber
from shared.events.coverage import (
    AccountPaused,
    AccountUnpaused,
    ConfirmationRefused,
    CoverageReviewRequested,
    OrderCorrected,
    PlanUnentered,
    SessionCleared,
    SessionRefused,
)
from shared.events.types import Event
from tests.harness import ServiceUnderTest
from tests.services.coverage.coverage_events import (
    CLIENT,
    OWN,
    SPOUSES,
    TODAY,
    confirmed,
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

DAY = timedelta(days=1)
MEDICAID = EnteredPlan(
    plan_id="medicaid", payer_id="P3", member_id="M3", kind="medicaid", subscriber=Subscriber(relation="self")
)
NEW_JOB = EnteredPlan(plan_id="new", payer_id="P3", member_id="N1", subscriber=Subscriber(relation="self"))
THIRD = (payer("P3"), credential("P3"))


def inactive(on: date = TODAY, plan: EnteredPlan = OWN, **more: Any) -> Any:
    return reported(plan, on, f"I{on}{plan.plan_id}", status="inactive", **more)


PERIODS = [
    pytest.param({"plan_to": TODAY - 3 * DAY}, -7, False, id="before the last day"),
    pytest.param({"plan_to": TODAY - 3 * DAY}, -3, False, id="on the last day"),
    pytest.param({"plan_to": TODAY - 3 * DAY}, -2, True, id="after the last day"),
    pytest.param({"plan_to": TODAY - 3 * DAY}, 5, True, id="later"),
    pytest.param({"plan_from": TODAY + 4 * DAY}, 3, True, id="before the first day"),
    pytest.param({"plan_from": TODAY + 4 * DAY}, 4, False, id="on the first day"),
    pytest.param({"plan_from": TODAY + 4 * DAY}, -9, True, id="long before the first day"),
    pytest.param({}, 0, True, id="without dates: its own date"),
    pytest.param({}, 1, False, id="without dates: the day after"),
    pytest.param({}, -1, False, id="without dates: the day before"),
    pytest.param({"plan_from": TODAY - 90 * DAY}, 1, False, id="a first day that is past says nothing of the end"),
]


@pytest.mark.parametrize(("dates", "days", "holds"), PERIODS)
def test_inactive_holds_for_the_dates_that_it_speaks_of(dates: dict[str, date], days: int, holds: bool):
    said = Benefits("c1", "own", TODAY, None, inactive(**dates))  # pyright: ignore[reportArgumentType]

    assert (answer_for([said], "own", TODAY + days * DAY, 30) is said) is holds


async def test_a_plan_that_ended_after_the_session_leaves_its_decision_alone(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, entered(OWN), reported(OWN), session())
    await sut.passes(days=7)

    await sut.receives(inactive(TODAY + 7 * DAY, plan_to=TODAY + 4 * DAY))

    assert (sut.all(SessionCleared), sut.none(OrderCorrected)) == ([], True)
    assert sut.all(CoverageReviewRequested) == []


async def test_a_session_after_the_first_day_of_a_plan_is_asked_about_by_its_own_date(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, entered(OWN), inactive(plan_from=TODAY + 7 * DAY))
    await sut.passes(days=10)
    on = TODAY + 10 * DAY

    await sut.receives(session(on=on))
    assert ([asked.on for asked in inquiries(sut)], sut.all(SessionRefused)) == ([on], [])
    await sut.receives(reported(OWN, on, "T9"))

    assert sut.only(SessionCleared).plans[0].plan_id == "own"


async def test_a_session_to_come_is_asked_about_again_on_its_day(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, entered(OWN), inactive())
    on = TODAY + 5 * DAY
    await sut.receives(session(on=on))
    assert sut.only(SessionRefused).reason == "no_active_plan"

    await sut.passes(days=5)
    assert [asked.on for asked in inquiries(sut)] == [on]
    await sut.receives(reported(OWN, on, "T9"))

    assert sut.only(SessionCleared).plans[0].plan_id == "own"


async def test_a_denial_about_a_plan_that_was_dropped_pauses_nobody(service_under_test: Any):
    known = (reported(OWN), reported(SPOUSES))
    sut = await ready(service_under_test, CLIENT, entered(OWN, SPOUSES), *known)
    await sut.given(questioned(SPOUSES, "other_plan_first", codes=("22",)))
    await sut.given(reported(OWN, trace="T2"), reported(SPOUSES, trace="T3"))
    await sut.passes(days=40)

    await sut.receives(entered(SPOUSES))
    on = sut.clock.now.date()
    assert [asked.payer.id for asked in inquiries(sut)] == ["P2"]
    await sut.receives(reported(SPOUSES, on, "T8"))
    await sut.receives(session(on=on))

    assert sut.none(AccountPaused)
    assert [plan.plan_id for plan in sut.only(SessionCleared).plans] == ["spouses"]


async def test_nobody_is_asked_to_enter_the_plan_that_was_just_dropped(service_under_test: Any):
    names_own = reported(SPOUSES, other_payers=(other("primary", "Plan One", payer_id="P1"),), own_role="secondary")
    sut = await ready(service_under_test, CLIENT, entered(OWN, SPOUSES), reported(OWN), names_own)

    await sut.receives(entered(SPOUSES))
    await sut.receives(reported(SPOUSES, trace="T8", other_payers=names_own.other_payers, own_role="secondary"))

    assert (sut.all(PlanUnentered), sut.none(AccountPaused)) == ([], True)


async def test_a_call_of_spring_says_nothing_of_a_new_jobs_plan(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, *THIRD, entered(OWN, SPOUSES), reported(OWN), reported(SPOUSES))
    await sut.given(questioned(SPOUSES, codes=("N197",)))
    await sut.given(confirmed(SPOUSES, primary_named="spouses"))
    await sut.given(reported(OWN, trace="T2"), reported(SPOUSES, trace="T3"))
    await sut.passes(days=90)
    on = sut.clock.now.date()

    await sut.given(entered(SPOUSES, NEW_JOB))
    await sut.given(reported(SPOUSES, on, "T4"), reported(NEW_JOB, on, "T5"))
    await sut.receives(session(on=on))

    assert [plan.plan_id for plan in sut.only(SessionCleared).plans] == ["new", "spouses"]


async def test_a_place_whose_period_is_over_decides_nothing(service_under_test: Any):
    until: dict[str, Any] = {"to_day": TODAY + 3 * DAY}
    sut = await ready(service_under_test, CLIENT, entered(OWN, SPOUSES))
    await sut.receives(
        reported(OWN, other_payers=(other("primary", "Plan Two", payer_id="P2", **until),), own_role="secondary"),
        reported(SPOUSES, other_payers=(other("secondary", "Plan One", payer_id="P1", **until),), own_role="primary"),
        session(),
    )
    assert [plan.plan_id for plan in sut.only(SessionCleared).plans] == ["spouses", "own"]
    await sut.passes(days=10)

    await sut.receives(session(2, on=TODAY + 10 * DAY))

    assert [plan.plan_id for plan in sut.only(SessionCleared).plans] == ["own", "spouses"]


async def test_a_payer_that_names_one_of_three_as_first_does_not_say_that_it_is_second(service_under_test: Any):
    names_own = (other("primary", "Plan One", payer_id="P1"),)
    sut = await ready(service_under_test, CLIENT, *THIRD, entered(OWN, SPOUSES, MEDICAID))

    await sut.receives(
        reported(OWN), reported(SPOUSES), reported(MEDICAID, other_payers=names_own, own_role="secondary"), session()
    )

    assert sut.none(AccountPaused)
    assert [plan.plan_id for plan in sut.only(SessionCleared).plans] == ["own", "spouses", "medicaid"]


async def test_payers_that_agree_against_federal_law_reach_a_person_and_change_nothing(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, *THIRD, entered(OWN, MEDICAID))

    await sut.receives(
        reported(OWN, other_payers=(other("primary", "Plan Three", payer_id="P3"),), own_role="secondary"),
        reported(MEDICAID, other_payers=(other("secondary", "Plan One", payer_id="P1"),), own_role="primary"),
        session(),
    )

    assert sut.none(AccountPaused)
    assert [plan.plan_id for plan in sut.only(SessionCleared).plans] == ["own", "medicaid"]
    assert sut.only(CoverageReviewRequested).reason == "against_federal_law"


SAYS_FIRST = [
    pytest.param({}, id="the other is silent"),
    pytest.param(
        {"other_payers": (other("secondary", "Plan Two", payer_id="P2"),), "own_role": "primary"}, id="both say first"
    ),
]


@pytest.mark.parametrize("said", SAYS_FIRST)
async def test_medicaid_that_calls_itself_first_pauses_nobody(service_under_test: Any, said: dict[str, Any]):
    sut = await ready(service_under_test, CLIENT, *THIRD, entered(MEDICAID, OWN))

    await sut.receives(
        reported(OWN, **said),
        reported(MEDICAID, other_payers=(other("secondary", "Plan One", payer_id="P1"),), own_role="primary"),
        session(),
    )

    assert sut.none(AccountPaused)
    assert [plan.plan_id for plan in sut.only(SessionCleared).plans] == ["own", "medicaid"]
    assert sut.only(CoverageReviewRequested).reason == "against_federal_law"


async def test_a_call_does_not_put_medicaid_first(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, *THIRD, entered(OWN, MEDICAID), reported(OWN), reported(MEDICAID))
    await sut.given(questioned(OWN, codes=("N197",)))
    await sut.receives(confirmed(OWN, primary_named="medicaid"))

    await sut.receives(reported(OWN, trace="T2"), reported(MEDICAID, trace="T3"))

    assert sut.only(AccountUnpaused).order == ("own", "medicaid")
    assert sut.only(CoverageReviewRequested).reason == "against_federal_law"


async def test_a_plan_dropped_while_the_account_is_paused_for_it_ends_the_pause(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, entered(OWN, SPOUSES), reported(OWN), reported(SPOUSES))
    await sut.receives(questioned(SPOUSES, codes=("N197",)))
    assert sut.only(AccountPaused).issues[0].payer_id == "P2"

    await sut.receives(entered(OWN))

    assert sut.only(AccountUnpaused).order == ("own",)
    assert sut.only(CoverageReviewRequested).reason == "plan_dropped_while_paused"


async def _paused_twice(service_under_test: Any) -> ServiceUnderTest:
    sut = await ready(service_under_test, CLIENT, entered(OWN, SPOUSES), reported(OWN), reported(SPOUSES))
    await sut.given(questioned(), confirmed(), reported(OWN, trace="T2"), reported(SPOUSES, trace="T3"))
    await sut.passes(days=20)
    later = sut.clock.now.date()
    await sut.given(questioned(control="C9", claim_sent_on=later, reported_on=later))
    return sut


async def test_the_same_reference_in_a_new_pause_is_refused_with_the_reason(service_under_test: Any):
    sut = await _paused_twice(service_under_test)

    await sut.receives(confirmed())
    assert sut.only(ConfirmationRefused).reason == "call_before_report"
    await sut.receives(confirmed(on=sut.clock.now.date(), reference_number="ref 77"))

    assert sut.only(ConfirmationRefused).reason == "reference_already_used"


async def test_a_call_on_the_clients_own_account_makes_the_denial_of_an_older_claim_old_news(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, entered(OWN, SPOUSES), reported(OWN), reported(SPOUSES), session())
    await sut.passes(days=5)
    called = sut.clock.now.date()
    await sut.receives(confirmed(on=called))
    await sut.passes(days=3)

    await sut.receives(questioned(claim_sent_on=TODAY + DAY, reported_on=sut.clock.now.date()))

    assert sut.none(AccountPaused)


ENDED = [
    pytest.param(
        FactsStated(client_id="c1", plans={"own": PlanFacts(covered_to=TODAY + 2 * DAY)}), id="the client says so"
    ),
    pytest.param(inactive(TODAY + 3 * DAY, plan_to=TODAY + 2 * DAY), id="its payer says so"),
]


@pytest.mark.parametrize("ended", ENDED)
async def test_what_was_said_of_a_plan_ends_with_its_last_day(service_under_test: Any, ended: Event):
    names_own = (other("primary", "Plan One", payer_id="P1"),)
    said = reported(SPOUSES, other_payers=names_own, own_role="secondary")
    sut = await ready(service_under_test, CLIENT, entered(OWN, SPOUSES), reported(OWN), said)
    await sut.given(questioned(SPOUSES, "other_plan_first", codes=("22",)))
    await sut.given(reported(OWN, trace="T2"), reported(SPOUSES, trace="T3", other_payers=names_own))
    await sut.passes(days=3)

    await sut.receives(ended)
    assert sut.none(AccountPaused)
    await sut.receives(session(on=TODAY + 3 * DAY))

    assert sut.none(AccountPaused)
    assert [plan.plan_id for plan in sut.only(SessionCleared).plans if plan.billable] == ["spouses"]


ADDED = [
    pytest.param(NEW_JOB, ("own", "spouses", "new"), "order_undetermined", id="a new job's plan was not in view"),
    pytest.param(MEDICAID, ("spouses", "own", "medicaid"), None, id="Medicaid is last anyway"),
]


@pytest.mark.parametrize(("added", "order", "marked"), ADDED)
async def test_a_payers_place_counts_for_the_plans_that_it_had_in_view(
    service_under_test: Any, added: EnteredPlan, order: tuple[str, ...], marked: str | None
):
    names = reported(SPOUSES, other_payers=(other("secondary", "Plan One", payer_id="P1"),), own_role="primary")
    agrees = reported(OWN, other_payers=(other("primary", "Plan Two", payer_id="P2"),), own_role="secondary")
    sut = await ready(service_under_test, CLIENT, *THIRD, entered(OWN, SPOUSES), names, agrees)
    await sut.passes(days=5)
    on = TODAY + 5 * DAY

    await sut.given(entered(OWN, SPOUSES, added), reported(added, on, "T5"))
    await sut.receives(session(on=on))

    cleared = sut.only(SessionCleared)
    assert (tuple(plan.plan_id for plan in cleared.plans), cleared.marked) == (order, marked)


async def test_a_plan_that_a_payer_names_before_it_is_entered_is_in_view(service_under_test: Any):
    names = reported(OWN, other_payers=(other("primary", "Plan Two", payer_id="P2"),), own_role="secondary")
    sut = await ready(service_under_test, CLIENT, entered(OWN), names)

    await sut.given(entered(OWN, SPOUSES))
    agrees = reported(SPOUSES, other_payers=(other("secondary", "Plan One", payer_id="P1"),), own_role="primary")
    await sut.receives(agrees, session())

    assert [plan.plan_id for plan in sut.only(SessionCleared).plans] == ["spouses", "own"]
