"""Facts that can't be: refused with what to correct, or kept for a person where they came from a payer."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from shared.events.clients import ClientChanged, FactsStated, PlanFacts
from shared.events.coverage import BenefitsReported, CoverageReviewRequested, SessionCleared
from shared.events.types import Event
from shared.events.upstream import MessageRefused
from shared.x12.benefits_271.benefits import BenefitsReport
from shared.x12.benefits_271.benefits import Rejection as Aaa
from shared.x12.benefits_271.writer import write_benefits
from shared.x12.syntax.envelope_writer import Envelope
from tests.services.coverage.coverage_events import (
    CLIENT,
    OWN,
    SPOUSES,
    WRONG_ORDER,
    answer_271,
    entered,
    inquiries,
    ready,
    reported,
    session,
)

UNBORN = date(2030, 1, 1)
HOLDER = SPOUSES.subscriber


def stated(**facts: Any) -> FactsStated:
    return FactsStated(client_id="c1", plans={"own": PlanFacts(**facts)})


@pytest.mark.parametrize(
    ("event", "reason", "correct"),
    [
        (
            ClientChanged(**{**CLIENT.model_dump(), "birth_date": UNBORN}),
            "birth_date_not_possible",
            "the birth date of the client must be from 1880 on and not after 2026-03-02",
        ),
        (
            entered(OWN, SPOUSES.model_copy(update={"subscriber": HOLDER.model_copy(update={"birth_date": UNBORN})})),
            "birth_date_not_possible",
            "the birth date of the holder of plan spouses must be from 1880 on and not after 2026-03-02",
        ),
        (
            stated(subscriber_birth_date=date(1066, 1, 1)),
            "birth_date_not_possible",
            "the birth date of the holder of plan own must be from 1880 on and not after 2026-03-02",
        ),
        (
            stated(covered_from=date(2026, 5, 1), covered_to=date(2020, 1, 1)),
            "plan_ends_before_it_starts",
            "plan own ends before it starts: covered_to must be 2026-05-01 or later",
        ),
    ],
    ids=["client", "holder", "stated holder", "period"],
)
async def test_what_cannot_be_is_refused_and_what_was_known_stays(
    service_under_test: Any, event: Event, reason: str, correct: str
):
    sut = await ready(service_under_test, CLIENT, WRONG_ORDER, reported(OWN), reported(SPOUSES))
    before = await sut.pool.fetchrow("select details, plans, stated from client")

    await sut.receives(event)

    told, refusal = sut.published
    assert told == CoverageReviewRequested(client_id="c1", reason=reason, evidence=correct)
    assert isinstance(refusal, MessageRefused)
    assert (refusal.reason, refusal.problem) == ("impossible", reason)
    assert (refusal.type, refusal.about, refusal.what_to_do) == (event.wire_type(), "c1", correct)
    assert (sut.interchanges, await sut.pool.fetchrow("select details, plans, stated from client")) == ([], before)


async def test_a_payer_that_finds_several_members_tells_a_person_once_what_to_correct(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT)
    await sut.receives(entered(OWN))
    (asked,) = inquiries(sut)
    value = answer_271(asked, at=sut.clock.now, benefits=(), rejections=(Aaa("76", "C"),))

    await sut.receives_interchange(value)
    fact = sut.only(BenefitsReported)
    await sut.receives(fact, fact)

    review = sut.only(CoverageReviewRequested)
    assert (review.reason, review.payer_id) == ("payer_cannot_find_member", "P1")
    assert (
        review.evidence
        == "AAA 76 for plan own: the member id matches several people: give the whole id, with its suffix"
    )


async def test_one_question_answered_with_two_people_is_kept_for_a_person(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT)
    await sut.receives(entered(OWN))
    (asked,) = inquiries(sut)
    first = BenefitsReport(trace=asked.trace, payer=asked.payer, subscriber=asked.subscriber)
    person = asked.subscriber.person
    twin = BenefitsReport(
        trace=asked.trace,
        payer=asked.payer,
        subscriber=replace(asked.subscriber, person=replace(person, first_name="Max")),
    )

    await sut.receives_interchange(write_benefits([first, twin], Envelope("P", "US", 7, sut.clock.now)))

    review = sut.only(CoverageReviewRequested)
    assert (review.reason, sut.all(BenefitsReported)) == ("answer_about_several_people", [])
    assert await sut.pool.fetchval("select trace from unmatched_answer") == asked.trace


async def test_the_same_person_twice_in_a_271_is_one_answer(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT)
    await sut.receives(entered(OWN))
    (asked,) = inquiries(sut)
    report = BenefitsReport(trace=asked.trace, payer=asked.payer, subscriber=asked.subscriber)

    await sut.receives_interchange(write_benefits([report, report], Envelope("P", "US", 7, sut.clock.now)))

    assert len(sut.all(BenefitsReported)) == 1


async def test_a_rejection_and_then_an_answer_clear_the_session(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT)
    await sut.receives(entered(OWN), session())
    (asked,) = inquiries(sut)
    busy = answer_271(asked, at=sut.clock.now, benefits=(), rejections=(Aaa("42", "R"),))

    for value in (busy, answer_271(asked, at=sut.clock.now)):
        await sut.receives_interchange(value)
        await sut.receives(*sut.all(BenefitsReported))

    cleared = sut.only(SessionCleared)
    assert (cleared.plans[0].plan_id, cleared.cost_share.confidence) == ("own", "high")
