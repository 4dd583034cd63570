"""Benefits on demand: upstream's request, the operator's command, and what a payer's rejection leaves."""

import argparse
from datetime import date
from typing import Any

import pytest

from services.coverage.commands import benefits as benefit_commands
from shared.commands.command import RefusedError, UnreadableInputError
from shared.events.clients import BenefitsRequested
from shared.events.coverage import CoverageReviewRequested, Rejection
from tests.services.coverage.coverage_events import (
    CLIENT,
    OWN,
    SPOUSES,
    TODAY,
    WRONG_ORDER,
    entered,
    inquiries,
    ready,
    reported,
    session,
)

BUSY = (Rejection(code="42", follow_up="R"),)
ANSWERED = (CLIENT, WRONG_ORDER, reported(OWN), reported(SPOUSES))


def requested(*plan_ids: str, on: date | None = None) -> BenefitsRequested:
    return BenefitsRequested(client_id="c1", plan_ids=plan_ids, date_of_service=on)


async def shown(sut: Any, plan: str | None = None, on: date = TODAY, ask: bool = False) -> Any:
    async with sut.pool.acquire() as connection:
        return await benefit_commands.shown(connection, "c1", plan, on, ask=ask)


@pytest.mark.parametrize(
    ("request_", "asked"),
    [
        (requested(), {("P1", TODAY), ("P2", TODAY)}),
        (requested("own"), {("P1", TODAY)}),
        (requested("own", on=date(2026, 1, 5)), {("P1", date(2026, 1, 5))}),
        (requested("own", on=date(2026, 9, 9)), {("P1", TODAY)}),
    ],
    ids=["all plans", "one plan", "a past date", "a date in the future"],
)
async def test_upstream_has_the_payers_asked_anew(
    service_under_test: Any, request_: BenefitsRequested, asked: set[tuple[str, date]]
):
    sut = await ready(service_under_test, *ANSWERED)

    await sut.receives(request_)

    assert {(inquiry.payer.id, inquiry.on) for inquiry in inquiries(sut)} == asked


async def test_a_question_that_is_on_its_way_is_not_put_twice(service_under_test: Any):
    sut = await ready(service_under_test, *ANSWERED)

    await sut.receives(requested("own"), requested("own"))
    assert len(inquiries(sut)) == 1

    await sut.passes(seconds=100)
    await sut.receives(requested("own"))
    assert len(inquiries(sut)) == 1


@pytest.mark.parametrize("plan_ids", [("nobodys",), ("own", "nobodys")], ids=["alone", "beside one that is"])
async def test_a_plan_that_is_not_entered_goes_to_a_person(service_under_test: Any, plan_ids: tuple[str, ...]):
    sut = await ready(service_under_test, *ANSWERED)

    await sut.receives(requested(*plan_ids))

    review = sut.only(CoverageReviewRequested)
    assert (review.reason, review.evidence) == ("benefits_of_unknown_plan", "plan nobodys is not entered")
    assert [inquiry.payer.id for inquiry in inquiries(sut)] == (["P1"] if "own" in plan_ids else [])


async def test_the_command_shows_source_and_confidence_and_nothing_personal(service_under_test: Any):
    sut = await ready(service_under_test, *ANSWERED)

    answer = await shown(sut)

    assert (answer["order"], answer["rule"], answer["asked"]) == (["own", "spouses"], "non_dependent_first", [])
    own = next(plan for plan in answer["plans"] if plan["plan_id"] == "own")
    assert (own["payer_name"], own["status"], own["question"]["state"]) == ("Plan One", "active", "answered")
    share = own["answer"]["cost_share"]
    assert (share["coinsurance_percent"], share["source"], share["confidence"]) == (20.0, "MH", "high")
    assert not [word for word in ("Sam", "A1", "B2", "Alex", "1990") if f"'{word}" in str(answer)]


async def test_the_command_asks_anew_through_the_outbox(service_under_test: Any):
    sut = await ready(service_under_test, *ANSWERED)

    first = await shown(sut, "own", ask=True)
    again = await shown(sut, "own", ask=True)
    await sut.collect()

    assert (first["asked"], again["asked"]) == (["own"], [])
    assert (first["plans"][0]["question"]["state"], first["plans"][0]["status"]) == ("waiting", "active")
    assert [inquiry.payer.id for inquiry in inquiries(sut)] == ["P1"]


async def test_a_payers_silence_and_its_retries_are_shown(service_under_test: Any):
    sut = await ready(service_under_test, CLIENT, entered(OWN))
    await sut.receives(reported(OWN, status="unknown", rejections=BUSY))

    busy = (await shown(sut))["plans"][0]
    assert (busy["status"], busy["question"]["state"], busy["question"]["attempt"]) == ("unknown", "waiting", 1)
    assert busy["question"]["rejections"] == [{"code": "42", "follow_up": "R"}]
    assert busy["question"]["next_try_at"] == "2026-03-02T09:02:00+00:00"
    assert busy["question"]["counts_as_silent_at"] == "2026-03-03T09:00:00+00:00"

    await sut.passes(days=1, hours=1)
    assert (await shown(sut))["plans"][0]["question"]["state"] == "silent"


async def test_a_rejection_replaces_no_answer_and_the_next_answer_replaces_both(service_under_test: Any):
    sut = await ready(service_under_test, *ANSWERED, session(), requested("own"))

    await sut.receives(reported(OWN, status="unknown", rejections=BUSY))
    assert (await shown(sut, "own"))["plans"][0]["status"] == "active"
    assert sut.published == []

    await sut.receives(reported(OWN, status="inactive"))
    assert (await shown(sut, "own"))["plans"][0]["status"] == "inactive"


async def test_what_cannot_be_shown_is_refused_with_what_to_correct(service_under_test: Any):
    sut = await ready(service_under_test, entered(OWN))
    async with sut.pool.acquire() as connection:
        for client, plan, ask, reason in (
            ("c1", "x", False, "unknown_plan"),
            ("nobody", None, False, "no_plans"),
            ("c1", None, True, "client_not_registered"),
        ):
            with pytest.raises(RefusedError) as refused:
                await benefit_commands.shown(connection, client, plan, TODAY, ask=ask)
            assert refused.value.document["reason"] == reason


def test_a_date_that_makes_no_sense_is_unreadable(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATABASE_URL_COVERAGE", "postgresql://127.0.0.1:1/none")
    with pytest.raises(UnreadableInputError, match="--on"):
        benefit_commands.run(argparse.Namespace(client_id="c1", plan=None, on="2026-02-30", ask=False))
