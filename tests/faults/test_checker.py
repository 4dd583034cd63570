"""The checker finds what is lost, doubled and stuck, and tells the story of each."""

import random
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.events import envelope
from shared.events.claims import ClaimRejected, ClaimSubmitted
from shared.events.settlement import ClientCharged
from shared.events.types import Event
from tests.faults.campaign import Campaign
from tests.faults.checker import EACH_ONCE, Checker
from tests.faults.stream import Stream

WHOSE = {"client_id": "client-1", "session_id": "session-1"}
ON = "2026-03-02"
CLAIM = {**WHOSE, "control": "session-1-P1", "level": "primary", "plan_id": "own-plan", "payer_id": "PLANONE"}
SUBMITTED = ClaimSubmitted.model_validate({**CLAIM, "charge_cents": 22000, "date_of_service": ON, "submitted_on": ON})
REJECTED = ClaimRejected.model_validate({**CLAIM, "answer": "review", "codes": ["D0"], "detail": "not found"})
CHARGED = ClientCharged.model_validate(
    {**WHOSE, "amount_cents": 3000, "date_of_service": ON, "has_secondary": False, "primary_payer_id": "PLANONE"}
)


@pytest.fixture
def campaign() -> Campaign:
    """One session has gone in."""
    checker, chance = Checker("nowhere"), random.Random(1)
    stream = Stream("nowhere", chance)
    stream.sessions["session-1"], stream.clients["session-1"] = EACH_ONCE, "client-1"
    faults: Any = None
    campaign = Campaign(faults, stream, checker, chance)
    campaign.began = 0.0
    return campaign


def comes(campaign: Campaign, event: Event, id: str, at: float = 1.0) -> None:
    """The event comes out under this id."""
    message = envelope.first(event, id=id, source="/test", now=datetime(2026, 3, 2, tzinfo=UTC))
    campaign.checker.take(message, "claims/0@7", at)


def told(campaign: Campaign) -> list[tuple[object, object]]:
    return [(story["name"], story["fact"]) for story in campaign.stories()]


def test_a_session_of_which_nothing_comes_is_lost_and_one_that_stops_on_the_way_is_stuck(campaign: Campaign):
    assert {name for name, _ in told(campaign)} == {"lost"}

    comes(campaign, CHARGED, "one")

    assert told(campaign) == [("stuck", f"session-1 {what}") for what in EACH_ONCE if what != "charged"]


def test_the_same_event_again_is_no_doubling_and_the_same_fact_under_another_id_is(campaign: Campaign):
    comes(campaign, CHARGED, "one")
    comes(campaign, CHARGED, "one")
    assert campaign.checker.doubled() == []

    comes(campaign, CHARGED, "two")

    assert campaign.checker.doubled() == [("session-1", "charged")]


def test_a_claim_that_was_rejected_may_be_sent_once_more_and_not_twice(campaign: Campaign):
    comes(campaign, SUBMITTED, "one")
    comes(campaign, REJECTED, "two")
    comes(campaign, SUBMITTED, "three")
    assert campaign.checker.doubled() == []

    comes(campaign, SUBMITTED, "four")

    assert campaign.checker.doubled() == [("session-1", "claimed from the primary")]


def test_the_story_tells_what_came_of_the_client_and_what_happened_meanwhile(campaign: Campaign):
    campaign.happened = {1.5: "clock jump", 9.0: "garbage"}
    comes(campaign, SUBMITTED, "one", at=1.0)
    comes(campaign, SUBMITTED, "two", at=2.0)

    (story,) = [story for story in campaign.stories() if story["name"] == "doubled"]

    first, fault, second = story["story"]  # pyright: ignore[reportGeneralTypeIssues]
    assert "1.0 s claims/0@7 claim.submitted {'control': 'session-1-P1'" in first
    assert fault.endswith("--- clock jump")
    assert "id two" in second
