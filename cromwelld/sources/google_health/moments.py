"""Columns of times: instants, and the person's civil date of each record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cromwelld.measurements import TIME
from cromwelld.sources.google_health.columns import Kind, Leaf, where
from cromwelld.sources.google_health.values import moment, offset
from cromwelld.sources.parsed import Asked
from cromwelld.sources.values import FIRST_YEAR, LAST_YEAR

_FIRST = dt.datetime(FIRST_YEAR, 1, 1, tzinfo=dt.UTC)
_BEHIND_LAST = dt.datetime(LAST_YEAR + 1, 1, 1, tzinfo=dt.UTC)
_PARTS = ("year", "month", "day")
_MONTHS = 12
_A_DAY = np.timedelta64(1, "D")  # no offset moves a time farther
_NO_DATE = np.datetime64("NaT", "D")
Days = npt.NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class Clock:
    """The names of one time in a record: its container, the instant, the offset, and the civil time."""

    container: str
    instant: str
    offset: str
    civil: str

    def leaves(self, key: str) -> dict[str, Leaf]:
        """Declare the columns of this time in the records of a type: time, offset, year, month, day."""
        holder = (key, self.container)
        return {
            "time": Leaf((*holder, self.instant), Kind.TEXT),
            "offset": Leaf((*holder, self.offset), Kind.TEXT),
            **{part: Leaf((*holder, self.civil, "date", part), Kind.PART) for part in _PARTS},
        }


SAMPLED = Clock("sampleTime", "physicalTime", "utcOffset", "civilTime")
STARTED = Clock("interval", "startTime", "startUtcOffset", "civilStartTime")


def instants(texts: pa.Array) -> pa.Array:
    """Read times as sent, with their offsets; null is what is absent, no time, or of a year that cannot be."""
    found = _cast(texts)
    within = pc.and_(pc.greater_equal(found, pa.scalar(_FIRST, TIME)), pc.less(found, pa.scalar(_BEHIND_LAST, TIME)))
    return pc.if_else(within, found, pa.scalar(None, TIME))


def _cast(texts: pa.Array) -> pa.Array:
    for unit in ("us", "ns"):  # up to nine digits may stand behind the second
        try:
            return pc.cast(pc.cast(texts, pa.timestamp(unit, tz="UTC")), TIME, safe=False)
        except pa.ArrowInvalid:
            continue
    return _each(texts, lambda text: moment({"": text}, ""), TIME)


def offsets(texts: pa.Array) -> pa.Array:
    """Read offsets from UTC as durations; an absent one is nought, null is what is none."""
    return _each(pc.fill_null(texts, "0s"), lambda text: offset({"": text}, ""), pa.duration("us"))


def _each(texts: pa.Array, read: Callable[[str], object], kind: pa.DataType) -> pa.Array:
    """Read every different text once; null is what cannot be read."""
    coded = texts.dictionary_encode()

    def value(text: str) -> object:
        try:
            return read(text)
        except ValueError:
            return None

    return pa.array([value(text) for text in coded.dictionary.to_pylist()], kind).take(coded.indices)


def dated(rows: pa.Table) -> pa.Table:
    """Read the `time` of a clock, and for its civil date, as sent, else by the own offset, a column `date`.

    Both are null where they cannot be read; a date is null, too, if the instant lies nowhere near it.
    """
    times = instants(rows["time"].combine_chunks())
    dates = pa.array(_dates(rows, times), pa.date32())
    rest = rows.drop_columns(["time", *_PARTS])
    return rest.append_column("time", times).append_column("date", dates)


def _dates(rows: pa.Table, times: pa.Array) -> Days:
    parts = [rows[part].to_numpy() for part in _PARTS]
    dates = _civil(*parts)
    unsent = np.isnan(parts[0]) & np.isnan(parts[1]) & np.isnan(parts[2])
    if unsent.any():
        local = pc.add(times, offsets(rows["offset"].combine_chunks()))
        dates = np.where(unsent, days(local), dates)
    return np.where(np.abs(dates - days(times)) <= _A_DAY, dates, _NO_DATE)


def days(times: pa.Array) -> Days:
    """Give the date of each time as it is written; NaT where there is none."""
    found: Days = pc.cast(times, pa.timestamp("us")).to_numpy(zero_copy_only=False).astype("datetime64[D]")
    return found


def _civil(year: npt.NDArray[np.float64], month: npt.NDArray[np.float64], day: npt.NDArray[np.float64]) -> Days:
    """Put dates together; NaT is what is none."""
    sound = (year >= FIRST_YEAR) & (year <= LAST_YEAR) & (month >= 1) & (month <= _MONTHS) & (day >= 1)
    whole = (year % 1 == 0) & (month % 1 == 0) & (day % 1 == 0) & sound
    months = np.where(whole, (year - 1970) * _MONTHS + month - 1, 0).astype("int64").astype("datetime64[M]")
    days = np.where(whole & (day <= 31), day - 1, 0).astype("int64")  # noqa: PLR2004 - no month is longer
    found = months.astype("datetime64[D]") + days
    same = whole & (day <= 31) & (found.astype("datetime64[M]") == months)  # noqa: PLR2004 - as above
    return np.where(same, found, _NO_DATE)


def by_date(rows: pa.Table, asked: Asked) -> Iterator[tuple[dt.date, pa.Table]]:
    """Give the rows of each date that was asked and has a zone, without `date`, in the order received."""
    for date in pc.unique(rows["date"]).sort().to_pylist():
        if date is not None and asked.zone_of(date) is not None:
            yield date, where(rows, pc.equal(rows["date"], date)).drop_columns(["date"])
