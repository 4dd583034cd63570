"""The rules of a pause: which sessions it refuses, which words count, when to look and remind."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.coverage.pauses import pause
from services.coverage.pauses.pause import ConfirmationRefusal as No
from services.coverage.rows import ANSWERED, CLOSED, OPEN, STILL_OPEN, Issue, Pause
from shared.events.clients import Confirmation

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PAUSED = Pause("c1", "pause-1", paused_on=NOON.date(), paused_at=NOON)
DAYS = st.dates(date(2025, 1, 1), date(2027, 1, 1))


def issue(state: str = OPEN) -> Issue:
    return Issue("c1", "pause-1", "P1", "own", "payer_asks_client", NOON.date(), state=state)


@pytest.mark.parametrize(
    ("on", "confirmed_at", "refused"),
    [
        (date(2026, 3, 1), NOON + timedelta(days=9), False),
        (date(2026, 3, 2), NOON - timedelta(hours=1), False),
        (date(2026, 3, 2), NOON + timedelta(hours=1), True),
        (date(2026, 3, 3), NOON - timedelta(days=9), True),
    ],
    ids=["held before", "that morning", "that afternoon", "booked for later"],
)
def test_a_pause_refuses_what_comes_after_it(on: date, confirmed_at: datetime, refused: bool):
    assert pause.refuses(PAUSED, on, confirmed_at) is refused


@given(on=DAYS)
def test_no_pause_refuses_nothing(on: date):
    ended = Pause("c1", "pause-1", NOON.date(), NOON, unpaused_at=NOON + timedelta(days=1))

    assert not pause.refuses(None, on, NOON)
    assert not pause.refuses(ended, on, NOON + timedelta(days=2))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("REF-20260312-77", None),
        ("  12 34 56 ", None),
        ("Jane 3/12 #4", None),
        ("１２３４", None),
        ("", No.NO_REFERENCE_NUMBER),
        ("   ", No.NO_REFERENCE_NUMBER),
        ("n/a", No.NO_REFERENCE_NUMBER),
        ("Unknown", No.NO_REFERENCE_NUMBER),
        ("7", No.NO_REFERENCE_NUMBER),
        ("#12345", None),
        ("(800) 4421", None),
        ("REF\u20112026\u20117", None),
        ("Ref. número 8831", None),
        ("№ 4711", None),
        ("[CR] 90", None),
        ("they did not give one", No.NO_REFERENCE_NUMBER),
        ("pending", No.NO_REFERENCE_NUMBER),
        ("will call tomorrow", No.NO_REFERENCE_NUMBER),
        ("no me dieron", No.NO_REFERENCE_NUMBER),
        ("to follow", No.NO_REFERENCE_NUMBER),
        ("---", No.NO_REFERENCE_NUMBER),
        ("😀😀 12", No.REFERENCE_NOT_READABLE),
        ("'; drop table pause", No.NO_REFERENCE_NUMBER),
        ("<b>77</b>", No.REFERENCE_NOT_READABLE),
        ("9" * 61, No.REFERENCE_TOO_LONG),
    ],
)
def test_a_reference_number_is_what_insurers_give(typed: str, expected: No | None):
    assert pause.reference_problem(typed) == expected


@given(text=st.text(max_size=200))
def test_a_reference_that_counts_is_short_and_printable_and_has_a_digit(text: str):
    if pause.reference_problem(text) is None:
        tidy = pause.tidy(text)
        assert tidy.isprintable()
        assert 2 <= len(tidy) <= pause.MOST_REFERENCE
        assert "<" not in tidy
        assert any(char.isdigit() for char in tidy)


@pytest.mark.parametrize(("typed", "again"), [("#123-45", "12345"), ("Ref 9", "REF-9"), ("１２", "12")])
def test_one_reference_number_written_in_two_ways(typed: str, again: str):
    assert pause.same_reference(typed) == pause.same_reference(again)


@pytest.mark.parametrize(("days", "before"), [(-300, True), (-2, True), (-1, False), (0, False), (3, False)])
def test_a_call_before_the_payers_report_does_not_answer_it(days: int, before: bool):
    assert pause.is_call_of_before(issue(), NOON.date() + timedelta(days=days)) is before


def word(**more: Any) -> Confirmation:
    known: dict[str, Any] = {
        "client_id": "c1",
        "payer_id": "P1",
        "reference_number": "REF-1",
        "confirmed_on": NOON.date(),
        "confirmed_by": "client",
        "recorded_by": "client",
    }
    return Confirmation(**{**known, **more})


SPEAKERS = st.sampled_from(["client", "staff", "provider"])


@given(by=SPEAKERS, recorded=SPEAKERS)
def test_only_the_clients_own_word_counts(by: str, recorded: str):
    refused = pause.refusal(
        word(confirmed_by=by, recorded_by=recorded), payers=["P1"], plans=["own"], today=NOON.date()
    )

    assert (refused is None) == (by == "client" and recorded != "provider")


@given(on=DAYS, sent=DAYS)
def test_a_denial_of_a_claim_sent_before_the_confirmation_is_old_news(on: date, sent: date):
    assert pause.is_new_report(None, sent, last_confirmed=on) == (sent > on)
    assert pause.is_new_report(issue(CLOSED), sent, last_confirmed=None)
    assert not pause.is_new_report(issue(OPEN), sent, last_confirmed=None)


@given(states=st.lists(st.sampled_from([OPEN, ANSWERED, STILL_OPEN]), max_size=4))
def test_all_are_answered_when_none_is_open(states: list[str]):
    assert pause.all_answered([issue(state) for state in states]) == (bool(states) and OPEN not in states)


def test_looks_come_on_days_1_3_7_and_weekly():
    answered, looks = NOON.date(), list[int]()
    today = answered
    while len(looks) < 6:
        today = pause.next_look(answered, today)
        looks.append((today - answered).days)

    assert looks == [1, 3, 7, 14, 21, 28]


def test_reminders_come_on_days_3_7_and_14():
    assert [pause.next_reminder(day) for day in (None, 3, 7, 14)] == [3, 7, 14, None]
