"""Plans that become billable after the primary has answered are billed; what has been answered stays as it is."""

from typing import Any

from services.coverage.app import SERVICE
from shared.events.claims import ClaimAdjudicated, ClaimReversed
from shared.events.clients import EnteredPlan
from shared.events.coverage import CoverageReviewRequested, SessionCleared
from shared.events.directory import FactWithdrawn
from shared.events.sessions import Line
from tests.harness import ServiceUnderTest
from tests.services.coverage.coverage_events import (
    CLIENT,
    DIRECTORY,
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

BOTH = (CLIENT, entered(OWN, SPOUSES), reported(OWN), reported(SPOUSES))
UNCREDENTIALED = [event for event in DIRECTORY if event != credential("P2")]


def answered(plan: EnteredPlan = OWN, level: str = "primary", kind: Any = ClaimAdjudicated, **more: Any) -> Any:
    """The payer of the plan has answered (or taken back) the session's claim."""
    known: dict[str, Any] = {
        "client_id": "c1",
        "session_id": "s1",
        "control": "C1",
        "level": level,
        "plan_id": plan.plan_id,
        "payer_id": plan.payer_id,
        "adjudication_id": f"a-{plan.plan_id}-{kind.__name__}",
        "claim_status": "1",
        "adjudicated_on": TODAY,
        "charge_cents": 22000,
        "paid_cents": 12000,
        "patient_responsibility_cents": 3000,
    }
    return kind(**{**known, **more})


def billed(cleared: SessionCleared) -> list[str]:
    """The plans that get a claim, in their order."""
    return [plan.plan_id for plan in cleared.plans if plan.billable]


async def with_one_plan(make: Any, *more: Any) -> ServiceUnderTest:
    """The only plan has answered the claim of the session."""
    return await ready(make, CLIENT, entered(OWN), reported(OWN), session(), answered(), *more)


SHORTER = (Line(procedure="90834", modifiers=("95",), charge_cents=16000),)


async def test_services_corrected_after_the_primary_answered_are_in_the_next_decision(service_under_test: Any):
    sut = await ready(service_under_test, *BOTH, session(), answered())

    await sut.receives(session(lines=SHORTER), session(lines=SHORTER))

    cleared = sut.only(SessionCleared)
    assert (cleared.decision, cleared.lines, billed(cleared)) == (2, SHORTER, ["own", "spouses"])
    assert sut.only(CoverageReviewRequested).reason == "session_changed_after_adjudication"
    await sut.receives(answered(kind=ClaimReversed))
    assert sut.all(SessionCleared) == []


async def test_another_day_stated_after_the_primary_answered_is_for_a_person_who_is_told_how(service_under_test: Any):
    sut = await ready(service_under_test, *BOTH, session(), answered())

    await sut.receives(session(on=TODAY.replace(day=TODAY.day - 1)))

    assert sut.all(SessionCleared) == []
    told = sut.only(CoverageReviewRequested)
    assert told.reason == "session_changed_after_adjudication"
    assert told.evidence.startswith("the date of service of a session changed")
    assert "cancel it and confirm what took place under another id" in told.evidence


async def test_a_plan_entered_after_the_primary_answered_is_billed_once_its_payer_has_answered(service_under_test: Any):
    sut = await with_one_plan(service_under_test)

    await sut.receives(entered(OWN, SPOUSES))
    assert sut.all(SessionCleared) == []
    assert [inquiry.payer.name for inquiry in inquiries(sut)] == ["Plan Two"]

    await sut.receives(reported(SPOUSES))
    cleared = sut.only(SessionCleared)
    assert (cleared.decision, billed(cleared)) == (2, ["own", "spouses"])


async def test_a_credential_listed_after_the_primary_answered_has_the_plan_billed(service_under_test: Any):
    sut = await service_under_test(SERVICE)
    await sut.given(*UNCREDENTIALED, *BOTH, session(), answered())

    await sut.receives(credential("P2"))
    await sut.passes(seconds=2)

    assert billed(sut.only(SessionCleared)) == ["own", "spouses"]


async def test_a_network_listed_after_the_primary_answered_has_the_plan_billed(service_under_test: Any):
    sut = await service_under_test(SERVICE)
    await sut.given(*DIRECTORY, payer("P2", in_network=()), *BOTH, session(), answered())

    await sut.receives(payer("P2"))
    await sut.passes(seconds=2)

    assert billed(sut.only(SessionCleared)) == ["own", "spouses"]


async def test_the_primary_that_answered_stays_first(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, entered(SPOUSES), reported(SPOUSES), session(), answered(SPOUSES))

    await sut.receives(entered(SPOUSES, OWN), reported(OWN))

    assert sut.all(SessionCleared) == []


async def test_the_primary_keeps_its_cost_share_and_nothing_is_decided_where_no_plan_changed(service_under_test: Any):
    sut = await ready(service_under_test, *BOTH, session(), answered())

    await sut.receives(reported(OWN, trace="T9", cost_share={"copay_cents": 100}))

    assert sut.all(SessionCleared) == []


async def test_a_plan_that_has_answered_stays_billed(service_under_test: Any):
    sut = await ready(service_under_test, *BOTH, session(), answered(), answered(SPOUSES, "secondary"))

    await sut.receives(reported(SPOUSES, trace="T2", status="inactive"))
    assert sut.all(SessionCleared) == []

    await sut.receives(answered(SPOUSES, "secondary", ClaimReversed))
    assert billed(sut.only(SessionCleared)) == ["own"]


async def test_a_plan_that_has_not_answered_is_dropped_with_its_cover(service_under_test: Any):
    sut = await ready(service_under_test, *BOTH, session(), answered())

    await sut.receives(reported(SPOUSES, trace="T2", status="inactive"))

    assert billed(sut.only(SessionCleared)) == ["own"]


async def test_an_answered_session_is_decided_for_a_year(service_under_test: Any):
    sut = await with_one_plan(service_under_test)
    await sut.passes(days=366)

    await sut.receives(entered(OWN, SPOUSES), reported(SPOUSES))

    assert sut.all(SessionCleared) == []


async def test_a_credential_that_never_held_ends_the_billing_of_a_plan_that_has_not_answered(service_under_test: Any):
    sut = await ready(service_under_test, *BOTH, session(), answered())

    await sut.receives(FactWithdrawn(fact=credential("P2").key()))
    await sut.passes(seconds=2)

    assert billed(sut.only(SessionCleared)) == ["own"]
