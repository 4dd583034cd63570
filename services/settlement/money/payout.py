"""The provider's pay: the primary's contracted rate, on the marketplace's days, whatever the payers answer."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

LAST_DAY = 31


@dataclass(frozen=True, slots=True)
class PayDay:
    """Sessions from `from_day` to `to_day` of a month are paid on `pay_day` of the month `months_later`.

    A month that is shorter than `pay_day` pays on its last day.
    """

    from_day: int
    to_day: int
    pay_day: int
    months_later: int = 0


DEFAULT_DAYS = (PayDay(1, 15, LAST_DAY), PayDay(16, LAST_DAY, 15, 1))


class PayDaysError(ValueError):
    """The marketplace's pay days leave out a day of the month or name one twice."""


def pay_on(date_of_service: date, days: Sequence[PayDay] = DEFAULT_DAYS) -> date:
    """The day on which a session of that date is paid.

    Raises PayDaysError: no pay day, or more than one, is set for that date.
    """
    matching = [day for day in days if day.from_day <= date_of_service.day <= day.to_day]
    if len(matching) != 1:
        raise PayDaysError(f"{len(matching)} pay days are set for the {date_of_service.day}. of a month")
    months = date_of_service.year * 12 + date_of_service.month - 1 + matching[0].months_later
    year, month = divmod(months, 12)
    return date(year, month + 1, min(matching[0].pay_day, calendar.monthrange(year, month + 1)[1]))


def pay_days(text: str) -> tuple[PayDay, ...]:
    """The pay days that a setting such as `1-15:31,16-31:15+1` states.

    Raises PayDaysError: it is not of that form, or does not give each day of a month exactly one pay day.
    """
    try:
        days = tuple(_pay_day(part) for part in text.split(","))
    except ValueError:
        raise PayDaysError(f"{text!r} is not of the form 1-15:31,16-31:15+1") from None
    for day in range(1, LAST_DAY + 1):
        pay_on(date(2024, 1, day), days)
    return days


def _pay_day(text: str) -> PayDay:
    days, pay = text.strip().split(":")
    first, last = days.split("-")
    day, _, later = pay.partition("+")
    pay_day = PayDay(int(first), int(last), int(day), int(later or 0))
    if not (1 <= pay_day.from_day <= pay_day.to_day <= LAST_DAY and 1 <= pay_day.pay_day <= LAST_DAY):
        raise ValueError(text)
    return pay_day


def owed_to_provider_cents(rate_cents: int, paid_out_cents: int) -> int:
    """What the provider gets in all: the rate; never less than what was paid out already.

    A corrected order re-states the rate: an increase is paid, pay already paid out is never taken back.
    """
    return max(rate_cents, paid_out_cents)
