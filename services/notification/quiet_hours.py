"""Hours in which letters wait for the morning; the one on an insurance issue does not wait."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class QuietHours:
    """From `start` to `end` in `zone`; the same time twice: never quiet."""

    start: time
    end: time
    zone: ZoneInfo

    @classmethod
    def parse(cls, hours: str, zone: str) -> "QuietHours":
        """Read `21:00-07:00`, or an empty text for none. Raises ValueError."""
        if not hours:
            return cls(time(), time(), ZoneInfo(zone))
        start, end = (time.fromisoformat(part.strip()) for part in hours.split("-"))
        return cls(start, end, ZoneInfo(zone))

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
