"""Which time zone foreign records are in: what their object says, what their noons imply, where the person lived."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cromwelld import localtime
from cromwelld.config import Stay
from cromwelld.localtime import known_zone
from cromwelld.measurements import Merge, Stamp, describe

Dates = Callable[[pa.Array], pa.Array]  # instants to the civil dates that they lie on

_ABOUT = ("zone", "timezone", "time-zone", "tz")
_DAY_H = 24
_USUAL_WEST_H = -11
_WEST_H, _EAST_H = -12, 14
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Zones:
    """What is known beside the objects themselves: the stays of a configuration, and a zone that was given."""

    stays: tuple[Stay, ...] = ()
    given: str = ""

    def on(self, date: dt.date) -> str:
        """Give the zone of a date, empty if none is known."""
        lived = [stay.timezone for stay in self.stays if stay.first <= date]
        return lived[-1] if lived else self.given


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The zone of each date that an object may speak of.

    `said` holds for all dates; `implied` for the dates that noon-stamped records name, and for those nearest to them.
    """

    said: str
    implied: Mapping[dt.date, str]
    zones: Zones

    def zone(self, date: dt.date) -> str:
        """Give the zone of a date, empty if none is known."""
        if self.said or not self.implied:
            return self.said or self.zones.on(date)
        return self.implied[min(self.implied, key=lambda noon: (abs(noon - date), noon))]

    def dates(self, times: pa.Array) -> pa.Array:
        """Give the civil dates of instants; a date begins at midnight in the zone of the date before."""
        days = _days_around(times)
        zones = {self.zone(day) for day in days}
        if len(zones) == 1:
            local = pc.local_timestamp(pc.cast(times, pa.timestamp("us", zones.pop())))
            return pc.cast(local, pa.date32(), safe=False)
        starts = [_micros(localtime.bounds(day, self.zone(before))[0]) for before, day in pairwise(days)]
        found = np.searchsorted(np.array(starts), pc.cast(times, pa.int64()).to_numpy(), side="right") - 1
        return pa.array(days[1:], pa.date32()).take(pa.array(found))

    def lacking(self, times: pa.Array) -> bool:
        """Tell whether an instant lies on a date of which no zone is known."""
        return any(not self.zone(day) for day in _days_of(times))


def calendar(tables: Mapping[str, pa.Table], named: dt.date | None, about: Mapping[str, str], zones: Zones) -> Calendar:
    """Find out the zones of an object: from its metadata, else its noons, else what `zones` knows."""
    return Calendar(said=_said(about), implied=_implied(tables, named), zones=zones)


def _said(about: Mapping[str, str]) -> str:
    words = {key.lower(): value for key, value in about.items()}
    return next((words[key] for key in _ABOUT if known_zone(words.get(key, ""))), "")


def _days_of(times: pa.Array) -> list[dt.date]:
    return sorted(pc.unique(pc.cast(times, pa.date32(), safe=False)).to_pylist())


def _days_around(times: pa.Array) -> list[dt.date]:
    """List the dates on which instants may lie in any zone, and the ones before them."""
    ends = (dt.date.min + 2 * _DAY, dt.date.max - 2 * _DAY)
    middle = {min(max(day, ends[0]), ends[1]) for day in _days_of(times)}
    return sorted({day + step * _DAY for day in middle for step in (-2, -1, 0, 1)})


def _micros(instant: dt.datetime) -> int:
    return (instant - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1)


# --- what noons imply


def implied_zone(tables: Mapping[str, pa.Table], named: dt.date | None = None) -> str | None:
    """Give the zone of whole hours that noon-stamped records imply; None if they say nothing or disagree.

    `named` is the date that the object bears: it tells New Zealand's noon, on the UTC date before, from Samoa's.
    """
    return _zone_of(_noons(tables), named)


def _implied(tables: Mapping[str, pa.Table], named: dt.date | None) -> dict[dt.date, str]:
    """Give the zone of each date of which noons agree; where all of an object's agree, they are read together."""
    noons = _noons(tables)
    together = _zone_of(noons, named)
    if together is not None:
        return {localtime.local_date(noon, together): together for noon in noons}
    by_date: dict[dt.date, set[str | None]] = {}
    for noon in noons:
        zone = _zone_of({noon}, None)
        by_date.setdefault(localtime.local_date(noon, zone or "UTC"), set()).add(zone)
    return {date: zone for date, (zone, *others) in by_date.items() if zone is not None and not others}


def _noons(tables: Mapping[str, pa.Table]) -> set[dt.datetime]:
    stamps: set[dt.datetime] = set()
    for name, rows in tables.items():
        if describe(name).stamp is Stamp.NOON and describe(name).merge is Merge.DAILY:
            stamps.update(pc.unique(rows["time"]).to_pylist())
    return stamps


def _zone_of(stamps: set[dt.datetime], named: dt.date | None) -> str | None:
    minutes = {time.hour * 60 + time.minute for time in stamps}
    if len(minutes) != 1:
        return None
    hours, rest = divmod(12 * 60 - minutes.pop(), 60)
    return None if rest else _zone_of_hours(_east(hours, stamps, named))


def _east(hours: int, stamps: Iterable[dt.datetime], named: dt.date | None) -> int:
    """Choose, of the offsets a day apart that the clock times allow, the one that puts a noon on the date named."""
    usual = (hours - _USUAL_WEST_H) % _DAY_H + _USUAL_WEST_H
    allowed = [east for east in (usual, usual - _DAY_H, usual + _DAY_H) if _WEST_H <= east <= _EAST_H]
    return next((east for east in allowed if named in {(t + dt.timedelta(hours=east)).date() for t in stamps}), usual)


def _zone_of_hours(east: int) -> str:
    return "Etc/GMT" if east == 0 else f"Etc/GMT{-east:+d}"
