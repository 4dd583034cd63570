"""When letters wait for the morning."""

from datetime import datetime

import pytest

from services.notification.sending.quiet_hours import QuietHours

NEW_YORK = "America/New_York"
CASES = {
    "before them": ("21:00-07:00", NEW_YORK, "2026-03-03T01:59:00+00:00", None),
    "their first minute": ("21:00-07:00", NEW_YORK, "2026-03-03T02:00:00+00:00", "2026-03-03T12:00:00+00:00"),
    "after midnight": ("21:00-07:00", NEW_YORK, "2026-03-03T11:59:59+00:00", "2026-03-03T12:00:00+00:00"),
    "their end": ("21:00-07:00", NEW_YORK, "2026-03-03T12:00:00+00:00", None),
    "within one day": ("12:00-14:00", "UTC", "2026-03-03T13:00:00+00:00", "2026-03-03T14:00:00+00:00"),
    "within one day, after them": ("12:00-14:00", "UTC", "2026-03-03T14:00:00+00:00", None),
    "the night on which clocks go forward": (
        "21:00-07:00",
        NEW_YORK,
        "2026-03-08T03:00:00+00:00",
        "2026-03-08T11:00:00+00:00",
    ),
    "the night on which they go back": (
        "21:00-07:00",
        NEW_YORK,
        "2026-11-01T03:00:00+00:00",
        "2026-11-01T12:00:00+00:00",
    ),
    "until midnight": ("22:00-00:00", "UTC", "2026-03-03T23:30:00+00:00", "2026-03-04T00:00:00+00:00"),
    "never": ("", NEW_YORK, "2026-03-03T03:00:00+00:00", None),
    "never, as the same hour twice": ("00:00-00:00", NEW_YORK, "2026-03-03T05:00:00+00:00", None),
}


@pytest.mark.parametrize(("hours", "zone", "now", "until"), CASES.values(), ids=CASES)
def test_a_letter_waits_until_the_quiet_hours_are_over(hours: str, zone: str, now: str, until: str | None):
    moment = QuietHours.parse(hours, zone).until(datetime.fromisoformat(now))

    assert moment == (datetime.fromisoformat(until) if until else None)


@pytest.mark.parametrize(("hours", "zone"), [("9-5", "UTC"), ("25:00-07:00", "UTC"), ("21:00-07:00", "Mars/Olympus")])
def test_hours_and_zones_that_do_not_exist_are_refused(hours: str, zone: str):
    with pytest.raises(ValueError, match=r"hour|zone"):
        QuietHours.parse(hours, zone)
