"""Facts that change: each counts from its day on, and what was so before stays so for the dates before."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.coverage.plans.stated_facts import StatedFacts, merged
from shared.events.clients import Decree, EnteredPlan, FactsStated, FamilyFacts, PlanFacts, Subscriber
from shared.events.coverage import CoordinationUndetermined, CoverageReviewRequested, SessionCleared
from tests.services.coverage.coverage_events import (
    CLIENT,
    OWN,
    SPOUSES,
    TODAY,
    entered,
    payer,
    ready,
    reported,
    session,
)

FEBRUARY, MARCH = date(2026, 2, 10), date(2026, 3, 10)
CARD = EnteredPlan(
    plan_id="medicare", payer_id="P2", member_id="M1", kind="medicare", subscriber=Subscriber(relation="self")
)


def job(employment: str | None, since: date | None = None, **more: Any) -> FactsStated:
    facts = PlanFacts.model_validate({"employment": employment, **more})
    return FactsStated(client_id="c1", plans={"own": facts}, since=since)


def custody(since: date | None = None, **facts: Any) -> FactsStated:
    return FactsStated(client_id="c1", family=FamilyFacts.model_validate(facts), since=since)


def stated(*said: tuple[date, FactsStated]) -> StatedFacts:
    facts = StatedFacts()
    for today, event in said:
        facts = merged(facts, event, today)
    return facts


def employment(facts: StatedFacts, on: date) -> str | None:
    plan = facts.on(on).plans["own"]
    return plan.employment if "employment" in plan.model_fields_set else "unknown"


JOBS = [
    pytest.param([(MARCH, job("active"))], "active", "active", id="first stated: it was so before"),
    pytest.param([(FEBRUARY, job("active")), (MARCH, job("retired"))], "active", "retired", id="changed"),
    pytest.param([(FEBRUARY, job("active")), (MARCH, job("active"))], "active", "active", id="said again"),
    pytest.param([(MARCH, job("retired", since=date(2026, 3, 1)))], "unknown", "retired", id="since, nothing before"),
    pytest.param(
        [(FEBRUARY, job("active")), (MARCH, job("retired", since=date(2026, 2, 1)))],
        "retired",
        "retired",
        id="since a day before February's session",
    ),
    pytest.param(
        [(FEBRUARY, job("active")), (MARCH, job("retired")), (MARCH, job("retired", since=date(2026, 2, 1)))],
        "retired",
        "retired",
        id="the day is stated afterwards",
    ),
]


@pytest.mark.parametrize(("said", "in_february", "in_march"), JOBS)
def test_a_job_counts_from_its_day_on(said: Any, in_february: str, in_march: str):
    facts = stated(*said)

    assert (employment(facts, date(2026, 2, 20)), employment(facts, MARCH)) == (in_february, in_march)


def test_a_correction_counts_for_every_date():
    facts = stated((FEBRUARY, job("active", employer_size=10)), (MARCH, job("active", employer_size=200)))

    assert facts.on(FEBRUARY).plans["own"].employer_size == 200


def test_custody_changes_as_a_whole():
    facts = stated((FEBRUARY, custody(parents="apart", custodian="mother")), (MARCH, custody(joint_custody=True)))

    february, march = facts.on(FEBRUARY).family, facts.on(MARCH).family
    assert february is not None
    assert march is not None
    assert "joint_custody" not in february.model_fields_set
    assert (march.custodian, march.joint_custody) == ("mother", True)


def test_a_decree_keeps_whom_it_names_when_more_is_said_of_it():
    known = custody(decree=Decree(responsible="father"))

    facts = stated((FEBRUARY, known), (MARCH, custody(decree=Decree.model_validate({"known_to_plan_from": MARCH}))))

    assert facts.on(FEBRUARY).family == FamilyFacts(decree=Decree(responsible="father", known_to_plan_from=MARCH))


def test_former_jobs_have_their_last_day():
    facts = stated((FEBRUARY, job("active")), (MARCH, job("retired", since=date(2026, 3, 1))))

    assert facts.former_jobs("own", MARCH) == [{"employment": "active", "until": date(2026, 2, 28)}]
    assert facts.former_jobs("own", FEBRUARY) == []


def test_what_is_kept_reads_back():
    facts = stated((FEBRUARY, job("active")), (MARCH, job("retired")))

    assert StatedFacts.model_validate_json(facts.model_dump_json()) == facts


async def test_a_retirement_leaves_the_sessions_before_it_alone(service_under_test: Any):
    aged = CLIENT.model_copy(update={"birth_date": date(1950, 5, 5)})
    known = (reported(OWN), reported(CARD))
    sut = await ready(service_under_test, aged, payer("P2", kind="medicare"), entered(OWN, CARD), *known)
    await sut.given(job("active", employer_size=100))
    await sut.receives(session())
    assert [plan.plan_id for plan in sut.only(SessionCleared).plans] == ["own", "medicare"]
    await sut.passes(days=10)

    await sut.receives(job("retired"))
    assert sut.none(SessionCleared)
    assert (sut.only(CoordinationUndetermined).missing, sut.only(CoordinationUndetermined).about) == ("since", ("own",))
    await sut.receives(session(2, on=TODAY + timedelta(days=10)))
    assert [plan.plan_id for plan in sut.only(SessionCleared).plans] == ["medicare", "own"]

    await sut.receives(job("retired", since=TODAY))
    assert [plan.plan_id for plan in sut.only(SessionCleared).plans] == ["medicare", "own"]


async def test_a_change_that_matters_to_no_session_asks_nobody(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, entered(OWN, SPOUSES), reported(OWN), reported(SPOUSES))
    await sut.given(job("active"), session())
    await sut.passes(days=3)

    await sut.receives(job("retired"))
    assert sut.none(CoordinationUndetermined)
    await sut.passes(days=30)

    assert sut.none(CoverageReviewRequested)


def test_a_first_day_stated_later_takes_the_place_of_the_day_that_we_assumed():
    facts = stated((FEBRUARY, job("active")), (MARCH, job("retired")), (MARCH, job("cobra", since=date(2026, 3, 1))))

    assert facts.assumed == ()
    assert facts.former_jobs("own", MARCH) == [{"employment": "active", "until": date(2026, 2, 28)}]
    assert facts.on(MARCH).plans["own"].employment == "cobra"


def test_a_first_day_of_something_else_leaves_the_assumed_day():
    facts = stated((FEBRUARY, job("active")), (MARCH, job("retired")), (MARCH, custody(since=FEBRUARY)))

    assert [change.since for change in facts.assumed] == [MARCH]


async def test_a_person_asks_since_when_where_the_client_does_not_answer(service_under_test: Any):
    aged = CLIENT.model_copy(update={"birth_date": date(1950, 5, 5)})
    sut = await ready(service_under_test, aged, payer("P2", kind="medicare"), entered(OWN, CARD), reported(OWN))
    await sut.given(reported(CARD), job("active", employer_size=100), session())
    await sut.passes(days=10)
    await sut.given(job("retired"))

    await sut.passes(days=14)

    assert sut.only(CoverageReviewRequested).reason == "fact_changed_without_since"
