"""The 90 days: how long a client has waited, what has happened, what is awaited, and what the cost may be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from services.settlement.answers.adjudication import Level

PROMISED_DAYS = 90
ALERT_DAYS_BEFORE = 15
COMPLETION_DAYS = 14


class Step(StrEnum):
    """What happens to a session, in this order."""

    CONFIRMED = "confirmed"
    CHARGED = "charged"
    COMPLETED = "completed"
    PRIMARY_SENT = "primary_sent"
    PRIMARY_ANSWERED = "primary_answered"
    SECONDARY_SENT = "secondary_sent"
    SECONDARY_ANSWERED = "secondary_answered"
    TERTIARY_SENT = "tertiary_sent"
    TERTIARY_ANSWERED = "tertiary_answered"
    FINAL = "final"


class Clock(StrEnum):
    """Where a session stands in its 90 days."""

    RUNNING = "running"
    NEARLY_OVER = "nearly_over"
    OVERDUE = "overdue"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Progress:
    """What is known of a session: the day of each step, the payers that are billed, and the cost as it may become.

    `least_cents` and `most_cents` are None while the primary has not answered: then the estimate is the best guess.
    """

    confirmed_on: date
    happened: dict[Step, date]
    billed: tuple[Level, ...]
    estimate_cents: int
    least_cents: int | None = None
    most_cents: int | None = None
    final_cost_cents: int | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Day `day` of `of_days`; `awaited` is the next step (None: nothing), between `least_cents` and `most_cents`."""

    day: int
    of_days: int
    clock: Clock
    happened: tuple[tuple[Step, date], ...]
    awaited: Step | None
    least_cents: int
    most_cents: int
    alert_on: date
    ends_on: date


def waiting(progress: Progress, today: date) -> Waiting:
    """How the session stands on `today`. The day of confirmation is day 0; on day 90 the promise is over."""
    least, most = _range(progress)
    happened = tuple((step, progress.happened[step]) for step in Step if step in progress.happened)
    day = max(0, (today - progress.confirmed_on).days)
    return Waiting(
        day=day,
        of_days=PROMISED_DAYS,
        clock=_clock(progress, day),
        happened=happened,
        awaited=_awaited(progress),
        least_cents=least,
        most_cents=most,
        alert_on=alert_on(progress.confirmed_on),
        ends_on=ends_on(progress.confirmed_on),
    )


def ends_on(confirmed_on: date, completed_on: date | None = None) -> date:
    """The day on which the promised days are over.

    They run from confirmation; for a session that took place when they were nearly over, from the day it did.
    """
    late = completed_on is not None and completed_on >= alert_on(confirmed_on)
    return (completed_on if completed_on is not None and late else confirmed_on) + timedelta(days=PROMISED_DAYS)


def alert_on(confirmed_on: date) -> date:
    """The day on which a person is told that the promise may be broken."""
    return confirmed_on + timedelta(days=PROMISED_DAYS - ALERT_DAYS_BEFORE)


def completed_by(confirmed_on: date, date_of_service: date) -> date:
    """The day by which we should have heard whether the session took place."""
    return max(confirmed_on, date_of_service) + timedelta(days=COMPLETION_DAYS)


def _clock(progress: Progress, day: int) -> Clock:
    if progress.final_cost_cents is not None:
        return Clock.FINAL
    if day >= PROMISED_DAYS:
        return Clock.OVERDUE
    return Clock.NEARLY_OVER if day >= PROMISED_DAYS - ALERT_DAYS_BEFORE else Clock.RUNNING


def _awaited(progress: Progress) -> Step | None:
    """The first step that has not happened, of those that have to; the charge is never waited for."""
    if progress.final_cost_cents is not None:
        return None
    needed = [Step.COMPLETED]
    for level in Level:
        if level in progress.billed:
            needed += [Step(f"{level}_sent"), Step(f"{level}_answered")]
    return next((step for step in [*needed, Step.FINAL] if not _over(step, progress.happened)), None)


def _over(step: Step, happened: Mapping[Step, date]) -> bool:
    """Whether the step has happened; a payer that has answered was asked, though we may not have heard of that yet."""
    return step in happened or (step.endswith("_sent") and Step(step.replace("_sent", "_answered")) in happened)


def _range(progress: Progress) -> tuple[int, int]:
    if progress.final_cost_cents is not None:
        return progress.final_cost_cents, progress.final_cost_cents
    if progress.least_cents is None or progress.most_cents is None:
        several = len(progress.billed) > 1
        return (0 if several else progress.estimate_cents), progress.estimate_cents
    return progress.least_cents, progress.most_cents
