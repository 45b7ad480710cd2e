"""The axis of a range of dates: what was not worn or not asked, and where the vendor changes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cromwelld.plots.canvas import Axes, Patch
from cromwelld.plots.clock import Numbers
from cromwelld.plots.colours import GREY
from cromwelld.plots.reasons import answer, vendor

_EPOCH = dt.date(1970, 1, 1)
_HALF = 0.5
_BY_DAY, _BY_WEEK = 12, 90
_SPARSE = 150
_MOST_MARKS, _MOST_LABELS = 12, 3
_FAILURES = ("refused", "failed")

_LOOKS = {  # what is missing, and how it looks
    "not worn": {"facecolor": "#EFEFEF", "hatch": "///", "edgecolor": "#B8B8B8"},
    "not over": {"facecolor": "#F7F7F7", "hatch": "", "edgecolor": "#B8B8B8"},
    "not asked": {"facecolor": "#F7F7F7", "hatch": "..", "edgecolor": "#B8B8B8"},
    "refused or failed": {"facecolor": "#F7F7F7", "hatch": "xx", "edgecolor": "#B8B8B8"},
}
_GAPS = {"not worn": "not worn", "provisional": "not over", "never asked": "not asked"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The first date on which a measurement is from another vendor."""

    date: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"


def positions(dates: pd.Series[str]) -> Numbers:
    """Turn dates into positions on the axis: days since 1970."""
    days: Numbers = pd.to_datetime(dates).to_numpy().astype("datetime64[D]").astype("int64").astype("float64")
    return days


def bar_width(days: pd.DataFrame) -> float:
    """Say how wide the bar of a date is: of very many dates the gaps would flicker."""
    return 0.85 if len(days) <= _SPARSE else 1.0


def dot_size(days: pd.DataFrame) -> float:
    """Say how large the dot of a date is: very many would hide the bands."""
    return 4.0 if len(days) <= _SPARSE else 2.0


def zone_of(days: pd.DataFrame) -> str:
    """Name the zone of a range; several are said to be so."""
    zones = days["zone"].dropna().unique()
    return str(zones[0]) if len(zones) == 1 else "the zone of each date" if len(zones) else "no zone known"


def by_date(rows: pd.DataFrame | None, column: str, days: pd.DataFrame) -> pd.Series[float]:
    """Give one value for every date of `days`, the last where there are several, missing where there is none."""
    if rows is None or column not in rows:
        return pd.Series(np.nan, index=days["date"])
    last = rows.dropna(subset=[column]).groupby("date")[column].last()
    return last.reindex(days["date"]).astype("float64")


def in_own_zone(times: pd.Series[pd.Timestamp], dates: pd.Series[str], days: pd.DataFrame) -> pd.Series[pd.Timestamp]:
    """Give clock times without zone, each as a clock showed it where the person was on that date."""
    zones = dates.map(days.set_index("date")["zone"]).fillna(str(times.dt.tz))
    parts = [times[zones == zone].dt.tz_convert(zone).dt.tz_localize(None) for zone in zones.unique()]
    return pd.concat(parts).reindex(times.index) if parts else times.dt.tz_localize(None)


def dress(axes: Axes, days: pd.DataFrame, *measurements: str) -> list[Patch]:
    """Give an axis the dates of `days`, shade what is missing, mark changes of vendor; give what the shades mean."""
    where = positions(days["date"])
    axes.set_xlim(where[0] - _HALF, where[-1] + _HALF)
    ticks = _ticks(days["date"].iloc[0], days["date"].iloc[-1])
    axes.set_xticks([(date - _EPOCH).days for date, _ in ticks], [label for _, label in ticks])
    axes.set_xlabel(f"date ({zone_of(days)})")
    _mark(axes, vendor_changes(days, *measurements))
    return _shade(axes, gaps(days, *measurements))


def _ticks(first: str, last: str) -> list[tuple[dt.date, str]]:
    """Choose every date of a short range, Mondays of a longer one, the first of months of a long one."""
    start, count = dt.date.fromisoformat(first), (dt.date.fromisoformat(last) - dt.date.fromisoformat(first)).days + 1
    every = [start + dt.timedelta(days=n) for n in range(count)]
    if count <= _BY_DAY:
        return [(date, f"{date:%a}\n{date.day} {date:%b}") for date in every]
    if count <= _BY_WEEK:
        return [(date, f"Mon\n{date.day} {date:%b}") for date in every if date.weekday() == 0]
    firsts = [date for date in every if date.day == 1]
    step = 1 + len(firsts) // _BY_DAY
    return [(date, f"{date:%b}\n{date.year}") for date in firsts[::step]]


# --- what is missing


def gaps(days: pd.DataFrame, *measurements: str) -> pd.Series[str]:
    """Say for each date that lacks the measurements why, as the shades are named; other dates are left out."""
    said = days["state"].map(_GAPS)
    failed = pd.Series(bool(measurements), index=days.index)
    for measurement in measurements:
        failed &= answer(days, measurement)["outcome"].isin(_FAILURES)
    said[said.isna() & failed] = "refused or failed"
    said.index = pd.Index(days["date"])
    return said.dropna()


def _shade(axes: Axes, missing: pd.Series[str]) -> list[Patch]:
    where = positions(pd.Series(missing.index))
    for position, word in zip(where, missing, strict=True):
        axes.axvspan(position - _HALF, position + _HALF, linewidth=0, zorder=0, **_LOOKS[word])  # type: ignore[arg-type]
    return [Patch(label=word, linewidth=0.5, **look) for word, look in _LOOKS.items() if word in set(missing)]  # type: ignore[arg-type]


# --- where the vendor changes


def vendor_changes(days: pd.DataFrame, *measurements: str) -> list[Change]:
    """Find the dates from which on the records of measurements come from another vendor, oldest first."""
    found = {}
    for measurement in measurements:
        said = answer(days, measurement)
        came = said["source"][said["outcome"] == "ok"]
        before = came.shift()
        for row in came.index[(came != before) & before.notna()]:
            date = str(days["date"].loc[row])
            found[date] = Change(date=date, before=vendor(str(before[row])), after=vendor(str(came[row])))
    return [found[date] for date in sorted(found)]


def in_words(days: pd.DataFrame, measurement: str) -> str:
    """Tell the changes of vendor in words, for figures without an axis of dates."""
    return "".join(f"; {one.after} from {one.date} on" for one in vendor_changes(days, measurement)[:_MOST_LABELS])


def mark(axes: Axes, where: float, change: Change, *, late: bool) -> None:
    """Mark a change of vendor; its words stand on the left of the line where there is no room on the right."""
    axes.axvline(where, color=GREY, linestyle="--", linewidth=1.2)
    place, side = axes.get_xaxis_transform(), "right" if late else "left"
    axes.text(where, 1.0, f" {change} ", transform=place, va="bottom", ha=side, fontsize=9, color=GREY)


def _mark(axes: Axes, found: list[Change]) -> None:
    start, end = axes.get_xlim()
    for change in found[:_MOST_MARKS]:
        where = (dt.date.fromisoformat(change.date) - _EPOCH).days - _HALF
        mark(axes, where, change, late=where > start + 0.8 * (end - start))
