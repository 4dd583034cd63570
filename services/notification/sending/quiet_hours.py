"""Hours in which letters wait for the morning; the urgent ones do not wait."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@dataclass(frozen=True)
class QuietHours:
    """From `start` to `end` in `zone`; the same time twice: never quiet."""

    start: time
    end: time
    zone: ZoneInfo

    @classmethod
    def parse(cls, hours: str, zone: str) -> "QuietHours":
        """Read `21:00-07:00`, or an empty text for none, in a zone such as America/New_York. Raises ValueError."""
        written = re.fullmatch(r"(\d\d:\d\d)\s*-\s*(\d\d:\d\d)", hours.strip() or "00:00-00:00")
        if written is None:
            raise ValueError("write the first and the last hour, such as 21:00-07:00")
        start, end = (time.fromisoformat(part) for part in written.groups())
        try:
            return cls(start, end, ZoneInfo(zone))
        except (ZoneInfoNotFoundError, OSError, ValueError):
            raise ValueError("write a time zone such as America/New_York") from None

    def until(self, now: datetime) -> datetime | None:
        """The end of the quiet hours that `now` is in, or None."""
        local = now.astimezone(self.zone)
        clock_time = local.time().replace(tzinfo=None)
        over_night = self.start > self.end
        inside = self.start <= clock_time < self.end
        if over_night:
            inside = clock_time >= self.start or clock_time < self.end
        if not inside:
            return None
        ends = local.replace(hour=self.end.hour, minute=self.end.minute, second=0, microsecond=0)
        return ends + timedelta(days=1) if ends <= local else ends
