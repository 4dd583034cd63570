"""Another payer than the one on the card pays for mental-health care: that one is asked, billed and called.

Separate contracts that are parts of one coordinated package are one plan: there is no order among them (28 TAC
3.3506(a), as NAIC Model 120).
"""

from datetime import date, timedelta
from typing import Any

import pytest

from shared.events.clients import CarePayer, EnteredPlan, PlansEntered
from shared.events.coverage import (
    AccountPaused,
    AccountUnpaused,
    CoverageReviewRequested,
    PlansCoordinated,
    PlanUnentered,
    SessionCleared,
    SessionRefused,
)
from shared.events.upstream import MessageRefused
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
MIND = (payer("P9", name="Mind Care"), credential("P9"))


def carved_out(plan: EnteredPlan = OWN, **more: Any) -> EnteredPlan:
    """The plan with P9 for mental-health care, under a number of its own."""
    care = CarePayer(**{"payer_id": "P9", "member_id": "M9", **more})
    return plan.model_copy(update={"care_payers": (care,)})


def by_vendor(plan: EnteredPlan = OWN, on: date = TODAY, trace: str = "T", **more: Any) -> Any:
    return reported(plan, on, trace, **{"payer_id": "P9", **more})


async def test_the_270_and_the_claim_go_to_who_pays_for_this_care(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, *MIND)

    await sut.receives(entered(carved_out(), SPOUSES))
    asked = [(inquiry.payer.id, inquiry.payer.name, inquiry.subscriber.member_id) for inquiry in inquiries(sut)]
    assert asked == [("P9", "Mind Care", "M9"), ("P2", "Plan Two", "B2")]
    await sut.receives(by_vendor(), reported(SPOUSES), session())

    cleared = sut.only(SessionCleared)
    assert [(plan.plan_id, plan.payer_id, plan.billable) for plan in cleared.plans] == [
        ("own", "P9", True),
        ("spouses", "P2", True),
    ]
    assert (cleared.rate_payer_id, cleared.cost_share.coinsurance_percent) == ("P9", 20.0)


async def test_without_a_number_of_its_own_the_payer_knows_the_cards(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, *MIND)

    await sut.receives(entered(carved_out(member_id=None)))

    assert [inquiry.subscriber.member_id for inquiry in inquiries(sut)] == ["A1"]


async def test_what_the_payer_on_the_card_says_is_not_asked_and_not_taken(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, *MIND, entered(carved_out()), by_vendor())

    await sut.receives(reported(OWN, trace="T2", status="inactive"))
    await sut.receives(session())

    assert sut.only(SessionCleared).plans[0].payer_id == "P9"


NOT_BILLABLE = [
    pytest.param((), "payer_not_listed", "Payer P9 is not listed.", id="not listed"),
    pytest.param(MIND[:1], "primary_not_billable", "provider_not_credentialed", id="no credential with it"),
]


@pytest.mark.parametrize(("listed", "reason", "detail"), NOT_BILLABLE)
async def test_network_and_credential_are_those_of_who_pays(
    service_under_test: Any, listed: tuple[Any, ...], reason: str, detail: str
):
    sut = await ready(service_under_test, CLIENT, *listed, entered(carved_out()), by_vendor())

    await sut.receives(session())
    refused = sut.all(SessionRefused)
    await sut.passes(hours=26)

    assert [(event.reason, event.detail) for event in (*refused, *sut.all(SessionRefused))] == [(reason, detail)]


async def test_the_listing_of_who_pays_decides_a_session_that_waits(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, entered(carved_out()), by_vendor(), session())

    await sut.given(*MIND)
    await sut.passes(minutes=1)

    assert sut.only(SessionCleared).plans[0].payer_id == "P9"


DATES = [
    pytest.param({"from_day": TODAY - 3 * DAY}, -4, "P1", id="the day before it began"),
    pytest.param({"from_day": TODAY - 3 * DAY}, -3, "P9", id="its first day"),
    pytest.param({"to_day": TODAY - 3 * DAY}, -3, "P9", id="its last day"),
    pytest.param({"to_day": TODAY - 3 * DAY}, -2, "P1", id="the day after it ended"),
]


