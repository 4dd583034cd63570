"""The 90 days of a session."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.settlement.answers.adjudication import Level
from services.settlement.money.progress import Clock, Progress, Step, waiting

CONFIRMED = date(2026, 3, 2)
ONE = Progress(CONFIRMED, {Step.CONFIRMED: CONFIRMED}, (Level.PRIMARY,), 3000)
TWO = replace(ONE, billed=(Level.PRIMARY, Level.SECONDARY))


def after(days: int) -> date:
    return CONFIRMED + timedelta(days=days)


@pytest.mark.parametrize(
    ("days", "clock"),
    [
        (-1, Clock.RUNNING),
        (0, Clock.RUNNING),
        (74, Clock.RUNNING),
        (75, Clock.NEARLY_OVER),
        (89, Clock.NEARLY_OVER),
        (90, Clock.OVERDUE),
        (400, Clock.OVERDUE),
    ],
)
def test_the_clock_runs_from_the_confirmation(days: int, clock: Clock) -> None:
    progress = waiting(TWO, after(days))

    assert (progress.day, progress.clock) == (max(0, days), clock)
    assert (progress.alert_on, progress.ends_on) == (date(2026, 5, 16), date(2026, 5, 31))


@pytest.mark.parametrize(
    ("known", "awaited"),
    [
        pytest.param(TWO, Step.COMPLETED, id="the session itself"),
        pytest.param(replace(TWO, happened={Step.COMPLETED: after(1)}), Step.PRIMARY_SENT, id="the claim"),
        pytest.param(
            replace(TWO, happened={Step.COMPLETED: after(1), Step.PRIMARY_SENT: after(2)}),
            Step.PRIMARY_ANSWERED,
            id="the primary",
        ),
        pytest.param(
            replace(TWO, happened=dict.fromkeys([Step.COMPLETED, Step.PRIMARY_SENT, Step.PRIMARY_ANSWERED], after(9))),
            Step.SECONDARY_SENT,
            id="the second claim",
        ),
        pytest.param(
            replace(ONE, happened=dict.fromkeys([Step.COMPLETED, Step.PRIMARY_SENT, Step.PRIMARY_ANSWERED], after(9))),
            Step.FINAL,
            id="only the sum",
        ),
        pytest.param(replace(TWO, final_cost_cents=600), None, id="nothing"),
    ],
)
def test_what_is_awaited_is_the_first_thing_that_has_not_happened(known: Progress, awaited: Step | None) -> None:
    assert waiting(known, after(10)).awaited is awaited


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        pytest.param(ONE, (3000, 3000), id="one plan: the estimate"),
        pytest.param(TWO, (0, 3000), id="two plans: up to the estimate"),
        pytest.param(replace(TWO, least_cents=600, most_cents=2500), (600, 2500), id="the forecast"),
        pytest.param(replace(TWO, least_cents=600, most_cents=2500, final_cost_cents=700), (700, 700), id="final"),
    ],
)
def test_the_expected_range_narrows(known: Progress, expected: tuple[int, int]) -> None:
    progress = waiting(known, after(10))

    assert (progress.least_cents, progress.most_cents) == expected


def test_a_final_cost_stops_the_clock_whenever_it_comes() -> None:
    assert waiting(replace(TWO, final_cost_cents=600), after(200)).clock is Clock.FINAL


def test_what_happened_is_told_in_its_order() -> None:
    happened = {Step.PRIMARY_SENT: after(3), Step.CONFIRMED: CONFIRMED, Step.COMPLETED: after(3)}

    assert [step for step, _ in waiting(replace(TWO, happened=happened), after(5)).happened] == [
        Step.CONFIRMED,
        Step.COMPLETED,
        Step.PRIMARY_SENT,
    ]
