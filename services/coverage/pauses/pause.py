"""When an account is paused and when it goes on again; what a client's confirmation must be to count.

Pure. An account has one pause at a time, with one issue for each payer that reports one. It ends only when every issue
is answered by the client's own confirmation with a reference number and no payer still states the contrary.
"""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from services.coverage.rows import ANSWERED, CLOSED, STILL_OPEN, Issue, Pause
from shared.events.clients import Confirmation as Word

REMINDER_DAYS = (3, 7, 14)
LOOK_DAYS = (1, 3, 7)
MOST_REFERENCE, MOST_NAME = 60, 80
OLDEST_CALL_DAYS = 366
_UNREADABLE = frozenset("<>`")
_WRITTEN = frozenset("LMNPZ")
"""What people write a reference number with: letters and digits of any script, punctuation, blanks, some symbols."""
_SYMBOLS = frozenset("+=№|~$^")


class ConfirmationRefusal(StrEnum):
    """Why a confirmation does not count; the page and the refusal event say it."""

    BY_PROVIDER = "confirmed_by_provider"
    BY_STAFF = "confirmed_by_staff"
    RECORDED_BY_PROVIDER = "recorded_by_provider"
    UNKNOWN_PAYER = "unknown_payer"
    DATE_IN_FUTURE = "date_in_future"
    DATE_TOO_OLD = "date_too_old"
    NO_REFERENCE_NUMBER = "no_reference_number"
    REFERENCE_TOO_LONG = "reference_number_too_long"
    REFERENCE_NOT_READABLE = "reference_number_not_readable"
    REPRESENTATIVE_NOT_READABLE = "representative_not_readable"
    UNKNOWN_PLAN = "unknown_plan"
    NOTHING_ASKED = "nothing_asked"
    CALL_BEFORE_REPORT = "call_before_report"
    REFERENCE_ALREADY_USED = "reference_already_used"


def refuses(pause: Pause | None, date_of_service: date, confirmed_at: datetime) -> bool:
    """Whether a session can't be confirmed because of the pause.

    Sessions before the pause go on; one on the very day only where it was confirmed before the pause began.
    """
    if pause is None or pause.unpaused_at is not None or date_of_service < pause.paused_on:
        return False
    return date_of_service > pause.paused_on or confirmed_at >= pause.paused_at


def refusal(word: Word, *, payers: Sequence[str], plans: Sequence[str], today: date) -> ConfirmationRefusal | None:
    """Why the client's word on a payer can't count, or None. `payers` and `plans` are the client's own.

    The first that holds: who says it, about whom, when, with which reference.
    """
    return (
        _wrong_speaker(word)
        or (ConfirmationRefusal.UNKNOWN_PAYER if word.payer_id not in payers else None)
        or day_problem(word.confirmed_on, today)
        or (None if word.only_one_plan and not word.reference_number else reference_problem(word.reference_number))
        or representative_problem(word.representative)
        or (
            ConfirmationRefusal.UNKNOWN_PLAN
            if word.primary_named is not None and word.primary_named not in plans
            else None
        )
    )


def _wrong_speaker(word: Word) -> ConfirmationRefusal | None:
    match word.confirmed_by, word.recorded_by:
        case "provider", _:
            return ConfirmationRefusal.BY_PROVIDER
        case "staff", _:
            return ConfirmationRefusal.BY_STAFF
        case "client", "provider":
            return ConfirmationRefusal.RECORDED_BY_PROVIDER
        case "client", "client" | "staff":
            return None
    raise AssertionError(f"unknown speakers {word.confirmed_by}, {word.recorded_by}")


def day_problem(called_on: date, today: date) -> ConfirmationRefusal | None:
    """What is wrong with the day of the call."""
    if called_on > today:
        return ConfirmationRefusal.DATE_IN_FUTURE
    return ConfirmationRefusal.DATE_TOO_OLD if (today - called_on).days > OLDEST_CALL_DAYS else None


def reference_problem(text: str) -> ConfirmationRefusal | None:
    """What is wrong with a reference number. It has a digit: words alone say that there is none, or not yet."""
    reference = tidy(text)
    if len(reference) > MOST_REFERENCE:
        return ConfirmationRefusal.REFERENCE_TOO_LONG
    if any(not _is_written(char) for char in reference):
        return ConfirmationRefusal.REFERENCE_NOT_READABLE
    has_digit = any(char.isdigit() for char in reference)
    return None if has_digit and len(same_reference(reference)) > 1 else ConfirmationRefusal.NO_REFERENCE_NUMBER


def _is_written(char: str) -> bool:
    return char not in _UNREADABLE and (unicodedata.category(char)[0] in _WRITTEN or char in _SYMBOLS)


def same_reference(text: str) -> str:
    """What two ways of writing one reference number have in common: its letters and digits, in small letters."""
    return "".join(char for char in tidy(text).casefold() if char.isalnum())


def is_call_of_before(issue: Issue, called_on: date) -> bool:
    """Whether the client called before the payer's report: the insurer could not settle then what it reported later.

    The day before still counts: the client's evening is the next day of our clock (UTC).
    """
    return called_on < (issue.reported_on or issue.opened_on) - timedelta(days=1)


def representative_problem(text: str) -> ConfirmationRefusal | None:
    """What is wrong with a representative's name: letters of any script and the marks of names; empty is fine."""
    name = tidy(text)
    fits = len(name) <= MOST_NAME and all(char in " .,'’-()" or unicodedata.category(char)[0] in "LMN" for char in name)
    return None if fits else ConfirmationRefusal.REPRESENTATIVE_NOT_READABLE


def as_typed(text: str) -> str:
    """What was typed, without leading, trailing and double blanks."""
    return " ".join(text.split())


def tidy(text: str) -> str:
    """The text as it is compared: `as_typed`, with its width normalised (full-width digits)."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def is_new_report(issue: Issue | None, claim_sent_at: date, last_confirmed: date | None) -> bool:
    """Whether a payer's report on a claim opens an issue.

    One that is open already stays one; a denial of a claim sent before the client's confirmation is old news.
    """
    if issue is not None and issue.state != CLOSED:
        return False
    return last_confirmed is None or claim_sent_at > last_confirmed


def all_answered(issues: Sequence[Issue]) -> bool:
    """Whether the client has answered every issue of the pause."""
    return bool(issues) and all(issue.state in (ANSWERED, STILL_OPEN) for issue in issues)


def next_look(answered_on: date, today: date) -> date:
    """When to look again whether a payer still states the contrary: days 1, 3, 7 after the answer, then weekly."""
    passed = (today - answered_on).days
    for day in LOOK_DAYS:
        if passed < day:
            return answered_on + timedelta(days=day)
    return answered_on + timedelta(days=7 * (passed // 7 + 1))


def next_reminder(day: int | None) -> int | None:
    """The day of the reminder that follows the one of `day` (None: the first), or None after the last."""
    later = [reminder_day for reminder_day in REMINDER_DAYS if day is None or reminder_day > day]
    return later[0] if later else None
