"""Civil dates of a zone as stretches of UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Span:
    """Hold a stretch of UTC in whole seconds since 1970, the end left out."""

    start: int
    end: int

    @property
    def minutes(self) -> int:
        """Count the whole minutes of the stretch."""
        return (self.end - self.start) // MINUTE_S

    def minutes_inside(self, other: Span) -> range:
        """List the numbers of this stretch's minutes whose start lies in another one."""
        first = max(0, -(-(other.start - self.start) // MINUTE_S))
        last = min(self.minutes, -(-(other.end - self.start) // MINUTE_S))
        return range(first, last)

    def holds(self, instant: int) -> bool:
        """Tell whether an instant lies inside."""
        return self.start <= instant < self.end


def instant(wall: datetime, zone: tzinfo) -> datetime:
    """Turn a wall clock reading into UTC; a reading that occurs twice means its first pass."""
    return wall.replace(tzinfo=zone).astimezone(UTC)


def at_clock(day: date, minutes: float, zone: tzinfo) -> datetime:
    """Turn minutes after midnight on the clock (negative: of the evening before) into UTC, in whole seconds."""
    return instant(datetime.combine(day, time()) + timedelta(seconds=round(minutes * MINUTE_S)), zone)


@lru_cache(maxsize=4096)
def civil_day(day: date, zone: tzinfo) -> Span:
    """Find the stretch of UTC that a civil date covers: 23, 24 or 25 hours in most zones."""
    midnights = (datetime.combine(each, time()) for each in (day, day + timedelta(days=1)))
    start, end = (int(instant(midnight, zone).timestamp()) for midnight in midnights)
    return Span(start, end)


def civil_date(seconds: int, zone: tzinfo) -> date:
    """Find the civil date on which an instant lies."""
    return datetime.fromtimestamp(seconds, zone).date()


def utc(seconds: int) -> datetime:
    """Turn whole UTC seconds since 1970 into a datetime."""
    return datetime.fromtimestamp(seconds, UTC)


def seconds_of(moment: datetime) -> int:
    """Turn a datetime into whole UTC seconds since 1970, cutting what is finer."""
    return int(moment.timestamp() // 1)
