"""What is recorded through the day and the night, and its sums: heart rate, steps, energy, oxygen and the like."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cromwelld import localtime
from cromwelld.day import table
from cromwelld.measurements import MEASUREMENTS, TIME
from cromwelld.sources.takeout.copies import Bounds, Chosen, Copy, Taken, taken, totals
from cromwelld.sources.takeout.recorders import Rank
from cromwelld.sources.takeout.window import Window

Tables = dict[tuple[dt.date, str], pa.Table]

_SECOND_US, _MINUTE_US = 1_000_000, 60_000_000
_WATCH, _OTHERS = (Rank.WATCH,), (Rank.MERGED, Rank.PHONE, Rank.APP)
_ANY = (*_WATCH, *_OTHERS)
VALUE = ("value",)


def _twins(
    csv: str, json: str, *, csv_units: float = 1.0, json_units: float = 1.0, column: str = "value"
) -> tuple[Copy, ...]:
    """Describe a telemetry that Google's CSV has by recorder and the old JSON merged."""
    return (
        Copy(family=csv, units=csv_units, ranks=_WATCH),
        Copy(family=json, column=column, units=json_units),
        Copy(family=csv, units=csv_units, ranks=_OTHERS, tier=1),
    )


_HEART_RATE = _twins("heart_rate", "json_heart_rate", column="bpm")
_CALORIES = _twins("calories", "json_calories")
_COUNTED = {
    "watch": {
        "steps": _twins("steps", "json_steps"),
        "distance": _twins("distance", "json_distance", csv_units=1e3, json_units=1e5),
        "floors": (Copy(family="floors", ranks=_WATCH), Copy(family="floors", ranks=_OTHERS, tier=1)),
    },
    "all": {
        "steps": (Copy(family="json_steps"), Copy(family="steps", ranks=_ANY, largest=True, tier=1)),
        "distance": (
            Copy(family="json_distance", units=1e5),
            Copy(family="distance", units=1e3, ranks=_ANY, largest=True, tier=1),
        ),
        "floors": (Copy(family="floors", ranks=_ANY, largest=True),),
    },
}
_ACTIVE = {"light": "Lightly", "moderate": "Fairly", "very": "Very"}


def heart_rate(window: Window, chosen: Chosen) -> Tables:
    """Give heart rate (bpm), one sample a second."""
    found = taken(window, _HEART_RATE, Bounds(above=0.0, most=250.0, closed=False))
    return _samples("HeartRate_Intraday", found, VALUE, chosen)


def oxygen(window: Window, chosen: Chosen) -> Tables:
    """Give the oxygen saturation of a night (%); 50 and less means that there was no reading."""
    copies = (Copy(family="oxygen_saturation", ranks=_ANY), Copy(family="minute_spo2"))
    found = taken(window, copies, Bounds(above=50.0, most=100.0, closed=False))
    return _samples("SPO2_Intraday", found, VALUE, chosen)


def temperature(window: Window, chosen: Chosen) -> Tables:
    """Give the temperature of the skin (deg C)."""
    found = taken(window, (Copy(family="body_temperature", ranks=_ANY),), Bounds(above=0.0, most=60.0, closed=False))
    return _samples("SkinTemperature_Intraday", found, VALUE, chosen)


def variability(window: Window, chosen: Chosen) -> Tables:
    """Give the heart-rate variability of a night (ms)."""
    copies = (
        Copy(family="heart_rate_variability", column="rmssd", ranks=_ANY),
        Copy(family="variability_details", column="rmssd"),
    )
    found = taken(window, copies, Bounds(above=0.0, most=1e5, closed=False))
    return _samples("HRV_Intraday", found, ("rmssd", "standardDeviation"), chosen)


def snore(window: Window, chosen: Chosen) -> Tables:
    """Give how loud the nights were (dBA) and what was heard in them."""
    found = taken(window, (Copy(family="snore", column="meanLevel"),), Bounds())
    fields = ("meanLevel", "maxLevel", "minLevel", "events", "snoringEvents", "duration_seconds")
    return _samples("Snore_Intraday", found, fields, chosen)


def _samples(measurement: str, found: Mapping[dt.date, Taken], names: Sequence[str], chosen: Chosen) -> Tables:
    """Make the table of each date: the value that was chosen by, or the columns of those names."""
    tables: Tables = {}
    for date, one in found.items():
        chosen.note(measurement, one)
        columns = {f"field_{name}": one.rows[name] for name in names if name in one.rows.column_names}
        columns |= {"field_value": pa.array(one.values)} if names == VALUE else {}
        times = pc.cast(pa.array(one.times // _SECOND_US * _SECOND_US), TIME)
        tables[date, measurement] = table(
            MEASUREMENTS[measurement], {"time": times, "tag_Device": one.devices(), **columns}
        )
    return tables


def movement(window: Window, chosen: Chosen) -> Tables:
    """Give steps by the minute, and the sums of steps, distance (km), floors and energy (kcal) of each date."""
    counted = _COUNTED[window.facts.steps_from]
    found = {name: taken(window, copies, Bounds()) for name, copies in counted.items()}
    found["calories"] = taken(window, _CALORIES, Bounds())
    tables = _steps(found["steps"], chosen)
    for name, dates in found.items():
        for one in dates.values():
            chosen.note(f"Activity-{name}", one)
        tables |= daily_rows(
            window, f"Activity-{name}", {date: {"value": sum_} for date, sum_ in totals(dates).items()}
        )
    return tables


def _steps(found: Mapping[dt.date, Taken], chosen: Chosen) -> Tables:
    tables: Tables = {}
    for date, one in found.items():
        chosen.note("Steps_Intraday", one)
        minutes, place, within = np.unique(one.times // _MINUTE_US, return_index=True, return_inverse=True)
        sums = np.bincount(within, weights=one.values)
        columns = {
            "time": pc.cast(pa.array(minutes * _MINUTE_US), TIME),
            "tag_Device": one.devices().take(pa.array(place)),
            "field_value": pa.array(sums),
        }
        tables[date, "Steps_Intraday"] = table(MEASUREMENTS["Steps_Intraday"], columns)
    return tables


def active_minutes(window: Window, chosen: Chosen) -> Tables:
    """Give the minutes of each level of activity, added up from the minutes of the day."""
    tables: Tables = {}
    for column, level in _ACTIVE.items():
        copies = (Copy(family="active_minutes", column=column, ranks=_ANY),)
        found = taken(window, copies, Bounds(most=60.0))
        for one in found.values():
            chosen.note(f"Activity-minutes{level}Active", one)
        sums = {date: {"value": value} for date, value in totals(found).items()}
        tables |= daily_rows(window, f"Activity-minutes{level}Active", sums)
    return tables


def daily_rows(window: Window, measurement: str, values: Mapping[dt.date, Mapping[str, float]]) -> Tables:
    """Make the daily record of each date, stamped at noon of its zone."""
    tables: Tables = {}
    for date, fields in values.items():
        zone = window.facts.calendar.zone(date)
        if zone is not None:
            columns: dict[str, Sequence[object]] = {"time": [localtime.noon(date, zone)]}
            columns |= {f"field_{name}": [value] for name, value in fields.items()}
            tables[date, measurement] = table(MEASUREMENTS[measurement], columns)
    return tables
