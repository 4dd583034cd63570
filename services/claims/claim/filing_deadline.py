"""How long a claim may still be sent, when to warn, and which payers are late with their answer.

Limits differ by payer (`payer.listed` carries them) and run from the date of service for the first payer, from the
prior payer's decision for the next ones. What is missed is the operator's loss, never the client's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


@dataclass(frozen=True)
class FilingLimits:
    """A payer's limits in days. `later_days` None: later payers, too, count from the date of service.

    The defaults are cautious: 90 days is the shortest commercial limit we met, 60 the usual one after a primary's 835.
    """

    first_days: int = 90
    later_days: int | None = 60
    replacement_days: int | None = None


WARNINGS_DAYS = (30, 14, 7, 3, 1)
"""How many days before the last one a person is warned."""


class Filing(StrEnum):
    """Whether a claim may still be sent."""

    OPEN = "open"
    CLOSING = "closing"
    GONE = "gone"


@dataclass(frozen=True)
class FilingWindow:
    """The window of one claim: its last day, days left (0 on that day, negative after it) and the standing."""

    last_day: date
    days_left: int
    filing: Filing


def last_day(limits: FilingLimits, level: int, service_on: date, prior_decided_on: date | None) -> date | None:
    """The last day on which the claim may reach the payer at `level` (1 is the primary).

    None while it is not running yet: a later payer's window opens with the prior payer's decision.
    """
    if level == 1 or limits.later_days is None:
        return service_on + timedelta(days=limits.first_days)
    if prior_decided_on is None:
        return None
    return prior_decided_on + timedelta(days=limits.later_days)


def last_day_of_replacement(limits: FilingLimits, decided_on: date) -> date:
    """The last day for a replacement (frequency 7) of a claim that the payer decided on `decided_on`."""
    days = limits.replacement_days if limits.replacement_days is not None else limits.later_days or limits.first_days
    return decided_on + timedelta(days=days)


def window(last: date, today: date, warnings_days: Sequence[int] = WARNINGS_DAYS) -> FilingWindow:
    """Where `today` lies in the window that ends on `last`, that day included."""
    left = (last - today).days
    if left < 0:
        return FilingWindow(last, left, Filing.GONE)
    return FilingWindow(last, left, Filing.CLOSING if left <= max(warnings_days, default=-1) else Filing.OPEN)


def warnings(last: date, today: date, warnings_days: Sequence[int] = WARNINGS_DAYS) -> tuple[date, ...]:
    """The days from `today` on, in order, on which a person is warned; a window that closes soon warns at once.

    Empty when the window is gone.
    """
    if today > last:
        return ()
    planned = {max(today, last - timedelta(days=days)) for days in warnings_days}
    return tuple(sorted(planned))


class Payment(StrEnum):
    """How a payer keeps the time that the law gives it for a clean claim."""

    IN_TIME = "in_time"
    OVERDUE = "overdue"
    SILENT = "silent"


@dataclass(frozen=True)
class PromptPay:
    """Days from receipt after which interest may be due, and after which a payer counts as silent and is escalated.

    30 days for electronic clean claims is the usual state rule, 45 in some; the client was promised 90 in all.
    """

    overdue_days: int = 30
    silent_days: int = 45


def prompt_pay(limits: PromptPay, received_on: date, answered_on: date | None, today: date) -> Payment:
    """Whether the payer that received a clean claim on `received_on` answered in time, late, or not at all yet."""
    days = ((answered_on or today) - received_on).days
    if answered_on is None and days > limits.silent_days:
        return Payment.SILENT
    return Payment.OVERDUE if days > limits.overdue_days else Payment.IN_TIME