@pytest.mark.parametrize(("dates", "days", "payer_id"), DATES)
async def test_who_pays_on_the_date_of_service_is_asked_and_billed(
    service_under_test: Any, dates: dict[str, date], days: int, payer_id: str
):
    on = TODAY + days * DAY
    present = "P9" if "from_day" in dates else "P1"
    sut = await ready(service_under_test, CLIENT, *MIND, entered(carved_out(OWN, **dates)))
    await sut.given(reported(OWN, TODAY, payer_id=present))

    await sut.receives(session(on=on))
    asked = [(inquiry.payer.id, inquiry.on) for inquiry in inquiries(sut)]
    cleared = sut.all(SessionCleared)
    await sut.receives(reported(OWN, on, "T2", payer_id=payer_id))

    assert asked == ([] if payer_id == present else [(payer_id, on)])
    assert (*cleared, *sut.all(SessionCleared))[0].plans[0].payer_id == payer_id


async def test_a_pause_names_who_pays_for_this_care_and_ends_by_a_call_there(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, *MIND, entered(carved_out(), SPOUSES), by_vendor(), reported(SPOUSES))

    await sut.receives(questioned(payer_id="P9", codes=("N197",)))
    call = sut.only(AccountPaused).issues[0]
    assert (call.payer_id, call.payer_name, call.plan_id) == ("P9", "Mind Care", "own")
    await sut.given(confirmed(payer_id="P9"))
    await sut.receives(by_vendor(trace="T2"), reported(SPOUSES, trace="T3"))

    assert sut.only(AccountUnpaused).order == ("own", "spouses")


async def test_payers_that_contradict_each_other_are_the_ones_that_were_asked(service_under_test: Any):
    first = {"other_payers": (other("secondary", "Plan Two", payer_id="P2"),), "own_role": "primary"}
    sut = await ready(service_under_test, CLIENT, *MIND, entered(carved_out(), SPOUSES), by_vendor(**first))

    await sut.receives(reported(SPOUSES, other_payers=(other("secondary", "Mind", payer_id="P9"),), own_role="primary"))

    assert [issue.payer_id for issue in sut.only(AccountPaused).issues] == ["P2", "P9"]


PARTS = [
    pytest.param(other("primary", "Plan One", payer_id="P1"), id="by id"),
    pytest.param(other(None, "Plan One"), id="by name"),
]


@pytest.mark.parametrize("part", PARTS)
async def test_the_payer_on_the_card_is_no_other_plan(service_under_test: Any, part: Any):
    sut = await ready(service_under_test, CLIENT, *MIND, entered(carved_out()))

    await sut.receives(by_vendor(other_payers=(part,)), session())

    assert sut.none(PlanUnentered)
    assert (sut.only(SessionCleared).marked, sut.only(PlansCoordinated).order) == (None, ("own",))


REFUSED = [
    pytest.param(
        entered(
            carved_out(),
            OWN.model_copy(update={"plan_id": "card-2", "payer_id": "P9", "member_id": "m-9"}),
        ),
        "plan_entered_twice",
        id="its card is no plan of its own",
    ),
    pytest.param(
        entered(carved_out(from_day=TODAY, to_day=TODAY - DAY)), "care_payer_ends_before_it_starts", id="ends first"
    ),
    pytest.param(
        entered(OWN.model_copy(update={"care_payers": (CarePayer(payer_id="P9"), CarePayer(payer_id="P2"))})),
        "care_payers_overlap",
        id="two at a time",
    ),
]


@pytest.mark.parametrize(("plans", "reason"), REFUSED)
async def test_what_cannot_be_is_refused_with_what_to_correct(
    service_under_test: Any, plans: PlansEntered, reason: str
):
    sut = await ready(service_under_test, CLIENT, *MIND)

    await sut.receives(plans)

    assert sut.only(CoverageReviewRequested).reason == reason
    assert sut.only(MessageRefused).reason == "impossible"


async def test_medicaid_stays_medicaid_whoever_pays_for_the_care(service_under_test: Any):
    medicaid = OWN.model_copy(update={"plan_id": "medicaid", "payer_id": "P3", "member_id": "D3"})
    sut = await ready(service_under_test, CLIENT, *MIND, payer("P3", kind="medicaid"), credential("P3"))
    await sut.given(entered(carved_out(medicaid), SPOUSES), by_vendor(medicaid), reported(SPOUSES))

    await sut.receives(session())

    assert [(plan.plan_id, plan.payer_id) for plan in sut.only(SessionCleared).plans] == [
        ("spouses", "P2"),
        ("medicaid", "P9"),
    ]


async def test_a_payer_for_this_care_that_is_entered_later_corrects_what_is_not_final(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, *MIND, entered(OWN), reported(OWN), session())

    await sut.receives(entered(carved_out()))
    assert [inquiry.payer.id for inquiry in inquiries(sut)] == ["P9"]
    await sut.receives(by_vendor(trace="T2"))

    cleared = sut.only(SessionCleared)
    assert (cleared.decision, cleared.plans[0].payer_id) == (2, "P9")
