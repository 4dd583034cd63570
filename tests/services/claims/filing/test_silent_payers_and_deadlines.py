"""Payers that do not answer are asked, and no filing window closes unseen."""

import json
from types import SimpleNamespace

from services.claims.app import SERVICE
from services.claims.filing import advancing
from shared.events.claims import (
    ClaimAdjudicated,
    ClaimHeld,
    ClaimsReviewRequested,
    ClaimWrittenOff,
    DeadlineNear,
    SecondaryWithheld,
)
from shared.x12.document.interchange import read_file
from tests.services.claims.payer_desk import (
    COMPLETED,
    FACTS,
    PRIMARY_PAYS,
    Claims,
    cleared,
    confirmed,
    paused,
    payer,
    pays,
    remittance,
    status,
    unpaused,
)

ACCEPTED = ("A2", "20", "PR")


async def test_denied_for_timely_filing_is_for_an_appeal_and_never_the_clients(claims):
    (first,) = claims.sent

    await claims.answered(remittance("ONE", pays(first, 0, ("CO", "29", 22000), status="4")))

    assert not claims.only(ClaimAdjudicated).decides_benefits
    assert await claims.queue() == ["denied_too_late"]
    assert claims.only(SecondaryWithheld).reason == "prior_filed_too_late"


async def test_a_silent_payer_is_asked_three_times_and_then_a_person(claims):
    await claims.passes(days=4)
    (asked,) = claims.values
    (transaction,) = [
        transaction for interchange in read_file(asked).interchanges for transaction in interchange.transactions
    ]
    assert transaction.set_id == "276"

    await claims.passes(days=30)

    assert len(claims.values) == 2
    assert await claims.queue() == ["payer_silent"]


async def test_an_answer_after_45_days_takes_the_silent_payer_off_the_queue(claims):
    (first,) = claims.sent
    await claims.passes(days=45)
    assert await claims.queue() == ["payer_silent"]

    await claims.answered(remittance("ONE", pays(first, *PRIMARY_PAYS)))

    assert await claims.queue() == []
    assert await claims.sut.pool.fetchval("select resolved_by from work_queue") == "claims"


async def test_a_277_that_knows_no_such_claim_sends_it_again(claims):
    (first,) = claims.sent
    await claims.passes(days=4)

    await claims.answered(status(first, ("D0", "35", ""), answer=True))

    (again,) = claims.sent
    assert (again.id, again.frequency) == ("SES-1-P2", "1")


async def test_a_question_goes_behind_the_claim_that_it_is_about(claims):
    """On the same partition: however late the payer reads, it has seen the claim when it reads the question."""
    await claims.passes(days=4)

    claim_key, question_key = claims.sut.interchange_keys
    assert question_key == claim_key


async def test_not_found_is_no_news_of_a_claim_that_was_accepted_since_the_question(claims):
    (first,) = claims.sent
    await claims.passes(days=4)
    await claims.answered(status(first, ACCEPTED))

    await claims.answered(status(first, ("D0", "35", ""), answer=True))

    assert claims.sent == []
    assert (await claims.states())["own"] == "acknowledged"


async def test_a_claim_in_process_is_asked_about_less_often(claims):
    (first,) = claims.sent
    await claims.answered(status(first, ACCEPTED))

    await claims.passes(days=20)
    assert claims.values == []
    await claims.passes(days=25)
    assert len(claims.values) == 3

    await claims.answered(remittance("ONE", pays(first, *PRIMARY_PAYS)))
    assert (await claims.states())["own"] == "adjudicated"


async def test_the_end_of_the_filing_window_is_told_ahead_and_the_loss_is_never_the_clients(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    facts = [fact for fact in FACTS if fact.key() != "payer:ONE"]
    await claims.receives(*facts, payer("ONE", filing_limit_days=30), paused(), confirmed(), cleared(), COMPLETED)
    assert {event.reason for event in claims.all(ClaimHeld)} == {"account_paused"}

    await claims.passes(days=15)
    assert await claims.queue() == []
    await claims.passes(days=13)
    assert [event.days_left for event in claims.all(DeadlineNear)] == [14, 7, 3]
    assert await claims.queue() == ["filing_window_closing"]

    await claims.passes(days=5)
    assert claims.only(DeadlineNear).days_left == 1
    assert claims.only(ClaimWrittenOff).reason == "filing_window_gone"
    assert await claims.states() == {"own": "written_off", "spouses": "held"}
    assert await claims.queue() == ["filing_window_closing"], "a person still hears of it"

    await claims.receives(unpaused())
    assert claims.only(SecondaryWithheld).reason == "prior_not_sent"


async def test_a_claim_that_our_own_edits_hold_warns_once_a_day(service_under_test, monkeypatch):
    monkeypatch.setattr(advancing, "coordination_edits", lambda _: [SimpleNamespace(text="SBR01 is missing")])
    claims = Claims(await service_under_test(SERVICE))
    facts = [fact for fact in FACTS if fact.key() != "payer:ONE"]
    await claims.receives(*facts, payer("ONE", filing_limit_days=30), confirmed(), cleared(), COMPLETED)

    await claims.passes(days=28)

    assert [event.days_left for event in claims.all(DeadlineNear)] == [30, 14, 7, 3]


async def test_a_claim_that_goes_in_time_after_all_is_off_the_queue(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    facts = [fact for fact in FACTS if fact.key() != "payer:ONE"]
    await claims.receives(*facts, payer("ONE", filing_limit_days=30), paused(), confirmed(), cleared(), COMPLETED)
    await claims.passes(days=20)
    assert claims.only(ClaimsReviewRequested).reason == "filing_window_closing"
    evidence = await claims.sut.pool.fetchval("select evidence from work_queue")
    assert (json.loads(evidence) if isinstance(evidence, str) else evidence) == {
        "level": "primary",
        "payer_id": "ONE",
        "control": "",
        "sent_on": None,
        "last_day": "2026-04-01",
        "state": "held",
        "waits_for": "account_paused",
        "days_left": 14,
        "pause_id": "pause-1",
    }

    await claims.receives(unpaused())

    assert len(claims.sent) == 1
    assert await claims.queue() == []


async def test_nothing_is_written_off_of_which_nobody_was_told(service_under_test):
    claims = Claims(await service_under_test(SERVICE))
    await claims.receives(*FACTS, payer("ONE", filing_limit_days=90), paused(), confirmed(), cleared(), COMPLETED)
    await claims.passes(days=45)
    await claims.receives(payer("ONE", filing_limit_days=30))

    await claims.passes(days=20)

    assert claims.only(ClaimWrittenOff).reason == "filing_window_gone"
    assert await claims.queue() == ["filing_window_gone"]
