"""Where the person was on each date: by the settings, and by the offsets that nights in the export bear."""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cromwelld import localtime
from cromwelld.localtime import known_zone

Micros = npt.NDArray[np.int64]

_DAY = dt.timedelta(days=1)
_REACH = dt.timedelta(days=3)  # how far from a night its offset is taken for the person's
_HOUR_MIN = 60
_OFFSET = re.compile(r"([+-])(\d{2}):(\d{2})")
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_US = dt.timedelta(microseconds=1)
# The offsets beside whole hours that somewhere hold all year round.
_ODD = {
    210: "Asia/Tehran",
    270: "Asia/Kabul",
    330: "Asia/Kolkata",
    345: "Asia/Kathmandu",
    390: "Asia/Yangon",
    525: "Australia/Eucla",
    570: "Australia/Darwin",
    -570: "Pacific/Marquesas",
}


@dataclass(frozen=True, slots=True)
class Night:
    """A sleep that bore its own offsets: when it ended (UTC), and the minutes ahead of UTC then and at its start."""

    end: dt.datetime
    ahead_min: int
    ahead_before_min: int

    @property
    def date(self) -> dt.date:
        """Give the civil date on which it ended."""
        return (self.end + dt.timedelta(minutes=self.ahead_min)).date()


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """Know the zone of each date.

    `told` gives the zone that is stored with a date or set for it, None where none is. Where a night says another
    offset, the person was travelling: the date is cut by what the night says, and its noon stays in the zone told.
    """

    told: Callable[[dt.date], str | None]
    nights: Sequence[Night] = ()
    _zones: dict[dt.date, str | None] = field(default_factory=dict)

    @cached_property
    def _by_date(self) -> Mapping[dt.date, Night]:
        """Give the first sleep that ended on each date: the others are naps."""
        return {night.date: night for night in sorted(self.nights, key=lambda night: night.end, reverse=True)}

    @cached_property
    def _dates(self) -> list[dt.date]:
        return sorted(self._by_date)

    def zone(self, date: dt.date) -> str | None:
        """Give the zone that is stored with a date: the one told, else that of the nights around it."""
        return self.told(date) or self.cutting(date)

    def cutting(self, date: dt.date) -> str | None:
        """Give the zone by which the clock ran on a date; None if nothing tells it."""
        if date not in self._zones:
            self._zones[date] = self._cutting(date)
        return self._zones[date]

    def _cutting(self, date: dt.date) -> str | None:
        told, night = self.told(date), self._by_date.get(date)
        if told is not None:
            if night is None or _ahead_min(told, night.end) == night.ahead_min:
                return told
            return fixed_zone(night.ahead_min) or told
        near = [self._by_date[one] for one in self._near(date)]
        offsets = {one.ahead_min for one in near}
        return fixed_zone(offsets.pop()) if len(offsets) == 1 else None

    def _near(self, date: dt.date) -> list[dt.date]:
        """Give the dates of the nights before and after, or of the date's own."""
        if date in self._by_date:
            return [date]
        place = bisect_left(self._dates, date)
        return [one for one in self._dates[max(place - 1, 0) : place + 1] if abs(one - date) <= _REACH]

    def travelled(self, date: dt.date) -> bool:
        """Tell whether a night says that the person was in another zone than the one told."""
        return self.told(date) is not None and self.cutting(date) != self.told(date)

    def bounds(self, date: dt.date) -> tuple[int, int] | None:
        """Give the first microsecond of a date (UTC) and the first one after it; None if its zone is not known."""
        start, end = self._midnight(date, self.cutting(date)), self._midnight(date + _DAY, self.cutting(date))
        return None if start is None or end is None else (start, max(start, end))

    def _midnight(self, date: dt.date, zone: str | None) -> int | None:
        """Give the first microsecond of a date; of a date whose zone is not known, by `zone`.

        A night that bears its own offsets began by the clock of the evening, whatever changed in it.
        """
        night, told = self._by_date.get(date), self.told(date)
        if night is not None and (told is None or self.travelled(date)):
            start = dt.datetime.combine(date, dt.time(), dt.UTC) - dt.timedelta(minutes=night.ahead_before_min)
        else:
            zone = self.cutting(date) or zone
            if zone is None:
                return None
            start = localtime.bounds(date, zone)[0]
        return (start - _EPOCH) // _US

    def date_of(self, instant: dt.datetime) -> dt.date | None:
        """Give the civil date of an instant; None if no zone is known there."""
        for date in (instant.date() + step * _DAY for step in (0, 1, -1)):
            zone = self.cutting(date)
            if zone is not None and localtime.local_date(instant, zone) == date:
                return date
        return None

    def to_utc(self, when: pa.Array) -> pa.Array:
        """Turn clock times in their order into UTC, both without a zone; null where no zone is known."""
        micros = pc.cast(when, pa.int64()).to_numpy()
        days = micros // 86_400_000_000
        result = np.zeros(len(micros), dtype=np.int64)
        known = np.zeros(len(micros), dtype=bool)
        for day in np.unique(days):
            here = days == day
            date = dt.date(1970, 1, 1) + dt.timedelta(days=int(day))
            zone = self.cutting(date)
            if zone is not None:
                seconds, rest = np.divmod(micros[here] - int(day) * 86_400_000_000, 1_000_000)
                utc = pc.cast(localtime.clock_to_utc(date, pa.array(seconds), zone), pa.int64()).to_numpy()
                result[here], known[here] = utc + rest, True
        return pa.array(result, mask=~known)


def fixed_zone(ahead_min: int) -> str | None:
    """Name a zone that is always so far ahead of UTC; None if there is none."""
    hours, rest = divmod(ahead_min, _HOUR_MIN)
    if rest:
        return _ODD.get(ahead_min)
    name = "Etc/GMT" if hours == 0 else f"Etc/GMT{-hours:+d}"
    return name if known_zone(name) else None


def offset_min(text: str | None) -> int | None:
    """Read an offset such as +05:30; None if it is none."""
    match = _OFFSET.fullmatch(text or "")
    if match is None:
        return None
    minutes = int(match[2]) * _HOUR_MIN + int(match[3])
    return -minutes if match[1] == "-" else minutes


def _ahead_min(zone: str, instant: dt.datetime) -> int:
    clock = pa.scalar(instant, pa.timestamp("us", zone))
    local: dt.datetime = pc.local_timestamp(clock).as_py()
    return round((local - instant.replace(tzinfo=None)).total_seconds() / _HOUR_MIN)
