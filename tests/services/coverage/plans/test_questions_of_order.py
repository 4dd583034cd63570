"""A payer that only says that another plan is first: the payers are asked about that very day before the client is."""

from datetime import timedelta
from typing import Any

import pytest

from shared.events.coverage import AccountPaused, BenefitsReported, SessionCleared
from shared.x12.benefits_271.benefits import Benefit
from shared.x12.eligibility_270.inquiry import EligibilityInquiry
from tests.harness import ServiceUnderTest
from tests.services.coverage.coverage_events import (
    CLIENT,
    OWN,
    SPOUSES,
    TODAY,
    answer_271,
    entered,
    inquiries,
    names_other,
    other,
    questioned,
    ready,
    reported,
    session,
)

LATER = TODAY + timedelta(days=5)
QUESTION: dict[str, Any] = {"codes": ("4", "CO", "22"), "date_of_service": LATER, "claim_sent_on": LATER}


async def answers(sut: ServiceUnderTest, inquiry: EligibilityInquiry, *more: Benefit) -> None:
    """The payer's 271 comes, and the fact that it is split into."""
    await sut.receives_interchange(answer_271(inquiry, *more, at=sut.clock.now))
    await sut.receives(*sut.all(BenefitsReported))


@pytest.fixture
async def coverage(service_under_test: Any) -> ServiceUnderTest:
    """Both insurers have answered for today; the session was days later, and its claim went to the own plan."""
    sut = await ready(service_under_test, CLIENT, entered(OWN, SPOUSES), reported(OWN), reported(SPOUSES))
    await sut.passes(days=5)
    await sut.given(session(on=LATER))
    return sut


async def test_payers_that_changed_the_order_within_the_year_are_heard_before_anybody_is_paused(
    coverage: ServiceUnderTest,
):
    await coverage.receives(questioned(**QUESTION))
    assert coverage.none(AccountPaused)
    assert [inquiry.on for inquiry in inquiries(coverage)] == [LATER, LATER]

    await coverage.receives(
        reported(OWN, LATER, "T3", other_payers=(other("primary", "Plan Two", payer_id="P2"),), own_role="secondary"),
        reported(
            SPOUSES, LATER, "T4", other_payers=(other("secondary", "Plan One", payer_id="P1"),), own_role="primary"
        ),
    )

    cleared = coverage.only(SessionCleared)
    assert [plan.plan_id for plan in cleared.plans] == ["spouses", "own"]
    await coverage.passes(days=3)
    assert coverage.none(AccountPaused)


async def test_payers_that_have_nothing_to_say_leave_it_to_the_client(coverage: ServiceUnderTest):
    await coverage.receives(questioned(**QUESTION))
    await coverage.receives(reported(OWN, LATER, "T3"), reported(SPOUSES, LATER, "T4"))

    await coverage.passes(minutes=11)

    assert [issue.payer_id for issue in coverage.only(AccountPaused).issues] == ["P1"]


async def test_payers_that_stay_silent_are_not_waited_for_longer_than_their_patience(coverage: ServiceUnderTest):
    await coverage.receives(questioned(**QUESTION))

    await coverage.passes(hours=23)
    assert coverage.none(AccountPaused)
    await coverage.passes(hours=2)

    assert coverage.only(AccountPaused).issues[0].payer_id == "P1"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"codes": ("4", "CO", "22", "N197")}, id="it says that the client must call"),
        pytest.param({"date_of_service": TODAY, "claim_sent_on": TODAY}, id="all have answered for that day"),
    ],
)
async def test_what_asking_cannot_settle_pauses_at_once(coverage: ServiceUnderTest, changes: dict[str, Any]):
    await coverage.receives(questioned(**{**QUESTION, **changes}))

    assert coverage.only(AccountPaused).issues[0].payer_id == "P1"


async def test_a_payer_that_names_a_plan_nobody_entered_pauses_at_once(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, entered(OWN), reported(OWN))
    await sut.passes(days=5)
    await sut.given(session(on=LATER))

    await sut.receives(questioned(**QUESTION))

    assert sut.only(AccountPaused).issues[0].payer_id == "P1"


async def test_answers_that_come_one_by_one_are_not_held_against_each_other(service_under_test: Any):
    """As the broker brings them: each 271 a message of its own, days after the session."""
    sut = await ready(service_under_test, CLIENT)
    await sut.receives(entered(OWN, SPOUSES))
    first = inquiries(sut)
    assert len(first) == 2
    roles = {"A1": names_other("SEP", "Plan Two", "P2"), "B2": names_other("PRP", "Plan One", "P1")}
    for inquiry in first:
        await answers(sut, inquiry, roles[inquiry.subscriber.member_id])
    await sut.passes(days=5)
    await sut.given(session(on=LATER))
    await sut.passes(days=5)

    await sut.receives(questioned(**QUESTION))
    turned = {"A1": names_other("PRP", "Plan Two", "P2"), "B2": names_other("SEP", "Plan One", "P1")}
    for inquiry in inquiries(sut):
        await answers(sut, inquiry, turned[inquiry.subscriber.member_id])
        assert sut.none(AccountPaused)

    assert [plan.plan_id for plan in sut.only(SessionCleared).plans] == ["spouses", "own"]
